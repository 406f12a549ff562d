import { stream } from "../../../bindings/random.js";
import type { QuantizerMemory, TensorSlice } from "../../config/records.js";

/** A matrix that a part of an update is read as, row by row; with no columns worth a product it travels as it is. */
export interface MatrixPart {
  offset: number;
  /** Entries of the update in it: rows · columns, or fewer of one that is padded with zeros */
  length: number;
  rows: number;
  columns: number;
  /** r; 0 of a part that travels as it is, since P and Q would be no fewer numbers */
  rank: number;
}

/**
 * The matrices of an update: a tensor's last dimension are the columns, the others the rows (a convolution's filters,
 * the units of a dense layer). Of an update of unknown tensors one matrix, as square as can be.
 */
export function matricesOf(tensors: readonly TensorSlice[], entries: number, rank: number): MatrixPart[] {
  if (tensors.length === 0) {
    const columns = Math.max(1, Math.ceil(Math.sqrt(entries)));
    return entries === 0 ? [] : [matrix(0, entries, columns, rank)];
  }
  return tensors.map(({ shape, offset, length }) => matrix(offset, length, shape.at(-1) ?? 1, rank));
}

export function matrix(offset: number, length: number, columns: number, rank: number): MatrixPart {
  const rows = Math.ceil(length / columns);
  const pays = rank * (rows + columns) < length;
  return { offset, length, rows, columns, rank: pays ? rank : 0 };
}

/** P = M Q, [rows][r]; M over `scale`. */
export function project(m: Float32Array, part: MatrixPart, scale: number, q: ArrayLike<number>): Float64Array {
  const { offset, length, columns, rows, rank } = part;
  const p = new Float64Array(rows * rank);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns && at < length; j++, at++) {
      const value = (m[offset + at] as number) * inverse;
      for (let k = 0; k < rank; k++) p[i * rank + k] = p[i * rank + k]! + value * (q[j * rank + k] as number);
    }
  }
  return p;
}

/** Q = Mᵀ P, [columns][r]. */
export function projectBack(m: Float32Array, part: MatrixPart, scale: number, p: ArrayLike<number>): Float64Array {
  const { offset, length, columns, rows, rank } = part;
  const q = new Float64Array(columns * rank);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns && at < length; j++, at++) {
      const value = (m[offset + at] as number) * inverse;
      for (let k = 0; k < rank; k++) q[j * rank + k] = q[j * rank + k]! + value * (p[i * rank + k] as number);
    }
  }
  return q;
}

/** P Qᵀ · scale into the part's place. */
export function expand(
  part: MatrixPart,
  scale: number,
  p: ArrayLike<number>,
  q: ArrayLike<number>,
  out: Float32Array,
): void {
  const { offset, length, columns, rows, rank } = part;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns && at < length; j++, at++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += (p[i * rank + k] as number) * (q[j * rank + k] as number);
      out[offset + at] = held(sum * scale);
    }
  }
}

/** The columns made orthonormal, by Gram–Schmidt twice over; one that depends on those before it becomes zero. */
export function orthonormalize(p: Float64Array, rows: number, rank: number): void {
  const along = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += p[i * rank + a]! * p[i * rank + b]!;
    return sum;
  };
  for (let k = 0; k < rank; k++) {
    const before = Math.sqrt(along(k, k));
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < k; l++) {
        const share = along(l, k);
        for (let i = 0; i < rows; i++) p[i * rank + k] = p[i * rank + k]! - share * p[i * rank + l]!;
      }
    }
    const norm = Math.sqrt(along(k, k));
    const inverse = norm > 1e-10 * before ? 1 / norm : 0;
    for (let i = 0; i < rows; i++) p[i * rank + k] = p[i * rank + k]! * inverse;
  }
}

/** Q of the round before, or the one that all begin with. */
export function lastQ(memory: QuantizerMemory, seed: number, index: number, part: MatrixPart): Float32Array {
  const kept = memory.get(`powersgd.${index}`) as Float32Array | undefined;
  return kept?.length === part.columns * part.rank ? kept : firstQ(seed, index, part);
}

/** For the round after. A column of zeros, of a matrix of lower rank, would stay so: it begins anew. */
export function keepQ(memory: QuantizerMemory, seed: number, index: number, part: MatrixPart, q: Float32Array): void {
  const kept = q.slice();
  const anew = firstQ(seed, index, part);
  for (let k = 0; k < part.rank; k++) {
    let empty = true;
    for (let j = k; j < q.length; j += part.rank) empty &&= q[j] === 0;
    for (let j = k; empty && j < q.length; j += part.rank) kept[j] = anew[j] as number;
  }
  memory.set(`powersgd.${index}`, kept);
}

/** Where a matrix begins, before there is a Q of the round before: normal numbers that all ends draw. */
function firstQ(seed: number, index: number, { columns, rank }: MatrixPart): Float32Array {
  const q = new Float32Array(columns * rank);
  stream(seed, "rotation", 0, index, 1).fillNormal(q);
  return q;
}

export function held(x: number): number {
  return Math.max(-3.4028234663852886e38, Math.min(3.4028234663852886e38, x));
}
