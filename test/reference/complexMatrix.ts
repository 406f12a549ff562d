import { complex, type Matrix, matrix, type Complex as Scalar } from "mathjs";
import type { Complex } from "../../bindings/matrix.js";
import { type Stream, stream } from "../../bindings/random.js";

/** A row-major block of planes as a mathjs matrix. */
export function toMath(a: Complex, rows: number, columns: number, offset = 0): Matrix {
  const at = (i: number) => complex(a.re[offset + i]!, a.im[offset + i]!);
  return matrix(
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => at(i * columns + j))),
  ) as Matrix;
}

export function fromMath(a: Matrix): Complex {
  const flat = (a.toArray() as (Scalar | number)[][]).flat();
  return {
    re: Float64Array.from(flat, (z) => (typeof z === "number" ? z : z.re)),
    im: Float64Array.from(flat, (z) => (typeof z === "number" ? 0 : z.im)),
  };
}

export function randomComplex(length: number, random: Stream = stream(1, "test")): Complex {
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  random.fillNormal(re);
  random.fillNormal(im);
  return { re, im };
}

/** G G^H + shift·I of a random G [n·n]: Hermitian positive definite. */
export function randomHermitian(n: number, random: Stream, shift = 0.1): Complex {
  const g = randomComplex(n * n, random);
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) {
        const [a, b, c, d] = [g.re[i * n + k]!, g.im[i * n + k]!, g.re[j * n + k]!, g.im[j * n + k]!];
        re[i * n + j]! += a * c + b * d + (i === j && k === 0 ? shift : 0);
        im[i * n + j]! += i === j ? 0 : b * c - a * d;
      }
  return { re, im };
}

/** Largest difference over the largest magnitude of `b`. */
export function relativeDifference(a: Complex, b: Complex): number {
  let worst = 0;
  let scale = 0;
  for (let i = 0; i < b.re.length; i++) {
    worst = Math.max(worst, Math.hypot(a.re[i]! - b.re[i]!, a.im[i]! - b.im[i]!));
    scale = Math.max(scale, Math.hypot(b.re[i]!, b.im[i]!));
  }
  return worst / scale;
}
