/** ln of upload latencies and of a round's energy F + Σ (p_k + circuit) ℓ_k over y = ln p, and their derivatives, written out plainly. */
export interface PlainModel {
  /** C [n][n], self-interference on the diagonal */
  couplings: number[][];
  signal: number[];
  noise: number[];
  demand: number[];
}

export function plainLatencies(
  { couplings, signal, noise, demand }: PlainModel,
  y: readonly number[],
  { circuit = 0, fixed = 0 } = {},
) {
  const p = y.map(Math.exp);
  const disturbance = couplings.map((row, k) => row.reduce((sum, c, j) => sum + c * p[j]!, noise[k]!));
  const ratio = signal.map((a, k) => (a * p[k]!) / disturbance[k]!);
  const shares = couplings.map((row, k) => row.map((c, j) => (c * p[j]!) / disturbance[k]!));
  const latency = demand.map((c, k) => c / Math.log1p(ratio[k]!));
  const first = ratio.map((x) => x / (1 + x) / Math.log1p(x));
  const second = ratio.map((x, k) => first[k]! * (first[k]! + x / (1 + x) - 1));
  const sent = p.map((own) => own / (own + circuit));
  const energy = latency.map((l, k) => l * (p[k]! + circuit));
  const total = energy.reduce((sum, e) => sum + e, fixed);
  const slopes = p.map((_, k) => p.map((_, j) => (k === j ? sent[k]! - first[k]! : 0) + first[k]! * shares[k]![j]!)); // of ln E_k
  const slope = p.map((_, j) => energy.reduce((sum, e, k) => sum + (e / total) * slopes[k]![j]!, 0));
  return { shares, latency, first, second, sent, energy, total, slope };
}

/** Σ_k c1_k w_k w_k' + c2_k (e_k w_k' + w_k e_k') + c3_k e_k e_k' + β_k diag(w_k) − rankOne · slope slope'. */
export function plainHessian(
  w: readonly (readonly number[])[],
  [c1, c2, c3, beta]: readonly (readonly number[])[],
  rankOne: number,
  slope: readonly number[],
): number[][] {
  const n = w.length;
  const e = (k: number, i: number): number => (k === i ? 1 : 0);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => {
      let sum = -rankOne * slope[i]! * slope[j]!;
      for (let k = 0; k < n; k++) {
        sum += c1![k]! * w[k]![i]! * w[k]![j]!;
        sum += c2![k]! * (e(k, i) * w[k]![j]! + w[k]![i]! * e(k, j));
        sum += c3![k]! * e(k, i) * e(k, j);
        if (i === j) sum += beta![k]! * w[k]![i]!;
      }
      return sum;
    }),
  );
}
