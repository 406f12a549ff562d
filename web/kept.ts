import type { RoundRecord } from "../src/index.js";
import { done, openDatabase, runKey, type StoreName, write } from "./database.js";
import type { LaneState } from "./lane.js";
import type { OwnFiles } from "./ownFiles.js";

/**
 * What a tab has run, kept by the browser so that a reload goes on with it. Rounds are put as they come in, the new
 * ones alone: a long run is not copied again each time. Where the browser keeps nothing, nothing is kept.
 */
export interface Kept {
  /** Forgets what the lane had and keeps what it has now, but for the rounds */
  begin(lane: number, state: LaneState): void;
  /** Adds rounds that have come in since */
  rounds(lane: number, records: readonly RoundRecord[]): void;
  /** What has changed beside the rounds */
  note(lane: number, state: LaneState): void;
  read(lane: number): Promise<LaneState | undefined>;
  /** Where the lane's worker keeps its training */
  key(lane: number): string;
  files(files: OwnFiles): void;
  readFiles(): Promise<OwnFiles | undefined>;
}

const day = 24 * 3600 * 1000;

/**
 * One tab's: two tabs do not overwrite each other's runs, and a reload keeps this number. A tab that was duplicated has
 * the other's number, which is taken while that one is open.
 */
export async function tabNumber(): Promise<string> {
  try {
    const known = sessionStorage.getItem("cellfed-tab");
    if (known !== null && (await claimed(known))) return known;
    const made = String(Date.now());
    sessionStorage.setItem("cellfed-tab", made);
    await claimed(made);
    return made;
  } catch {
    return "0";
  }
}

/** Held as long as the page is open. A reload's earlier page may still be on its way out. */
function claimed(tab: string): Promise<boolean> {
  if (navigator.locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const giveUp = AbortSignal.timeout(500);
    const hold = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    navigator.locks.request(`cellfed-${tab}`, { signal: giveUp }, hold).catch(() => resolve(false));
  });
}

export async function openKept(tab: string): Promise<Kept | undefined> {
  const database = await openDatabase();
  if (database === undefined) return undefined;
  forgetOld(database);
  const key = (lane: number) => runKey(tab, lane);
  const roundsOf = (lane: number) => IDBKeyRange.bound([key(lane), 0], [key(lane), Number.MAX_SAFE_INTEGER]);
  const put = (name: StoreName, value: unknown, at: IDBValidKey) =>
    write(database, name, (store) => store.put(value, at));
  const note = (lane: number, { rounds: _, ...rest }: LaneState) =>
    put("lanes", { ...rest, when: Date.now() }, key(lane));
  return {
    key,
    begin(lane, state) {
      write(database, "rounds", (store) => store.delete(roundsOf(lane)));
      write(database, "training", (store) => store.delete(key(lane)));
      note(lane, state);
    },
    rounds: (lane, records) =>
      write(database, "rounds", (store) => {
        for (const record of records) store.put(record, [key(lane), record.round]);
      }),
    note,
    async read(lane) {
      const stores = database.transaction(["lanes", "rounds"]);
      const held = await done<LaneState | undefined>(stores.objectStore("lanes").get(key(lane)));
      if (held === undefined) return undefined;
      const records = await done<RoundRecord[]>(
        database.transaction("rounds").objectStore("rounds").getAll(roundsOf(lane)),
      );
      return { ...held, rounds: records };
    },
    files: (files) => put("files", { ...files, when: Date.now() }, tab),
    readFiles: () => done<OwnFiles | undefined>(database.transaction("files").objectStore("files").get(tab)),
  };
}

/** Tabs that nobody has open any more. */
function forgetOld(database: IDBDatabase): void {
  const old = (name: StoreName, forget: (key: IDBValidKey, stores: IDBTransaction) => void) => {
    const stores = database.transaction(["lanes", "rounds", "training", "files"], "readwrite");
    const request = stores.objectStore(name).openCursor();
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return;
      if (Date.now() - (cursor.value as { when: number }).when > day) {
        forget(cursor.key, stores);
        cursor.delete();
      }
      cursor.continue();
    };
  };
  old("lanes", (key, stores) => {
    stores.objectStore("rounds").delete(IDBKeyRange.bound([key, 0], [key, Number.MAX_SAFE_INTEGER]));
    stores.objectStore("training").delete(key);
  });
  old("files", () => {});
}
