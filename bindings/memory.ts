import { kernels } from "./instance.js";

/**
 * The arena: blocks of WebAssembly memory, 16-byte aligned, handed out first fit and merged when freed.
 *
 * Growing the memory detaches every view made before, so views are made where they are used, by the
 * accessors below, and never kept across a call that may allocate.
 */
interface Block {
  pointer: number;
  bytes: number;
}

const alignment = 16;
const pageBytes = 65536;
let free_: Block[] | undefined;
const used = new Map<number, number>();

/** @returns a pointer to `bytes` bytes, 16-aligned, not cleared. @throws RangeError when memory is exhausted */
export function allocate(bytes: number): number {
  const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
  const list = freeBlocks();
  let index = list.findIndex((block) => block.bytes >= size);
  if (index < 0) {
    grow(size);
    index = list.length - 1;
  }
  const block = list[index] as Block;
  const pointer = block.pointer;
  block.pointer += size;
  block.bytes -= size;
  if (block.bytes === 0) list.splice(index, 1);
  used.set(pointer, size);
  return pointer;
}

/** Gives a block back. @throws RangeError for a pointer that `allocate` did not return or that is free already */
export function free(pointer: number): void {
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

const finalizer = new FinalizationRegistry<number[]>((pointers) => pointers.forEach(free));

/** Frees the blocks when `owner` is garbage collected: for objects whose users have no reason to dispose of them. */
export function freeWith(owner: object, ...pointers: number[]): void {
  finalizer.register(owner, pointers);
}

/** As `freeWith`, for a list that may change while the owner lives. */
export function freeListWith(owner: object, pointers: number[]): void {
  finalizer.register(owner, pointers);
}

/** Where a view made by the accessors below begins, or undefined for an array of the caller's own. */
export function residentPointer(array: ArrayBufferView): number | undefined {
  return array.buffer === kernels().memory.buffer ? array.byteOffset : undefined;
}

export function f32(pointer: number, length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(buffer(), pointer, length);
}

export function f64(pointer: number, length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(buffer(), pointer, length);
}

export function i32(pointer: number, length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(buffer(), pointer, length);
}

export function u32(pointer: number, length: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(buffer(), pointer, length);
}

export function u8(pointer: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer(), pointer, length);
}

function buffer(): ArrayBuffer {
  return kernels().memory.buffer as ArrayBuffer;
}

function freeBlocks(): Block[] {
  if (free_ === undefined) {
    const base = Math.ceil(kernels().heapBase() / alignment) * alignment;
    free_ = [{ pointer: base, bytes: buffer().byteLength - base }];
  }
  return free_;
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
  else list.push({ pointer: end, bytes: pages * pageBytes });
}

function mergeWithNext(list: Block[], index: number): void {
  const block = list[index] as Block;
  const next = list[index + 1];
  if (next !== undefined && block.pointer + block.bytes === next.pointer) {
    block.bytes += next.bytes;
    list.splice(index + 1, 1);
  }
}
