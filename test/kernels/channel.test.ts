import { add, ctranspose, identity, inv, type Matrix, multiply, subtract } from "mathjs";
import { describe, expect, it } from "vitest";
import { mmseEstimation } from "../../bindings/channel.js";
import type { Complex } from "../../bindings/matrix.js";
import { stream } from "../../bindings/random.js";
import { fromMath, randomHermitian, relativeDifference, toMath } from "../reference/complexMatrix.js";

/** A problem with random correlation matrices, some gains far below the noise and some far above. */
function problem(K: number, L: number, N: number, pilots: number, correlated: boolean) {
  const random = stream(1, "test", K, L, N);
  const gain = Float64Array.from({ length: K * L }, () => 10 ** (6 * random.uniform() - 3));
  const pilotIndex = Int32Array.from({ length: K }, (_, k) => k % pilots);
  const blocks = Array.from({ length: K * L }, () => randomHermitian(N, random));
  const correlation: Complex = {
    re: Float64Array.from(blocks.flatMap((b) => [...b.re])),
    im: Float64Array.from(blocks.flatMap((b) => [...b.im])),
  };
  return { clients: K, accessPoints: L, antennas: N, gain, pilotIndex, pilots, ...(correlated ? { correlation } : {}) };
}

describe("MMSE estimation", () => {
  it.each([
    [3, 1, 1, 2, true],
    [5, 3, 2, 2, true],
    [4, 2, 3, 3, true],
    [6, 3, 4, 2, true],
    [3, 2, 5, 1, true],
    [5, 3, 4, 2, false],
  ])("K = %i, L = %i, N = %i, τ_p = %i equals R − τ_p R Ψ⁻¹ R of mathjs", (K, L, N, pilots, correlated) => {
    const p = problem(K, L, N, pilots, correlated);
    const { error } = mmseEstimation(p);
    const r = (k: number, l: number): Matrix =>
      multiply(
        p.gain[k * L + l]!,
        p.correlation ? toMath(p.correlation, N, N, (k * L + l) * N * N) : (identity(N) as Matrix),
      ) as Matrix;
    for (let l = 0; l < L; l++)
      for (let k = 0; k < K; k++) {
        let psi = identity(N) as Matrix;
        for (let i = 0; i < K; i++) if (i % pilots === k % pilots) psi = add(psi, multiply(pilots, r(i, l))) as Matrix;
        const b = multiply(pilots, multiply(multiply(r(k, l), inv(psi)), ctranspose(r(k, l)))) as Matrix;
        const expected = fromMath(subtract(r(k, l), b) as Matrix);
        const block = error.subarray(2 * (l * K + k) * N * N, 2 * (l * K + k + 1) * N * N);
        const part = { re: block.filter((_, i) => i % 2 === 0), im: block.filter((_, i) => i % 2 === 1) };
        // C is a difference of numbers of the size of R, each right to cond(Ψ) roundings at most; cond(Ψ) < 1e7 here
        // where C is near R, and relative to R the cancellation leaves 1e-16 times a small multiple of N.
        const scale = Math.max(...fromMath(r(k, l)).re.map(Math.abs)) / Math.max(...expected.re.map(Math.abs));
        expect(relativeDifference(part, expected)).toBeLessThan(1e-13 * N * Math.max(1, scale));
      }
  });
});
