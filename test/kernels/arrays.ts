import { expect } from "vitest";
import { type Address, allocate, f32, free, offset } from "../../bindings/memory.js";
import { stream } from "../../bindings/random.js";

/** What the tests of the training kernels share: arrays in kernel memory with guards, and bounds on rounding. */

/** Half a unit in the last place of 1 in float32. */
export const unit = 2 ** -24;

const random = stream(17, "test");

/** float32 values in [−1, 1) */
export const uniform = (length: number): number[] =>
  Array.from({ length }, () => Math.fround(2 * random.uniform() - 1));

/** To be overwritten. */
export const nothing = (length: number): Float32Array => new Float32Array(length).fill(-77);

/** Runs with arrays in kernel memory, each followed by a guard that must survive. */
export function withArrays<const A extends readonly ArrayLike<number>[], T>(
  arrays: A,
  use: (...addresses: { [K in keyof A]: Address }) => T,
): T {
  const addresses = arrays.map((values) => {
    const address = allocate(4 * values.length + 32);
    f32(address, values.length + 8).fill(12345);
    f32(address, values.length).set(values);
    return address;
  });
  const result = use(...(addresses as { [K in keyof A]: Address }));
  arrays.forEach((values, i) => {
    expect([...f32(offset(addresses[i]!, 4 * values.length), 4)]).toEqual([12345, 12345, 12345, 12345]);
    free(addresses[i]!);
  });
  return result;
}

/** Every value within its tolerance. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: (i: number) => number,
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance(i))) throw new Error(`[${i}]: ${actual[i]} instead of ${expected[i]} (${error})`);
  }
}
