import { describe, expect, expectTypeOf, it } from "vitest";
import { type At, type Blocks, blockBytes, withBlock, writeBlock } from "../../bindings/blocks.js";
import { kernels } from "../../bindings/instance.js";
import {
  type Address,
  allocate,
  allocatedBytes,
  type Count,
  f64,
  free,
  none,
  offset,
  viewsOf,
} from "../../bindings/memory.js";
import { holdings, pool, scoped } from "../../bindings/ownership.js";
import * as train from "../../bindings/train.js";

describe("memory for one call", () => {
  it("comes in aligned sections that do not overlap, and is given back", () => {
    const before = allocatedBytes();
    const places = scoped({ a: 5, nothing: 0, b: 40 }, (at) => {
      expect(allocatedBytes()).toBeGreaterThan(before);
      return at;
    });
    expect(Object.values(places).map((address) => address % 16)).toEqual([0, 0, 0]);
    expect(places.b - places.a).toBeGreaterThanOrEqual(5);
    expect(allocatedBytes()).toBe(before);
  });

  it("is given back when something throws", () => {
    const before = allocatedBytes();
    const fails = () =>
      scoped({ a: 100 }, () => {
        throw new Error("within");
      });
    expect(fails).toThrow("within");
    expect(allocatedBytes()).toBe(before);
  });
});

it("holdings keep what was put until all is freed, and can be used again", () => {
  const before = allocatedBytes();
  const memory = holdings();
  const values = Float64Array.of(1, 2, 3);
  const at = memory.put(values);
  memory.hold(1000);
  expect([...f64(at, 3)]).toEqual([1, 2, 3]);
  memory.free();
  expect(allocatedBytes()).toBe(before);
  memory.free();
  const fails = () =>
    memory.filledBy(() => {
      memory.hold(16);
      throw new Error("within");
    });
  expect(fails).toThrow("within");
  expect(allocatedBytes()).toBe(before);
  memory.hold(16);
  memory.free();
  expect(allocatedBytes()).toBe(before);
});

it("a pool lends a workspace of the right size, one it has before one it makes", () => {
  const made: number[][] = [];
  const workspaces = pool(
    (n: number, m: number) => {
      made.push([n, m]);
      return { n, m };
    },
    (n, m) => `${n} ${m}`,
  );
  const first = workspaces.borrow(2, 3);
  expect(workspaces.borrow(2, 3)).not.toBe(first);
  workspaces.giveBack(first);
  expect(workspaces.borrow(3, 2)).toEqual({ n: 3, m: 2 });
  expect(workspaces.borrow(2, 3)).toBe(first);
  expect(made).toHaveLength(3);
  expect(() => workspaces.giveBack({ n: 2, m: 3 })).toThrow(RangeError);
});

it("views that are asked for again survive a growth", () => {
  const at = allocate(32);
  const views = viewsOf(() => ({ values: f64(at, 4) }));
  views().values.set([1, 2, 3, 4]);
  const kept = views().values;
  expect(views().values).toBe(kept);
  kernels().memory.grow(1);
  expect(kept.length).toBe(0);
  expect([...views().values]).toEqual([1, 2, 3, 4]);
  free(at);
});

it("a record is read by the kernels as it was written", () => {
  // One client at the origin, an access point 3 m east and 4 m up: 10 − 20 log10 5 dB.
  const model = { wrap: 0, height2: 16, intercept: 10, slope: 20 };
  const gain = scoped({ accessPoint: 16, client: 16, shadow: 8, out: 8 }, (at) => {
    f64(at.accessPoint, 2).set([3, 0]);
    f64(at.client, 2).set([0, 0]);
    f64(at.shadow, 1).fill(0);
    withBlock("Propagation", model, (record) =>
      kernels().linkGains(1, 1, record, at.accessPoint, at.client, at.shadow, at.out),
    );
    return f64(at.out, 1)[0]!;
  });
  expect(gain).toBeCloseTo(10 / 25, 12);
  const bytes = Object.entries({ Window: 40, Convolution: 44, PooledConvolution: 56, AdamStep: 48 });
  for (const [name, size] of bytes) expect(blockBytes(name as keyof Blocks)).toBe(size);
});

describe("calls that do not compile", () => {
  // Never run: the compiler checks that each of these lines is an error.
  const wrong = (length: number, at: Address, window: At<"Window">, convolution: At<"Convolution">): void => {
    // @ts-expect-error an address given as a length
    train.reluForward(at, at, at);
    // @ts-expect-error a length given as an address
    train.reluForward(length, length, at);
    // @ts-expect-error an address that was added to
    train.reluForward(length, at, at + 4);
    // @ts-expect-error the two exchanged
    kernels().checksum(at, length);
    // @ts-expect-error zero is no address
    train.conv2dBackward(length, convolution, at, at, at, at, 0, at);
    // @ts-expect-error an array given as a record
    train.maxPool2dForward(length, at, at, at);
    // @ts-expect-error another layer's record
    train.conv2dForward(length, true, window, at, at, at, at, at);
    // @ts-expect-error a record without one of its fields
    writeBlock("Attention", at, { length: 1, width: 2, heads: 1 });
    // @ts-expect-error an address among the numbers of a record
    writeBlock("Grouping", at, { pixels: at, channels: 1, groups: 1 });
    // @ts-expect-error a view is made at an address
    f64(length, 4);
    // What is meant does.
    train.reluForward(length, offset(at, 4), none);
    train.maxPool2dForward(length, convolution, at, at);
  };

  it("are those with the wrong kind of number", () => {
    expect(wrong).toBeTypeOf("function");
    expectTypeOf<Address>().not.toExtend<Count>();
    expectTypeOf<number>().not.toExtend<Address>();
    expectTypeOf<number>().toExtend<Count>();
    expectTypeOf<At<"PooledConvolution">>().toExtend<At<"Window">>();
  });
});
