import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { numerics } from "../../version.js";
import { type Catalog, createCatalog, type Entry } from "./catalog.js";
import type { Finding } from "./contract.js";
import { type JournalHeader, journalEnding } from "./journal.js";
import { checkOf, decodeRecord, formatVersion, type LineHead, readHead } from "./line.js";
import { continues, sameResult } from "./record.js";
import { type Damage, type Place, scanJournal } from "./scan.js";

/** All journals of a folder, read. */
export interface Journals {
  readonly catalog: Catalog;
  headers(): readonly JournalHeader[];
  /** First line of a journal by its name; undefined where it is damaged */
  header(file: string): JournalHeader | undefined;
  /** Sentences about journals that this version must not add to */
  readonly foreign: readonly string[];
  /** Reads what was added since; `own` is left out: whoever writes it knows what is in it */
  refresh(own?: string): void;
  findings(): Finding[];
  /** The line of a record, checked again; undefined where it is no longer what it was, which is then a finding */
  line(entry: Entry): Buffer | undefined;
  close(): void;
}

/** What was found in one file. */
interface Scanned {
  next: Place;
  damages: Damage[];
}

/** @param folder that of the journals; it need not be there yet */
export function readJournals(folder: string): Journals {
  const files = openFiles(folder);
  let catalog = createCatalog();
  let scanned = new Map<string, Scanned>();
  let headers = new Map<string, JournalHeader[]>();
  let foreign: string[] = [];
  let lost: Finding[] = [];
  let conflicts = new Map<string, Finding>();
  let compared = 0;

  function refresh(own?: string): void {
    // By their names again: a file may have been put in the place of another.
    files.close();
    for (const name of namesOfJournals(folder)) {
      if (name === own) continue;
      const before = scanned.get(name);
      try {
        const file = files.open(name);
        if (before !== undefined && fstatSync(file).size < before.next.offset) {
          // Not only appended to: nothing that is known of it holds.
          reset();
          refresh(own);
          return;
        }
        scan(name, file, before);
      } catch (error) {
        scanned.set(name, unreadable(before, error as Error));
      }
    }
    compareRivals();
  }

  function reset(): void {
    files.close();
    [catalog, scanned, headers, foreign, lost, conflicts, compared] = [
      createCatalog(),
      new Map(),
      new Map(),
      [],
      [],
      new Map(),
      0,
    ];
  }

  function scan(name: string, file: number, before: Scanned | undefined): void {
    // A last line that was not finished then is read again.
    const damages = before?.damages.filter((damage) => damage.place.offset < before.next.offset) ?? [];
    const next = scanJournal(file, before?.next ?? { offset: 0, line: 1 }, {
      onRecord(head, place, line) {
        if (head.kind === "journal") readHeader(name, head, line);
        else if (head.version !== formatVersion) damages.push(otherVersion(head, place, "format", formatVersion));
        else if (head.numerics !== numerics) damages.push(otherVersion(head, place, "numerics", numerics));
        else catalog.put({ key: head.key, kind: head.kind, failed: head.failed, file: name, ...place });
      },
      onDamage: (damage) => damages.push(damage),
    });
    scanned.set(name, { next, damages });
  }

  function readHeader(name: string, head: LineHead, line: Buffer): void {
    const other = head.version !== formatVersion ? "format" : head.numerics !== numerics ? "numerics" : undefined;
    if (other === undefined) {
      headers.set(name, [...(headers.get(name) ?? []), JSON.parse(line.toString()).journal]);
      return;
    }
    const [there, here] = other === "format" ? [head.version, formatVersion] : [head.numerics, numerics];
    const what = other === "format" ? "is written in format" : "has results of numerics";
    const which = there > here ? "a newer version of cellfed" : "an older version of cellfed";
    foreign.push(
      `${join(folder, name)} ${what} ${there}, this version's is ${here}: ${which} made it, and no store mixes two`,
    );
  }

  /** Two finished records of a key: whether they say the same, whatever they are called. */
  function compareRivals(): void {
    const rivals = catalog.rivals;
    for (; compared < rivals.length; compared++) {
      const [first, second] = rivals[compared]!.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)) as [Entry, Entry];
      const [one, other] = [first, second].map((entry) => {
        const line = lineOf(files, entry);
        return line && decodeRecord(Buffer.from(line), entry.kind);
      });
      if (one === undefined || other === undefined || sameResult(one, other) || continues(one, other)) continue;
      const where = `${place(first)} and ${place(second)}`;
      const counting = catalog.entries.get(first.key);
      const reason = `two finished results of one key differ; that of ${counting === undefined ? "neither" : place(counting)} counts`;
      conflicts.set(where, { kind: "conflict", where, key: first.key, lost: false, reason });
    }
  }

  return {
    get catalog() {
      return catalog;
    },
    headers: () => [...headers.values()].flat(),
    header: (file) => headers.get(file)?.[0],
    get foreign() {
      return foreign;
    },
    refresh,
    findings() {
      const damaged = [...scanned].flatMap(([name, { damages }]) =>
        damages.flatMap((damage) => findingsOf(name, damage, catalog)),
      );
      return [...damaged, ...lost, ...conflicts.values()];
    },
    line(entry) {
      const line = lineOf(files, entry);
      if (line !== undefined) return line;
      catalog.remove(entry);
      const reason = "it is no longer what it was when the store was opened";
      lost.push({ kind: "damaged", where: place(entry), key: entry.key, lost: true, reason });
      return undefined;
    },
    close: () => files.close(),
  };
}

/** Names of the journals in a folder, in their order. */
export function namesOfJournals(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(journalEnding) && !name.startsWith("."))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

function place({ file, line }: Pick<Entry, "file" | "line">): string {
  return `${file} line ${line}`;
}

function otherVersion(head: LineHead, at: Place, what: "format" | "numerics", own: number): Damage {
  const there = what === "format" ? head.version : head.numerics;
  return { place: at, last: false, names: [head], reason: `it is of ${what} ${there}, this version's is ${own}` };
}

function unreadable(before: Scanned | undefined, error: Error): Scanned {
  const next = before?.next ?? { offset: 0, line: 1 };
  const damages = before?.damages.filter((damage) => damage.place.offset < next.offset) ?? [];
  return { next, damages: [...damages, { place: next, last: false, names: [], reason: error.message }] };
}

/** One finding for each record that is named in damaged bytes, one without a key where none is. */
function findingsOf(file: string, { place: at, last, names, reason }: Damage, { finished }: Catalog): Finding[] {
  const finding = {
    kind: last ? ("unfinished" as const) : ("damaged" as const),
    where: place({ file, line: at.line }),
  };
  if (names.length === 0) return [{ ...finding, lost: null, reason }];
  return names.map(({ kind, key }) => {
    if (kind === "journal") return { ...finding, lost: false, reason: `${reason} (it told whose journal this is)` };
    if (kind === "timing") return { ...finding, key, lost: false, reason: `${reason} (a time, no result)` };
    return { ...finding, key, lost: !finished.has(key), reason };
  });
}

/** Journals opened for reading, the last few of them kept open, with one stretch of bytes read ahead. */
interface Files {
  open(name: string): number;
  read(name: string, offset: number, length: number): Buffer;
  close(): void;
}

function openFiles(folder: string): Files {
  const open = new Map<string, number>();
  let ahead = { name: "", offset: 0, wanted: 0, bytes: Buffer.alloc(0) as Buffer };

  function openOne(name: string): number {
    let file = open.get(name);
    if (file !== undefined) return file;
    file = openSync(join(folder, name), "r");
    open.set(name, file);
    if (open.size > mostOpen) {
      const [oldest, descriptor] = open.entries().next().value!;
      open.delete(oldest);
      closeSync(descriptor);
    }
    return file;
  }

  function readInto(name: string, offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(openOne(name), bytes, 0, length, offset));
  }

  return {
    open: openOne,
    read(name, offset, length) {
      const start = offset - ahead.offset;
      const end = ahead.offset + ahead.bytes.length;
      if (name !== ahead.name || start < 0 || offset + length > end) {
        // Ever more at a time where records follow one another; those here and there each by itself.
        const follows = name === ahead.name && start >= 0 && offset <= end + 2 * length;
        const wanted = follows ? Math.max(length, Math.min(stretch, 2 * ahead.wanted)) : length;
        ahead = { name, offset, wanted, bytes: readInto(name, offset, wanted) };
      }
      const from = offset - ahead.offset;
      return ahead.bytes.subarray(from, from + length);
    },
    close() {
      for (const file of open.values()) closeSync(file);
      open.clear();
      ahead = { name: "", offset: 0, wanted: 0, bytes: Buffer.alloc(0) };
    },
  };
}

const mostOpen = 64;
const stretch = 2 ** 20;

/** Bytes of a record that are still those that were found; valid until the next call. */
function lineOf(files: Files, entry: Entry): Buffer | undefined {
  try {
    const line = files.read(entry.file, entry.offset, entry.length);
    const head = readHead(line);
    return head?.key === entry.key && checkOf(line) === entry.check ? line : undefined;
  } catch {
    return undefined;
  }
}
