import type { Address } from "../../../bindings/memory.js";
import {
  dequantize,
  quantize,
  quantizeFloor,
  quantizeQuotient,
  type Rounded,
  type Values,
} from "../../../bindings/quantize.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import { power } from "./steps.js";

/**
 * Uniform grids on [−R, R]. "mid-rise": 2^b points from −R to R, none of them zero, (k + ½)·2R/(2^b − 1);
 * "mid-tread": 2^b − 1 points from −R to R, zero among them, k·2R/(2^b − 2);
 * "half-even": k·2R/(2^b − 1), zero among them, k rounded half to even and not clipped. ±R lie on ties, whose even
 * neighbor is half a step beyond: 2^b + 1 points, of one bit zero alone.
 */
export type GridKind = "mid-rise" | "mid-tread" | "half-even";
export const mostGridBits = 16;

export interface Grid {
  kind: GridKind;
  bits: number;
  /** R, a float32 */
  range: number;
}

/** Distance of neighboring points. */
export function gridStep({ kind, bits, range }: Grid): number {
  return (2 * range) / (power(2, bits) - (kind === "mid-tread" ? 2 : 1));
}

/** The smallest and the largest k that a grid's encoder can give. */
export function gridLimits({ kind, bits }: Pick<Grid, "kind" | "bits">): readonly [lowest: number, highest: number] {
  const half = power(2, bits - 1);
  if (kind === "half-even") return bits === 1 ? [0, 0] : [-half, half];
  return [kind === "mid-rise" ? -half : 1 - half, half - 1];
}

/** The symbols k of x: the nearest point (mid-rise: the upper of two equally near), or one of the two by `words`. */
export function gridSymbols(x: Values, grid: Grid, words: Address | undefined, out: Address): Rounded {
  const step = gridStep(grid);
  const inverse = step === 0 ? 0 : 1 / step;
  const [lowest, highest] = gridLimits(grid);
  if (grid.kind === "mid-rise") {
    const offset = words === undefined ? 0 : -0.5;
    return quantizeFloor(x, { inverse, words }, { offset, lowest, highest }, out);
  }
  if (grid.kind === "half-even") {
    const { bits, range } = grid;
    return quantizeQuotient(x, range === 0 ? 0 : power(2, bits) - 1, range === 0 ? 1 : 2 * range, out);
  }
  if (words === undefined) return quantize(x, { inverse }, out);
  return quantizeFloor(x, { inverse, words }, { lowest, highest }, out);
}

export function gridValues(symbols: Values, grid: Grid, out: Address): void {
  dequantize(symbols, gridStep(grid), grid.kind === "mid-rise" ? 0.5 : 0, out);
}

/** Reads the bits (a byte) and R of a grid. @throws PacketError */
export function readGrid(reader: PacketReader, kind: GridKind): Grid {
  const at = reader.offset();
  const bits = reader.byte("the bits of the grid");
  const least = kind === "mid-tread" ? 2 : 1;
  if (bits < least || bits > mostGridBits) {
    throw new PacketError(at, `a ${kind} grid of ${bits} bits; ${least} … ${mostGridBits} are known`);
  }
  return { kind, bits, range: readMagnitude(reader, "the grid's range") };
}

/** A finite float32 that is not negative, and not −0, which no magnitude is. */
export function readMagnitude(reader: PacketReader, what: string): number {
  const at = reader.offset();
  const value = reader.f32(what);
  if (value < 0 || Object.is(value, -0)) throw new PacketError(at, `${what} is ${Object.is(value, -0) ? "−0" : value}`);
  return value;
}
