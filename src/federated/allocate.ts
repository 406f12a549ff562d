import type { Allocation, UploadProblem } from "../config/records.js";
import { atOnce, type Steps } from "../config/steps.js";
import { priceRound } from "./price.js";

/** What an allocation ends with: the powers, and the problem that they solve and are billed by. */
export interface Allocated {
  allocation: Allocation;
  problem: UploadProblem;
  /** The powers that the problem's receivers were made for; undefined: full power */
  receivedAt: Float64Array | undefined;
}

/** Costs that move by less than this from one turn to the next have settled. */
const settled = 1e-3;
/** Turns after which it stops: methods that do not look at the costs may swing between two clients. */
const mostTurns = 20;

/**
 * Powers for a round. Receivers that suppress interference suit powers, and the powers follow from the receivers' rates:
 * the two take turns, from receivers of full power on, until a round's energy and latency, and with them the rounds that
 * fit, move by less than 0.1 %.
 *
 * Choice: of all turns the one counts in which most rounds fit. Local combiners are not made for the bound on the rates
 * that the powers see, so that a turn may lose a few percent again, and where it settles depends on where it began.
 * @param problemAt the round's problem with receivers made for powers [K], undefined: full power
 */
export function allocateTogether(
  allocate: Allocates,
  problemAt: (receivedAt?: Float64Array) => UploadProblem,
  options: AllocateOptions,
): Allocated {
  if (!options.takesTurns) {
    const problem = problemAt();
    return { allocation: allocate(problem, options.previous), problem, receivedAt: undefined };
  }
  // biome-ignore lint/correctness/useYield: a problem in one step
  const inOneStep = function* (receivedAt?: Float64Array): Steps<UploadProblem> {
    return problemAt(receivedAt);
  };
  return atOnce(allocateSteps(allocate, inOneStep, options));
}

type Allocates = (problem: UploadProblem, previous?: Float64Array) => Allocation;

interface AllocateOptions {
  /** Whether the receivers are others at other powers */
  takesTurns: boolean;
  previous?: Float64Array | undefined;
}

/** `allocateTogether` where the problems come in steps. */
export function* allocateSteps(
  allocate: Allocates,
  problemAt: (receivedAt?: Float64Array) => Steps<UploadProblem>,
  { takesTurns, previous }: AllocateOptions,
): Steps<Allocated> {
  let best: (Allocated & { rounds: number }) | undefined;
  let cost: { energy: number; latency: number } | undefined;
  let receivedAt: Float64Array | undefined;
  let before = previous;
  for (let turn = 1; ; turn++) {
    const problem = yield* problemAt(receivedAt);
    yield;
    const allocation = allocate(problem, before);
    const { power, status } = allocation;
    // What cannot be billed is for the ledger to refuse.
    const served = status !== "infeasible" && power?.length === problem.bits.length;
    if (!takesTurns || !served) return best ?? { allocation, problem, receivedAt };
    const { energy, latency } = priceRound(problem, power);
    const { energy: joules = 0, latency: seconds = 0 } = problem.budgets ?? {};
    const rounds = Math.min(joules / energy, seconds / latency);
    if (best === undefined || rounds >= best.rounds) best = { allocation, problem, receivedAt, rounds };
    const unmoved = (now: number, then: number) => Math.abs(now - then) <= settled * then;
    if (cost !== undefined && unmoved(energy, cost.energy) && unmoved(latency, cost.latency)) return best;
    if (turn === mostTurns || !Number.isFinite(latency)) return best;
    cost = { energy, latency };
    receivedAt = power.slice();
    before = power;
  }
}
