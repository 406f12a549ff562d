import { InputError } from "../config/errors.js";
import type { PowerMethod } from "../config/records.js";
import { solveGoal, startingPower } from "./epigraph.js";
import { joint } from "./joint.js";
import { minMax } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

/**
 * Most rounds within the budgets (Mahmoudi, Zaher, Björnson, IEEE OJCOMS 2025, second scheme), by SQP:
 *
 *   min v  subject to  v ≥ ln(Σ_k E_k / E_budget),  v ≥ ln((ℓ_c + ℓ_k) / ℓ_budget)  over y = ln p, v
 *
 * About e^{−v} rounds fit. Convex in y, so that the answer is the global one. Without an energy budget it is the least
 * latency, without a latency budget the least energy, both of which are exact.
 */
export function mostRounds(): PowerMethod {
  return {
    name: "most-rounds",
    allocate(problem, previous) {
      const { budgets, computeLatency } = problem;
      if (budgets === undefined)
        throw new InputError("budgets", 'missing; "most-rounds" needs an energy and a latency budget');
      if (budgets.energy === Number.POSITIVE_INFINITY) return minMax().allocate(problem);
      if (budgets.latency === Number.POSITIVE_INFINITY) return joint({ alpha: 1 }).allocate(problem);
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) =>
        solveGoal(
          problem,
          active,
          workspace,
          {
            latency: { offset: computeLatency, unit: budgets.latency },
            energyUnit: budgets.energy,
            objective: { energyRow: true },
          },
          startingPower(workspace, active, previous),
        ),
      );
    },
  };
}
