import { InputError } from "../src/config/errors.js";
import { decodeBase64 } from "./base64.js";
import type { Products } from "./generated/kernels-relaxed.js";
import { kernels } from "./instance.js";

/**
 * Which kernels take the products of a training: the exact ones, or the same sources compiled with relaxed SIMD, a module
 * of its own that works in the same memory. There a product and a sum are rounded once where the processor fuses them,
 * so that bits may differ from machine to machine. Everything else is always exact.
 */
export type KernelChoice = "exact" | "relaxed";

let relaxed: Products | undefined;
let inUse: Products | undefined;

/** The kernels that take products, as `withProducts` chose. */
export function products(): Products {
  return inUse ?? kernels();
}

/**
 * Brings in what `withProducts` needs of a choice; the relaxed module is loaded the first time it is asked for.
 * @throws InputError where the engine has no relaxed SIMD
 */
export async function loadProducts(choice: KernelChoice): Promise<void> {
  checkProducts(choice);
  if (choice !== "relaxed" || relaxed !== undefined) return;
  const { base64, bytes } = await import("./generated/kernels-relaxed.js");
  const module = new WebAssembly.Module(decodeBase64(base64, bytes));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: kernels().memory } });
  relaxed = exports as unknown as Products;
}

/** Products are taken by these kernels from now on, in this thread. */
export function useProducts(choice: KernelChoice): void {
  if (choice === "relaxed" && relaxed === undefined) throw new Error("the relaxed kernels have not been loaded");
  inUse = choice === "relaxed" ? relaxed : undefined;
}

/** The same while `action` runs, and no longer: trainings with other kernels may take turns in one thread. */
export function withProducts<R>(choice: KernelChoice, action: () => R): R {
  const before = inUse;
  useProducts(choice);
  try {
    return action();
  } finally {
    inUse = before;
  }
}

/** @throws InputError where the engine does not have what a choice needs */
export function checkProducts(choice: KernelChoice): void {
  if (choice !== "relaxed" || relaxedSupported()) return;
  throw new InputError(
    "kernels",
    '"relaxed" needs the relaxed SIMD of WebAssembly, which this engine does not have (Node 22 and later, Chrome and Edge ' +
      '114 and Firefox 146 have it; Node 20 with --experimental-wasm-relaxed-simd; allowed here: "exact")',
  );
}

/** Whether the engine can run the kernels at all. */
export function simdSupported(): boolean {
  // An empty function with a v128 local: what an engine without it refuses
  const head = [0, 97, 115, 109, 1, 0, 0, 0];
  const [type, functions, code] = [
    [1, 4, 1, 96, 0, 0],
    [3, 2, 1, 0],
    [10, 6, 1, 4, 1, 1, 123, 11],
  ];
  return WebAssembly.validate(Uint8Array.from([head, type, functions, code].flat() as number[]));
}

/** Whether the engine can run the relaxed kernels. */
export function relaxedSupported(): boolean {
  return WebAssembly.validate(probe);
}

/** How often this machine rounds a product and a sum in the relaxed kernels; with 2 their results are the exact ones'. */
export function relaxedRoundings(): 1 | 2 {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(probe)).exports as { f(...abc: number[]): number };
  const a = 1 + 2 ** -12; // a² = 1 + 2⁻¹¹ + 2⁻²⁴, of which float32 has no place for the last
  return f(a, a, -1) === 2 ** -11 ? 2 : 1;
}

/** The smallest module with a relaxed instruction: f(a, b, c) = a · b + c, from the first of four lanes. */
const probe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic number, version
  ...[1, 8, 1, 96, 3, 125, 125, 125, 1, 125], // type: three f32 to one
  ...[3, 2, 1, 0], // one function of it
  ...[7, 5, 1, 1, 102, 0, 0], // exported as f
  ...[10, 22, 1, 20, 0], // its code
  ...[32, 0, 253, 19, 32, 1, 253, 19, 32, 2, 253, 19], // f32x4.splat of each parameter
  ...[253, 133, 2, 253, 31, 0, 11], // f32x4.relaxed_madd, f32x4.extract_lane 0
);
