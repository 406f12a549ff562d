import { exp, log, log1p } from "../../bindings/math.js";
import type { Allocation, PowerMethod, RateModel, Status, UploadProblem } from "../config/records.js";
import { allocation, sinr } from "./cost.js";
import { solveGoal, startingPower } from "./epigraph.js";
import type { Method } from "./method.js";
import { equalize } from "./minMax.js";
import { parametric } from "./parametric.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

export const dinkelbachMethod: Method = {
  name: "dinkelbach",
  title: "Dinkelbach",
  settings: {},
  create: dinkelbach,
};

export const dinkelbachOneStepMethod: Method = {
  name: "dinkelbach-one-step",
  title: "Dinkelbach, one step",
  settings: {},
  create: dinkelbachOneStep,
};

/**
 * Max–min energy efficiency, max_p min_k log2(1 + SINR_k) / (P_u p_k + 1), by the generalized Dinkelbach algorithm
 * (Crouzeix, Ferland, Schaible, JOTA 1985): with
 *
 *   F(λ) = max_p min_k [log2(1 + SINR_k(p)) − λ (P_u p_k + 1)]  attained at p_λ,
 *
 * λ ← min_k log2(1 + SINR_k(p_λ)) / (P_u p_λk + 1) until F at the old λ is 0, which only the best ratio gives.
 * λ starts at the ratio of max–min fairness.
 *
 * The 1 is 1 W, which the literature puts in the place of a circuit power. Where the problem has one, P_c stands there,
 * and the ratio is what a client sends for a billed joule. Its inverse is then made small directly: with S_k = 1 bit it
 * is E_k, and min v subject to v ≥ ln E_k over y = ln p is convex and free of the small differences that λ lives on.
 */
export function dinkelbach(): PowerMethod {
  const published = iterated("dinkelbach", false);
  return {
    name: "dinkelbach",
    minimizes: "energy a bit incl. circuit power (1 W where there is none) of the costliest client",
    allocate: (problem, previous) =>
      (problem.circuitPower ?? 0) > 0 ? leastEnergyPerBit(problem, previous) : published.allocate(problem, previous),
  };
}

function leastEnergyPerBit(problem: UploadProblem, previous: Float64Array | undefined): Allocation {
  const active = senders(problem);
  const answer = trivialAllocation(problem, active);
  if (answer !== undefined) return answer;
  return withWorkspace(problem, active, (workspace) => {
    workspace.views().demand.fill(1);
    const { transmitPower } = problem.rates;
    return solveGoal(
      problem,
      active,
      workspace,
      { rows: { of: "energy" }, energyUnit: transmitPower, objective: { energyRow: false } },
      startingPower(workspace, active, previous),
    );
  });
}

/**
 * The variant in the public code of arXiv 2412.10878: F is evaluated at the new λ, where it is 0 by definition, so that
 * the iteration always ends after its first step, from the ratio of full power. The 1 W stays, whatever the circuit power.
 */
export function dinkelbachOneStep(): PowerMethod {
  return {
    ...iterated("dinkelbach-one-step", true),
    minimizes: "energy a bit with 1 W of circuit power, of the costliest client, by one step",
  };
}

function iterated(name: string, oneStep: boolean): PowerMethod {
  return {
    name,
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const { rates } = problem;
        const power = new Float64Array(rates.clients);
        workspace.views().demand.fill(1);
        const fair = equalize(workspace).power;
        active.forEach((k, i) => {
          power[k] = oneStep ? 1 : fair[i]!;
        });
        let lambda = efficiency(rates, active, power);
        let y: Float64Array = Float64Array.from(fair, log);
        let status: Status = oneStep ? "converged" : "iteration-limit";
        let reason: string | undefined;
        let iterations = 0;
        while (iterations < (oneStep ? 1 : 50)) {
          iterations++;
          const inner = parametric(workspace, lambda, rates.transmitPower, y);
          y = inner.y;
          active.forEach((k, i) => {
            power[k] = exp(y[i]!);
          });
          if (inner.status !== "converged") {
            status = inner.status;
            reason = `the parametric problem: ${inner.reason}`;
            break;
          }
          const next = efficiency(rates, active, power);
          // F(λ) = max min (N − λD) is at most D_max (next − λ): no more to gain than rounding.
          if (!(next > lambda * (1 + 1e-12))) {
            status = "converged";
            break;
          }
          lambda = next;
        }
        return allocation(problem, power, { status, iterations, ...(reason === undefined ? {} : { reason }) });
      });
    },
  };
}

/** min_k log2(1 + SINR_k) / (P_u p_k + 1) over the active clients. */
function efficiency(rates: RateModel, active: readonly number[], power: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const k of active) {
    least = Math.min(least, (Math.LOG2E * log1p(sinr(rates, power, k))) / (rates.transmitPower * power[k]! + 1));
  }
  return least;
}
