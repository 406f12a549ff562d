import { type Address, allocate, f64, free, freeListWith, i32, offset } from "./memory.js";

/**
 * Who owns kernel memory, and for how long: a call (`scoped`), an object that is given back (`holdings`), or a pool of
 * workspaces. Objects whose users have no reason to dispose of them have theirs freed when they are collected (`freeWith`).
 */

const alignment = 16;

/**
 * Memory for the time of one call: sections of so many bytes each, by name, 16-aligned, freed also when `use` throws.
 * The sections stand in one block in the order of their names.
 */
export function scoped<S extends Record<string, number>, R>(
  sizes: S,
  use: (at: { readonly [K in keyof S]: Address }) => R,
): R {
  let bytes = 0;
  const starts: Record<string, number> = {};
  for (const name in sizes) {
    starts[name] = bytes;
    bytes += Math.ceil(sizes[name]! / alignment) * alignment;
  }
  const block = allocate(bytes);
  try {
    for (const name in starts) starts[name] = offset(block, starts[name]!);
    return use(starts as { [K in keyof S]: Address });
  } finally {
    free(block);
  }
}

/** Blocks that live until all are freed together. */
export interface Holdings {
  hold(bytes: number): Address;
  /** A copy of an array */
  put(values: Float64Array | Int32Array): Address;
  /** Runs what fills them; frees all if that throws. */
  filledBy<R>(fill: () => R): R;
  /** Frees all; others may be held afterwards. */
  free(): void;
  /** Also frees all when `owner` is garbage collected. */
  freeWith(owner: object): void;
}

export function holdings(): Holdings {
  const blocks: Address[] = [];
  const hold = (bytes: number) => {
    const pointer = allocate(bytes);
    blocks.push(pointer);
    return pointer;
  };
  const release = () => {
    for (const pointer of blocks.splice(0)) free(pointer);
  };
  return {
    hold,
    put(values) {
      const pointer = hold(values.byteLength);
      if (values instanceof Float64Array) f64(pointer, values.length).set(values);
      else i32(pointer, values.length).set(values);
      return pointer;
    },
    filledBy(fill) {
      try {
        return fill();
      } catch (error) {
        release();
        throw error;
      }
    },
    free: release,
    freeWith(owner) {
      freeListWith(owner, blocks);
    },
  };
}

/** Workspaces that are used again and again: borrowed, given back, never freed. */
export interface Pool<Sizes extends readonly unknown[], W> {
  borrow(...sizes: Sizes): W;
  giveBack(workspace: W): void;
}

/** @param key the same for workspaces that can stand in for one another */
export function pool<Sizes extends readonly unknown[], W>(
  make: (...sizes: Sizes) => W,
  key: (...sizes: Sizes) => number | string,
): Pool<Sizes, W> {
  const idle = new Map<number | string, W[]>();
  const keys = new WeakMap<object, number | string>();
  return {
    borrow(...sizes) {
      const at = key(...sizes);
      const found = idle.get(at)?.pop();
      if (found !== undefined) return found;
      const made = make(...sizes);
      keys.set(made as object, at);
      return made;
    },
    giveBack(workspace) {
      const at = keys.get(workspace as object);
      if (at === undefined) throw new RangeError("giveBack: this workspace is not from this pool");
      const list = idle.get(at);
      if (list === undefined) idle.set(at, [workspace]);
      else list.push(workspace);
    },
  };
}
