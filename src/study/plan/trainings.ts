import type { Config } from "../../config/config.js";
import type { Job } from "../jobs/job.js";
import type { TrainingPayload } from "../jobs/training.js";
import type { Cell, Grid, RunRequest } from "./grid.js";
import { learningKey, roundsKey, runKey, trainingDependence, trainingKey } from "./keys.js";

/** Every run that grids ask for, once, in the order of seeds, then grids, then cells; named by the first that asks. */
export function runRequests(grids: readonly Grid[]): RunRequest[] {
  return [...eachRun(grids)].map(({ key, cell, seed, drop }) => ({ key, cell: cell.id, labels: cell.labels, seed, drop }));
}

/**
 * The trainings that grids need: cells that differ in radio, power method or budgets alone share one, also across
 * grids. A channel-aware quantizer is trained for each drop, a plan of rounds for each run.
 * @param options.detail keep the complete rounds of every run too, client by client
 */
export function trainingJobs(grids: readonly Grid[], { detail = false } = {}): Job<TrainingPayload>[] {
  const jobs = new Map<string, { cells: Map<Cell, number>; payload: TrainingPayload; drop: number | undefined }>();
  const known = new Map<Cell, { learning: string; dependence: string }>();
  for (const { key, cell, seed, drop } of eachRun(grids)) {
    let about = known.get(cell);
    if (about === undefined) {
      const dependence = trainingDependence(cell.config);
      about = { dependence, learning: learningKey(cell.config, dependence) };
      known.set(cell, about);
    }
    const own = about.dependence === "none" ? undefined : drop;
    const training = trainingKey(about.learning, seed, own);
    let job = jobs.get(training);
    if (job === undefined) {
      const payload = { config: { ...cell.config, seed }, radios: [], runs: [], ...(detail && { detail }) };
      job = { cells: new Map(), payload, drop: own };
      jobs.set(training, job);
    }
    let radio = job.cells.get(cell);
    if (radio === undefined) {
      const { network, power, budgets } = cell.config;
      radio = job.payload.radios.push({ network, power, budgets }) - 1;
      job.cells.set(cell, radio);
    }
    job.payload.runs.push({ key, radio, drop });
  }
  return [...jobs].map(([key, { payload, drop }]) => ({
    kind: "training",
    key,
    name: trainingName(payload.config, drop),
    yields: payload.runs.map((run) => (detail ? roundsKey(run.key) : run.key)),
    cost: trainingCost(payload.config),
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
function trainingCost({ rounds, training, data, server }: Config): number {
  const epochs = Math.max(training.localEpochs, training.adaptiveEpochs.increment > 0 ? training.adaptiveEpochs.maximum : 0);
  return rounds * epochs * (data.trainExamples || allExamples) * server.participation;
}

/** Where a set is taken whole and its size shows only when it is read. */
const allExamples = 50_000;
