import { exp } from "../../bindings/math.js";
import type { PowerMethod } from "../config/records.js";
import { allocation, priceUpload } from "./cost.js";
import { lowestLogPower, solveGoal, startingPower } from "./epigraph.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

/**
 * The paper's joint energy–latency problem by SQP (Mahmoudi, Xiao, Björnson, IEEE TMLCN 2025):
 *
 *   min α Σ_k E_k / E_0 + (1 − α) e^v / ℓ_0  subject to  v ≥ ln ℓ_k  over y = ln p, v
 *
 * E_0 and ℓ_0 are the energy and latency of the min–max solution, which is also the cold start; what is minimized is the
 * logarithm of this, which has the same minimizer and is better conditioned towards both ends. α = 0 is min–max latency.
 * α = 1 is least energy, which needs no search: every energy grows with every power, so all powers are the least allowed.
 */
export function joint({ alpha }: { alpha: number }): PowerMethod {
  return {
    name: "joint",
    allocate(problem, previous) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const reference = equalize(workspace);
        const power = new Float64Array(problem.rates.clients);
        active.forEach((k, i) => {
          power[k] = alpha === 1 ? exp(lowestLogPower) : reference.power[i]!;
        });
        if (alpha === 0 || alpha === 1)
          return allocation(problem, power, { status: "converged", iterations: reference.iterations });
        const { energy, latency } = priceUpload(problem, power);
        let total = 0;
        let slowest = 0;
        for (const k of active) {
          total += energy[k]!;
          slowest = Math.max(slowest, latency[k]!);
        }
        return solveGoal(
          problem,
          active,
          workspace,
          {
            latency: { offset: 0, unit: slowest },
            energyUnit: total,
            objective: { energyWeight: alpha, latencyWeight: 1 - alpha },
          },
          previous === undefined ? reference.power : startingPower(workspace, active, previous),
        );
      });
    },
  };
}
