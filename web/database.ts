import type { StateStore } from "../src/index.js";

/** The browser's own store, which the page and its runs' workers both open. */

/** Of each run of a tab but for "files", which are the tab's */
export type StoreName = "lanes" | "rounds" | "training" | "files";

const names: readonly StoreName[] = ["lanes", "rounds", "training", "files"];

/** Undefined where the browser keeps nothing. */
export function openDatabase(): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("cellfed-lab", 3);
      // What an earlier page kept, this one may not be able to read
      request.onupgradeneeded = () => {
        const { result } = request;
        for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
        for (const name of names) result.createObjectStore(name);
      };
      request.onsuccess = () => {
        const { result } = request;
        // A newer page in another tab goes before
        result.onversionchange = () => result.close();
        resolve(result);
      };
      request.onerror = () => resolve(undefined);
      request.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

export function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}

/** Changes a store; the browser may have closed it, or have no room: the page then goes on without. */
export function write(database: IDBDatabase, name: StoreName, change: (store: IDBObjectStore) => void): void {
  try {
    change(database.transaction(name, "readwrite", { durability: "relaxed" }).objectStore(name));
  } catch {
    // As above
  }
}

export const runKey = (tab: string, lane: number) => `${tab}/${lane}`;

/**
 * Where a run's worker keeps its training, so that a reload goes on from it instead of from the first round.
 * @param anew whether what is kept is an earlier run's
 */
export function trainingStore(key: string, { anew }: { anew: boolean }): StateStore {
  const opened = openDatabase();
  return {
    async read() {
      const database = await opened;
      if (database === undefined || anew) return undefined;
      return done<Uint8Array | undefined>(database.transaction("training").objectStore("training").get(key)).catch(
        () => undefined,
      );
    },
    async write(bytes) {
      const database = await opened;
      if (database !== undefined) write(database, "training", (store) => store.put(bytes, key));
    },
  };
}
