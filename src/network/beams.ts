import { innerProduct, outerProduct, quadraticForm, squaredNorm, traceOfProduct } from "./complex.js";
import type { Estimates } from "./estimates.js";
import type { Network } from "./network.js";

/**
 * What an access point sends of one signal, in the units of `Estimates`: w = Σ_t U_t y_t + Σ_j b_j h̄_j e^{iθ_j}, y_t the
 * whitened pilots, θ_j the phases of the lines of sight, which the access point knows.
 */
export interface Beam {
  accessPoint: number;
  /** Pilots whose estimates it holds, and for each of them U [N·N] and U U^H */
  pilots: readonly { pilot: number; matrix: Float64Array; outer: Float64Array }[];
  /** Lines of sight in it: client, and b */
  lines: readonly { client: number; amplitude: number }[];
}

/**
 * The beam Σ_j c_j ĥ_j, scaled to a power.
 * @param options.members the clients j
 * @param options.amplitude c [L·K]
 * @param options.power of the coefficient 1 of the uplink
 */
export function beamOf(
  { clients: K, antennas: N, pilotIndex }: Network,
  { estimator, lineOfSight }: Estimates,
  options: { accessPoint: number; members: readonly number[]; amplitude: Float64Array; power: number },
): Beam {
  const { accessPoint: l, members, amplitude, power } = options;
  const matrices = new Map<number, Float64Array>();
  let norm = 0;
  for (const j of members) {
    const pilot = pilotIndex[j]!;
    const matrix = matrices.get(pilot) ?? new Float64Array(2 * N * N);
    matrices.set(pilot, matrix);
    const [from, weight] = [2 * (l * K + j) * N * N, amplitude[l * K + j]!];
    for (let i = 0; i < matrix.length; i++) matrix[i]! += weight * estimator[from + i]!;
    if (lineOfSight !== undefined) norm += weight * weight * squaredNorm(lineOfSight, l * K + j, N);
  }
  for (const matrix of matrices.values()) norm += squaredNorm(matrix, 0, N * N);
  const scale = Math.sqrt(power / norm);
  const pilots = [...matrices].map(([pilot, unscaled]) => {
    const matrix = unscaled.map((value) => scale * value);
    const outer = new Float64Array(2 * N * N);
    outerProduct(matrix, 0, N, outer);
    return { pilot, matrix, outer };
  });
  const lines = members.map((client) => ({ client, amplitude: scale * amplitude[l * K + client]! }));
  return { accessPoint: l, pilots, lines: lineOfSight === undefined ? [] : lines };
}

/**
 * What every client receives of a signal, the beams of different access points being independent: |Σ_l E[h_kl^H w_l]|²
 * and Σ_l E|h_kl^H w_l|² − |E[h_kl^H w_l]|² [K], in multiples of the noise. With h_kl = g + h̄_k e^{iθ_k} and B = Σ_t U_t U_t^H
 * the mean is tr(U_t^H W_kl), t the pilot of k, and b_k ‖h̄_k‖² more; the rest is
 *
 *   tr(B R_kl) + h̄_k^H B h̄_k + Σ_j b_j² h̄_j^H R_kl h̄_j + Σ_{j≠k} b_j² |h̄_k^H h̄_j|²
 *
 * (maximumRatio.ts, with the cross terms of the estimates on one pilot).
 */
export function receivedBy(
  { clients: K, antennas: N, pilotIndex }: Network,
  { covariance, means, lineOfSight: h }: Estimates,
  beams: readonly Beam[],
): { coherent: Float64Array; spread: Float64Array } {
  const [re, im, spread] = [new Float64Array(K), new Float64Array(K), new Float64Array(K)];
  for (const { accessPoint: l, pilots, lines } of beams) {
    for (let k = 0; k < K; k++) {
      const own = l * K + k;
      for (const { pilot, matrix, outer } of pilots) {
        spread[k]! += traceOfProduct(outer, 0, covariance, own, N);
        if (h !== undefined) spread[k]! += quadraticForm(outer, 0, h, own, N);
        if (pilot !== pilotIndex[k]) continue;
        const [real, imaginary] = innerProduct(matrix, 0, means, own * N * N, N * N);
        re[k]! += real;
        im[k]! += imaginary;
      }
      if (h === undefined) continue;
      for (const { client: j, amplitude } of lines) {
        spread[k]! += amplitude * amplitude * quadraticForm(covariance, own, h, l * K + j, N);
        if (j === k) re[k]! += amplitude * squaredNorm(h, own, N);
        else {
          const [real, imaginary] = innerProduct(h, own * N, h, (l * K + j) * N, N);
          spread[k]! += amplitude * amplitude * (real * real + imaginary * imaginary);
        }
      }
    }
  }
  return { coherent: re.map((value, k) => value * value + im[k]! * im[k]!), spread };
}
