import { exp, log, log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, PowerMethod, RateModel, Status, UploadProblem } from "../config/records.js";
import { type Asked, allAlike } from "./allAlike.js";
import { allocation, sinr } from "./cost.js";
import { lowestLogPower, solveGoal, startingPower } from "./epigraph.js";
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
    const direct = costliestAlike(problem, active, workspace, (problem.circuitPower ?? 0) / transmitPower);
    if (direct !== undefined) return direct;
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
 * All clients at the same ln ((p + c) / ln(1 + SINR)), the least that can be, where `allAlike` finds that.
 * @param circuit over P_u
 */
function costliestAlike(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  circuit: number,
): Allocation | undefined {
  const row = (p: number, v: number): Asked => ({ value: log(p + circuit) - v, rise: p / (p + circuit), fall: 1 });
  return alikeFrom(problem, active, workspace, circuit, row, (eta) => log(circuit / eta));
}

/**
 * `allAlike` from equal rates with powers that cost little beside the circuits: there all pay for more efficiency with
 * more power.
 * @param startV v there, η being ln(1 + SINR) and `largest` the largest power
 */
function alikeFrom(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  circuit: number,
  row: (power: number, v: number) => Asked,
  startV: (eta: number, largest: number) => number,
): Allocation | undefined {
  const fair = equalize(workspace);
  const floor = fair.power.map((p) => Math.min(lowestLogPower, log(p)));
  const eta = fair.eta * Math.min(1, 0.3 * circuit);
  const { power: least } = workspace.views();
  least.set(fair.power);
  if (!workspace.minimalPowers(eta, 0)) return undefined;
  const y = Float64Array.from(least, (p, k) => Math.min(0, Math.max(floor[k]!, log(p))));
  const found = allAlike(workspace, row, { y, v: startV(eta, Math.max(...least)), floor });
  if (found === undefined) return undefined;
  const power = new Float64Array(problem.rates.clients);
  active.forEach((k, i) => {
    power[k] = exp(found.y[i]!);
  });
  return allocation(problem, power, { status: "converged", iterations: found.iterations });
}

/**
 * The one step from the ratio λ: max_p min_k [log2(1 + SINR_k) − λ (P_u p_k + 1)], as `parametric` has it, with all
 * clients alike.
 */
function parametricAlike(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  lambda: number,
): Allocation | undefined {
  const { transmitPower } = problem.rates;
  const price = lambda * transmitPower * Math.LN2;
  const row = (p: number, v: number): Asked => {
    const gain = exp(-v);
    const sum = gain + price * p;
    return { value: log(sum), rise: (price * p) / sum, fall: gain / sum };
  };
  const startV = (eta: number, largest: number): number => -log(eta - price * largest);
  return alikeFrom(problem, active, workspace, 1 / transmitPower, row, startV);
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
        if (oneStep) for (const k of active) power[k] = 1;
        const direct = oneStep
          ? parametricAlike(problem, active, workspace, efficiency(rates, active, power))
          : costliestAlike(problem, active, workspace, 1 / rates.transmitPower);
        if (direct !== undefined) return direct;
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
