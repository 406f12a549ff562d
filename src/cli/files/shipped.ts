import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { readInput } from "../../disk/input.js";
import {
  concludeReproduction,
  finalistsOf,
  planReproduction,
  planTunings,
  type ReproductionResults,
} from "../../papers/reproduce.js";
import { chooseScale, type Scale } from "../../papers/scales.js";
import { readShippedStudy, recordsFile, type ShippedStudy, studyFile } from "../../report/pages/shippedStudy.js";
import { choicesOf } from "../../study/plan/tunings.js";
import type { Store, StoreRecord } from "../../study/store/contract.js";
import { journalFolder, readFolderStore } from "../../study/store/folder.js";
import { openShipped, watched } from "../../study/store/shipped.js";
import { numerics as ownNumerics } from "../../version.js";
import { sayFindings } from "./findings.js";

/** The files of a report that all the others are made from. */
export async function readShipped(folder: string): Promise<{ study: ShippedStudy; text: string; bytes: Uint8Array }> {
  const text = (await readInput(join(folder, studyFile))).toString();
  const study = readShippedStudy(text, join(folder, studyFile));
  return { study, text, bytes: await readInput(join(folder, recordsFile)) };
}

/** Results to begin with. */
export interface Known {
  folder: string;
  /** Of all that is finished there, as it was opened: others may go on writing */
  keys: ReadonlySet<string>;
  store: Store;
}

/**
 * What reports were shipped with, or what results folders hold, whole or not, whatever they asked for: a record is what
 * its key says.
 * @param scale of the study that they are for; no other's results are of use there
 * A folder's damaged records are said and left out.
 * @throws InputError for a report's damaged records, those of other numerics and those of another scale
 */
export async function openKnown(folders: readonly string[], scale: string): Promise<Known[]> {
  const known: Known[] = [];
  for (const folder of folders) {
    // A report has the records that made it: of a run that was stopped, the journals have more.
    const open = existsSync(join(folder, journalFolder)) ? openKept : openReport;
    const store = await open(folder, scale);
    known.push({ folder, keys: new Set(store.finished()), store });
  }
  return known;
}

async function openKept(folder: string, scale: string): Promise<Store> {
  const store = await readFolderStore(folder, { flag: "--known" });
  refuseOtherScale(folder, (store.plan as { scale?: string } | null)?.scale ?? scale, scale);
  sayFindings(store.findings);
  return store;
}

async function openReport(folder: string, scale: string): Promise<Store> {
  const { study, bytes } = await readShipped(folder);
  refuseOtherScale(folder, study.scale, scale);
  const path = join(folder, recordsFile);
  const { store, numerics } = await openShipped(bytes, path);
  if (numerics !== ownNumerics) {
    throw new InputError(path, `results of numerics ${numerics}, not of this version's ${ownNumerics}`);
  }
  return store;
}

function refuseOtherScale(folder: string, has: string, scale: string): void {
  if (has === scale) return;
  throw new InputError("--known", `${folder} has results of the scale "${has}" (allowed: "${scale}")`);
}

/** Records: a folder's store waits for the disk once for all of them. */
const atOnce = 500;

/** Adds to a study's store what is known and not there yet, and closes what it came from. @returns how many these were */
export async function takeOver({ keys, store: known }: Known, store: Store): Promise<number> {
  const there = store.finished();
  const fresh = [...keys].filter((key) => !there.has(key));
  for (let next = 0; next < fresh.length; next += atOnce) {
    const batch: StoreRecord[] = [];
    for await (const record of known.select(fresh.slice(next, next + atOnce))) batch.push(record);
    await store.add(batch);
  }
  await known.close();
  return fresh.length;
}

/**
 * The results of a study from its records alone.
 * @param folder it came from, for messages
 * @throws InputError for damaged records, and where the experiments ask for others than were shipped
 */
export async function concludeShipped(
  study: ShippedStudy,
  bytes: Uint8Array,
  folder: string,
): Promise<{ results: ReproductionResults; scale: Scale }> {
  const path = join(folder, recordsFile);
  const { store, records, numerics } = await openShipped(bytes, path);
  if (records !== study.records) throw new InputError(path, `${records} records, but ${study.records} were shipped`);
  const scale = chooseScale(study.scale);
  const { experiments, sets, seeds, drops, without } = study;
  const request = {
    scale,
    experiments,
    sets,
    ...(seeds !== undefined && { seeds }),
    ...(drops !== undefined && { drops }),
    without: new Set(scale.scenarios.filter(({ title }) => without.includes(title))),
    numerics,
  };
  const read = watched(store);
  const choices = await choicesOf(planTunings(request), read.store);
  const screened = planReproduction({ ...request, choices });
  const finalists = await finalistsOf(screened, read.store);
  const plan = finalists.size === 0 ? screened : planReproduction({ ...request, choices, finalists });
  const results = await concludeReproduction(plan, read.store);
  const used = read.keys().length;
  if (used !== records) {
    const reason = "the experiments of this version ask for others than those that made it";
    throw new InputError(path, `${used} of ${records} records are used: ${reason}`);
  }
  return { results, scale };
}
