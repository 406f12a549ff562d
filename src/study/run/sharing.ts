import type { Dataset, QuantizerMemory } from "../../config/records.js";

/** Float32 zeros on memory that threads share. */
export function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

/** Float64 zeros likewise. */
export function sharedDoubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * length));
}

/** The same values on memory that threads share: the array itself where it lies there. */
export function sharedCopy<T extends Uint8Array | Float32Array | Int32Array>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const TypedArray = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new TypedArray(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/**
 * Moves what a quantizer remembers of a client to shared memory, so that it travels between threads without a copy.
 * @param before the arrays that were there before the round: those of the same length are used again, so that a
 *   client's memory is allocated once and not once a round
 */
export function shareMemory(memory: QuantizerMemory, before: ReadonlyMap<string, Float32Array | number>): void {
  for (const [key, value] of memory) {
    if (typeof value === "number" || value.buffer instanceof SharedArrayBuffer) continue;
    const old = before.get(key);
    if (typeof old === "object" && old.buffer instanceof SharedArrayBuffer && old.length === value.length) {
      old.set(value);
      memory.set(key, old);
    } else memory.set(key, sharedCopy(value));
  }
}

/** The same data on shared memory, so that threads do not each hold a copy. */
export function sharedDataset(dataset: Dataset): Dataset {
  const part = (examples: Dataset["train"]) => ({
    ...examples,
    inputs: sharedCopy(examples.inputs),
    targets: sharedCopy(examples.targets),
  });
  return { ...dataset, train: part(dataset.train), test: part(dataset.test) };
}

/** Shards one after the other in one piece of shared memory. */
export function sharedShards(shards: readonly Int32Array[]): Int32Array[] {
  const length = shards.reduce((sum, shard) => sum + shard.length, 0);
  const all = new Int32Array(new SharedArrayBuffer(4 * length));
  let at = 0;
  return shards.map((shard) => {
    const place = all.subarray(at, at + shard.length);
    place.set(shard);
    at += shard.length;
    return place;
  });
}
