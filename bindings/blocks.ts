import type { Address, BlockAddress } from "./address.js";
import { type Blocks, layouts } from "./generated/kernels.js";
import { dataView } from "./memory.js";
import { scoped } from "./ownership.js";

/**
 * Records in kernel memory: what a kernel is told beside its arrays, by name. The classes marked `@unmanaged` in assembly/
 * declare the fields; their types, and where each stands, are generated from them.
 */
export type * from "./generated/kernels.js";

/** Where a record of this name lies. */
export type At<N extends keyof Blocks> = BlockAddress<Blocks[N]>;

/** Bytes that a record takes. */
export const blockBytes = (name: keyof Blocks): number => layouts[name].bytes;

/** Writes a record. @param at `blockBytes(name)` bytes @returns the same place, now known as that of such a record */
export function writeBlock<N extends keyof Blocks>(name: N, at: Address, fields: Blocks[N]): At<N> {
  const { bytes, fields: places } = layouts[name];
  const view = dataView(at, bytes);
  const values = fields as unknown as Record<string, number>;
  for (const [field, type, byte] of places) {
    const value = values[field]!;
    if (type === "f64") view.setFloat64(byte, value, true);
    else if (type === "f32") view.setFloat32(byte, value, true);
    else if (type === "i32") view.setInt32(byte, value, true);
    else view.setUint32(byte, value, true);
  }
  return at as At<N>;
}

/** Writes a record for the time of one call. */
export function withBlock<N extends keyof Blocks, R>(name: N, fields: Blocks[N], use: (at: At<N>) => R): R {
  return scoped({ record: blockBytes(name) }, ({ record }) => use(writeBlock(name, record, fields)));
}
