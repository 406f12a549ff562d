import {
  type CodedTensor,
  type DeadZoneCode,
  type DeadZoneStream,
  decodeDeadZone,
  encodeDeadZone,
  reconstructDeadZone,
  symbolsWithReach,
} from "../../../bindings/deadZone.js";
import { type Address, u8 } from "../../../bindings/memory.js";
import type { Values } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import { readMagnitude } from "../methods/grid.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";
import { leastStep, mostStep, searched } from "./stepSearch.js";

/** Uniform steps with a dead zone in as many bytes as there is room for: what methods with a bit target have in common. */

/** Decoded magnitudes travel in these parts of one. */
const offsetParts = 64;
const mostOffset = offsetParts / 2;

/** Of the step and the offsets in front of a code. */
export const fixedBytes = 4 + 2;
/** Of the checksum behind all. */
export const trailer = 4;
/** What a code is given at least; short vectors get more than the target, so that they can be sent at all. */
export const leastCode = 8;
const shortCode = 64;

/** Coefficients and what is foretold of them, the same place in both; `h` takes what is decoded. */
export interface Coded {
  x: Values;
  h: Values;
  parts: readonly CodedTensor[];
}

export interface Coding {
  /** λ: squared steps of error that a bit is worth */
  lambda: number;
  /** Bytes that the code may have */
  room: number;
  /** The step that the search begins with; 0: there is nothing to send */
  start: number;
  /** Random numbers from a position of the stream on, where entries are rounded by chance */
  words?: ((first: number) => Address) | undefined;
  /** Whether something follows, so that the code's length has to be said */
  framed: boolean;
}

/** Writes the step, the offsets and the code; h becomes q. @returns the step, 0 where nothing was sent */
export function writeCode(writer: PacketWriter, { x, h, parts }: Coded, coding: Coding): number {
  const { lambda, room, start, words, framed } = coding;
  const m = symbolsWithReach(parts, x.length);
  const given = { parts, lambda, room: 4 * room, first: 0, beyond: 0 };
  // A step that was found with the words it then rounds by would depend on them, and the mean would not be x.
  const searching = words?.(4 * Math.ceil(x.length / 4));
  const attempt = (step: number) => encodeDeadZone({ ...given, step, words: searching }, x, h.pointer, m);
  const found = start === 0 ? nothing(m, x.length) : searched(attempt, start, room);
  const { step } = found;
  const stream =
    words !== undefined && step > 0
      ? encodeDeadZone({ ...given, step, words: words(0) }, x, h.pointer, m)
      : found.stream;
  const first = words === undefined ? offsetByte(stream.offsets.first) : 0;
  const beyond = words === undefined ? offsetByte(stream.offsets.beyond) : 0;
  writer.f32(step);
  writer.byte((first + 256) % 256);
  writer.byte((beyond + 256) % 256);
  if (framed) writer.varint(stream.length);
  writer.bytes(u8(stream.pointer, stream.length));
  reconstructDeadZone(codeOf(parts, step, first, beyond), m, h.pointer, h.pointer);
  return step;
}

function codeOf(parts: readonly CodedTensor[], step: number, first: number, beyond: number): DeadZoneCode {
  return { parts, step, first: first / offsetParts, beyond: beyond / offsetParts };
}

function nothing(m: Address, n: number): { step: number; stream: DeadZoneStream } {
  u8(m, 4 * n).fill(0);
  return { step: 0, stream: { pointer: m, length: 0, complete: true, offsets: { first: 0, beyond: 0 } } };
}

function offsetByte(mean: number): number {
  return Math.max(-mostOffset, Math.min(mostOffset, Math.round(offsetParts * mean) || 0));
}

const endings = ["", "is not all read, or ends with zeros", "does not end as one does", "holds a magnitude beyond 2²⁰"];

/**
 * Reads what `writeCode` wrote. @returns what puts q into a place, which may be where h is
 * @throws PacketError
 */
export function readCode(reader: PacketReader, { h, parts }: Omit<Coded, "x">, framed: boolean): (q: Values) => void {
  const at = reader.offset();
  const step = readMagnitude(reader, "the step");
  if (step !== 0 && (step < leastStep || step > mostStep)) throw new PacketError(at, `the step is ${step}`);
  const first = readOffset(reader, "magnitudes of one");
  const beyond = readOffset(reader, "larger magnitudes");
  const code = codeOf(parts, step, first, beyond);
  const m = symbolsWithReach(parts, h.length);
  const length = framed ? reader.varint("the length of the code", reader.left()) : reader.left();
  const start = reader.offset();
  const bytes = reader.block(length, "the code");
  if (step === 0) {
    if (length > 0) throw new PacketError(start, `${length} bytes of code beside a step of 0`);
    u8(m, 4 * h.length).fill(0);
  } else {
    const ending = decodeDeadZone(code, bytes, length, h.pointer, m);
    if (ending !== 0) throw new PacketError(start, `the code ${endings[ending]}`);
  }
  return (q) => reconstructDeadZone(code, m, h.pointer, q.pointer);
}

function readOffset(reader: PacketReader, what: string): number {
  const at = reader.offset();
  const byte = reader.byte(`the offset of ${what}`);
  const value = byte > 127 ? byte - 256 : byte;
  if (Math.abs(value) > mostOffset) throw new PacketError(at, `the offset of ${what} is ${value}/${offsetParts}`);
  return value;
}

/**
 * Bytes for the code.
 * @param overhead bytes that stand around it
 * @param later more of them in packets of later rounds
 * @param short entries below which a vector is short
 * @param raises whether a target that leaves too few is to count as one that leaves just enough
 * @throws InputError where the target leaves none
 */
export function roomFor(
  bits: number,
  n: number,
  { overhead, later = 0, short, raises }: { overhead: number; later?: number; short: number; raises: boolean },
): number {
  const room = Math.floor((bits * n) / 8) - overhead;
  if (room >= leastCode) return room;
  if (n < short) return shortCode;
  if (raises) return leastCode;
  const least = (around: number) => Math.ceil((80_000 * (around + leastCode)) / n) / 10_000;
  const more = later === 0 ? "" : `; where rounds follow it takes from ${least(overhead + later)}`;
  throw new InputError(
    "quantizer.bits",
    `${bits} of each of ${n} entries are ${Math.floor((bits * n) / 8)} bytes, of which ${overhead} stand around the code` +
      `${more} (allowed: from ${least(overhead)})`,
  );
}
