import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../config/errors.js";
import { diskReason, removeParts, unwritable, writeWhole } from "./files.js";
import { makeFolder, removeEmpty } from "./folders.js";
import { hasEnded, isRunning, type Owner, thisProcess } from "./owner.js";
import { differenceOf, type ResultsPlan } from "./plan.js";

/**
 * A results folder that is there from the beginning of the work: every file in it is whole, what the work needs to go
 * on after a kill stands in `state/`, and `finish` says that all is there.
 */
export interface ResultsFolder {
  /** As the user would write it */
  readonly path: string;
  /** Where the work keeps its state */
  readonly state: string;
  /** What was there when it was opened: nothing, the same work half done, or done */
  readonly found: "nothing" | "unfinished" | "finished";
  /** @param file below the folder @throws RunError where it cannot be written */
  write(file: string, content: string | Uint8Array): void;
  /** All results are written. */
  finish(): void;
  /** Takes away what was written, and the folder with those made on the way to it where nothing else is in them. */
  discard(): void;
}

export interface OpenResults {
  /** Files that are there from the beginning */
  first?: Readonly<Record<string, string>>;
  /** Go on with what is there */
  resume: boolean;
  /**
   * The folder was not named by the user. "plan": its name belongs to this plan, so that it goes on by itself;
   * "last": it holds the last results, which those of another plan or of the same plan again replace.
   */
  byDefault?: "plan" | "last";
  /** Told in a sentence what could not be used */
  say(sentence: string): void;
}

/** Of what stands in `state/`; a change that an older version would misread raises it. */
const format = 1;

const stateFolder = "state";
const planFile = join(stateFolder, "plan.json");
const ownerFile = join(stateFolder, "owner.json");
const finishedFile = join(stateFolder, "finished");

/**
 * Opens a results folder before any work is done; what is wrong is found out here, and then nothing has been touched.
 * @param plan what its results depend on: going on with another one is refused
 * @throws InputError where it cannot be written, is not empty, is another's, or is being worked on by another process
 */
export function openResults(target: string, plan: ResultsPlan, options: OpenResults): ResultsFolder {
  const folder = resolve(target);
  const { first = {}, byDefault } = options;
  const found = inspect(target, plan, options);
  if (found === "other") clear(folder, byDefault === "last");
  const made = found === "nothing" || found === "other" ? begin(target, plan, first) : goOn(folder, first);
  const written = new Set<string>(Object.keys(first));
  own(join(folder, ownerFile));
  return {
    path: target,
    state: join(folder, stateFolder),
    found: found === "other" ? "nothing" : found,
    write(file, content) {
      written.add(file);
      try {
        if (!existsSync(join(folder, planFile))) writeFirstFiles(folder, plan, first); // somebody has removed it
        writeWhole(join(folder, file), content);
      } catch (cause) {
        throw unwritable(join(target, file), cause);
      }
    },
    finish() {
      writeWhole(join(folder, finishedFile), "");
      release(join(folder, ownerFile));
    },
    discard() {
      rmSync(join(folder, stateFolder), { recursive: true, force: true });
      for (const file of written) {
        rmSync(join(folder, file), { force: true });
        if (dirname(file) !== ".") removeEmpty(join(folder, dirname(file)), folder);
      }
      removeEmpty(folder, made ?? folder);
    },
  };
}

function inspect(
  target: string,
  plan: ResultsPlan,
  { resume, byDefault, say, first = {} }: OpenResults,
): "nothing" | "unfinished" | "finished" | "other" {
  if (!existsSync(target)) return "nothing";
  if (!statSync(target).isDirectory())
    throw new InputError("--out", `${target} is a file (allowed: a new or an empty folder)`);
  if (readdirSync(target).length === 0) return "nothing";
  const kept = readPlan(join(target, planFile));
  if (kept === undefined) {
    if (isBarelyBegun(target, first)) return "nothing";
    if (byDefault === "last") return "other";
    if (resume) throw new InputError("--resume", `${target} holds nothing that \`cellfed ${plan.command}\` began`);
    throw new InputError("--out", `${target} is not empty (allowed: a new or an empty folder)`);
  }
  refuseWorkedOn(target);
  if (kept === "newer")
    throw new InputError("--out", `${target} was written by a newer version, which this one does not understand`);
  if (kept === "damaged") {
    if (!resume && byDefault === undefined)
      throw new InputError("--out", `${target} is not empty (allowed: a new or an empty folder)`);
    say(`${join(target, planFile)} is damaged: the work starts again from the beginning`);
    return "other";
  }
  const difference = differenceOf(kept, plan);
  const finished = existsSync(join(target, finishedFile));
  if (resume) {
    if (difference !== undefined) throw new InputError("--resume", `${target} holds something else: ${difference}`);
    return finished ? "finished" : "unfinished";
  }
  if (byDefault === "last") return difference === undefined && !finished ? "unfinished" : "other";
  if (byDefault === "plan") {
    if (difference !== undefined) throw new InputError("--out", `${target} holds something else: ${difference}`);
    return finished ? "finished" : "unfinished";
  }
  throw new InputError(
    "--out",
    finished
      ? `${target} is not empty (allowed: a new or an empty folder)`
      : `${target} holds something unfinished: go on with --resume, or choose a new or an empty folder`,
  );
}

/** Killed while its first files were moved there. */
function isBarelyBegun(target: string, first: Readonly<Record<string, string>>): boolean {
  return readdirSync(target).every(
    (name) => first[name] !== undefined && readFileSync(join(target, name), "utf8") === first[name],
  );
}

/** @returns undefined where there is none */
function readPlan(file: string): ResultsPlan | "damaged" | "newer" | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { format: kept, ...plan } = JSON.parse(readFileSync(file, "utf8")) as ResultsPlan & { format: number };
    if (typeof kept !== "number" || typeof plan.command !== "string") return "damaged";
    return kept > format ? "newer" : (plan as ResultsPlan);
  } catch {
    return "damaged";
  }
}

/** Two processes that write into one folder would each think the other's state its own. */
function refuseWorkedOn(target: string): void {
  const owner = readOwner(join(target, ownerFile));
  if (owner !== undefined && owner.host === hostname() && !hasEnded(owner))
    throw new InputError("--out", `${target} is being worked on by process ${owner.process}`);
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** The owner's files that say that a folder is this process's. */
const owned = new Set<string>();

/** Until the process ends, however it does: one that is killed is known to be gone. */
function own(file: string): void {
  if (owned.size === 0) process.once("exit", () => owned.forEach(release));
  owned.add(file);
}

function release(file: string): void {
  const owner = readOwner(file);
  if (owner?.process === process.pid && owner.host === hostname()) rmSync(file, { force: true });
}

/**
 * Makes the folder with its first files beside its place and moves it there: it is never seen without its plan.
 * @returns the first folder that had to be made on the way to it
 */
function begin(target: string, plan: ResultsPlan, first: Readonly<Record<string, string>>): string | undefined {
  const folder = resolve(target);
  const parent = dirname(folder);
  let made: string | undefined;
  let temporary: string | undefined;
  try {
    made = makeFolder(parent);
    removeAbandoned(parent);
    temporary = mkdtempSync(join(parent, `${temporaryName}${thisHost()}-${process.pid}-`));
    writeFirstFiles(temporary, plan, first);
    moveInto(temporary, folder);
    return made ?? folder;
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    if (made !== undefined) removeEmpty(parent, made);
    throw new InputError("--out", `${target} cannot be written: ${diskReason(cause)}`, { cause });
  }
}

function writeFirstFiles(folder: string, plan: ResultsPlan, first: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(first)) writeWhole(join(folder, file), content);
  writeWhole(join(folder, planFile), `${JSON.stringify({ format, ...plan }, null, 2)}\n`);
  writeWhole(join(folder, ownerFile), `${JSON.stringify(thisProcess())}\n`);
}

/**
 * In one step where there is no folder yet. One that is there gets its files one by one, its plan last: replaced, it would
 * be lost to whoever stands in it, a shell or this process itself after `--out .`.
 */
function moveInto(temporary: string, folder: string): void {
  chmodSync(temporary, 0o777 & ~process.umask()); // a temporary folder is its owner's alone, a result is not
  if (!existsSync(folder)) {
    renameSync(temporary, folder);
    return;
  }
  const names = readdirSync(temporary).sort((a, b) => Number(a === stateFolder) - Number(b === stateFolder));
  for (const name of names) renameSync(join(temporary, name), join(folder, name));
  rmdirSync(temporary);
}

/** What was there from the beginning is there again, should it have been lost. */
function goOn(folder: string, first: Readonly<Record<string, string>>): undefined {
  removeParts(folder);
  for (const [file, content] of Object.entries(first)) {
    const path = join(folder, file);
    if (!existsSync(path) || readFileSync(path, "utf8") !== content) writeWhole(path, content);
  }
  writeWhole(join(folder, ownerFile), `${JSON.stringify(thisProcess())}\n`);
}

/** Makes room for other work. What is not ours stays, unless the folder is only there for the last results. */
function clear(folder: string, everything: boolean): void {
  for (const name of everything ? readdirSync(folder) : [stateFolder])
    rmSync(join(folder, name), { recursive: true, force: true });
}

const temporaryName = ".cellfed-";

const thisHost = (): string => hostname().replace(/[^\w]/g, "_");

const longAgo = 24 * 60 * 60 * 1000;

/** Hidden folders that a killed process left behind: its own end is known here, of others a day must have passed. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(temporaryName)) continue;
    const path = join(parent, name);
    const [, host, pid] = /^\.cellfed-(\w+)-(\d+)-/.exec(name) ?? [];
    const abandoned = host === thisHost() && !isRunning(Number(pid));
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (abandoned || Date.now() - mtimeMs > longAgo) rmSync(path, { recursive: true, force: true });
  }
}
