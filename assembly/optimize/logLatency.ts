import {
  countOf, couplings, demand, energyShare, energySlope, first, logLatency, logPower, matrix, noise, part, power,
  powerStride, second, sentShare, shares, signal, weights,
} from "./powerWorkspace";
import { addScaled } from "./vector";

/**
 * Upload latencies and a round's energy over y = ln p, where they are convex. With s_k = ln SINR_k, w_kj = C_kj p_j / D_k
 * and L_k = ln(1 + SINR_k), E_k = (P_u p_k + P_c) ℓ_k and E = F + Σ_k E_k:
 *
 *   ln ℓ_k = ln c_k − ln L_k      ∇s_k = e_k − w_k      ∇²s_k = w_k w_k' − diag(w_k)
 *   ∇ ln ℓ_k = −a_k ∇s_k,  a_k = σ_k / L_k,  σ_k = SINR_k / (1 + SINR_k)
 *   ∇² ln ℓ_k = b_k ∇s_k ∇s_k' + a_k (diag(w_k) − w_k w_k'),  b_k = a_k (a_k + σ_k − 1) ≥ 0
 *   ∇ ln E_k = (r_k − a_k) e_k + a_k w_k,  r_k = P_u p_k / (P_u p_k + P_c)
 *   ∇² ln E_k = ∇² ln ℓ_k + r_k (1 − r_k) e_k e_k'
 *   ∇ ln E = Σ_k share_k ∇ ln E_k,  share_k = E_k / E
 *
 * @param logUnit ln(P_u / energy unit)
 * @param circuit P_c / P_u
 * @param fixed F / energy unit
 * @returns ln(E / energy unit)
 */
export function logLatencies(ws: usize, logUnit: f64, circuit: f64, fixed: f64): f64 {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const y = part(ws, logPower);
  const p = part(ws, power);
  const slope = part(ws, energySlope);
  const share = part(ws, energyShare);
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    store<f64>(p + at, NativeMath.exp(load<f64>(y + at)));
  }
  memory.fill(slope, 0, bytes);
  let total = fixed;
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const row = part(ws, couplings) + <usize>k * bytes;
    const out = part(ws, shares) + <usize>k * bytes;
    let sum = f64x2.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const product = f64x2.mul(v128.load(row + j), v128.load(p + j));
      v128.store(out + j, product);
      sum = f64x2.add(sum, product);
    }
    const d = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + load<f64>(part(ws, noise) + at);
    const inverse = f64x2.splat(1 / d);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(out + j, f64x2.mul(inverse, v128.load(out + j)));
    const ratio = (load<f64>(part(ws, signal) + at) * load<f64>(p + at)) / d;
    const l = NativeMath.log1p(ratio);
    const sigma = ratio / (1 + ratio);
    const a = sigma / l;
    store<f64>(part(ws, first) + at, a);
    // a + σ − 1 cancels at low SINR x, where it is x/2 − 7x²/12 …; never negative.
    const rest = ratio < 1e-5 ? ratio * (0.5 - 0.5833333333333334 * ratio) : a + sigma - 1;
    store<f64>(part(ws, second) + at, a * Math.max(0, rest));
    const latency = NativeMath.log(load<f64>(part(ws, demand) + at) / l);
    store<f64>(part(ws, logLatency) + at, latency);
    const own = load<f64>(p + at);
    const logDraw = circuit == 0 ? load<f64>(y + at) : NativeMath.log(own + circuit);
    const sent: f64 = circuit == 0 ? 1 : own / (own + circuit);
    store<f64>(part(ws, sentShare) + at, sent);
    const energy = NativeMath.exp(logUnit + logDraw + latency);
    store<f64>(share + at, energy);
    total += energy;
    addScaled(energy * a, out, slope, stride);
    store<f64>(slope + at, load<f64>(slope + at) + energy * (sent - a));
  }
  const inverse = 1 / total;
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    store<f64>(share + at, load<f64>(share + at) * inverse);
    store<f64>(slope + at, load<f64>(slope + at) * inverse);
  }
  return NativeMath.log(total);
}

/**
 * Hessian of a combination of the functions above, both triangles, rows of `outStride` values:
 *
 *   Σ_k c1_k w_k w_k' + c2_k (e_k w_k' + w_k e_k') + c3_k e_k e_k' + β_k diag(w_k)  −  rankOne · slope slope'
 */
export function combineHessian(ws: usize, rankOne: f64, out: usize, outStride: i32): void {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const outBytes = <usize>outStride << 3;
  const w = part(ws, shares);
  const slope = part(ws, energySlope);
  const c1 = part(ws, weights);
  const c2 = c1 + bytes;
  const c3 = c2 + bytes;
  const beta = c3 + bytes;
  const scratch = part(ws, matrix);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const target = scratch + <usize>i * bytes;
    const length = (<usize>(i + 2) & ~1) << 3;
    const negative = f64x2.splat(-rankOne * load<f64>(slope + at));
    for (let j: usize = 0; j < length; j += 16) v128.store(target + j, f64x2.mul(negative, v128.load(slope + j)));
    let diagonal = load<f64>(c3 + at);
    let k = 0;
    let row = w;
    for (; k + 3 < n; k += 4) {
      const offset = <usize>k << 3;
      const row1 = row + bytes;
      const row2 = row1 + bytes;
      const row3 = row2 + bytes;
      const w0 = load<f64>(row + at);
      const w1 = load<f64>(row1 + at);
      const w2 = load<f64>(row2 + at);
      const w3 = load<f64>(row3 + at);
      const f0 = f64x2.splat(load<f64>(c1 + offset) * w0);
      const f1 = f64x2.splat(load<f64>(c1 + offset, 8) * w1);
      const f2 = f64x2.splat(load<f64>(c1 + offset, 16) * w2);
      const f3 = f64x2.splat(load<f64>(c1 + offset, 24) * w3);
      diagonal += load<f64>(beta + offset) * w0 + load<f64>(beta + offset, 8) * w1 + load<f64>(beta + offset, 16) * w2 +
        load<f64>(beta + offset, 24) * w3;
      for (let j: usize = 0; j < length; j += 16) {
        const low = f64x2.add(f64x2.mul(f0, v128.load(row + j)), f64x2.mul(f1, v128.load(row1 + j)));
        const high = f64x2.add(f64x2.mul(f2, v128.load(row2 + j)), f64x2.mul(f3, v128.load(row3 + j)));
        v128.store(target + j, f64x2.add(v128.load(target + j), f64x2.add(low, high)));
      }
      row = row3 + bytes;
    }
    for (; k < n; k++) {
      const offset = <usize>k << 3;
      const value = load<f64>(row + at);
      diagonal += load<f64>(beta + offset) * value;
      addScaled(load<f64>(c1 + offset) * value, row, target, (i + 2) & ~1);
      row += bytes;
    }
    store<f64>(target + at, load<f64>(target + at) + diagonal);
    const own = w + <usize>i * bytes;
    const factor = load<f64>(c2 + at);
    for (let j = 0; j <= i; j++) {
      const column = <usize>j << 3;
      const value = load<f64>(target + column) + factor * load<f64>(own + column) +
        load<f64>(c2 + column) * load<f64>(w + <usize>j * bytes + at);
      store<f64>(out + <usize>i * outBytes + column, value);
      store<f64>(out + <usize>j * outBytes + at, value);
    }
  }
}
