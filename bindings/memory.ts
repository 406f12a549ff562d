import { type Address, type Count, offset } from "./address.js";
import { kernels } from "./instance.js";

export { type Address, type Count, none, offset } from "./address.js";

/**
 * The arena: blocks of WebAssembly memory, 16-byte aligned, handed out first fit and merged when freed.
 *
 * Growing the memory detaches every view made before, so views are made where they are used, by the
 * accessors below, and never kept across a call that may allocate; `viewsOf` keeps some that are wanted often.
 */
interface Block {
  pointer: Address;
  bytes: number;
}

declare const view: unique symbol;

/** A window on kernel memory: empty after the memory has grown. Copy it (`slice`) or make it anew; do not keep it. */
export type View<T> = T & { readonly [view]: true };

const alignment = 16;
const pageBytes = 65536;
let idle: Block[] | undefined;
const used = new Map<Address, number>();

/** @returns where `bytes` bytes begin, 16-aligned, not cleared. @throws RangeError when memory is exhausted */
export function allocate(bytes: number): Address {
  const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
  const list = freeBlocks();
  let index = list.findIndex((block) => block.bytes >= size);
  if (index < 0) {
    grow(size);
    index = list.length - 1;
  }
  const block = list[index]!;
  const { pointer } = block;
  block.pointer = offset(pointer, size);
  block.bytes -= size;
  if (block.bytes === 0) list.splice(index, 1);
  used.set(pointer, size);
  return pointer;
}

/** Gives a block back. @throws RangeError for a pointer that `allocate` did not return or that is free already */
export function free(pointer: Address): void {
  const bytes = used.get(pointer);
  if (bytes === undefined) throw new RangeError(`free(${pointer}): no such block`);
  used.delete(pointer);
  const list = freeBlocks();
  let index = list.findIndex((block) => block.pointer > pointer);
  if (index < 0) index = list.length;
  list.splice(index, 0, { pointer, bytes });
  mergeWithNext(list, index);
  if (index > 0) mergeWithNext(list, index - 1);
}

/** Bytes now handed out. */
export function allocatedBytes(): number {
  let sum = 0;
  for (const bytes of used.values()) sum += bytes;
  return sum;
}

const finalizer = new FinalizationRegistry<Address[]>((pointers) => pointers.forEach(free));

/** Frees the blocks when `owner` is garbage collected; the list may change while it lives. */
export function freeListWith(owner: object, pointers: Address[]): void {
  finalizer.register(owner, pointers);
}

/** Where a view made by the accessors below begins, or undefined for an array of the caller's own. */
export function residentPointer(array: ArrayBufferView): Address | undefined {
  return array.buffer === kernels().memory.buffer ? (array.byteOffset as Address) : undefined;
}

export function f32(pointer: Address, length: Count): View<Float32Array<ArrayBuffer>> {
  return new Float32Array(buffer(), pointer, length) as View<Float32Array<ArrayBuffer>>;
}

export function f64(pointer: Address, length: Count): View<Float64Array<ArrayBuffer>> {
  return new Float64Array(buffer(), pointer, length) as View<Float64Array<ArrayBuffer>>;
}

export function i32(pointer: Address, length: Count): View<Int32Array<ArrayBuffer>> {
  return new Int32Array(buffer(), pointer, length) as View<Int32Array<ArrayBuffer>>;
}

export function u32(pointer: Address, length: Count): View<Uint32Array<ArrayBuffer>> {
  return new Uint32Array(buffer(), pointer, length) as View<Uint32Array<ArrayBuffer>>;
}

export function u8(pointer: Address, length: Count): View<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(buffer(), pointer, length) as View<Uint8Array<ArrayBuffer>>;
}

export function dataView(pointer: Address, length: Count): View<DataView> {
  return new DataView(buffer(), pointer, length) as View<DataView>;
}

/**
 * Views made once and again after every growth: what is kept is the function, never what it returns.
 * @param make from the accessors above
 */
export function viewsOf<T>(make: () => T): () => T {
  let held: { views: T; of: ArrayBuffer } | undefined;
  return () => {
    if (held?.of !== buffer()) held = { views: make(), of: buffer() };
    return held.views;
  };
}

function buffer(): ArrayBuffer {
  return kernels().memory.buffer as ArrayBuffer;
}

function freeBlocks(): Block[] {
  if (idle === undefined) {
    const base = (Math.ceil(kernels().heapBase() / alignment) * alignment) as Address;
    idle = [{ pointer: base, bytes: buffer().byteLength - base }];
  }
  return idle;
}

function grow(bytes: number): void {
  const list = freeBlocks();
  const end = buffer().byteLength;
  const last = list.at(-1);
  const atEnd = last !== undefined && last.pointer + last.bytes === end ? last : undefined;
  const missing = bytes - (atEnd?.bytes ?? 0);
  // Growing by an eighth at least keeps the number of detached views logarithmic.
  const pages = Math.max(Math.ceil(missing / pageBytes), Math.ceil(end / pageBytes / 8));
  try {
    kernels().memory.grow(pages);
  } catch {
    throw new RangeError(`kernel memory: cannot grow by ${pages * pageBytes} bytes beyond ${end}`);
  }
  if (atEnd) atEnd.bytes += pages * pageBytes;
  else list.push({ pointer: end as Address, bytes: pages * pageBytes });
}

function mergeWithNext(list: Block[], index: number): void {
  const block = list[index]!;
  const next = list[index + 1];
  if (next !== undefined && block.pointer + block.bytes === next.pointer) {
    block.bytes += next.bytes;
    list.splice(index + 1, 1);
  }
}
