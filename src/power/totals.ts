import type { Allocation, UploadProblem } from "../config/records.js";

/**
 * The uploads' energy Σ E_k (J), the round's latency ℓ_c + max ℓ_k (s), and how many rounds of that latency and of the
 * energy F + Σ E_k fit into the budgets: below 1 where not even one does, 0 if it never ends.
 */
export function totals(
  problem: UploadProblem,
  { energy, latency }: Pick<Allocation, "energy" | "latency">,
): { energy: number; latency: number; rounds: number } {
  let joules = 0;
  let slowest = 0;
  for (let k = 0; k < energy.length; k++) {
    joules += energy[k]!;
    slowest = Math.max(slowest, latency[k]!);
  }
  const seconds = problem.computeLatency + slowest;
  const { budgets, fixedEnergy = 0 } = problem;
  const rounds =
    budgets === undefined
      ? Number.POSITIVE_INFINITY
      : Math.min(budgets.energy / (fixedEnergy + joules), budgets.latency / seconds);
  return { energy: joules, latency: seconds, rounds: Number.isFinite(seconds) ? rounds : 0 };
}
