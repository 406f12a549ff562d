import { gunzipSync, gzipSync } from "node:zlib";
import { InputError } from "../../../config/errors.js";
import type { Failure } from "../../../config/failure.js";
import { version as cellfed, numerics } from "../../../version.js";
import type { Job } from "../../jobs/job.js";
import type { StoreRecord } from "../../store/record.js";
import type { PluginFile } from "../plugins.js";
import { prefix } from "./connection.js";

/** What a job's results depend on beside the job: who performs it must have the same. */
export interface Requirements {
  /** Of these messages; see `queueVersion` */
  queue: number;
  cellfed: string;
  numerics: number;
  /** Sums of the plugins' sources, by their files' names */
  plugins: Readonly<Record<string, string>>;
}

/** A study as one of its coordinators announces it, again and again until it is over. */
export interface Announcement extends Requirements {
  /** Hash of the plan */
  plan: string;
  name: string;
  /** Nothing is left to do */
  over: boolean;
  /** Rises with every announcement: one that stands still is that of a coordinator that is gone */
  beat: number;
}

/** A job in the queue. */
export interface QueuedJob {
  job: Job;
  wanted: string[];
  kept?: StoreRecord;
  study: string;
  needs: Requirements;
}

/** What came of it. */
export type QueuedResult = { records: StoreRecord[]; worker: string } | { failed: Failure; worker: string };

/** Rises when these messages change. */
export const queueVersion = 1;

/** s that a study is remembered without word of a coordinator */
export const rememberedStudy = 7 * 86_400;
/** s that it is known that a study is over, unless another goes on */
export const rememberedEnd = 3600;
/** s that a result waits for a coordinator to fetch it */
export const rememberedResult = 7 * 86_400;

export const studiesKey = `${prefix}:studies`;
export const resultKey = (key: string): string => `${prefix}:result:${key}`;
export const stateKey = (key: string): string => `${prefix}:state:${key}`;

/** A job's number in the queue is its key, which then stands in it once. A number alone is none to BullMQ. */
export function idOf(key: string): string {
  const safe = key.replaceAll("%", "%25").replaceAll(":", "%3a");
  return /^\d+$/.test(safe) ? `%d${safe}` : safe;
}

export function requirements(plugins: readonly PluginFile[] = []): Requirements {
  const sums = plugins.map(({ name, sum }) => [name.replace(/^.*[/\\]/, ""), sum] as const);
  return { queue: queueVersion, cellfed, numerics, plugins: Object.fromEntries(sums) };
}

/**
 * What keeps a worker from working for a study; undefined where nothing does.
 * @param mine what this worker has
 */
export function obstacle(needs: Requirements, mine: Requirements): InputError | undefined {
  if (needs.queue !== mine.queue || needs.cellfed !== mine.cellfed || needs.numerics !== mine.numerics) {
    const of = ({ cellfed, numerics }: Requirements) => `cellfed ${cellfed} (numerics ${numerics})`;
    return new InputError("--queue", `the study there is that of ${of(needs)}, and this is ${of(mine)}: use the same`);
  }
  const sums = new Set(Object.values(mine.plugins));
  for (const [name, sum] of Object.entries(needs.plugins)) {
    if (sums.has(sum)) continue;
    const other = mine.plugins[name];
    const start = `--plugin ${name}`;
    if (other === undefined)
      return new InputError("--plugin", `the study there needs ${name} (SHA-256 ${sum.slice(0, 12)}…): add ${start}`);
    return new InputError(
      "--plugin",
      `${name} is not that of the study there (SHA-256 ${other.slice(0, 12)}… here, ${sum.slice(0, 12)}… there)`,
    );
  }
  return undefined;
}

/** Results and traces are long and much alike: a fifth of their size travels. */
export function pack(value: QueuedResult): Buffer {
  return gzipSync(JSON.stringify(value), { level: 1 });
}

/** @returns undefined for bytes that are no result */
export function unpack(bytes: Uint8Array): QueuedResult | undefined {
  try {
    return JSON.parse(gunzipSync(bytes).toString()) as QueuedResult;
  } catch {
    return undefined;
  }
}
