import { expm1 } from "../../bindings/math.js";
import { InputError } from "../config/errors.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import type { InteriorGoal } from "./byInterior.js";
import { allocation } from "./cost.js";
import { fastestTogether, isIdle, measure, referenceRound, solveTogether } from "./frequencies.js";
import type { Method } from "./method.js";

export const jointComputationMethod: Method = {
  name: "joint-computation",
  title: "joint communication and computation",
  settings: {
    rounds: {
      default: 40,
      minimum: 1,
      summary: "a round's energy is the energy budget over so many rounds, where the problem has no roundEnergy",
    },
  },
  create: ({ rounds }) => jointComputation({ rounds: rounds as number }),
};

/**
 * Joint communication and computation (Vu et al., "Cell-Free Massive MIMO for Wireless Federated Learning", IEEE TWC
 * 2020; the third comparison of Mahmoudi, Zaher, Björnson, IEEE OJCOMS 2025):
 *
 *   min max_k (w_k / f_k + ℓ_k)  subject to  F + Σ_k (½ α_k w_k f_k² + E_k) ≤ a round's energy
 *
 * over powers and, where the problem has processors, frequencies; each client's energy within `clientEnergy` too, where
 * that is given. Convex in (ln p, ln f), so that the answer is the global one.
 */
export function jointComputation({ rounds }: { rounds: number }): PowerMethod {
  return {
    name: "joint-computation",
    minimizes: "latency of computation and upload, within a round's energy incl. circuit power",
    allocate(problem) {
      if (isIdle(problem))
        return allocation(problem, new Float64Array(problem.rates.clients), { status: "converged", iterations: 0 });
      const limit = roundEnergyOf(problem, rounds);
      const { clientEnergy } = problem;
      if (limit === Number.POSITIVE_INFINITY && clientEnergy === undefined) return fastestTogether(problem);
      const { energy, latency } = referenceRound(problem);
      const bounded = Number.isFinite(limit);
      const energyUnit = bounded ? limit : energy;
      const limits: Pick<InteriorGoal, "energyUnit" | "clientEnergy"> = {
        energyUnit,
        ...(clientEnergy === undefined ? {} : { clientEnergy: { limit: clientEnergy, shared: false } }),
      };
      const found = solveTogether(problem, {
        ...{ ...limits, latencyUnit: latency, latency: { offset: problem.computeLatency } },
        ...{ energy: bounded ? "limited" : { weight: 1e-11 }, objective: "v" },
      });
      return found.status === "converged" || found.status === "infeasible"
        ? found
        : (beyondReach(problem, limits, bounded, limit) ?? found);
    },
  };
}

function roundEnergyOf({ roundEnergy, clientEnergy, budgets }: UploadProblem, rounds: number): number {
  if (roundEnergy !== undefined) return roundEnergy;
  if (clientEnergy !== undefined) return Number.POSITIVE_INFINITY;
  if (budgets === undefined)
    throw new InputError("roundEnergy", 'missing; "joint-computation" needs it, clientEnergy or an energy budget');
  return budgets.energy / rounds;
}

/** The frugalest round where even that passes a limit, "infeasible". */
function beyondReach(
  problem: UploadProblem,
  { energyUnit, clientEnergy }: Pick<InteriorGoal, "energyUnit" | "clientEnergy">,
  bounded: boolean,
  limit: number,
): Allocation | undefined {
  const goal: InteriorGoal = {
    ...{ latencyUnit: 1, energyUnit, latency: undefined, energy: bounded ? "shared" : "free", objective: "v" },
    ...(clientEnergy === undefined ? {} : { clientEnergy: { ...clientEnergy, shared: true } }),
  };
  const frugal = solveTogether(problem, goal);
  const { cost } = measure(problem, frugal, goal);
  if (frugal.status !== "converged" || !(cost > 1e-8)) return undefined;
  const named = [
    ...(bounded ? [`${limit} J a round`] : []),
    ...(clientEnergy === undefined ? [] : [`${clientEnergy.limit} J a client`]),
  ].join(" and ");
  const least = `the frugalest round takes ${(100 * expm1(cost)).toPrecision(3)} % more`;
  return { ...frugal, status: "infeasible", reason: `no powers and frequencies keep to ${named}: ${least}` };
}
