import { exp, log } from "../../bindings/math.js";
import type { Allocation, Processors, Status, UploadProblem } from "../config/records.js";
import { type InteriorGoal, solveByInterior } from "./byInterior.js";
import { allocation, priceUpload } from "./cost.js";
import type { ProgramProcessors } from "./interior/program.js";
import { equalize } from "./minMax.js";
import { senders, unheard, unheardReason } from "./problem.js";
import { withWorkspace } from "./workspace.js";

/** How far above the proved bound an answer may be, of a logarithm or relatively, and so beyond a limit. */
const provedWithin = 1e-8;

/** What a goal comes to in the user's units, and whether its limits are kept. */
export interface Measured {
  /** v, or the weighted sum */
  cost: number;
  /** By how much, relatively, the worst limit is passed */
  excess: number;
}

/**
 * Powers, and with processors frequencies, of a goal over both, by the interior-point method at any number of clients.
 * "converged" is what costs, by `priceUpload` and the frequencies' price, at most 10⁻⁸ more than the proved least.
 */
export function solveTogether(problem: UploadProblem, goal: InteriorGoal): Allocation {
  const { cpu, rates } = problem;
  const active = senders(problem);
  const deaf = unheard(problem, active);
  if (deaf.length > 0) {
    const power = Float64Array.from(problem.bits, (bits) => (bits > 0 ? 1 : 0));
    return allocation(problem, power, {
      ...{ status: "infeasible", iterations: 0, reason: unheardReason(problem, deaf) },
    });
  }
  const computing = cpu === undefined ? [] : [...cpu.samples.keys()].filter((k) => problem.bits[k] === 0);
  const order = [...active, ...computing];
  const processors = cpu === undefined ? undefined : programProcessors(cpu, order);
  const found =
    active.length === 0
      ? solveByInterior(problem, undefined, goal, order, processors)
      : withWorkspace(problem, active, (workspace) => solveByInterior(problem, workspace, goal, order, processors));
  const power = new Float64Array(rates.clients);
  active.forEach((k, i) => {
    power[k] = found.power[i]!;
  });
  const frequency = cpu?.minimumFrequency.slice();
  if (cpu !== undefined)
    order.forEach((k, i) => {
      const z = found.z[i]!;
      if (processors!.cycles[i] === 0) return;
      if (z >= processors!.highest[i]!) frequency![k] = cpu.maximumFrequency[k]!;
      else if (z > processors!.lowest[i]! || cpu.minimumFrequency[k]! < lowestShare * cpu.maximumFrequency[k]!)
        frequency![k] = Math.min(cpu.maximumFrequency[k]!, exp(z));
    });
  const { iterations, bound } = found;
  const answer = allocation(problem, power, { status: "converged", iterations }, frequency);
  const { cost, excess } = measure(problem, answer, goal);
  const above = (cost - bound) / (goal.objective === "v" ? 1 : Math.abs(bound));
  if (above <= provedWithin && excess <= provedWithin) return answer;
  const status: Status = iterations < 160 ? "numerical" : "iteration-limit";
  return { ...answer, status, reason: `the answer is proved to ${Math.max(above, excess).toPrecision(2)} only` };
}

/** A goal at an allocation. */
export function measure(problem: UploadProblem, found: Allocation, goal: InteriorGoal): Measured {
  const { energy: perEnergy, latency: perLatency, computeLatency, computeEnergy } = found;
  let joules = problem.fixedEnergy ?? 0;
  const limits = goal.clientEnergy?.limits;
  let [latest, fullest] = [0, 0];
  for (let k = 0; k < perEnergy.length; k++) {
    const own = perEnergy[k]! + (computeEnergy?.[k] ?? 0);
    joules += own;
    if (limits !== undefined && own > 0) fullest = Math.max(fullest, own / limits[k]!);
    latest = Math.max(latest, perLatency[k]! + (computeLatency?.[k] ?? 0));
  }
  const { energy, objective, latency, clientEnergy } = goal;
  const share = joules / goal.energyUnit;
  let v = Number.NEGATIVE_INFINITY;
  if (latency !== undefined) v = Math.max(v, log((latency.offset + latest) / goal.latencyUnit));
  if (energy === "shared") v = Math.max(v, log(share));
  let excess = energy === "limited" ? share - 1 : 0;
  if (clientEnergy !== undefined) {
    const over = log(fullest);
    if (clientEnergy.shared) v = Math.max(v, over);
    else excess = Math.max(excess, over);
  }
  const weighted = typeof energy === "object" ? energy.weight * share : 0;
  if (objective === "none") return { cost: weighted, excess };
  return { cost: weighted + (objective === "v" ? v : objective.weight * exp(v)), excess };
}

/** A frequency of 0, at which nothing ends, stands for a millionth of the highest. */
const lowestShare = 1e-6;

function programProcessors(cpu: Processors, order: readonly number[]): ProgramProcessors {
  const of = (value: (k: number) => number): Float64Array => Float64Array.from(order, value);
  return {
    cycles: of((k) => cpu.cyclesPerSample[k]! * cpu.samples[k]!),
    capacitance: of((k) => cpu.capacitance[k]!),
    lowest: of((k) => log(Math.max(cpu.minimumFrequency[k]!, lowestShare * cpu.maximumFrequency[k]!))),
    highest: of((k) => log(cpu.maximumFrequency[k]!)),
  };
}

/**
 * What energies and latencies are measured by: the round at the min–max powers and the highest frequencies, with F but
 * without ℓ_c.
 */
export function referenceRound(problem: UploadProblem): { energy: number; latency: number } {
  const active = senders(problem);
  const power = new Float64Array(problem.rates.clients);
  if (active.length > 0) {
    const fair = withWorkspace(problem, active, (workspace) => equalize(workspace).power);
    active.forEach((k, i) => {
      power[k] = fair[i]!;
    });
  }
  const { cpu, fixedEnergy = 0 } = problem;
  const price = priceUpload(problem, power);
  let [energy, latency] = [fixedEnergy, 0];
  for (let k = 0; k < power.length; k++) {
    const work = cpu === undefined ? 0 : cpu.cyclesPerSample[k]! * cpu.samples[k]!;
    const fastest = cpu?.maximumFrequency[k] ?? 1;
    energy += price.energy[k]! + 0.5 * (cpu?.capacitance[k] ?? 0) * work * fastest * fastest;
    latency = Math.max(latency, price.latency[k]! + work / fastest);
  }
  return { energy, latency };
}

/** Is there nothing to choose: no upload and no computation? */
export function isIdle({ bits, cpu }: UploadProblem): boolean {
  return bits.every((size) => size === 0) && (cpu === undefined || cpu.samples.every((count) => count === 0));
}

/**
 * Least latency of computation and upload together. A trace of energy, 10⁻¹¹ of the reference's, decides between answers
 * alike.
 */
export function fastestTogether(problem: UploadProblem): Allocation {
  const { energy, latency } = referenceRound(problem);
  return solveTogether(problem, {
    ...{ latencyUnit: latency, energyUnit: energy, latency: { offset: problem.computeLatency } },
    ...{ energy: { weight: 1e-11 }, objective: "v" },
  });
}

/** Least energy of computation and upload together. */
export function leastEnergyTogether(problem: UploadProblem): Allocation {
  const energyUnit = referenceRound(problem).energy;
  return solveTogether(problem, {
    ...{ latencyUnit: 1, energyUnit, latency: undefined, energy: { weight: 1 }, objective: "none" },
  });
}
