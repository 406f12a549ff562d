import { numberArray, seedNumber } from "../src/config/arguments.js";
import { InputError, show, unknownName } from "../src/config/errors.js";
import { kernels } from "./instance.js";
import { type Address, allocate, f64, free, u32 } from "./memory.js";

/**
 * What a random number is for: the word of the Philox counter that keeps uses apart.
 * Never renumber: a number here is part of every published result.
 */
export const purposes = {
  weights: 1,
  shuffle: 2,
  dropout: 3,
  partition: 4,
  glyphs: 5,
  corpus: 6,
  participation: 7,
  regression: 8,
  subset: 9,
  deployment: 16,
  shadowing: 17,
  fading: 18,
  pilots: 19,
  mobility: 20,
  ageing: 21,
  quantizer: 32,
  rotation: 33,
  probe: 34,
  study: 48,
  bootstrap: 49,
  selection: 64,
  devices: 65,
  harvest: 66,
  loss: 67,
  air: 68,
  curvature: 69,
  test: 255,
} as const;

export type Purpose = keyof typeof purposes;

/** A sequence of random numbers that depends on the seed, the purpose and the indices alone. */
export interface Stream {
  /** A word of 32 bits. */
  word(): number;
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform on 0 … n − 1, without bias; 1 ≤ n ≤ 2³². */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in [low, high), default [0, 1) */
  fillUniform(out: Float64Array | Float32Array, low?: number, high?: number): void;
  /** Normal with mean 0 and standard deviation `scale`, default 1 */
  fillNormal(out: Float64Array | Float32Array, scale?: number): void;
  /** Fisher–Yates, in place. */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T;
}

/**
 * Random words straight into kernel memory: blocks firstBlock … firstBlock + blocks − 1 of four words each of the
 * sequence that `stream` with the same seed, purpose and indices reads from block 0 on.
 * @param pointer room for 16 · blocks bytes
 */
export function fillWords(
  seed: number,
  purpose: Purpose,
  [index0, index1, index2]: readonly [number, number, number],
  firstBlock: number,
  blocks: number,
  pointer: Address,
): void {
  const [key0, key1] = seedWords(seed);
  const c3 = ((purposes[purpose] << 24) | (index2 & 0xffffff)) >>> 0;
  kernels().philoxFill(key0, key1, index0, index1, c3, firstBlock, blocks, pointer);
}

/** A seed's two words of 32 bits, low and high: the key of Philox. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed >>> 0, Math.floor(seed / 4294967296) >>> 0];
}

const chunkBlocks = 256;

/**
 * A stream of random numbers that its purpose and its place in a run name: Philox4x32-10 (Salmon et al., SC 2011), with
 * the same numbers on every engine, however many others are drawn from. Normal numbers are made of uniform ones.
 * @param seed any integer below 2⁵³ in magnitude
 * @param indices up to three: the first two of 32 bits, the third of 24
 * @example
 * const noise = stream(1, "test", 3); // the fourth of many streams
 * noise.uniform() === stream(1, "test", 3).uniform(); // → true
 */
export function stream(seed: number, purpose: Purpose, index0 = 0, index1 = 0, index2 = 0): Stream {
  checkKey(seed, purpose, [index0, index1, index2]);
  const [key0, key1] = seedWords(seed);
  const c3 = ((purposes[purpose] << 24) | (index2 & 0xffffff)) >>> 0;
  // Small at first: most streams are asked for a handful of numbers.
  let words = new Uint32Array(16);
  let next = words.length;
  let spare: number[] = [];
  let block = 0;

  /** Runs `blocks` blocks into kernel memory, as words or as normals, and hands the pointer to `use`. */
  function generate(blocks: number, normals: boolean, use: (pointer: Address) => void): void {
    const pointer = allocate((normals ? 32 : 16) * blocks);
    const fill = normals ? kernels().normalsFill : kernels().philoxFill;
    fill(key0, key1, index0, index1, c3, block, blocks, pointer);
    block += blocks;
    try {
      use(pointer);
    } finally {
      free(pointer);
    }
  }

  function word(): number {
    if (next === words.length) {
      if (block > 0 && words.length < 4 * chunkBlocks) words = new Uint32Array(4 * chunkBlocks);
      generate(words.length / 4, false, (pointer) => words.set(u32(pointer, words.length)));
      next = 0;
    }
    return words[next++] as number;
  }

  function uniform(): number {
    return fractionOf(word(), word());
  }

  function integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296))
      throw new InputError("n", `${show(n)} is no whole number from 1 to 2^32`);
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const w = word();
      if (w < limit) return w % n;
    }
  }

  function fillNormal(out: Float64Array | Float32Array, scale = 1): void {
    checkRoom(out, { scale });
    for (let start = 0; start < out.length; start += 4 * chunkBlocks) {
      const count = Math.min(4 * chunkBlocks, out.length - start);
      generate((count + 3) >> 2, true, (pointer) => {
        const values = f64(pointer, count);
        if (scale === 1) out.set(values, start);
        else for (let i = 0; i < count; i++) out[start + i] = scale * (values[i] as number);
      });
    }
  }

  function normal(): number {
    if (spare.length === 0)
      generate(1, true, (pointer) => {
        spare = [...f64(pointer, 4)].reverse();
      });
    return spare.pop() as number;
  }

  return {
    word,
    uniform,
    integer,
    normal,
    fillNormal,
    fillUniform(out, low = 0, high = 1) {
      checkRoom(out, { low, high });
      for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * uniform();
    },
    shuffle: (items) => shuffled(items, integer),
  };
}

/**
 * What `stream(seed, purpose, index).fillUniform(out, low, high)` writes, without making the stream: for very many short
 * ones.
 */
export function fillUniforms(
  seed: number,
  purpose: Purpose,
  index: number,
  out: Float64Array,
  { low, high }: { low: number; high: number },
): void {
  const blocks = Math.ceil(out.length / 2);
  const pointer = allocate(16 * blocks);
  try {
    fillWords(seed, purpose, [index, 0, 0], 0, blocks, pointer);
    const words = u32(pointer, 4 * blocks);
    for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * fractionOf(words[2 * i]!, words[2 * i + 1]!);
  } finally {
    free(pointer);
  }
}

/** 53 bits of two words as a number from 0 to below 1. */
function fractionOf(first: number, second: number): number {
  return ((first >>> 5) * 67108864 + (second >>> 6)) / 9007199254740992;
}

function checkKey(seed: number, purpose: Purpose, indices: readonly number[]): void {
  seedNumber("seed", seed);
  if (!Object.hasOwn(purposes, purpose)) {
    throw new InputError("purpose", unknownName("purpose", purpose, Object.keys(purposes)));
  }
  for (const [i, index] of indices.entries()) seedNumber(`index${i}`, index);
}

function checkRoom(out: unknown, factors: Readonly<Record<string, unknown>>): void {
  numberArray("out", out);
  for (const [name, value] of Object.entries(factors)) {
    if (!Number.isFinite(value)) throw new InputError(name, `${show(value)} is no finite number`);
  }
}

function shuffled<T extends { length: number; [index: number]: number }>(items: T, integer: Stream["integer"]): T {
  numberArray("items", items);
  for (let i = items.length - 1; i > 0; i--) {
    const j = integer(i + 1);
    const held = items[i]!;
    items[i] = items[j]!;
    items[j] = held;
  }
  return items;
}
