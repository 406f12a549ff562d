import { readSync } from "node:fs";
import { checkLength, checkOf, checkStart, type LineHead, readHead, recordStart } from "./line.js";

/** What a scan finds, in the order of the file. */
export interface ScanVisitor {
  /** A sound record, of whatever version and numerics. `line` is only valid during the call */
  onRecord(head: LineHead, place: Place & { length: number; check: number }, line: Buffer): void;
  /** Bytes that are no sound record */
  onDamage(damage: Damage): void;
}

/** Bytes that are no sound record. */
export interface Damage {
  place: Place;
  /** At the end of a file, without a newline */
  last: boolean;
  /** Records that can be told from what is left of them */
  names: { kind: string; key: string }[];
  reason: string;
}

/** Where something begins: byte and line, the first of which is 1. */
export interface Place {
  offset: number;
  line: number;
}

/** A record with more bytes is refused when it is added, so that a scan needs no more memory than this. */
export const maximumLine = 2 ** 27;

const usualChunk = 2 ** 22;
const newline = 10;
const carriageReturn = 13;

/**
 * Reads the lines of an open journal, each checked by itself, in bounded memory.
 * @param chunk bytes that are read at once
 * @returns where to go on once the file has grown: behind the last sound record, or at the start of a last line that
 *   is not finished
 */
export function scanJournal(file: number, from: Place, visitor: ScanVisitor, chunk = usualChunk): Place {
  let buffer = Buffer.allocUnsafe(chunk);
  let filled = 0;
  let { offset, line } = from;
  for (;;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * buffer.length, maximumLine + chunk));
    const got = readSync(file, buffer, filled, buffer.length - filled, offset + filled);
    filled += got;
    const read = buffer.subarray(0, filled);
    let start = 0;
    for (let end = read.indexOf(newline); end >= 0; end = read.indexOf(newline, start)) {
      scanLine(read.subarray(start, end), { offset: offset + start, line }, false, visitor);
      start = end + 1;
      line++;
    }
    // Without a newline for so long it is none of ours: it is looked through piece by piece.
    if (start === 0 && filled > maximumLine) {
      scanLine(buffer.subarray(0, filled), { offset, line }, false, visitor);
      start = filled;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
    offset += start;
    if (got === 0) break;
  }
  if (filled === 0) return { offset, line };
  const sound = scanLine(buffer.subarray(0, filled), { offset, line }, true, visitor);
  return sound ? { offset: offset + filled, line } : { offset, line };
}

/** @returns whether the line is sound */
function scanLine(bytes: Buffer, place: Place, last: boolean, visitor: ScanVisitor): boolean {
  // A copy by way of Windows may have put carriage returns.
  const line = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
  if (line.length === 0) return true;
  const head = readHead(line);
  const check = head && checkOf(line);
  if (check !== undefined) {
    visitor.onRecord(head!, { ...place, length: line.length, check }, line);
    return true;
  }
  recover(line, place, last, visitor);
  return false;
}

/**
 * A line that is not one sound record may hold several: where a newline was lost, where blocks were put between. Every
 * end of a record is tried with the starts before it; what lies between the sound ones is damage.
 */
function recover(line: Buffer, place: Place, last: boolean, visitor: ScanVisitor): void {
  let done = 0;
  const damage = (end: number, isLast: boolean) => {
    if (end <= done) return;
    const piece = line.subarray(done, end);
    const where = { offset: place.offset + done, line: place.line };
    visitor.onDamage({ place: where, last: isLast, names: namesIn(piece), reason: reasonOf(piece) });
  };
  let starts: number[] = [];
  let next = line.indexOf(recordStart);
  for (let tail = line.indexOf(checkStart); tail >= 0; tail = line.indexOf(checkStart, tail + 1)) {
    const end = tail + checkLength;
    for (; next >= 0 && next < tail; next = line.indexOf(recordStart, next + 1)) starts.push(next);
    // The latest start is the likeliest; nested objects that look alike are few.
    for (const start of starts.slice(-mostStarts).toReversed()) {
      const candidate = line.subarray(start, end);
      const head = readHead(candidate);
      const check = head && checkOf(candidate);
      if (check === undefined) continue;
      damage(start, false);
      visitor.onRecord(
        head!,
        { offset: place.offset + start, line: place.line, length: end - start, check },
        candidate,
      );
      done = end;
      starts = [];
      break;
    }
  }
  damage(line.length, last);
}

const mostStarts = 16;

/** Kinds and keys that stand in damaged bytes where those of records do. */
function namesIn(piece: Buffer): Damage["names"] {
  const names = new Map<string, Damage["names"][number]>();
  const member = Buffer.from('","key":"');
  for (let at = piece.indexOf(member); at >= 0; at = piece.indexOf(member, at + 1)) {
    const around = piece.toString("latin1", Math.max(0, at - 29), Math.min(piece.length, at + member.length + 201));
    const [, kind, key] = /"kind":"([a-z]{1,20})","key":"([!#-[\]-~]{1,200})"/.exec(around) ?? [];
    if (kind !== undefined && key !== undefined) names.set(`${kind} ${key}`, { kind, key });
  }
  return [...names.values()];
}

function reasonOf(piece: Buffer): string {
  if (piece.every((byte) => byte === 0)) return `${piece.length} bytes that are all zero`;
  const begins = piece.subarray(0, recordStart.length).equals(recordStart);
  const ends = piece.subarray(-checkLength, -checkLength + checkStart.length).equals(checkStart);
  if (begins && ends) return "its bytes do not agree with its check";
  if (begins) return "it is cut off";
  return ends ? "its beginning is missing" : "it is no record";
}
