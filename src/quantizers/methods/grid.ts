import type { Address } from "../../../bindings/memory.js";
import { dequantize, quantize, quantizeFloor, type Rounded, type Values } from "../../../bindings/quantize.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import { power } from "./steps.js";

/**
 * Uniform grids on [−R, R]. "mid-rise": 2^b points from −R to R, none of them zero, (k + ½)·2R/(2^b − 1);
 * "mid-tread": 2^b − 1 points from −R to R, zero among them, k·2R/(2^b − 2).
 */
export type GridKind = "mid-rise" | "mid-tread";
export const mostGridBits = 16;

export interface Grid {
  kind: GridKind;
  bits: number;
  /** R, a float32 */
  range: number;
}

/** Distance of neighboring points. */
export function gridStep({ kind, bits, range }: Grid): number {
  return (2 * range) / (power(2, bits) - (kind === "mid-rise" ? 1 : 2));
}

/** The symbols k of x: the nearest point (mid-rise: the upper of two equally near), or one of the two by `words`. */
export function gridSymbols(x: Values, grid: Grid, words: Address | undefined, out: Address): Rounded {
  const step = gridStep(grid);
  const inverse = step === 0 ? 0 : 1 / step;
  const half = power(2, grid.bits - 1);
  if (grid.kind === "mid-rise") {
    const offset = words === undefined ? 0 : -0.5;
    return quantizeFloor(x, { inverse, words }, { offset, lowest: -half, highest: half - 1 }, out);
  }
  if (words === undefined) return quantize(x, { inverse }, out);
  return quantizeFloor(x, { inverse, words }, { lowest: 1 - half, highest: half - 1 }, out);
}

export function gridValues(symbols: Values, grid: Grid, out: Address): void {
  dequantize(symbols, gridStep(grid), grid.kind === "mid-rise" ? 0.5 : 0, out);
}

/** Reads the bits (a byte) and R of a grid. @throws PacketError */
export function readGrid(reader: PacketReader, kind: GridKind): Grid {
  const at = reader.offset();
  const bits = reader.byte("the bits of the grid");
  const least = kind === "mid-rise" ? 1 : 2;
  if (bits < least || bits > mostGridBits) {
    throw new PacketError(at, `a ${kind} grid of ${bits} bits; ${least} … ${mostGridBits} are known`);
  }
  return { kind, bits, range: readMagnitude(reader, "the grid's range") };
}

/** A finite float32 that is not negative. */
export function readMagnitude(reader: PacketReader, what: string): number {
  const at = reader.offset();
  const value = reader.f32(what);
  if (value < 0) throw new PacketError(at, `${what} is ${value}`);
  return value;
}
