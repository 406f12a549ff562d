import { flag, listOf, optional, record } from "../../config/arguments.js";
import type { Config } from "../../config/config.js";
import { atOnce, type Steps } from "../../config/steps.js";
import { pricedPart } from "../../federated/identity.js";
import { aGrid } from "../checks.js";
import type { Job } from "../jobs/job.js";
import type { TrainingPayload } from "../jobs/training.js";
import type { Cell, Grid, RunRequest } from "./grid.js";
import { learningOf, roundsKey, runKey, trainingKey } from "./keys.js";

/**
 * Every run that grids ask for, once, in the order of seeds, then grids, then cells; named by the first that asks.
 * @example
 * const grid = gridOf({ preset: "quick", quantizers: ["emq", "laq"], seeds: [1, 2] });
 * runRequests([grid]).map(({ cell, seed }) => `${cell} ${seed}`); // → ["emq 1","laq 1","emq 2","laq 2"]
 */
export function runRequests(grids: readonly Grid[]): RunRequest[] {
  listOf(aGrid)("grids", grids);
  return [...eachRun(grids)].map(({ key, cell, seed, drop }) => ({
    key,
    cell: cell.id,
    labels: cell.labels,
    seed,
    drop,
  }));
}

/**
 * The trainings that grids need: cells that differ in radio, power method, budgets or the number of rounds alone share
 * one, also across grids. One that looks at the channel belongs to a drop.
 * @param options.detail keep the complete rounds of every run too, client by client
 * @example
 * // Power methods share a training: one job gives both runs
 * trainingJobs([gridOf({ preset: "quick", power: ["most-rounds", "full"] })]).map((job) => job.yields.length); // → [2]
 */
export function trainingJobs(grids: readonly Grid[], options: { detail?: boolean } = {}): Job<TrainingPayload>[] {
  listOf(aGrid)("grids", grids);
  record({ detail: optional(flag) })("options", options);
  return atOnce(trainingJobSteps(grids, options));
}

/** The same, a run a step. */
export function* trainingJobSteps(
  grids: readonly Grid[],
  { detail = false }: { detail?: boolean } = {},
): Steps<Job<TrainingPayload>[]> {
  const jobs = new Map<string, { payload: TrainingPayload; cells: Map<Cell, number>; drop: number | undefined }>();
  const learnings = new Map<Cell, ReturnType<typeof learningOf>>();
  for (const { key, cell, seed, drop } of eachRun(grids)) {
    const learning = learnings.get(cell) ?? learningOf(cell.config);
    learnings.set(cell, learning);
    const training = trainingKey(learning, seed, drop);
    let job = jobs.get(training);
    if (job === undefined) {
      const payload = { config: { ...cell.config, seed }, cells: [], runs: [], ...(detail && { detail }) };
      job = { payload, cells: new Map(), drop: learning.perDrop ? drop : undefined };
      jobs.set(training, job);
    }
    let index = job.cells.get(cell);
    if (index === undefined) {
      const names = { cell: cell.id, labels: cell.labels };
      index = job.payload.cells.push({ names, changes: pricedPart(cell.config) }) - 1;
      job.cells.set(cell, index);
    }
    job.payload.runs.push({ key, cell: index, drop });
    yield;
  }
  return [...jobs].map(([key, { payload, drop }]) => ({
    kind: "training",
    key,
    name: trainingName(payload.config, drop),
    yields: payload.runs.map((run) => (detail ? roundsKey(run.key) : run.key)),
    cost: trainingCost(payload),
    payload,
  }));
}

function* eachRun(grids: readonly Grid[]): Generator<{ key: string; cell: Cell; seed: number; drop: number }> {
  const seen = new Set<string>();
  for (const seed of new Set(grids.flatMap((grid) => grid.seeds))) {
    for (const grid of grids.filter(({ seeds }) => seeds.includes(seed))) {
      for (const cell of grid.cells) {
        for (let drop = 0; drop < grid.drops; drop++) {
          const key = runKey(cell, seed, drop);
          if (seen.has(key)) continue;
          seen.add(key);
          yield { key, cell, seed, drop };
        }
      }
    }
  }
}

/** Quantizer, optimizer, split and seed of a training: what it is called in messages. */
function trainingName({ quantizer, plan, training, data, seed }: Config, drop: number | undefined): string {
  const method = plan.kind === "fixed" ? quantizer.name : plan.kind;
  const place = drop === undefined ? "" : `, drop ${drop}`;
  return `${method}, ${training.optimizer.name}, ${data.split.kind}, seed ${seed}${place}`;
}

/** Examples gone through, were no budget in the way. */
function trainingCost({ config, cells }: TrainingPayload): number {
  const { training, data, server } = config;
  const { increment, maximum } = training.adaptiveEpochs;
  const epochs = increment > 0 ? Math.max(training.localEpochs, maximum) : training.localEpochs;
  const rounds = Math.max(...cells.map(({ changes }) => changes.rounds));
  return rounds * epochs * (data.trainExamples || allExamples) * server.participation;
}

/** Where a set is taken whole, and its size shows only when it is read. */
const allExamples = 50_000;
