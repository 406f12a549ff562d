import * as zlib from "node:zlib";
import { crc32 as portableCrc32 } from "../../disk/checksum.js";
import { numerics as ownNumerics } from "../../version.js";
import { type Json, type RecordKind, recordOf, recordText, type StoreRecord } from "./record.js";

/**
 * A journal's line: one JSON object that can be checked by itself,
 *
 *   {"v":2,"numerics":2,"kind":"run","key":"…",…members of the record…,"check":"1c291ca3"}
 *
 * `check` is the CRC-32 of the bytes before its comma. The start and the end of a record can be told within a line of
 * damaged bytes, because neither can stand inside of a JSON string.
 */
export const formatVersion = 2;

/** What stands first in every record, and last but the eight digits and `"}`. */
export const recordStart = Buffer.from('{"v":');
export const checkStart = Buffer.from(',"check":"');
export const checkLength = checkStart.length + 8 + 2;

/** zlib's has been there since Node 20.15. */
const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? portableCrc32;

/** What a line says of itself at its head, before anything is parsed. */
export interface LineHead {
  version: number;
  numerics: number;
  /** "journal" for a file's first line */
  kind: RecordKind | "journal";
  key: string;
  failed: boolean;
}

/** Bytes of a record's line, its newline included. */
export function encodeRecord(record: StoreRecord, of = { version: formatVersion, numerics: ownNumerics }): Buffer {
  return encodeLine(recordText(record), of);
}

/** Bytes of a line of these members. */
export function encodeLine(members: string, of = { version: formatVersion, numerics: ownNumerics }): Buffer {
  const bytes = Buffer.from(`{"v":${of.version},"numerics":${of.numerics},${members}`);
  return Buffer.concat([bytes, checkStart, Buffer.from(`${hex(crc32(bytes))}"}\n`)]);
}

const headPattern =
  /^\{"v":(\d{1,9}),"numerics":(\d{1,9}),"kind":"([a-z]{1,20})","key":"([!#-[\]-~]{1,200})"(,"failure":)?/;

/** The head of a line; undefined where it has none. */
export function readHead(line: Buffer): LineHead | undefined {
  const match = headPattern.exec(line.toString("latin1", 0, Math.min(line.length, 320)));
  if (match === null) return undefined;
  const [, version, numerics, kind, key, failure] = match;
  return {
    version: Number(version),
    numerics: Number(numerics),
    kind: kind as LineHead["kind"],
    key: key!,
    failed: failure !== undefined,
  };
}

/** The check that a line's own encoding put there. */
export function statedCheck(encoded: Buffer): number {
  return Number.parseInt(encoded.toString("latin1", encoded.length - 11, encoded.length - 3), 16);
}

/** The check that a line (without its newline) ends with, where it is right; undefined where it is not. */
export function checkOf(line: Buffer): number | undefined {
  const end = line.length - checkLength;
  if (end <= 0) return undefined;
  const digits = /^,"check":"([0-9a-f]{8})"\}$/.exec(line.toString("latin1", end))?.[1];
  if (digits === undefined) return undefined;
  const check = Number.parseInt(digits, 16);
  return crc32(line.subarray(0, end)) === check ? check : undefined;
}

/**
 * The record of a checked line.
 * @param columns no more of its value than these; the long columns are not parsed where none is among them
 */
export function decodeRecord(line: Buffer, kind: LineHead["kind"], columns?: readonly string[]): StoreRecord {
  return recordOf(parseMembers(line, kind, columns), columns);
}

type Members = { readonly [member: string]: Json };

function parseMembers(line: Buffer, kind: string, columns: readonly string[] | undefined): Members {
  const cut = columns === undefined ? -1 : line.indexOf(`},"${kind}.`);
  if (cut >= 0 && !hasLongColumn(line, kind, cut, columns!)) {
    try {
      return JSON.parse(`${line.toString("utf8", 0, cut + 1)}}`);
    } catch {
      // The cut was inside of a nested column that looks the same; the whole line tells.
    }
  }
  return JSON.parse(line.toString());
}

/** Whether one of these columns stands behind the short ones. A nested one of that name makes no harm: the whole is parsed. */
function hasLongColumn(line: Buffer, kind: string, from: number, columns: readonly string[]): boolean {
  const start = `,"${kind}.`;
  for (let at = line.indexOf(start, from); at >= 0; at = line.indexOf(start, at + 1)) {
    const name = at + start.length;
    if (columns.includes(line.toString("utf8", name, line.indexOf('":', name)))) return true;
  }
  return false;
}

function hex(check: number): string {
  return (check >>> 0).toString(16).padStart(8, "0");
}
