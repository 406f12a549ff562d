import { offset } from "../../../bindings/memory.js";
import { hadamard, partOf, randomWords, type Values } from "../../../bindings/quantize.js";
import type { Draw } from "./rotation.js";

/**
 * A random rotation of a vector of any length, in blocks of the largest power of two up to 2^16 that it has. What is left
 * behind the last whole block is rotated with the end of that block, so that there are no small blocks, whose entries would
 * be far from normal, and (from 64 entries on) no padding. All of it twice: once leaves a single large entry as many of one
 * magnitude, of two the sums and differences, and to round these is not to round normal numbers, so that there is a bias.
 */
export interface Whole {
  /** Entries, 64 at least */
  padded: number;
  size: number;
  /** Where each rotation of a block begins, in their order */
  starts: readonly number[];
  /** What was rotated together */
  groups: readonly { first: number; length: number }[];
}

const largestBlock = 65536;
const smallestBlock = 64;

export function wholeOf(entries: number): Whole {
  const padded = Math.max(smallestBlock, entries);
  let size = largestBlock;
  while (size > padded) size /= 2;
  const count = Math.floor(padded / size);
  const left = padded - count * size;
  const starts = Array.from({ length: count }, (_, b) => b * size);
  const groups = starts.map((first) => ({ first, length: size }));
  if (left > 0) {
    groups[count - 1] = { first: (count - 1) * size, length: size + left };
    starts.push(padded - size);
  }
  return { padded, size, starts: [...starts, ...starts], groups };
}

/** Rotates in place, or back. */
export function rotateWhole(y: Values, { size, starts }: Whole, draw: Draw, inverse: boolean): void {
  const { seed, client, round } = draw;
  const words = randomWords(seed, "rotation", client, round, (starts.length * size) / 32);
  const turns = starts.map((first, turn) => ({ first, signs: offset(words, (turn * size) / 8) }));
  for (const { first, signs } of inverse ? turns.reverse() : turns) hadamard(partOf(y, first, size), signs, inverse);
}
