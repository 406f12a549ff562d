import { InputError, RunError, show } from "../../config/errors.js";
import type { Job } from "../jobs/job.js";
import type { Store } from "../store/contract.js";
import { type Departure, pause } from "./departure.js";
import type { Place } from "./place.js";
import type { StudyProgress } from "./progress.js";
import { type JobsOutcome, runJobs } from "./run.js";

/** One worker's part of a study that several share. */
export interface SharedWork {
  /** The jobs in blocks, the same for all workers, those that take longest first */
  blocks: readonly (readonly Job[])[];
  /** Reads, besides, what others have finished */
  store: Store & { refresh?(): Promise<void> };
  place: Place;
  /** Who has which block; without it, all are this worker's own */
  claims?: { look(): void; take(block: number): "free" | "left" | undefined };
  departure: Departure;
  onProgress?(progress: StudyProgress): void;
  /** s between two looks at what others have finished, once all is claimed */
  look?: number;
}

export interface SharedOutcome extends Pick<JobsOutcome, "failures"> {
  /** Jobs that this worker did */
  done: number;
  /** Jobs of its blocks, or of the whole study where blocks are claimed, that nobody has finished or failed at */
  left: number;
}

/** How often a job whose worker was lost is tried again: what crashes four times would crash a fifth time. */
export const crashRetries = 3;

/** Claims of at most this many blocks stand in a folder. */
const mostBlocks = 1024;

/** Between two words of progress, ms: of very many jobs, counting is work too. */
const betweenWords = 500;

/** The jobs that take longest first; the same order for everybody. */
function inOrder(jobs: readonly Job[]): Job[] {
  return [...jobs].sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0) || (a.key < b.key ? -1 : 1));
}

/** Jobs in blocks that can be claimed: a job each, more where there are very many. */
export function blocksOf(jobs: readonly Job[]): Job[][] {
  const ordered = inOrder(jobs);
  const size = Math.max(1, Math.ceil(ordered.length / mostBlocks));
  return Array.from({ length: Math.ceil(ordered.length / size) }, (_, i) => ordered.slice(i * size, (i + 1) * size));
}

/** The jobs of shard i of n, dealt out so that all shards have about the same work. @param shard from 1 */
export function shardOf(jobs: readonly Job[], { shard, shards }: { shard: number; shards: number }): Job[][] {
  return inOrder(jobs)
    .filter((_, i) => i % shards === shard - 1)
    .map((job) => [job]);
}

/** "3/100". @throws InputError */
export function parseShard(text: string): { shard: number; shards: number } {
  const [, shard, shards] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  if (shard === undefined || shards === undefined || Number(shards) < 1)
    throw new InputError("--shard", `${show(text)} is not allowed (allowed: i/n, such as 3/100)`);
  if (Number(shard) < 1 || Number(shard) > Number(shards))
    throw new InputError("--shard", `${shard}/${shards}: there are shards 1 to ${shards}`);
  return { shard: Number(shard), shards: Number(shards) };
}

/** The jobs for which there is something to do. */
export function unsettled(jobs: readonly Job[], store: Store): Job[] {
  const settled = settledIn(store);
  return jobs.filter((job) => !settled(job));
}

/** Whether there is nothing to do for a job any more: finished, or failed, which another attempt would not change. */
function settledIn(store: Store): (job: Job) => boolean {
  const finished = store.finished();
  return ({ yields }) => {
    const failed = store.failed();
    return yields.every((key) => finished.has(key) || failed.has(key));
  };
}

/**
 * Works through blocks of jobs until none is left, or until it has to leave. What others have claimed it waits for, and
 * takes over where they are gone. Failures of others are not tried again.
 * @throws InputError that shows before anything is finished; what the store and the claims throw
 */
export async function workTogether(work: SharedWork): Promise<SharedOutcome> {
  const { blocks, store, place, claims, departure } = work;
  const settled = settledIn(store);
  const failures: JobsOutcome["failures"][number][] = [];
  const nextBlock = blockTaker(work, settled);
  const jobs = blocks.reduce((sum, block) => sum + block.length, 0);
  const here = soberly(place, () => store.finished().size > 0);
  const begun = performance.now();
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  if (departure.stop.aborted) stop.abort();
  departure.stop.addEventListener("abort", onStop, { once: true });
  let done = 0;
  let told = Number.NEGATIVE_INFINITY;
  const tell = (name: string, step?: StudyProgress["job"]): void => {
    if (performance.now() - told < betweenWords) return;
    told = performance.now();
    const seconds = (performance.now() - begun) / 1000;
    const over = jobs - countLeft(blocks, settled);
    const share = jobs === 0 ? 1 : over / jobs;
    const secondsLeft = done > 0 ? (seconds * (jobs - over)) / done : null;
    const job = step ?? { name, done: 1, expected: 1 };
    work.onProgress?.({ jobs, done: over, failed: store.failed().size, share, secondsLeft, job });
  };

  async function oneAfterTheOther(): Promise<void> {
    while (!departure.drain.aborted && !stop.signal.aborted) {
      const next = nextBlock();
      if (next === undefined) {
        if (claims === undefined || blocks.every((block) => block.every(settled))) return;
        await pause(work.look ?? 2, departure.drain);
        await store.refresh?.();
        continue;
      }
      if (next.found === "left") await store.refresh?.();
      for (const job of blocks[next.number]!.filter((job) => !settled(job))) {
        if (departure.drain.aborted || stop.signal.aborted) return;
        const outcome = await runJobs([job], {
          ...{ store, place: here, signal: stop.signal, retries: crashRetries },
          onProgress: (progress) => {
            if (progress.done < 1) tell(job.name, progress.job);
          },
        });
        failures.push(...outcome.failures);
        if (outcome.interrupted) return;
        done++;
        tell(job.name);
      }
    }
  }

  const slots = Math.max(1, Math.min(place.slots, jobs));
  try {
    await Promise.all(
      Array.from({ length: slots }, () =>
        oneAfterTheOther().catch((error: unknown) => {
          stop.abort(); // the others need not go on
          throw error;
        }),
      ),
    );
  } finally {
    departure.stop.removeEventListener("abort", onStop);
  }
  return { failures, done, left: countLeft(blocks, settled) };
}

/** Gives the blocks that nobody has, one after the other; none when all are settled or taken for now. */
function blockTaker({ blocks, claims }: SharedWork, settled: (job: Job) => boolean) {
  const own = new Set<number>();
  /** Blocks before this one are settled */
  let first = 0;
  return (): { number: number; found: "free" | "left" } | undefined => {
    while (first < blocks.length && blocks[first]!.every(settled)) first++;
    claims?.look();
    for (let number = first; number < blocks.length; number++) {
      if (own.has(number) || blocks[number]!.every(settled)) continue;
      const found = claims === undefined ? "free" : claims.take(number);
      if (found === undefined) continue;
      own.add(number);
      return { number, found };
    }
    return undefined;
  };
}

function countLeft(blocks: SharedWork["blocks"], settled: (job: Job) => boolean): number {
  return blocks.reduce((sum, block) => sum + block.filter((job) => !settled(job)).length, 0);
}

/** One job at a time; bad input ends everything only as long as nothing has been finished, whoever did it. */
function soberly(place: Place, begun: () => boolean): Place {
  return {
    slots: 1,
    async perform(job, options) {
      try {
        return await place.perform(job, options);
      } catch (error) {
        if (error instanceof InputError && begun()) throw new RunError(error.message, {}, { cause: error });
        throw error;
      }
    },
    close: async () => {},
  };
}
