import { exp, log, log1p } from "../../bindings/math.js";
import type { UploadProblem } from "../config/records.js";

/**
 * Upload latencies over y = log p, where they are convex. With s_k = ln SINR_k, w_kj = C_kj p_j / D_k
 * (C = B̃ with B on its diagonal) and L_k = ln(1 + SINR_k):
 *
 *   ln ℓ_k = ln(S_k ln 2 / W) − ln L_k      ∇s_k = e_k − w_k      ∇² s_k = w_k w_k' − diag(w_k)
 *   ∇ ln ℓ_k = −a_k ∇s_k,  a_k = σ_k / L_k,  σ_k = SINR_k / (1 + SINR_k)
 *   ∇² ln ℓ_k = b_k ∇s_k ∇s_k' + a_k (diag(w_k) − w_k w_k'),  b_k = a_k (a_k + σ_k − 1) ≥ 0
 *
 * so every Hessian that the methods need is a combination of w_k w_k', e_k w_k' + w_k e_k', e_k e_k' and diag(w_k).
 */
export interface LogLatency {
  /** Clients with bits, in this order everywhere */
  readonly active: readonly number[];
  readonly count: number;
  /** ln ℓ_k [count] */
  readonly logLatency: Float64Array;
  /** a_k and b_k [count] */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** w_kj [count × count] */
  readonly w: Float64Array;
  /** Brings everything to y (its first `count` entries); does nothing if it is there already. */
  moveTo(y: Float64Array): void;
}

export function logLatency(problem: UploadProblem, active: readonly number[]): LogLatency {
  const { rates, bits } = problem;
  const n = active.length;
  const couplings = new Float64Array(n * n);
  const signal = new Float64Array(n);
  const noise = new Float64Array(n);
  const logBits = new Float64Array(n);
  active.forEach((k, i) => {
    active.forEach((j, column) => {
      couplings[i * n + column] = rates.interference[k * rates.clients + j]!;
    });
    couplings[i * n + i] = rates.selfInterference[k]!;
    signal[i] = rates.signal[k]!;
    noise[i] = rates.noise[k]!;
    logBits[i] = log((bits[k]! * Math.LN2) / rates.bandwidth);
  });
  const at = new Float64Array(n).fill(Number.NaN);
  const p = new Float64Array(n);
  const self: LogLatency = {
    active,
    count: n,
    logLatency: new Float64Array(n),
    a: new Float64Array(n),
    b: new Float64Array(n),
    w: new Float64Array(n * n),
    moveTo(y) {
      let same = true;
      for (let k = 0; k < n && same; k++) same = y[k] === at[k];
      if (same) return;
      for (let k = 0; k < n; k++) {
        at[k] = y[k]!;
        p[k] = exp(y[k]!);
      }
      for (let k = 0; k < n; k++) {
        const row = k * n;
        let d = noise[k]!;
        for (let j = 0; j < n; j++) {
          const part = couplings[row + j]! * p[j]!;
          self.w[row + j] = part;
          d += part;
        }
        const inverse = 1 / d;
        for (let j = 0; j < n; j++) self.w[row + j] = self.w[row + j]! * inverse;
        const ratio = signal[k]! * p[k]! * inverse;
        const l = log1p(ratio);
        const sigma = ratio / (1 + ratio);
        const a = sigma / l;
        self.logLatency[k] = logBits[k]! - log(l);
        self.a[k] = a;
        // a + σ − 1 cancels at low SINR x, where it is x/2 − x²/3…; it is 0 at worst, never negative.
        self.b[k] = a * Math.max(0, ratio < 1e-5 ? ratio * (0.5 - (7 / 12) * ratio) : a + sigma - 1);
      }
    },
  };
  return self;
}

/**
 * out [stride × stride, the leading count × count part] = Σ_k c1_k w_k w_k' + c2_k (e_k w_k' + w_k e_k') + c3_k e_k e_k' + β_k diag(w_k),
 * both triangles.
 */
export function combineHessian(
  { count: n, w }: LogLatency,
  c1: Float64Array,
  c2: Float64Array,
  c3: Float64Array,
  beta: Float64Array,
  out: Float64Array,
  stride: number,
): void {
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[i * stride + j] = 0;
  for (let k = 0; k < n; k++) {
    const row = k * n;
    for (let i = 0; i < n; i++) {
      const factor = c1[k]! * w[row + i]!;
      const target = i * stride;
      if (factor !== 0) for (let j = 0; j <= i; j++) out[target + j] = out[target + j]! + factor * w[row + j]!;
      out[target + i] = out[target + i]! + beta[k]! * w[row + i]!;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = out[i * stride + j]! + c2[i]! * w[i * n + j]! + c2[j]! * w[j * n + i]! + (i === j ? c3[i]! : 0);
      out[i * stride + j] = value;
      out[j * stride + i] = value;
    }
  }
}
