import type { LineHead } from "./line.js";

/** Where a record is, and what is known of it without reading it. */
export interface Entry {
  key: string;
  kind: LineHead["kind"];
  failed: boolean;
  /** CRC-32 of its line: with the length it stands for the content */
  check: number;
  /** Name of the journal, and the line in it, from 1 */
  file: string;
  line: number;
  /** Bytes */
  offset: number;
  length: number;
}

/** What is where. Which of several records of a key counts does not depend on the order in which they are found. */
export interface Catalog {
  finished: Set<string>;
  failed: Set<string>;
  /** Those that count */
  entries: Map<string, Entry>;
  timings: Map<string, Entry>;
  /** Finished records of one key that are not the same bytes, one pair for each that is not the one that counts */
  rivals: [Entry, Entry][];
  /** Records that another of their key was put in the place of, or that were not put there themselves */
  superseded: number;
  put(entry: Entry): void;
  /** Forgets a record that turned out not to be what it was */
  remove(entry: Entry): void;
}

export function createCatalog(): Catalog {
  const finished = new Set<string>();
  const failed = new Set<string>();
  const entries = new Map<string, Entry>();
  const timings = new Map<string, Entry>();
  const rivals: [Entry, Entry][] = [];
  const mark = ({ key, failed: isFailure }: Entry) => {
    (isFailure ? failed : finished).add(key);
    if (!isFailure) failed.delete(key);
  };
  const catalog: Catalog = {
    finished,
    failed,
    entries,
    timings,
    rivals,
    superseded: 0,
    put(entry) {
      if (entry.kind === "timing") {
        timings.set(timingKey(entry), entry);
        return;
      }
      const other = entries.get(entry.key);
      if (other !== undefined) {
        const differ = other.check !== entry.check || other.length !== entry.length;
        if (differ && !other.failed && !entry.failed) rivals.push([other, entry]);
        if (other.file !== entry.file || other.offset !== entry.offset) catalog.superseded++;
        if (!counts(entry, other)) return;
      }
      entries.set(entry.key, entry);
      mark(entry);
    },
    remove(entry) {
      if (entries.get(entry.key) !== entry) return;
      entries.delete(entry.key);
      finished.delete(entry.key);
      failed.delete(entry.key);
    },
  };
  return catalog;
}

/** Timings stand beside one another, however many there are of a job: only the same one again is none. */
export function timingKey({ key, check, length }: Pick<Entry, "key" | "check" | "length">): string {
  return `${key} ${check} ${length}`;
}

/**
 * Whether a record counts rather than another of its key: what is finished rather than a failure; of two finished
 * trainings the longer one, since a study that was given more goes on with what there is; of two other finished ones that
 * of the smaller check, so that it is the same after files were renamed or put together; of two failures the one
 * that stands later, by the names of the files (they begin with the time) and then within a file.
 */
function counts(entry: Entry, other: Entry): boolean {
  if (entry.failed !== other.failed) return other.failed;
  if (entry.failed) return isLater(entry, other);
  if (entry.kind === "trace" && entry.length !== other.length) return entry.length > other.length;
  if (entry.check !== other.check) return entry.check < other.check;
  if (entry.length !== other.length) return entry.length < other.length;
  return isLater(other, entry);
}

function isLater(a: Entry, b: Entry): boolean {
  return a.file === b.file ? a.offset > b.offset : a.file > b.file;
}
