import { add, complex, inv, type Matrix, matrix, multiply } from "mathjs";
import { stream } from "../../bindings/random.js";
import type { createNetwork } from "../../src/network/index.js";

/** The radio's computations in mathjs: complex matrices as objects. */

export function toMath(a: { re: Float64Array; im: Float64Array }, n: number): Matrix {
  return matrix(
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => complex(a.re[i * n + j]!, a.im[i * n + j]!)),
    ),
  ) as Matrix;
}

/** P-MMSE's solve of one realization per client with mathjs: Gram, noise, inverse, product. */
export function mathPartialMmse(network: ReturnType<typeof createNetwork>, realizations: number): void {
  const { clients: K, accessPoints: L, antennas: N, serves } = network;
  const numbers = new Float64Array(2 * K * L * N);
  stream(1, "probe").fillNormal(numbers);
  for (let r = 0; r < realizations; r++)
    for (let k = 0; k < K; k++) {
      const aps = Array.from({ length: L }, (_, l) => l).filter((l) => serves[k * L + l]);
      const size = aps.length * N;
      const h = matrix(
        Array.from({ length: size }, (_, a) =>
          Array.from({ length: K }, (_, i) => complex(numbers[(a * K + i) * 2]!, numbers[(a * K + i) * 2 + 1]!)),
        ),
      ) as Matrix;
      const adjoint = matrix(
        Array.from({ length: K }, (_, i) =>
          Array.from({ length: size }, (_, a) => complex(numbers[(a * K + i) * 2]!, -numbers[(a * K + i) * 2 + 1]!)),
        ),
      ) as Matrix;
      const identity = toMath(
        {
          re: Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
          im: new Float64Array(size * size),
        },
        size,
      );
      const v = multiply(inv(add(multiply(h, adjoint), identity) as Matrix), h) as Matrix;
      multiply(adjoint, v);
    }
}

/** MMSE estimation of all clients at `count` access points that are alike. */
export function mathEstimation(one: { re: Float64Array; im: Float64Array }, problem: EstimationProblem, count: number) {
  const { clients: K, accessPoints: L, antennas: N, gain, pilotIndex, pilots } = problem;
  const r = toMath(one, N);
  const identity = toMath(
    { re: Float64Array.from({ length: N * N }, (_, i) => (i % (N + 1) === 0 ? 1 : 0)), im: new Float64Array(N * N) },
    N,
  );
  for (let l = 0; l < count; l++) {
    const scaled = Array.from({ length: K }, (_, k) => multiply(gain[k * L + l]!, r) as Matrix);
    for (let t = 0; t < pilots; t++) {
      const mates = scaled.filter((_, k) => pilotIndex[k] === t);
      let psi = identity;
      for (const x of mates) psi = add(psi, multiply(pilots, x)) as Matrix;
      const inverse = inv(psi);
      for (const x of mates) add(x, multiply(-pilots, multiply(multiply(x, inverse), x)));
    }
  }
}

interface EstimationProblem {
  clients: number;
  accessPoints: number;
  antennas: number;
  gain: Float64Array;
  pilotIndex: Int32Array;
  pilots: number;
}
