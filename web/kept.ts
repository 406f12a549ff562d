import type { RoundRecord } from "../src/index.js";
import type { LaneState } from "./lane.js";

/**
 * What a tab has run, kept by the browser so that a reload goes on with it. Rounds are put as they come in, one by one:
 * a long run is not copied again at each. Where the browser keeps nothing, nothing is kept.
 */
export interface Kept {
  /** Forgets what the lane had and keeps what it has now, but for the rounds */
  begin(lane: number, state: LaneState): void;
  round(lane: number, record: RoundRecord): void;
  /** What has changed beside the rounds */
  note(lane: number, state: LaneState): void;
  read(lane: number): Promise<LaneState | undefined>;
}

const day = 24 * 3600 * 1000;

/** One tab's: two tabs do not overwrite each other's runs, and a reload keeps this number. */
export function tabNumber(): string {
  try {
    const known = sessionStorage.getItem("cellfed-tab");
    if (known !== null) return known;
    const made = String(Date.now());
    sessionStorage.setItem("cellfed-tab", made);
    return made;
  } catch {
    return "0";
  }
}

export async function openKept(tab: string): Promise<Kept | undefined> {
  const database = await openDatabase();
  if (database === undefined) return undefined;
  forgetOld(database);
  const laneKey = (lane: number) => `${tab}/${lane}`;
  const rounds = (lane: number) => IDBKeyRange.bound([laneKey(lane), 0], [laneKey(lane), Number.MAX_SAFE_INTEGER]);
  const write = (name: "lanes" | "rounds", change: (store: IDBObjectStore) => void) => {
    try {
      change(database.transaction(name, "readwrite", { durability: "relaxed" }).objectStore(name));
    } catch {
      // The browser may have closed it, or have no room: the page goes on without
    }
  };
  const note = (lane: number, { rounds: _, ...rest }: LaneState) =>
    write("lanes", (store) => store.put({ ...rest, when: Date.now() }, laneKey(lane)));
  return {
    begin(lane, state) {
      write("rounds", (store) => store.delete(rounds(lane)));
      note(lane, state);
    },
    round: (lane, record) => write("rounds", (store) => store.put(record, [laneKey(lane), record.round])),
    note,
    async read(lane) {
      const stores = database.transaction(["lanes", "rounds"]);
      const held = await done<LaneState | undefined>(stores.objectStore("lanes").get(laneKey(lane)));
      if (held === undefined) return undefined;
      const records = await done<RoundRecord[]>(
        database.transaction("rounds").objectStore("rounds").getAll(rounds(lane)),
      );
      return { ...held, rounds: records };
    },
  };
}

function openDatabase(): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("cellfed-lab", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("lanes");
        request.result.createObjectStore("rounds");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
      request.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}

/** Tabs that nobody has open any more. */
function forgetOld(database: IDBDatabase): void {
  const stores = database.transaction(["lanes", "rounds"], "readwrite");
  const request = stores.objectStore("lanes").openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (cursor === null) return;
    if (Date.now() - (cursor.value as { when: number }).when > day) {
      const key = String(cursor.key);
      stores.objectStore("rounds").delete(IDBKeyRange.bound([key, 0], [key, Number.MAX_SAFE_INTEGER]));
      cursor.delete();
    }
    cursor.continue();
  };
}
