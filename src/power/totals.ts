import type { Allocation, UploadProblem } from "../config/records.js";

/**
 * The energy Σ E_k (J) of the uploads, with processors of the computation too, the round's latency ℓ_c + max ℓ_k or
 * ℓ_c + max (τ_k + ℓ_k) (s), and how many rounds of that latency and of the energy F + Σ E_k fit into the budgets: below 1
 * where not even one does, 0 if it never ends.
 */
export function totals(
  problem: UploadProblem,
  {
    energy,
    latency,
    computeLatency,
    computeEnergy,
  }: Pick<Allocation, "energy" | "latency" | "computeLatency" | "computeEnergy">,
): { energy: number; latency: number; rounds: number } {
  let joules = 0;
  let slowest = 0;
  for (let k = 0; k < energy.length; k++) {
    joules += energy[k]! + (computeEnergy?.[k] ?? 0);
    slowest = Math.max(slowest, (computeLatency?.[k] ?? 0) + latency[k]!);
  }
  const seconds = problem.computeLatency + slowest;
  const { budgets, fixedEnergy = 0 } = problem;
  const rounds =
    budgets === undefined
      ? Number.POSITIVE_INFINITY
      : Math.min(budgets.energy / (fixedEnergy + joules), budgets.latency / seconds);
  return { energy: joules, latency: seconds, rounds: Number.isFinite(seconds) ? rounds : 0 };
}
