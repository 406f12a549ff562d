import { log } from "../../bindings/math.js";
import { InputError } from "../config/errors.js";
import type { Allocation, PowerMethod, Processors, RateModel } from "../config/records.js";
import { checkProblem } from "./problem.js";

/** What is chosen from: for each client its size and its error at each of the resolutions, coarse to fine. */
export interface ResolutionProblem {
  rates: RateModel;
  computeLatency: number;
  /** J and s over the run, at least one of them finite */
  budgets: { energy: number; latency: number };
  /** P_c while sending, W; 0 if left out */
  circuitPower?: number;
  /** J a round whatever the powers and resolutions; 0 if left out */
  fixedEnergy?: number;
  /** Where frequencies are chosen too */
  cpu?: Processors;
  resolutions: number;
  /** S_k(r) [K·R], bits */
  bits: Float64Array;
  /** e_k(r) = ‖Q_r(v_k) − v_k‖² [K·R] */
  error: Float64Array;
  /** a_k [K]: what a unit of a client's error costs of the round's progress */
  gains: Float64Array;
}

export interface ResolutionAllocation {
  /** The resolution of each client [K] */
  choice: Int32Array;
  /** The upload at that choice */
  allocation: Allocation;
  /** ρ = 1 − Σ_k a_k e_k, at least 0 */
  progress: number;
  /** u, the larger of the two shares of the budgets that the round takes */
  share: number;
  /** Power allocations solved */
  allocations: number;
}

/**
 * Resolution and power together: the r and p with the most expected progress per budget, max ρ(r) / u(S(r), p).
 *
 * ρ is what is left of a round's progress when the mean update Δ arrives with the error ε. By the descent lemma with
 * the step that Δ stands for, an exact update gains (L/2)‖Δ‖², and one with an error that is independent of Δ gains
 * (L/2)(‖Δ‖² − ‖ε‖²); the same holds for an error that sets entries to zero, since the gain is then that of the entries
 * kept. With errors that are independent between clients a_k is (D_k/D)²/‖Δ‖²; with errors of which every client loses
 * the same share of what all have in common it is (D_k/D)/‖v_k‖². u is that of the most-rounds scheme, so that
 * 1/u rounds fit and ρ/u is the progress that the budgets buy.
 *
 * A search from the best resolution common to all, so that the result is never worse than that. ln u* is convex in
 * ln S (the powers' problem is a geometric one), and its slope there says what a client's bits cost everybody: s_k,
 * measured by solving once with a few more bits of client k. With ρ/u linearized so, the steps to finer or coarser
 * resolutions are taken in the order of what they promise, as many at once as turn out to gain; the last ones singly.
 *
 * @param method powers for given sizes; the most-rounds method
 * @throws InputError for sizes that disagree or numbers that no update has
 */
export function jointResolution(problem: ResolutionProblem, method: PowerMethod): ResolutionAllocation {
  checkResolutions(problem);
  let allocations = 0;
  const solve: Solve = (choice, previous, bits = bitsOf(problem, choice)) => {
    allocations++;
    const allocation = method.allocate({ ...problem, bits }, previous);
    return { choice, allocation, ...planValue(problem, choice, allocation) };
  };
  let best: Plan | undefined;
  for (let r = 0; r < problem.resolutions; r++) {
    const plan = solve(new Int32Array(problem.rates.clients).fill(r), best?.allocation.power);
    if (best === undefined || plan.value > best.value) best = plan;
  }
  let current = best as Plan;
  for (let step = 0; step < maximumSteps && current.allocation.status !== "infeasible"; step++) {
    const moves = promisingMoves(problem, current, sensitivities(current, solve, problem));
    const found = takeMoves(current, moves, solve);
    if (found === undefined) break;
    current = found;
  }
  best = current;
  const { choice, allocation, progress, share } = best;
  return { choice, allocation, progress, share, allocations };
}

const maximumSteps = 20;

type Solve = (choice: Int32Array, previous?: Float64Array, bits?: Float64Array) => Plan;

interface Plan {
  choice: Int32Array;
  allocation: Allocation;
  progress: number;
  share: number;
  /** ρ/u */
  value: number;
}

function planValue(problem: ResolutionProblem, choice: Int32Array, allocation: Allocation) {
  const progress = progressOf(problem, choice);
  const share = shareOf(problem, allocation);
  return { progress, share, value: allocation.status === "infeasible" ? -1 : progress / share };
}

function progressOf({ gains, error, resolutions }: ResolutionProblem, choice: Int32Array): number {
  let lost = 0;
  for (let k = 0; k < choice.length; k++) lost += gains[k]! * error[k * resolutions + choice[k]!]!;
  return Math.max(0, 1 - lost);
}

/** u, the larger of the two shares of the budgets that a round takes. */
export function shareOf(problem: ResolutionProblem, allocation: Allocation): number {
  const { budgets, computeLatency, fixedEnergy = 0 } = problem;
  let energy = 0;
  let upload = 0;
  for (let k = 0; k < allocation.energy.length; k++) {
    energy += allocation.energy[k]! + (allocation.computeEnergy?.[k] ?? 0);
    upload = Math.max(upload, allocation.latency[k]! + (allocation.computeLatency?.[k] ?? 0));
  }
  return Math.max((fixedEnergy + energy) / budgets.energy, (computeLatency + upload) / budgets.latency);
}

function bitsOf({ bits, resolutions }: ResolutionProblem, choice: Int32Array): Float64Array {
  return Float64Array.from(choice, (r, k) => bits[k * resolutions + r]!);
}

/** s_k = ∂ ln u* / ∂ ln S_k at a plan, by a forward difference: u* is convex, so that a small step is a safe one. */
function sensitivities(plan: Plan, solve: Solve, problem: ResolutionProblem): Float64Array {
  const bits = bitsOf(problem, plan.choice);
  return Float64Array.from(bits, (size, k) => {
    if (size === 0) return 0;
    const more = bits.slice();
    more[k] = size * (1 + difference);
    const { share } = solve(plan.choice, plan.allocation.power, more);
    return Math.max(0, (share / plan.share - 1) / difference);
  });
}

const difference = 1e-3;

interface Move {
  client: number;
  to: number;
  /** Expected gain of ln(ρ/u) */
  gain: number;
}

/** The best move of every client by the linear model, those that promise most first. */
function promisingMoves(problem: ResolutionProblem, plan: Plan, sensitivity: Float64Array): Move[] {
  const { bits, error, gains, resolutions } = problem;
  const moves: Move[] = [];
  plan.choice.forEach((from, client) => {
    const at = client * resolutions;
    for (let to = 0; to < resolutions; to++) {
      if (to === from) continue;
      const progress = Math.max(0, plan.progress + gains[client]! * (error[at + from]! - error[at + to]!));
      const size = Math.max(1e-12, bits[at + to]!) / Math.max(1e-12, bits[at + from]!);
      const gain = log(Math.max(1e-12, progress) / Math.max(1e-12, plan.progress)) - sensitivity[client]! * log(size);
      moves.push({ client, to, gain });
    }
  });
  return moves.sort((a, b) => (a.gain === b.gain ? a.client - b.client || a.to - b.to : b.gain - a.gain));
}

/** As many of the moves at once as gain: all that promise something, half of them, …; then singles in their order. */
function takeMoves(plan: Plan, moves: readonly Move[], solve: Solve): Plan | undefined {
  const better = (taken: readonly Move[]): Plan | undefined => {
    const choice = plan.choice.slice();
    for (const { client, to } of taken) choice[client] = to;
    const found = solve(choice, plan.allocation.power);
    return found.value > plan.value * (1 + 1e-9) ? found : undefined;
  };
  const own = new Set<number>();
  const together = moves.filter(({ client, gain }) => gain > 0 && !own.has(client) && own.add(client));
  for (let count = together.length; count > 1; count = Math.floor(count / 2)) {
    const found = better(together.slice(0, count));
    if (found !== undefined) return found;
  }
  // u* is convex: a saving is never larger than the slope promises, but what the slope refuses may still be tried.
  for (const move of moves.slice(0, 2 * plan.choice.length)) {
    const found = better([move]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws InputError for sizes that disagree or numbers that no update has */
export function checkResolutions(problem: ResolutionProblem): void {
  const { rates, resolutions, bits, error, gains } = problem;
  if (!Number.isInteger(resolutions) || resolutions < 1) {
    throw new InputError("resolutions", `${resolutions} is not a whole number of at least 1`);
  }
  checkProblem({ ...problem, bits: bits.subarray(0, rates.clients) });
  for (const [path, values, length] of [
    ["bits", bits, rates.clients * resolutions],
    ["error", error, rates.clients * resolutions],
    ["gains", gains, rates.clients],
  ] as const) {
    if (values.length !== length) throw new InputError(path, `${values.length} entries where ${length} are needed`);
    const wrong = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (wrong >= 0) throw new InputError(`${path}[${wrong}]`, `${values[wrong]} is not a finite number, 0 or more`);
  }
}
