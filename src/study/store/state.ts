import { readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { removeParts, writeWhole } from "../../disk/files.js";
import type { JobState } from "../jobs/job.js";

/** Half-done work of a job in a study's folder, which can be taken away. */
export interface KeptState extends JobState {
  remove(): void;
}

/** Half-done work of jobs stands beside the journals, one file a job; what is in it is the job's business. */
export const stateFolder = "state";
const stateEnding = ".state";

/** @param directory the study's; a worker thread needs no more than this and the job's key */
export function stateOf(directory: string, key: string): KeptState {
  const folder = join(directory, stateFolder);
  const path = join(folder, `${fileName(key)}${stateEnding}`);
  return {
    async read() {
      try {
        return readFileSync(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(bytes) {
      try {
        writeWhole(path, bytes);
      } catch {
        // On a full disk the work goes on: that a kill would cost more of it is no reason to end it now.
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}

/**
 * Takes away what nobody will go on from: states of finished jobs, and parts of files that writers left when they were
 * killed.
 * @param finished whether a job of this key has nothing left to do
 */
export function cleanStates(directory: string, finished: (key: string) => boolean): void {
  const folder = join(directory, stateFolder);
  for (const name of namesIn(folder)) {
    const key = name.endsWith(stateEnding) ? keyOf(name.slice(0, -stateEnding.length)) : undefined;
    if (key !== undefined && finished(key)) rmSync(join(folder, name), { force: true });
  }
  removeParts(directory);
  try {
    rmdirSync(folder);
  } catch {
    // It is not there, or not empty.
  }
}

/** A key as a file's name on every system. */
function fileName(key: string): string {
  const escaped = (byte: number) => `%${byte.toString(16).padStart(2, "0")}`;
  return key.replace(/[^A-Za-z0-9._-]|^\./gu, (character) => [...Buffer.from(character)].map(escaped).join(""));
}

function keyOf(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
