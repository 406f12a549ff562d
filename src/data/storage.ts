import { able, type Check } from "../config/arguments.js";

/** Where the arrays of a data set live. */
export interface Allocate {
  u8(length: number): Uint8Array;
  i32(length: number): Int32Array;
  f32(length: number): Float32Array;
}

/** That arrays can be asked of it. */
export const allocator: Check = able("place for arrays", "u8", "i32", "f32");

/** Ordinary arrays: everywhere, and copied when sent to a worker. */
export const plain: Allocate = {
  u8: (length) => new Uint8Array(length),
  i32: (length) => new Int32Array(length),
  f32: (length) => new Float32Array(length),
};

/** Arrays that worker threads share instead of copying; a page has these only when it is cross-origin isolated. */
export const shared: Allocate =
  typeof SharedArrayBuffer === "undefined"
    ? plain
    : {
        u8: (length) => new Uint8Array(new SharedArrayBuffer(length)),
        i32: (length) => new Int32Array(new SharedArrayBuffer(4 * length)),
        f32: (length) => new Float32Array(new SharedArrayBuffer(4 * length)),
      };
