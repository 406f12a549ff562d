import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { flag as isFlag, optional, record, text } from "../../config/arguments.js";
import { InputError, RunError } from "../../config/errors.js";
import { diskReason } from "../../disk/files.js";
import { makeFolder, removeEmpty } from "../../disk/folders.js";
import { type Entry, timingKey } from "./catalog.js";
import type { Finding, Store } from "./contract.js";
import {
  beginJournal,
  checkWriter,
  type JournalHeader,
  type JournalWriter,
  journalEnding,
  nameTaken,
  uniqueWriter,
} from "./journal.js";
import { type Journals, namesOfJournals, readJournals } from "./journals.js";
import { decodeRecord, encodeRecord, statedCheck } from "./line.js";
import { mendPlan, restorePlan, type SettledPlan, settlePlan } from "./plan.js";
import type { Json, StoreRecord } from "./record.js";
import { maximumLine } from "./scan.js";
import { cleanStates, type KeptState, stateOf } from "./state.js";

/** A store in a folder: the plan, and a journal for each writer. */
export interface FolderStore extends Store {
  readonly directory: string;
  /** Name of this writer's journal, without its ending */
  readonly writer: string;
  /** What the folder's results are those of; null where no plan was given */
  readonly plan: Json;
  /** Those who have written to the folder, by the names of their journals */
  writers(): (JournalHeader & { journal: string })[];
  /** Reads what other writers have added since */
  refresh(): Promise<void>;
  /** Half-done work of a job, so that it need not begin anew; `stateOf(directory, key)` where there is no store, on a worker thread */
  state(key: string): KeptState;
  /** Takes away states of jobs that are done, and what killed writers left. @param finished of a job's key */
  clean(finished: (key: string) => boolean): void;
  /** Ends it and, where nothing has finished, takes away what opening it made. @returns whether it did */
  discard(): Promise<boolean>;
}

export interface FolderStoreOptions {
  /** Go on with results that are there; without it they are refused */
  resume?: boolean;
  /** What the results are those of: kept as plan.json and compared with the one that is there. Left out, any plan will do */
  plan?: Json;
  /** The plan that the folder may have instead and that `plan` then takes the place of; what is finished stays */
  replaces?: Json;
  /** Name of the journal, which must be new; a unique one if left out */
  writer?: string;
  /** What gave the directory, for messages */
  flag?: string;
}

export const journalFolder = "journal";

/** What opening a store made, so that it can be taken away again. */
interface Made {
  /** The first folder on the way that was not there */
  folder?: string | undefined;
  journals: boolean;
  plan: boolean;
}

/**
 * Opens the store of a folder, or begins one in a folder that is empty or not there. Other writers, on any machine, may
 * have it open at the same time.
 * @throws InputError, with nothing touched, where the folder holds something else, results and no `resume`, results of
 *   another plan, of another format or other numerics; where the writer's name is taken; where it cannot be made
 * @example
 * const plan = { file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } };
 * const store = await openFolderStore(`${folder}/study`, { plan });
 * await compare(plan, { store }); // what is in the store already is not computed again
 * store.finished().size; // → 2
 * await store.close();
 */
export async function openFolderStore(directory: string, options: FolderStoreOptions = {}): Promise<FolderStore> {
  text("directory", directory);
  record({ resume: optional(isFlag), writer: optional(text), flag: optional(text) })("options", options);
  const { flag = "--out", writer = uniqueWriter() } = options;
  checkWriter(writer);
  const found = whatIsThere(directory, flag);
  const journals = openJournals(directory, flag);
  const made: Made = { journals: false, plan: false };
  try {
    const plan = settlePlan(directory, journals.headers(), plainJson(options.plan), flag, options.replaces);
    if (options.resume !== true && journals.catalog.finished.size > 0) {
      const reason = "holds the results of an earlier run: add --resume, or choose another folder";
      throw new InputError(flag, `${directory} ${reason}`);
    }
    const path = join(directory, journalFolder, `${writer}${journalEnding}`);
    if (existsSync(path)) throw nameTaken(path, writer);
    make(directory, found, plan, made, flag);
    // A name that somebody chose may be chosen twice: it is taken at once, as a plan is that takes another's place, by who
    // says that it is his. Otherwise there need be no file before there are results.
    const atOnce = options.writer !== undefined || plan.replaces !== undefined;
    const journal = atOnce ? await replacing(directory, plan, () => beginJournal(path, writer, plan.plan)) : undefined;
    return createStore({ directory, writer, plan, journals, journal, made });
  } catch (error) {
    journals.close();
    takeAway(directory, made);
    throw error;
  }
}

/**
 * Opens the store of a folder to read it, also while others write; it leaves nothing there.
 * @throws InputError where there is none, or one of another format or other numerics
 * @example
 * const plan = { file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } };
 * const written = await openFolderStore(`${folder}/study`, { plan });
 * await compare(plan, { store: written });
 * await written.close();
 * const store = await readFolderStore(`${folder}/study`);
 * for await (const record of store.select(store.keys("run"))) console.log(runSummary(record)?.final.accuracy);
 * await store.close();
 */
export async function readFolderStore(directory: string, options: { flag?: string } = {}): Promise<FolderStore> {
  text("directory", directory);
  record({ flag: optional(text) })("options", options);
  const { flag = "--out" } = options;
  if (whatIsThere(directory, flag) !== "study") throw new InputError(flag, `${directory} holds no study`);
  const journals = openJournals(directory, flag);
  const plan = settlePlan(directory, journals.headers(), undefined, flag);
  return createStore({ directory, writer: uniqueWriter(), plan, journals, made: { journals: false, plan: false } });
}

/** Where the journal that names the new plan cannot be begun, the folder has its old one. */
async function replacing<T>(directory: string, plan: SettledPlan, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    restorePlan(directory, plan);
    throw error;
  }
}

function whatIsThere(directory: string, flag: string): "nothing" | "study" {
  if (!existsSync(directory)) return "nothing";
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw new InputError(flag, `cannot read the folder ${directory}: ${(error as Error).message}`, { cause: error });
  }
  if (names.includes("results.duckdb")) {
    throw new InputError(
      flag,
      `${directory} holds results of version 1 (results.duckdb), which this version neither reads nor adds to: choose another folder`,
    );
  }
  if (names.includes(journalFolder)) return "study";
  const others = names.filter((name) => !name.startsWith("."));
  if (others.length === 0) return "nothing";
  throw new InputError(
    flag,
    `${directory} holds other files (${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}) and no study: choose an empty or new folder`,
  );
}

function openJournals(directory: string, flag: string): Journals {
  const journals = readJournals(join(directory, journalFolder));
  journals.refresh();
  const [foreign] = journals.foreign;
  if (foreign === undefined) return journals;
  journals.close();
  throw new InputError(flag, `${foreign}: choose another folder, or that version`);
}

function make(directory: string, found: "nothing" | "study", plan: SettledPlan, made: Made, flag: string) {
  try {
    made.folder = makeFolder(directory);
    if (found === "nothing") {
      makeFirst(join(directory, journalFolder));
      made.journals = true;
    }
    made.plan = mendPlan(directory, plan);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(flag, `cannot make a study in ${directory}: ${diskReason(error)}`, { cause: error });
  }
}

/** One that another writer has made in the meantime is as good. With `recursive`, Node hides why one cannot be made. */
function makeFirst(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Only what is empty but for ourselves: another writer may have come in the meantime. */
function takeAway(directory: string, made: Made): void {
  try {
    if (made.journals) rmdirSync(join(directory, journalFolder));
    if (made.journals && made.plan) rmSync(join(directory, "plan.json"), { force: true });
    if (made.folder !== undefined) removeEmpty(directory, made.folder);
  } catch {
    // Somebody else's is in it, or it has gone already.
  }
}

interface Parts {
  directory: string;
  writer: string;
  plan: SettledPlan;
  journals: Journals;
  journal?: JournalWriter | undefined;
  made: Made;
}

function createStore({ directory, writer, plan, journals, journal, made }: Parts): FolderStore {
  const name = `${writer}${journalEnding}`;
  const path = join(directory, journalFolder, name);
  let own = journal === undefined ? undefined : Promise.resolve(journal);

  async function begun(): Promise<JournalWriter> {
    own ??= beginJournal(path, writer, plan.plan);
    try {
      return await own;
    } catch (error) {
      own = undefined;
      throw error;
    }
  }

  async function add(records: readonly StoreRecord[]): Promise<void> {
    const { entries, timings } = journals.catalog;
    const fresh = records
      .map((record) => ({ record, bytes: encode(record) }))
      .filter(({ record, bytes }) => {
        const known = entries.get(record.key);
        const same = known?.check === statedCheck(bytes) && known.length === bytes.length - 1;
        return record.kind === "timing" ? !timings.has(timingKey(describe(record, bytes))) : !same;
      });
    if (fresh.length === 0) return;
    const place = await (await begun()).append(fresh.map(({ bytes }) => bytes));
    for (const { record, bytes } of fresh) {
      journals.catalog.put({ ...describe(record, bytes), file: name, ...place });
      place.offset += bytes.length;
      place.line++;
    }
  }

  let closed: Promise<void> | undefined;
  async function closeOnce(): Promise<void> {
    journals.close();
    await (await own?.catch(() => undefined))?.close();
  }
  const close = () => (closed ??= closeOnce());

  function* read(entries: Iterable<Entry | undefined>, columns?: readonly string[]): Generator<StoreRecord> {
    for (const entry of entries) {
      const line = entry && journals.line(entry);
      if (line) yield decodeRecord(line, entry.kind, columns);
    }
  }

  return {
    directory,
    writer,
    plan: plan.plan,
    finished: () => journals.catalog.finished,
    failed: () => journals.catalog.failed,
    keys(kind) {
      const all = [...journals.catalog.entries.values()].filter((entry) => entry.kind === kind && !entry.failed);
      return all.map(({ key }) => key).sort();
    },
    async get(key) {
      const [record] = read([journals.catalog.entries.get(key)]);
      return record;
    },
    async *select(keys, columns) {
      for (const key of keys) yield* read([journals.catalog.entries.get(key)], columns);
    },
    async *timings() {
      for (const [, entry] of [...journals.catalog.timings].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const host = entry.file === name ? hostname() : (journals.header(entry.file)?.host ?? null);
        for (const record of read([entry])) {
          yield { ...record, value: { ...record.value, host, writer: basename(entry.file, journalEnding) } };
        }
      }
    },
    add,
    get findings(): readonly Finding[] {
      return [...(plan.finding === undefined ? [] : [plan.finding]), ...journals.findings()];
    },
    writers: () =>
      namesOfJournals(join(directory, journalFolder)).flatMap((file) => {
        const header = journals.header(file);
        return header === undefined ? [] : [{ ...header, journal: file }];
      }),
    refresh: async () => journals.refresh(own === undefined ? undefined : name),
    state: (key) => stateOf(directory, key),
    clean: (finished) => cleanStates(directory, finished),
    close,
    async discard() {
      await close();
      if (journals.catalog.finished.size > 0) return false;
      if (own !== undefined) rmSync(path, { force: true });
      restorePlan(directory, plan);
      takeAway(directory, made);
      return true;
    },
  };
}

/** As it is read back from a file. */
function plainJson(plan: Json | undefined): Json | undefined {
  return plan === undefined ? undefined : JSON.parse(JSON.stringify(plan));
}

function encode(record: StoreRecord): Buffer {
  const bytes = encodeRecord(record);
  if (bytes.length <= maximumLine) return bytes;
  throw new RunError(`${record.kind} ${record.key} has ${bytes.length} bytes; a store takes ${maximumLine} at most`);
}

function describe({ kind, key, failure }: StoreRecord, bytes: Buffer) {
  return { kind, key, failed: failure !== undefined, check: statedCheck(bytes), length: bytes.length - 1 };
}
