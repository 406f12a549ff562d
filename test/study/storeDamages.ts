import { encodeRecord } from "../../src/study/store/line.js";
import { numerics } from "../../src/version.js";
import { runOf } from "./storeRecords.js";

/** Journals by their names, as bytes. */
export type Files = Map<string, Buffer>;

/** Whole numbers from 0 to below a bound, the same for the same seed. */
export type Random = (bound: number) => number;

/** A mulberry32 generator. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), 61 | bits);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** What can happen to a file: bytes are changed, lost, come twice, move, are put between, are those of something else. */
export const damages: Record<string, (bytes: Buffer, random: Random, files: Files) => Buffer> = {
  "a bit": (bytes, random) => changed(bytes, random(bytes.length), (byte) => byte ^ (1 << random(8))),
  "a byte": (bytes, random) => changed(bytes, random(bytes.length), () => random(256)),
  "bits here and there"(bytes, random) {
    for (let count = 2 + random(20); count > 0; count--) {
      bytes = changed(bytes, random(bytes.length), (byte) => byte ^ (1 << random(8)));
    }
    return bytes;
  },
  "a digit": (bytes, random) => changedWhere(bytes, random, /[0-9]/g, () => `${random(10)}`),
  "a digit of a check": (bytes, random) =>
    changedWhere(bytes, random, /[0-9a-f](?="\}\n)/g, () => "0123456789abcdefA"[random(17)]!),
  "a version": (bytes, random) => changedWhere(bytes, random, /(?<="v":)2/g, () => `${random(5)}`),
  numerics: (bytes, random) => changedWhere(bytes, random, /(?<="numerics":)\d/g, () => `${random(5)}`),
  "a kind": (bytes, random) =>
    changedWhere(bytes, random, /(?<="kind":")run/g, () => ["runs", "trace", "failure"][random(3)]!),
  "a key": (bytes, random) => changedWhere(bytes, random, /(?<="key":"run)\d+/g, () => `${random(60)}`),
  "a failure taken out": (bytes, random) => changedWhere(bytes, random, /"failure":"[^"]*",/g, () => ""),
  "the first line": (bytes, random) => changed(bytes, random(bytes.indexOf(10) + 1), () => random(256)),
  "the end cut off": (bytes, random) => bytes.subarray(0, random(bytes.length)),
  "the beginning cut off": (bytes, random) => bytes.subarray(random(bytes.length)),
  "a piece cut out"(bytes, random) {
    const [start, end] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  "a newline taken out": (bytes, random) => changedWhere(bytes, random, /\n/g, () => ""),
  "all newlines taken out": (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", ""), "latin1"),
  "a newline put in": (bytes, random) => inserted(bytes, random(bytes.length), Buffer.from("\n")),
  "newlines of Windows": (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
  "half of a character"(bytes, random) {
    const places = [...bytes.keys()].filter((at) => bytes[at]! >= 0xc0);
    const at = places[random(places.length)] ?? 0;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  "bytes that are no text": (bytes, random) =>
    inserted(bytes, random(bytes.length), Buffer.from([0xff, 0xfe, 0xc3, 0x28])),
  "noise put in": (bytes, random) => inserted(bytes, random(bytes.length), noise(1 + random(300), random)),
  "noise between lines": (bytes, random) => inserted(bytes, lineStart(bytes, random), noise(1 + random(300), random)),
  "a mark of byte order": (bytes) => inserted(bytes, 0, Buffer.from([0xef, 0xbb, 0xbf])),
  zeros: (bytes, random) => inserted(bytes, random(bytes.length), Buffer.alloc(1 + random(4096))),
  "zeros at the end": (bytes, random) => Buffer.concat([bytes, Buffer.alloc(1 + random(4096))]),
  "a sector of zeros"(bytes, random) {
    const copy = Buffer.from(bytes);
    const start = 512 * random(Math.ceil(bytes.length / 512));
    return copy.fill(0, start, Math.min(copy.length, start + 512));
  },
  "a piece overwritten"(bytes, random) {
    const [start, end] = range(bytes, random);
    const copy = Buffer.from(bytes);
    noise(end - start, random).copy(copy, start);
    return copy;
  },
  "a line twice"(bytes, random) {
    const lines = linesOf(bytes);
    return inserted(bytes, lineStart(bytes, random), lines[random(lines.length)]!);
  },
  "a line within a line"(bytes, random) {
    const lines = linesOf(bytes);
    return inserted(bytes, random(bytes.length), lines[random(lines.length)]!);
  },
  "a piece twice"(bytes, random) {
    const [start, end] = range(bytes, random);
    return inserted(bytes, random(bytes.length), bytes.subarray(start, end));
  },
  "everything twice": (bytes) => Buffer.concat([bytes, bytes]),
  "lines in another order"(bytes, random) {
    const lines = linesOf(bytes);
    for (let i = lines.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    }
    return Buffer.concat(lines);
  },
  "a piece moved"(bytes, random) {
    const [start, end] = range(bytes, random);
    const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    return inserted(rest, random(rest.length + 1), bytes.subarray(start, end));
  },
  "a piece of another file"(bytes, random, files) {
    const all = [...files.values()];
    const other = all[random(all.length)]!;
    const [start, end] = range(other, random);
    return inserted(bytes, random(bytes.length), other.subarray(start, end));
  },
  "another file after it"(bytes, random, files) {
    const all = [...files.values()];
    return Buffer.concat([bytes.subarray(0, bytes.length - random(2)), all[random(all.length)]!]);
  },
  "lines of another version"(bytes, random) {
    const version = [1, 3][random(2)]!;
    const of = random(2) === 0 ? { version, numerics } : { version: 2, numerics: numerics + 1 };
    const value = { ...runOf(1).value, accuracy: 0.123 };
    return inserted(bytes, lineStart(bytes, random), encodeRecord({ ...runOf(random(40)), value }, of));
  },
  "nothing left": () => Buffer.alloc(0),
};

/** One to four damages of some of the files. @returns what was done */
export function damage(files: Files, random: Random): string[] {
  const names = Object.keys(damages);
  return Array.from({ length: 1 + random(4) }, () => {
    const file = [...files.keys()][random(files.size)]!;
    const name = names[random(names.length)]!;
    const bytes = files.get(file)!;
    if (bytes.length > 0) files.set(file, damages[name]!(bytes, random, files));
    return `${name} (${file})`;
  });
}

function changed(bytes: Buffer, at: number, to: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at] = to(copy[at]!);
  return copy;
}

function changedWhere(bytes: Buffer, random: Random, pattern: RegExp, to: () => string): Buffer {
  const text = bytes.toString("latin1");
  const matches = [...text.matchAll(pattern)];
  const match = matches[random(Math.max(1, matches.length))];
  if (match === undefined) return bytes;
  return Buffer.from(text.slice(0, match.index) + to() + text.slice(match.index + match[0].length), "latin1");
}

function inserted(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function range(bytes: Buffer, random: Random): [number, number] {
  const start = random(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + random(random(4) === 0 ? bytes.length : 400))];
}

/** Lines with their newlines. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    lines.push(bytes.subarray(start, end));
    start = end;
  }
  return lines;
}

function lineStart(bytes: Buffer, random: Random): number {
  const starts = [0, ...[...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1)];
  return starts[random(starts.length)]!;
}

function noise(length: number, random: Random): Buffer {
  // What a store is made of is likelier to be taken for a part of it.
  const pieces = ["\n", "\0", '"', "{", "}", '{"v":2,', ',"check":"', '"key":"run7"', '"kind":"run","key":"', "ü"];
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    const piece = random(4) === 0 ? Buffer.from(pieces[random(pieces.length)]!) : Buffer.from([random(256)]);
    bytes = Buffer.concat([bytes, piece]);
  }
  return bytes.subarray(0, length);
}
