import { log } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import { InputError } from "../config/errors.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { type InteriorGoal, interiorAbove, provedAllocation } from "./byInterior.js";
import { allocation } from "./cost.js";
import { solveGoal, startingPower } from "./epigraph.js";
import { fastestTogether, isIdle, leastEnergyTogether, referenceRound, solveTogether } from "./frequencies.js";
import { joint } from "./joint.js";
import { chargesOf, emptyHanded } from "./limits.js";
import type { Method } from "./method.js";
import { minMax } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { balance, finishTogether, togetherAllocation } from "./together.js";
import { totals } from "./totals.js";
import { withWorkspace } from "./workspace.js";

export const mostRoundsMethod: Method = {
  name: "most-rounds",
  title: "most rounds (SQP)",
  settings: {
    batteries: {
      default: false,
      summary: "no client's battery is empty before the others' and the budgets: K more constraints of the program",
    },
  },
  create: ({ batteries }) => mostRounds({ batteries: batteries as boolean }),
};

/**
 * Most rounds within the budgets (Mahmoudi, Zaher, Björnson, IEEE OJCOMS 2025, second scheme), by SQP:
 *
 *   min v  subject to  v ≥ ln((F + Σ_k E_k) / E_budget),  v ≥ ln((ℓ_c + ℓ_k) / ℓ_budget)  over y = ln p, v,
 *
 * E_k = (P_u p_k + P_c) ℓ_k and F what a round costs whatever the powers. About e^{−v} rounds fit, less than one where
 * F alone is above the budget. Convex in y, so that the answer is the global one. Without an energy budget it is the
 * least latency, which is exact, without a latency budget the least energy (`joint` at α = 1). With processors the frequencies
 * are chosen too, by the interior-point method alone. With `batteries` also v ≥ ln(E_k / battery_k) of every client,
 * battery_k what it may use over the run, its processor's energy included: battery_k is its budget as E_budget is the run's.
 */
export function mostRounds({ batteries = false }: { batteries?: boolean } = {}): PowerMethod {
  return {
    name: "most-rounds",
    minimizes: "the larger share of a budget: of round energy incl. circuit power, or of latency",
    allocate(problem, previous) {
      const { budgets, computeLatency } = problem;
      if (budgets === undefined)
        throw new InputError("budgets", 'missing; "most-rounds" needs an energy and a latency budget');
      if (batteries && problem.batteries !== undefined) return withinBatteries(problem, budgets, previous);
      if (problem.cpu !== undefined) return withFrequencies(problem, budgets);
      if (budgets.energy === Number.POSITIVE_INFINITY) return minMax().allocate(problem);
      if (budgets.latency === Number.POSITIVE_INFINITY) return joint({ alpha: 1 }).allocate(problem, previous);
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const { transmitPower } = problem.rates;
        const { circuitPower = 0, fixedEnergy = 0 } = problem;
        if (circuitPower === 0) {
          const fixed = fixedEnergy / transmitPower;
          const goal = balance(fixed, budgets.energy / transmitPower, computeLatency, budgets.latency);
          const found = finishTogether(workspace, fixed, 1, goal);
          if (found.settled) return togetherAllocation(problem, active, found);
        } else if (workspace.clients > interiorAbove) {
          const found = byInterior(problem, budgets, active, workspace);
          if (found !== undefined) return found;
        }
        return solveGoal(
          problem,
          active,
          workspace,
          {
            rows: { of: "latency", offset: computeLatency, unit: budgets.latency },
            energyUnit: budgets.energy,
            objective: { energyRow: true },
          },
          startingPower(workspace, active, previous),
        );
      });
    },
  };
}

/** The program with a row more for each client. */
function withinBatteries(problem: UploadProblem, budgets: Budgets, previous: Float64Array | undefined): Allocation {
  const charges = chargesOf(problem)!;
  const empty = emptyHanded(problem, charges);
  if (empty !== undefined) return empty;
  if (problem.cpu !== undefined) return batteriesAndFrequencies(problem, budgets, charges);
  const active = senders(problem);
  const answer = trivialAllocation(problem, active);
  if (answer !== undefined) return answer;
  return withWorkspace(problem, active, (workspace) =>
    solveGoal(
      problem,
      active,
      workspace,
      {
        rows: { of: "latency", offset: problem.computeLatency, unit: Math.min(budgets.latency, noLimit) },
        energyUnit: Math.min(budgets.energy, noLimit),
        objective: { energyRow: budgets.energy < noLimit },
        batteries: Float64Array.from(active, (k) => charges[k]!),
      },
      startingPower(workspace, active, previous),
    ),
  );
}

/** A budget beyond this is none; its logarithm is still a number. */
const noLimit = 1e300;

/** Over the frequencies too, whose energy the batteries pay. A trace of energy decides where there is no budget of it. */
function batteriesAndFrequencies(
  problem: UploadProblem,
  { energy, latency }: Budgets,
  charges: Float64Array,
): Allocation {
  if (isIdle(problem)) return idle(problem);
  const [hasEnergy, hasLatency] = [energy < noLimit, latency < noLimit];
  const reference = referenceRound(problem);
  return solveTogether(problem, {
    latencyUnit: hasLatency ? latency : reference.latency,
    energyUnit: hasEnergy ? energy : reference.energy,
    latency: hasLatency ? { offset: problem.computeLatency } : undefined,
    energy: hasEnergy ? "shared" : { weight: 1e-11 },
    clientEnergy: { limits: charges, shared: true },
    objective: "v",
  });
}

const idle = (problem: UploadProblem): Allocation =>
  allocation(problem, new Float64Array(problem.rates.clients), { status: "converged", iterations: 0 });

/** Over the frequencies too: v ≥ ln((ℓ_c + τ_k + ℓ_k) / ℓ_budget), and the computation's energy in E. */
function withFrequencies(problem: UploadProblem, { energy, latency }: Budgets): Allocation {
  if (isIdle(problem)) return idle(problem);
  if (energy === Number.POSITIVE_INFINITY) return fastestTogether(problem);
  if (latency === Number.POSITIVE_INFINITY) return leastEnergyTogether(problem);
  const found = solveTogether(problem, goalOf(problem, { energy, latency }));
  if (found.status === "converged") return found;
  // Where energy does not count, powers and frequencies of who waits for others are free, and flat.
  const fastest = fastestTogether(problem);
  const { rounds, latency: least } = totals(problem, fastest);
  return fastest.status === "converged" && rounds >= latency / least ? fastest : found;
}

type Budgets = NonNullable<UploadProblem["budgets"]>;

const goalOf = ({ computeLatency }: UploadProblem, { energy, latency }: Budgets): InteriorGoal => ({
  ...{ latencyUnit: latency, energyUnit: energy, latency: { offset: computeLatency } },
  ...{ energy: "shared", objective: "v" },
});

/** With circuit power and many clients: the least latency if its energy fits too, else the interior point that is proved. */
function byInterior(
  problem: UploadProblem,
  budgets: Budgets,
  active: readonly number[],
  workspace: PowerWorkspace,
): Allocation | undefined {
  const cost = (found: Allocation): number => -log(totals(problem, found).rounds);
  const fastest = minMax().allocate(problem);
  const { rounds, latency: least } = totals(problem, fastest);
  if (rounds >= budgets.latency / least) return fastest;
  return provedAllocation(problem, active, workspace, goalOf(problem, budgets), cost);
}
