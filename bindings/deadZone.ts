import { blockBytes, withBlock, writeBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { cos } from "./math.js";
import { type Address, allocate, f32, f64, none, offset } from "./memory.js";
import { region, type Values } from "./quantize.js";

/** Typed functions over the transform and the binary coder of assembly/quantize: cosine.ts, deadZone.ts, binaryCoder.ts. */

/** An axis of a tensor: `size` entries, `inner` apart, `outer` times. */
export interface Axis {
  outer: number;
  size: number;
  inner: number;
}

const matrices = new Map<number, Float32Array>();

/** c_kj = √((1 + [k > 0])/N) cos(π (2j + 1) k / 2N) */
function cosines(size: number): Float32Array {
  const known = matrices.get(size);
  if (known !== undefined) return known;
  const made = new Float32Array(size * size);
  for (let k = 0; k < size; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / size);
    for (let j = 0; j < size; j++)
      made[k * size + j] = scale * cos((Math.PI * (((2 * j + 1) * k) % (4 * size))) / (2 * size));
  }
  matrices.set(size, made);
  return made;
}

/** The cosine transform along an axis, or its inverse, in place. */
export function transformAxis(x: Address, { outer, size, inner }: Axis, inverse: boolean): void {
  const work = region("cosines", 4 * size * size + 32 * (size + 1));
  const matrix = offset(work, 32 * (size + 1));
  f32(matrix, size * size).set(cosines(size));
  kernels().transformAxis(outer, size, inner, inverse ? 1 : 0, matrix, x, work);
}

/** A part of the vector, and how far before each entry its neighbors are. */
export interface CodedTensor {
  length: number;
  distances: readonly [number, number, number, number];
  /** a */
  gain: number;
}

/** r₁ and r₂ */
export interface Reconstruction {
  first: number;
  beyond: number;
}

export interface DeadZoneCode extends Reconstruction {
  parts: readonly CodedTensor[];
  /** Δ */
  step: number;
}

export interface DeadZoneEncoding extends DeadZoneCode {
  /** λ, in Δ² a bit */
  lambda: number;
  /** Most bytes to write */
  room: number;
  words: Address | undefined;
}

/** Symbols in kernel memory, with the zeros before them that their first neighbors are. */
export function symbolsWithReach(parts: readonly CodedTensor[], length: number): Address {
  const reach = parts.reduce((most, { distances }) => Math.max(most, ...distances), 8);
  const place = region("symbols", 4 * (length + reach));
  f32(place, reach).fill(0);
  return offset(place, 4 * reach);
}

const ratesBytes = 4096;

let kept: Address | undefined;

/** The tables, made once a thread; the models, anew in every call. */
function tables(): { rates: Address; costs: Address; models: Address } {
  if (kept === undefined) {
    kept = allocate(ratesBytes + 4 * 4096);
    kernels().adaptationRates(kept);
    kernels().bitCosts(offset(kept, ratesBytes));
  }
  return {
    rates: kept,
    costs: offset(kept, ratesBytes),
    models: region("bit models", 4 * kernels().deadZoneModels()),
  };
}

function withPlan<R>(
  code: DeadZoneCode,
  { lambda, room, words }: Pick<DeadZoneEncoding, "lambda" | "room" | "words">,
  use: (plan: Parameters<ReturnType<typeof kernels>["encodeDeadZone"]>[0]) => R,
): R {
  const size = blockBytes("CodedPart");
  const list = region("parts", size * code.parts.length);
  code.parts.forEach(({ length, distances: [d0, d1, d2, d3], gain }, j) => {
    writeBlock("CodedPart", offset(list, j * size), { length, d0, d1, d2, d3, gain });
  });
  const { rates, costs, models } = tables();
  const { first, beyond, step } = code;
  const fields = { parts: code.parts.length, inverse: Math.fround(1 / step), lambda, first, beyond, room };
  return withBlock("DeadZone", { ...fields, list, models, rates, costs, words: words ?? none }, use);
}

/** Room is looked for at the entries that are not zero; what the others take until the models know them. */
const slack = 8192;

export interface DeadZoneStream {
  pointer: Address;
  /** Bytes; of what had no room, an estimate of what it would take */
  length: number;
  complete: boolean;
  /** The means of |y| − |m| over the magnitudes of one, and over the larger ones */
  offsets: Reconstruction;
}

/** Chooses the symbols and codes them. The stream counts until the next one. */
export function encodeDeadZone(code: DeadZoneEncoding, x: Values, h: Address, m: Address): DeadZoneStream {
  const pointer = region("stream", code.room + slack + x.length / 1024);
  const sums = region("work", 64);
  const written = withPlan(code, code, (plan) => kernels().encodeDeadZone(plan, x.pointer, h, m, pointer, sums));
  const [ones, oneSum, larger, largerSum] = f64(sums, 4) as unknown as [number, number, number, number];
  const complete = written >= 0;
  return {
    pointer,
    length: complete ? written : (code.room * x.length) / Math.max(1, -1 - written),
    complete,
    offsets: complete ? { first: ones > 0 ? oneSum / ones : 0, beyond: larger > 0 ? largerSum / larger : 0 } : code,
  };
}

/** @returns 0, 1 or 2 where the code does not end as the encoder ends it, 3 for a magnitude that is none */
export function decodeDeadZone(code: DeadZoneCode, bytes: Address, length: number, h: Address, m: Address): number {
  return withPlan(code, { lambda: 0, room: 0, words: undefined }, (plan) =>
    kernels().decodeDeadZone(length, plan, h, m, bytes),
  );
}

/** q = a·h + Δ·r(m); q may be where h is. */
export function reconstructDeadZone(code: DeadZoneCode, m: Address, h: Address, q: Address): void {
  const { step, first, beyond } = code;
  let at = 0;
  for (const { length, gain } of code.parts) {
    kernels().reconstructDeadZone(length, gain, step, first, beyond, offset(m, at), offset(h, at), offset(q, at));
    at += 4 * length;
  }
}
