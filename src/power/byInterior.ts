import { exp, log } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { allocation } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { emptyPoint, evaluate } from "./interior/point.js";
import type { Program, ProgramProcessors } from "./interior/program.js";
import { type Interior, solveInterior } from "./interior/solve.js";
import { equalize } from "./minMax.js";

/** Up to this many clients the SQP is the faster one. */
export const interiorAbove = 64;

/** A goal over powers and frequencies, as `Program` has it, in s and J. */
export interface InteriorGoal extends Pick<Program, "energy" | "objective"> {
  latencyUnit: number;
  energyUnit: number;
  /** Are there rows of latency, and what of the offset ℓ_c is in them, s? */
  latency: { offset: number } | undefined;
  /** J of each of the problem's clients [K]: at most that, or that times e^v */
  clientEnergy?: { limits: Float64Array; shared: boolean };
}

/** Powers [n] and ln f [m] of a goal; and how far they are from the best that there is. */
export interface InteriorAnswer extends Interior {
  power: Float64Array;
}

/**
 * A goal by the interior-point method.
 * @param order the problem's clients as the program has them: the workspace's, then the others of `processors`
 */
export function solveByInterior(
  problem: UploadProblem,
  workspace: PowerWorkspace | undefined,
  goal: InteriorGoal,
  order: readonly number[],
  processors?: ProgramProcessors,
): InteriorAnswer {
  const senders = workspace?.clients ?? 0;
  const { rates, circuitPower = 0, fixedEnergy = 0 } = problem;
  const { latencyUnit, energyUnit, latency, energy, objective, clientEnergy } = goal;
  const fair = workspace === undefined ? undefined : equalize(workspace);
  const program: Program = {
    ...{ workspace, senders, clients: processors?.cycles.length ?? senders, latencyUnit, energyUnit, processors },
    ...{ transmitPower: rates.transmitPower, circuit: circuitPower / rates.transmitPower },
    ...{ fixed: fixedEnergy / energyUnit, energy, objective },
    latency: latency === undefined ? undefined : { offset: latency.offset / latencyUnit },
    clientEnergy: clientEnergy && {
      ...clientEnergy,
      limits: Float64Array.from(order, (k) => clientEnergy.limits[k]! / energyUnit),
    },
    lowestPower: fair?.power.map((p) => Math.min(lowestLogPower, log(p))) ?? new Float64Array(0),
  };
  const eta = fair?.eta ?? 0;
  let found = solveInterior(program, startOf(program, 0.5 * eta));
  if (!(found.gap <= provedWithin * (objective === "v" ? 1 : Math.abs(found.bound)))) {
    // From elsewhere, with exact steps, which flat problems need.
    const again = solveInterior(program, startOf(program, 0.05 * eta), 1e-12);
    const { iterations } = found;
    found = { ...(again.gap < found.gap ? again : found), iterations: iterations + again.iterations };
  }
  return { ...found, power: found.y.map(exp) };
}

/** Least powers for a latency of 1/η, or more where they take too much energy; frequencies in the middle. */
function startOf(program: Program, eta: number): { y: Float64Array; z: Float64Array; v: number } {
  const { workspace, lowestPower, processors } = program;
  const point = emptyPoint(program);
  if (processors !== undefined)
    for (let k = 0; k < point.z.length; k++) point.z[k] = 0.5 * (processors.lowest[k]! + processors.highest[k]!);
  for (let share = 1; share > 1e-4; share *= 0.3) {
    if (workspace !== undefined) {
      workspace.views().power.fill(1);
      if (!workspace.minimalPowers(share * eta, 0)) continue;
      const { power } = workspace.views();
      // Well within the bounds
      for (let k = 0; k < point.y.length; k++)
        point.y[k] = Math.min(-0.1, Math.max(lowestPower[k]! + 0.1, log(power[k]!)));
    }
    evaluate(program, point);
    if (program.energy !== "limited" || point.energy < 3) break;
  }
  let v = program.energy === "shared" ? log(point.energy) : Number.NEGATIVE_INFINITY;
  for (const rows of [point.latencyRows, point.limitRows]) for (const excess of rows.excess) v = Math.max(v, excess);
  return { y: point.y, z: point.z, v: Number.isFinite(v) ? v + 0.1 : 0 };
}

/** How far above the proved bound an answer may be: of a logarithm, or relatively. */
export const provedWithin = 1e-9;

/**
 * The powers of a goal whose frequencies are fixed, if what they cost by `priceUpload` is within 10⁻⁹ of the proved least.
 * @param costOf the goal of an allocation in the user's units
 */
export function provedAllocation(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  goal: InteriorGoal,
  costOf: (found: Allocation) => number,
): Allocation | undefined {
  const { power, bound, iterations } = solveByInterior(problem, workspace, goal, active);
  const all = new Float64Array(problem.rates.clients);
  active.forEach((k, i) => {
    all[k] = power[i]!;
  });
  const found = allocation(problem, all, { status: "converged", iterations });
  const scale = goal.objective === "v" ? 1 : bound;
  return costOf(found) - bound <= provedWithin * scale ? found : undefined;
}
