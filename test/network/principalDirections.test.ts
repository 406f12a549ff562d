import fc from "fast-check";
import { expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { eigenvectors } from "../../src/network/principalDirections.js";

/** A Hermitian matrix W^H W / N of normal W, planar pairs [N·N]. */
function hermitian(N: number, seed: number): Float64Array {
  const w = new Float64Array(2 * N * N);
  stream(seed, "test").fillNormal(w);
  const a = new Float64Array(2 * N * N);
  for (let i = 0; i < N; i++)
    for (let j = 0; j < N; j++)
      for (let m = 0; m < N; m++) {
        const [x, y] = [2 * (m * N + i), 2 * (m * N + j)];
        a[2 * (i * N + j)]! += (w[x]! * w[y]! + w[x + 1]! * w[y + 1]!) / N;
        a[2 * (i * N + j) + 1]! += (w[x]! * w[y + 1]! - w[x + 1]! * w[y]!) / N;
      }
  return a;
}

/** X^H Y, or X^H A Y with A between them. */
function product(x: Float64Array, y: Float64Array, N: number, a?: Float64Array): [number, number][] {
  const entry = (m: Float64Array, i: number, j: number): [number, number] => [
    m[2 * (i * N + j)]!,
    m[2 * (i * N + j) + 1]!,
  ];
  const times = ([p, q]: [number, number], [r, s]: [number, number]): [number, number] => [
    p * r - q * s,
    p * s + q * r,
  ];
  const between = (i: number, j: number): [number, number] => (a === undefined ? [i === j ? 1 : 0, 0] : entry(a, i, j));
  return Array.from({ length: N * N }, (_, at) => {
    const [i, j] = [Math.floor(at / N), at % N];
    let [re, im] = [0, 0];
    for (let m = 0; m < N; m++)
      for (let n = 0; n < N; n++) {
        const [u, v] = entry(x, m, i);
        const [r, s] = times(times([u, -v], between(m, n)), entry(y, n, j));
        re += r;
        im += s;
      }
    return [re, im];
  });
}

const offDiagonal = (m: readonly [number, number][], N: number) =>
  Math.sqrt(m.reduce((sum, [re, im], at) => sum + (Math.floor(at / N) === at % N ? 0 : re * re + im * im), 0));

it("directions are unitary, and nearly those of the eigenvectors", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1e6), (N, seed) => {
      const a = hermitian(N, seed);
      const q = eigenvectors(a.slice(), N);
      // Each of the 2 · N(N − 1)/2 rotations is unitary to a few roundings: 1e-13 is far above, any fault far beyond.
      product(q, q, N).forEach(([re, im], at) => {
        expect(Math.abs(re - (Math.floor(at / N) === at % N ? 1 : 0))).toBeLessThan(1e-13);
        expect(Math.abs(im)).toBeLessThan(1e-13);
      });
      // One rotation is all of a 2 × 2 matrix; a sweep of Jacobi's never increases what stands off the diagonal.
      const before = offDiagonal(product(identity(N), identity(N), N, a), N);
      const after = offDiagonal(product(q, q, N, a), N);
      if (N <= 2) expect(after).toBeLessThan(1e-13 * Math.max(1, before));
      else expect(after).toBeLessThan(before);
    }),
    { numRuns: 60 },
  );
});

function identity(N: number): Float64Array {
  const q = new Float64Array(2 * N * N);
  for (let n = 0; n < N; n++) q[2 * n * (N + 1)] = 1;
  return q;
}
