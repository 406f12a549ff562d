import { type Address, f32, offset } from "../../../bindings/memory.js";
import { hadamard, maxAbs, partOf, randomWords, scaleValues, type Values } from "../../../bindings/quantize.js";
import type { DecodeContext } from "../../config/records.js";
import type { PacketReader, PacketWriter } from "../coding/packet.js";

/**
 * Randomized Hadamard rotations, which make the entries of any update nearly normal. They work on blocks of 2^16
 * entries, what is left on halves of that and so on down to 64, the last padded with zeros: no update is padded to the
 * next power of two as a whole. The signs are a Philox stream (seed, client, round), which the packet names, so that it
 * can be decoded by itself.
 */
const largestBlock = 65536;
const smallestBlock = 64;

export interface Block {
  first: number;
  size: number;
  /** Entries of the update in it; only the last block has fewer than its size */
  filled: number;
}

export function blocksOf(entries: number): Block[] {
  const blocks: Block[] = [];
  let size = largestBlock;
  for (let first = 0; first < entries; ) {
    while (size > smallestBlock && size > entries - first) size /= 2;
    blocks.push({ first, size, filled: Math.min(size, entries - first) });
    first += size;
  }
  return blocks;
}

export function paddedLength(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.size, 0);
}

/** What names the random numbers of a packet. */
export type Draw = Pick<DecodeContext, "seed" | "client" | "round">;

export function writeDraw(writer: PacketWriter, { seed, client, round }: Draw): void {
  writer.zigzag(seed);
  writer.varint(client);
  writer.varint(round);
}

/** @throws PacketError */
export function readDraw(reader: PacketReader): Draw {
  const seed = reader.zigzag("the seed", Number.MAX_SAFE_INTEGER);
  const client = reader.varint("the client", 0xffffffff);
  const round = reader.varint("the round", 0xffffffff);
  return { seed, client, round };
}

/** The signs of all blocks. */
export function rotationWords({ seed, client, round }: Draw, padded: number): Address {
  return randomWords(seed, "rotation", client, round, padded / 32);
}

/**
 * A block of the update, over its largest magnitude, rotated into its place in y.
 * @returns that magnitude
 */
export function rotate(input: Values, { first, size, filled }: Block, words: Address, y: Values): number {
  const values = partOf(input, first, filled);
  f32(y.pointer, size).fill(0, filled);
  const largest = maxAbs(values);
  scaleValues(values, largest === 0 ? 0 : 1 / largest, y.pointer);
  hadamard(y, offset(words, first / 8), false);
  return largest;
}

/** The inverse of a block at y, times `scale`, into its place in `out`. */
export function rotateBack(y: Values, { first, filled }: Block, words: Address, scale: number, out: Values): void {
  hadamard(y, offset(words, first / 8), true);
  scaleValues(partOf(y, 0, filled), scale, offset(out.pointer, 4 * first));
}
