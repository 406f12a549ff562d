import { exp } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { type InteriorGoal, interiorAbove, provedAllocation } from "./byInterior.js";
import { allocation, priceUpload } from "./cost.js";
import { lowestLogPower, solveGoal, startingPower } from "./epigraph.js";
import { fastestTogether, isIdle, leastEnergyTogether, referenceRound, solveTogether } from "./frequencies.js";
import { solveLeastEnergy } from "./leastEnergy.js";
import { allowancesSetting, clientLimits, solveWithin } from "./limits.js";
import { alphaSetting, type Method } from "./method.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { finishTogether, togetherAllocation, weighted } from "./together.js";
import { withWorkspace } from "./workspace.js";

export const jointMethod: Method = {
  name: "joint",
  title: "joint energy–latency (SQP)",
  settings: {
    alpha: alphaSetting,
    batteries: allowancesSetting,
  },
  create: ({ alpha, batteries }) => joint({ alpha: alpha as number, batteries: batteries as boolean }),
};

/**
 * The paper's joint energy–latency problem by SQP (Mahmoudi, Xiao, Björnson, IEEE TMLCN 2025):
 *
 *   min α E / E_0 + (1 − α) e^v / ℓ_0  subject to  v ≥ ln ℓ_k  over y = ln p, v,  E = F + Σ_k (P_u p_k + P_c) ℓ_k
 *
 * E_0 and ℓ_0 are the round's energy and latency at the min–max solution, which is also the cold start; what is minimized
 * is the logarithm of this, which has the same minimizer and is better conditioned towards both ends. α = 0 is min–max
 * latency. α = 1 is least energy, which without circuit power P_c needs no search: every energy then grows with every
 * power, so all powers are the least allowed. With it, who sends slowly pays for the time, and there is an optimum between.
 * With `batteries` no client's round takes more than the problem's `allowances`, by the interior-point method.
 */
export function joint({ alpha, batteries = false }: { alpha: number; batteries?: boolean }): PowerMethod {
  return {
    name: "joint",
    minimizes: "round energy incl. circuit power, and latency",
    allocate(problem, previous) {
      if (batteries && problem.allowances !== undefined) return withinBatteries(problem, alpha);
      if (problem.cpu !== undefined) return withFrequencies(problem, alpha);
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const reference = equalize(workspace);
        const leastPower = alpha === 1 && (problem.circuitPower ?? 0) === 0;
        const power = new Float64Array(problem.rates.clients);
        active.forEach((k, i) => {
          power[k] = leastPower ? exp(lowestLogPower) : reference.power[i]!;
        });
        if (alpha === 0 || leastPower)
          return allocation(problem, power, { status: "converged", iterations: reference.iterations });
        const start = previous === undefined ? reference.power : startingPower(workspace, active, previous);
        const many = workspace.clients > interiorAbove;
        if (alpha === 1) {
          const frugal = many ? leastEnergy(problem, active, workspace, power) : undefined;
          return frugal ?? solveLeastEnergy(problem, active, workspace, start);
        }
        const price = priceUpload(problem, power);
        const total = energyOf(problem, price);
        const slowest = largest(price.latency);
        if ((problem.circuitPower ?? 0) === 0) {
          const { transmitPower } = problem.rates;
          const goal = weighted((alpha * transmitPower) / total, (1 - alpha) / slowest);
          const found = finishTogether(workspace, (problem.fixedEnergy ?? 0) / transmitPower, 2, goal, reference.eta);
          if (found.settled) return togetherAllocation(problem, active, found);
        } else if (many) {
          const goal: InteriorGoal = {
            ...{ latencyUnit: slowest, energyUnit: total, latency: { offset: 0 } },
            ...{ energy: { weight: alpha }, objective: { weight: 1 - alpha } },
          };
          const found = provedAllocation(
            problem,
            active,
            workspace,
            goal,
            (answer) => (alpha * energyOf(problem, answer)) / total + ((1 - alpha) * largest(answer.latency)) / slowest,
          );
          if (found !== undefined) return found;
        }
        return solveGoal(
          problem,
          active,
          workspace,
          {
            rows: { of: "latency", offset: 0, unit: slowest },
            energyUnit: total,
            objective: { energyWeight: alpha, latencyWeight: 1 - alpha },
          },
          start,
        );
      });
    },
  };
}

/**
 * Over the frequencies too; E_0 and ℓ_0, computation included but not ℓ_c, are those of the min–max powers at the highest
 * frequencies.
 */
function withFrequencies(problem: UploadProblem, alpha: number): Allocation {
  if (isIdle(problem))
    return allocation(problem, new Float64Array(problem.rates.clients), { status: "converged", iterations: 0 });
  if (alpha === 0) return fastestTogether(problem);
  if (alpha === 1) return leastEnergyTogether(problem);
  return solveTogether(problem, goalOf(problem, alpha));
}

/** With limits on what each client's round takes, computation included. */
function withinBatteries({ clientEnergy: _, ...problem }: UploadProblem, alpha: number): Allocation {
  if (isIdle(problem))
    return allocation(problem, new Float64Array(problem.rates.clients), { status: "converged", iterations: 0 });
  const limits = clientLimits(problem, true)!;
  return solveWithin(problem, { ...goalOf(problem, alpha), clientEnergy: { limits, shared: false } });
}

/** Over powers and, where there are processors, frequencies. A trace of energy decides between rounds of the same latency. */
function goalOf(problem: UploadProblem, alpha: number): InteriorGoal {
  const { energy, latency } = referenceRound(problem);
  const units = { latencyUnit: latency, energyUnit: energy };
  if (alpha === 0) return { ...units, latency: { offset: 0 }, energy: { weight: 1e-11 }, objective: "v" };
  if (alpha === 1) return { ...units, latency: undefined, energy: { weight: 1 }, objective: "none" };
  return { ...units, latency: { offset: 0 }, energy: { weight: alpha }, objective: { weight: 1 - alpha } };
}

/** Least energy with circuit power; what is fixed does not move it. @param power to measure it by */
function leastEnergy(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  power: Float64Array,
): Allocation | undefined {
  const { fixedEnergy: _, ...variable } = problem;
  const energyUnit = energyOf(variable, priceUpload(variable, power));
  const goal: InteriorGoal = {
    ...{ latencyUnit: 1, energyUnit, latency: undefined, energy: { weight: 1 }, objective: "none" },
  };
  return provedAllocation(variable, active, workspace, goal, (found) => energyOf(variable, found) / energyUnit);
}

/** F + Σ E_k. */
function energyOf({ fixedEnergy = 0 }: UploadProblem, { energy }: Pick<Allocation, "energy">): number {
  return energy.reduce((sum, joules) => sum + joules, fixedEnergy);
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);
