import { InputError } from "../config/errors.js";
import type { PowerMethod, UploadProblem } from "../config/records.js";
import { allocation } from "./cost.js";
import { fastestTogether, isIdle, referenceRound } from "./frequencies.js";
import { allowancesSetting, clientLimits, solveWithin } from "./limits.js";
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
    batteries: allowancesSetting,
  },
  create: ({ rounds, batteries }) => jointComputation({ rounds: rounds as number, batteries: batteries as boolean }),
};

/**
 * Joint communication and computation (Vu et al., "Cell-Free Massive MIMO for Wireless Federated Learning", IEEE TWC
 * 2020; the third comparison of Mahmoudi, Zaher, Björnson, IEEE OJCOMS 2025):
 *
 *   min max_k (w_k / f_k + ℓ_k)  subject to  F + Σ_k (½ α_k w_k f_k² + E_k) ≤ a round's energy
 *
 * over powers and, where the problem has processors, frequencies; each client's energy within `clientEnergy` too, where
 * that is given, and with `batteries` within its entry of `allowances`. Convex in (ln p, ln f), so that the answer is the global one.
 */
export function jointComputation({ rounds, batteries = false }: { rounds: number; batteries?: boolean }): PowerMethod {
  return {
    name: "joint-computation",
    minimizes: "latency of computation and upload, within a round's energy incl. circuit power",
    allocate(problem) {
      if (isIdle(problem))
        return allocation(problem, new Float64Array(problem.rates.clients), { status: "converged", iterations: 0 });
      const limit = roundEnergyOf(problem, rounds);
      const limits = clientLimits(problem, batteries);
      if (limit === Number.POSITIVE_INFINITY && limits === undefined) return fastestTogether(problem);
      const { energy, latency } = referenceRound(problem);
      const bounded = Number.isFinite(limit);
      return solveWithin(problem, {
        ...{ latencyUnit: latency, latency: { offset: problem.computeLatency }, objective: "v" },
        ...(bounded ? { energyUnit: limit, energy: "limited" } : { energyUnit: energy, energy: { weight: 1e-11 } }),
        ...(limits && { clientEnergy: { limits, shared: false } }),
      });
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
