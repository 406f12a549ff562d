import type { Config } from "../../config/config.js";
import type { Job, JobKind } from "../jobs/job.js";
import type { PriceBlockPayload } from "../jobs/priceBlock.js";
import type { RatesPayload } from "../jobs/rates.js";
import type { TrainingPayload } from "../jobs/training.js";
import { roundsKey } from "../plan/keys.js";
import { runSummary } from "../store/columns.js";
import { recordText, type StoreRecord } from "../store/record.js";
import type { Place } from "./place.js";

/** What jobs of one kind take, by a few that were tried in short. */
export interface KindEstimate {
  kind: JobKind;
  jobs: number;
  /** s of one thread */
  seconds: number;
  /** Of the journals */
  bytes: number;
  /** Jobs that were tried */
  tried: number;
}

/** Groups of like jobs that are tried at most of each kind, and s after which no more are begun. */
const mostTried = 6;
const patience = 20;

/**
 * How long the jobs of a study take here, and how much they keep: of each kind a few are tried in short (a round or
 * three of a training, ten drops of a block) and the rest is in proportion. Of trainings it is told how far their
 * budgets reach.
 */
export async function estimateJobs(jobs: readonly Job[], place: Place, signal?: AbortSignal): Promise<KindEstimate[]> {
  const kinds = [...new Set(jobs.map(({ kind }) => kind))];
  const estimates: KindEstimate[] = [];
  for (const kind of kinds) {
    const own = jobs.filter((job) => job.kind === kind);
    estimates.push(await estimateKind(kind, own, place, signal));
  }
  return estimates;
}

async function estimateKind(
  kind: JobKind,
  jobs: readonly Job[],
  place: Place,
  signal?: AbortSignal,
): Promise<KindEstimate> {
  const groups = likeJobs(jobs);
  const every = Math.max(1, groups.length / mostTried);
  const begun = performance.now();
  const found: (Cost & { weight: number })[] = [];
  const known = new Map<Job, Cost & { weight: number }>();
  for (let i = 0; i < groups.length; i += every) {
    if (found.length > 0 && performance.now() - begun > 1000 * patience) break;
    const group = groups[Math.floor(i)]!;
    const cost = { ...(await tryJob(group[0]!, place, signal)), weight: weightOf(group[0]!) };
    found.push(cost);
    known.set(group[0]!, cost);
  }
  const total: Cost = { seconds: 0, bytes: 0 };
  const all = found.reduce((sum, one) => sum + one.weight, 0);
  const mean = { seconds: sumOf(found, "seconds"), bytes: sumOf(found, "bytes"), weight: all };
  for (const group of groups) {
    const { seconds, bytes, weight } = known.get(group[0]!) ?? mean;
    const share = group.reduce((sum, job) => sum + weightOf(job), 0) / weight;
    total.seconds += seconds * share;
    total.bytes += bytes * share;
  }
  return { kind, jobs: jobs.length, ...total, tried: found.length };
}

function sumOf(costs: readonly Cost[], what: keyof Cost): number {
  return costs.reduce((sum, cost) => sum + cost[what], 0);
}

interface Cost {
  seconds: number;
  bytes: number;
}

function weightOf({ cost = 1 }: Job): number {
  return cost > 0 ? cost : 1;
}

function likeJobs(jobs: readonly Job[]): Job[][] {
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const group = groups.get(groupOf(job));
    if (group === undefined) groups.set(groupOf(job), [job]);
    else group.push(job);
  }
  return [...groups.values()];
}

/** Jobs of a group take the same but for their size. */
function groupOf({ kind, payload, name }: Job): string {
  if (kind === "training") return alike((payload as TrainingPayload).config);
  if (kind === "priceBlock") return alike((payload as PriceBlockPayload).config);
  if (kind === "rates") return JSON.stringify((payload as RatesPayload).network);
  return name;
}

function alike({ quantizer, training, model, network, plan }: Config): string {
  return JSON.stringify([quantizer, training, model, network, plan]);
}

async function tryJob(job: Job, place: Place, signal?: AbortSignal): Promise<Cost> {
  if (job.kind === "training") return tryTraining(job as Job<TrainingPayload>, place, signal);
  const { job: short, share } = shortened(job);
  // The first ones warm up, and whatever else runs makes one longer, never shorter.
  let { seconds, records } = await timed(short, place, signal);
  for (let spent = seconds, tries = 1; tries < mostRepeats && spent < repeating; tries++) {
    const again = await timed(short, place, signal);
    spent += again.seconds;
    if (again.seconds < seconds) ({ seconds, records } = again);
  }
  return { seconds: seconds * share, bytes: bytesOf(records) * share + timingBytes };
}

/** Of a short job: s and times that it is tried again. */
const repeating = 1.5;
const mostRepeats = 40;

/** A job with less to do, and how many times as much the whole is. */
function shortened(job: Job): { job: Job; share: number } {
  if (job.kind === "priceBlock") {
    const { payload } = job as Job<PriceBlockPayload>;
    const count = Math.min(50, payload.drops.count);
    return {
      job: { ...job, payload: { ...payload, drops: { ...payload.drops, count } } },
      share: payload.drops.count / count,
    };
  }
  if (job.kind === "rates") {
    const { payload, yields } = job as Job<RatesPayload>;
    const one = { ...job, yields: yields.slice(0, 1), payload: { ...payload, drops: payload.drops.slice(0, 1) } };
    return { job: one, share: payload.drops.length };
  }
  return { job, share: 1 };
}

/** Runs that are priced while it is tried, at most. */
const mostRuns = 50;

/** T = setup + rounds · (training + runs · pricing), from three short ones. */
async function tryTraining(job: Job<TrainingPayload>, place: Place, signal?: AbortSignal): Promise<Cost> {
  const runs = Math.min(mostRuns, job.payload.runs.length);
  await timed(shortTraining(job, 1, 1), place, signal);
  const one = await timed(shortTraining(job, 1, 1), place, signal);
  const three = await timed(shortTraining(job, 3, 1), place, signal);
  const many = runs > 1 ? await timed(shortTraining(job, 3, runs), place, signal) : three;
  const round = Math.max(0, (three.seconds - one.seconds) / 2);
  const price = runs > 1 ? Math.max(0, (many.seconds - three.seconds) / (3 * (runs - 1))) : 0;
  const setup = Math.max(0, one.seconds - round);
  const reaches = many.records.flatMap((record) => (record.kind === "run" ? [reachOf(record, job)] : []));
  const longest = Math.max(1, ...reaches);
  const mean = reaches.reduce((sum, rounds) => sum + rounds, 0) / Math.max(1, reaches.length);
  const priced = job.payload.runs.length * mean;
  const [first, last] = [one, three].map(({ records }) => records.map(bytesOfRecord));
  // A trace and a run of one round and of three: what a round adds to each, or nothing where a budget ended it before.
  const bytes = last!.reduce((sum, size, i) => {
    const before = first![i] ?? size;
    const [times, rounds] = i === 0 ? [1, longest] : [job.payload.runs.length, mean];
    return sum + times * (before + ((size - before) / 2) * (rounds - 1));
  }, 0);
  return { seconds: setup + longest * round + priced * price, bytes: bytes + timingBytes };
}

function shortTraining(job: Job<TrainingPayload>, rounds: number, runs: number): Job<TrainingPayload> {
  const { payload } = job;
  const cells = payload.cells.map((cell) => ({
    ...cell,
    changes: { ...cell.changes, rounds: Math.min(rounds, cell.changes.rounds) },
  }));
  const chosen = payload.runs.slice(0, runs);
  const yields = chosen.map(({ key }) => (payload.detail === true ? roundsKey(key) : key));
  return { ...job, yields, payload: { ...payload, cells, runs: chosen } };
}

/** Rounds that a run's budgets allow, by what its first ones cost. */
function reachOf(record: StoreRecord, job: Job<TrainingPayload>): number {
  const run = runSummary(record);
  const index = job.payload.runs.findIndex(({ key }) => key === record.key);
  const { budgets, rounds } = job.payload.cells[job.payload.runs[index]!.cell]!.changes;
  if (run === undefined || run.final.rounds === 0) return 0;
  const fit = (budget: number | null, used: number) => (budget === null ? rounds : (budget * run.final.rounds) / used);
  return Math.min(rounds, fit(budgets.energy, run.final.energy), fit(budgets.latency, run.final.latency));
}

async function timed(job: Job, place: Place, signal?: AbortSignal) {
  const begun = performance.now();
  const wanted = new Set(job.yields);
  const records = await place.perform(job, { wanted, onProgress() {}, ...(signal && { signal }) });
  return { seconds: (performance.now() - begun) / 1000, records };
}

/** Of a line of a journal, beside the record's own. */
const lineBytes = 45;
const timingBytes = 190;

function bytesOf(records: readonly StoreRecord[]): number {
  return records.reduce((sum, record) => sum + bytesOfRecord(record), 0);
}

function bytesOfRecord(record: StoreRecord): number {
  return recordText(record).length + lineBytes;
}
