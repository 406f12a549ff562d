import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../../config/errors.js";
import { diskReason, writeWhole } from "../../disk/files.js";
import { hasEnded, type Owner, thisProcess } from "../../disk/owner.js";

/**
 * Who works on which block of a study's jobs, in its folder. Nothing is ever locked, and no clock is compared with
 * another: a claim is a file that only one can create, and a worker whose counter has stood still for too long, on the
 * clock of whoever looks, is taken for gone. Being wrong about it costs work done twice and nothing else: a job's key
 * is its identity.
 */
export interface Claims {
  /** Sees anew who has what; blocks are taken as they were seen last */
  look(): void;
  /**
   * Takes a block.
   * @returns "free" where nobody had it, "left" where whoever had it is gone, undefined where somebody works on it
   */
  take(block: number): "free" | "left" | undefined;
  /** Says that this worker is there, and what it has done: to be called every `beatInterval` */
  beat(done: number): void;
  /** Leaves: what is claimed and not finished is anybody's at once */
  leave(): void;
  /** Takes all claims away, once nothing is left to do */
  clear(): void;
}

/** Between two beats, s. */
export const beatInterval = 10;
/** Without a sign from a worker for this long, s, it is taken for gone; file systems may show a change a minute late. */
export const defaultSilence = 120;

/** What a worker says of itself, in `workers/WRITER.json`. */
export interface WorkerSign extends Owner {
  writer: string;
  /** Threads, jobs done, when it began (its own clock: for people) */
  threads: number;
  done: number;
  start: string;
  /** Rises with every sign: what others see of its being alive */
  beat: number;
  left: boolean;
}

export interface ClaimsOptions {
  /** Name of the worker's journal, which no other has */
  writer: string;
  threads: number;
  /** s; see `defaultSilence` */
  silence?: number;
  /** s that only go forward; a test may have its own */
  now?(): number;
}

const claimsFolder = "claims";
const workersFolder = "workers";

/** @param directory of the study's store */
export function openClaims(directory: string, options: ClaimsOptions): Claims {
  const { writer, threads, silence = defaultSilence, now = () => performance.now() / 1000 } = options;
  const folder = join(directory, claimsFolder);
  const sign: WorkerSign = {
    ...{ writer, ...thisProcess(), threads, done: 0 },
    ...{ start: new Date().toISOString(), beat: 0, left: false },
  };
  const seen = new Map<string, { beat: number | undefined; since: number }>();
  const holders = new Map<string, string>();
  let latest = new Map<number, number>();
  let judged = new Map<string, boolean>();

  function show(): void {
    try {
      writeWhole(join(directory, workersFolder, `${writer}.json`), `${JSON.stringify(sign)}\n`);
    } catch {
      // On a full disk others take it for gone, and nothing is lost by it.
    }
  }

  function holderOf(claim: string): string {
    const known = holders.get(claim) ?? writerIn(join(folder, claim));
    if (known !== undefined) holders.set(claim, known);
    return known ?? claim; // nobody of that name ever gives a sign
  }

  function isGone(other: string): boolean {
    if (other === writer) return false;
    const known = judged.get(other) ?? judge(other);
    judged.set(other, known);
    return known;
  }

  function judge(other: string): boolean {
    const there = readSign(directory, other);
    if (there !== undefined && (there.left || hasEnded(there))) return true;
    const known = seen.get(other);
    if (known !== undefined && known.beat === there?.beat) return now() - known.since > silence;
    seen.set(other, { beat: there?.beat, since: now() });
    return false;
  }

  show();
  return {
    look() {
      latest = latestClaims(folder);
      judged = new Map();
    },
    take(block) {
      const generation = latest.get(block);
      if (generation !== undefined && !isGone(holderOf(`${block}.${generation}`))) return undefined;
      if (!create(folder, block, (generation ?? -1) + 1, writer)) return undefined;
      return generation === undefined ? "free" : "left";
    },
    beat(done) {
      sign.done = done;
      sign.beat++;
      show();
    },
    leave() {
      sign.left = true;
      sign.beat++;
      // Once all claims are taken away there is nobody to tell
      if (existsSync(folder)) show();
      else removeSign(directory, writer);
    },
    clear() {
      for (const name of [claimsFolder, workersFolder]) rmSync(join(directory, name), { recursive: true, force: true });
    },
  };
}

/** Who works on a study's folder, or has: what each says of itself. */
export function workersOf(directory: string): WorkerSign[] {
  const ending = ".json";
  return namesIn(join(directory, workersFolder))
    .filter((name) => name.endsWith(ending) && !name.startsWith("."))
    .flatMap((name) => readSign(directory, name.slice(0, -ending.length)) ?? []);
}

function removeSign(directory: string, writer: string): void {
  rmSync(join(directory, workersFolder, `${writer}.json`), { force: true });
  try {
    rmdirSync(join(directory, workersFolder));
  } catch {
    // It is not there, or not empty.
  }
}

function readSign(directory: string, writer: string): WorkerSign | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, workersFolder, `${writer}.json`), "utf8")) as WorkerSign;
  } catch {
    return undefined; // not there, or not to be seen yet
  }
}

/** Of each block that was taken, how often before. */
function latestClaims(folder: string): Map<number, number> {
  const latest = new Map<number, number>();
  for (const name of namesIn(folder)) {
    const [, block, generation] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
    if (generation === undefined) continue;
    latest.set(Number(block), Math.max(latest.get(Number(block)) ?? 0, Number(generation)));
  }
  return latest;
}

/** Undefined where whoever made the claim has not written its name yet, or never did. */
function writerIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** @returns whether it is ours. @throws RunError where nothing can be created at all */
function create(folder: string, block: number, generation: number, writer: string): boolean {
  const path = join(folder, `${block}.${generation}`);
  for (const last of [false, true]) {
    try {
      const file = openSync(path, "wx");
      try {
        writeFileSync(file, writer);
      } finally {
        closeSync(file);
      }
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code !== "ENOENT" || last) throw unclaimable(path, error);
      mkdirSync(folder, { recursive: true });
    }
  }
  return false;
}

function unclaimable(path: string, cause: unknown): RunError {
  return new RunError(`${path}: no work can be claimed: ${diskReason(cause)}`, {}, { cause });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
