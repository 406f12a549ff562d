import { checksum } from "../../../bindings/coding.js";
import { type Address, offset, residentPointer, u8 } from "../../../bindings/memory.js";
import { region, stageBytes } from "../../../bindings/quantize.js";

/**
 * The outside of every packet: two bytes of magic and version, the format's number, the number of entries, what the
 * format puts there, and a checksum of all that.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | 0xCF |
 * | 1 | version, 1 |
 * | 1 | format: the method's number |
 * | 1–5 | entries, a varint |
 * | … | the format's parameters and body |
 * | 4 | checksum (assembly/quantize/checksum.ts), little endian |
 */
const magic = 0xcf;
const version = 1;
const trailer = 4;

/** Most entries that a packet may declare: a gigabyte of float32. */
export const maximumEntries = 2 ** 28;

/** The bytes are not a packet of ours: truncated, damaged, or made to mislead. */
export class PacketError extends Error {
  override readonly name = "PacketError";
  /**
   * @param offset the byte at which reading failed
   * @param what what is wrong there
   */
  constructor(
    readonly offset: number,
    readonly what: string,
  ) {
    super(`packet, byte ${offset}: ${what}`);
  }
}

/** Builds a packet in kernel memory, from front to back. */
export interface PacketWriter {
  /** Bytes so far */
  offset(): number;
  byte(value: number): void;
  /** Unsigned, below 2⁵³, 7 bits a byte, low bits first */
  varint(value: number): void;
  /** Signed: 0, −1, 1, −2, … as 0, 1, 2, 3, … */
  zigzag(value: number): void;
  f32(value: number): void;
  bytes(values: Uint8Array): void;
  /** Room for `count` bytes and more, filled by `fill` at its pointer, which returns how many it used */
  block(count: number, fill: (pointer: Address) => number): void;
  /** The finished packet, checksum added */
  finish(): Uint8Array;
}

export function packetWriter(format: number, entries: number): PacketWriter {
  let at = 0;
  let base = region("packet", 256);
  const number = new DataView(new ArrayBuffer(4));

  const reserve = (count: number) => {
    base = region("packet", at + count, at);
  };
  const writer: PacketWriter = {
    offset: () => at,
    byte(value) {
      reserve(1);
      u8(offset(base, at), 1)[0] = value;
      at += 1;
    },
    varint(value) {
      reserve(8);
      const out = u8(offset(base, at), 8);
      let used = 0;
      let rest = value;
      while (rest >= 128) {
        out[used++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      out[used++] = rest;
      at += used;
    },
    zigzag(value) {
      // Of the 54 bits the lowest, the sign's, goes apart from the others: together they are more than a float64 holds.
      const magnitude = value < 0 ? -value - 1 : value;
      const first = 2 * (magnitude % 64) + (value < 0 ? 1 : 0);
      const rest = Math.floor(magnitude / 64);
      writer.byte(rest > 0 ? first | 128 : first);
      if (rest > 0) writer.varint(rest);
    },
    f32(value) {
      number.setFloat32(0, value, true);
      writer.bytes(new Uint8Array(number.buffer));
    },
    bytes(values) {
      // The values may be a view of kernel memory, which reserving can detach: look at them again afterwards.
      const inside = residentPointer(values);
      const { length } = values;
      reserve(length);
      u8(offset(base, at), length).set(inside === undefined ? values : u8(inside, length));
      at += length;
    },
    block(count, fill) {
      reserve(count);
      at += fill(offset(base, at));
    },
    finish() {
      reserve(64 + trailer);
      u8(offset(base, at), 64).fill(0);
      number.setUint32(0, checksum(base, at), true);
      u8(offset(base, at), trailer).set(new Uint8Array(number.buffer));
      return u8(base, at + trailer).slice();
    },
  };
  writer.byte(magic);
  writer.byte(version);
  writer.byte(format);
  writer.varint(entries);
  return writer;
}

/** The bytes with the checksum made to fit them: for tests that look past it. */
export function sealed(packet: Uint8Array): Uint8Array {
  const bytes = packet.slice();
  const length = bytes.length - trailer;
  if (length < 0) return bytes;
  const base = stageBytes(bytes);
  u8(offset(base, length), trailer).fill(0);
  new DataView(bytes.buffer).setUint32(length, checksum(base, length), true);
  return bytes;
}

/** Reads a packet from front to back; every read checks that the bytes are there. */
export interface PacketReader {
  /** The format's number */
  readonly format: number;
  readonly entries: number;
  /** Where the next read begins */
  offset(): number;
  /** Bytes left before the checksum */
  left(): number;
  byte(what: string): number;
  varint(what: string, maximum?: number): number;
  zigzag(what: string, maximum?: number): number;
  /** A finite number */
  f32(what: string): number;
  bytes(count: number, what: string): Uint8Array;
  /** Kernel pointer to the next `count` bytes, which are then read */
  block(count: number, what: string): Address;
  /** @throws PacketError where bytes are left over */
  end(): void;
}

/** A packet whose frame is right, without the checksum: its bytes, also in kernel memory. */
interface Frame {
  bytes: Uint8Array;
  view: DataView;
  base: Address;
  length: number;
}

function frameOf(packet: Uint8Array): Frame {
  const bytes = residentPointer(packet) !== undefined ? packet.slice() : packet;
  const length = bytes.length - trailer;
  if (length < 4) throw new PacketError(bytes.length, `${bytes.length} bytes are too few for a packet`);
  if (bytes[0] !== magic) throw new PacketError(0, `begins with ${hex(bytes[0])}, not ${hex(magic)}: not a packet`);
  if (bytes[1] !== version) throw new PacketError(1, `version ${bytes[1]} is not known (known: ${version})`);
  const base = stageBytes(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getUint32(length, true);
  u8(offset(base, length), trailer).fill(0);
  const found = checksum(base, length);
  if (found !== declared) {
    throw new PacketError(length, `the checksum is ${hex(found)}, declared is ${hex(declared)}: damaged or truncated`);
  }
  return { bytes, view, base, length };
}

/** @throws PacketError when the frame is wrong: magic, version, length or checksum */
export function packetReader(packet: Uint8Array): PacketReader {
  const { bytes, view, base, length } = frameOf(packet);
  let at = 2;
  const need = (count: number, what: string) => {
    if (count > length - at) {
      throw new PacketError(at, `${what} takes ${count} bytes, but only ${length - at} are left`);
    }
  };
  const reader = {
    format: 0,
    entries: 0,
    offset: () => at,
    left: () => length - at,
    byte(what: string) {
      need(1, what);
      return bytes[at++] as number;
    },
    varint(what: string, maximum = Number.MAX_SAFE_INTEGER) {
      const start = at;
      let value = 0;
      let unit = 1;
      for (let used = 0; ; used++) {
        need(1, what);
        const byte = bytes[at++] as number;
        if (used === 7 && byte > 15) throw new PacketError(start, `${what} is a number beyond 2^53`);
        if (used > 0 && byte === 0) throw new PacketError(start, `${what} is not written as short as it can be`);
        value += (byte & 127) * unit;
        if (byte < 128) break;
        unit *= 128;
      }
      if (value > maximum) throw new PacketError(start, `${what} is ${value}, more than ${maximum}`);
      return value;
    },
    zigzag(what: string, maximum = 2 ** 31) {
      const start = at;
      const first = reader.byte(what);
      const magnitude = ((first & 127) >> 1) + (first < 128 ? 0 : 64 * reader.varint(what));
      if (first >= 128 && magnitude < 64) throw new PacketError(start, `${what} is not written as short as it can be`);
      const value = first % 2 === 1 ? -magnitude - 1 : magnitude;
      if (Math.abs(value) > maximum) {
        throw new PacketError(start, `${what} is ${value}, outside ±${maximum}`);
      }
      return value;
    },
    f32(what: string) {
      need(4, what);
      const value = view.getFloat32(at, true);
      if (!Number.isFinite(value)) throw new PacketError(at, `${what} is ${value}`);
      at += 4;
      return value;
    },
    bytes(count: number, what: string) {
      need(count, what);
      at += count;
      return bytes.subarray(at - count, at);
    },
    block(count: number, what: string) {
      need(count, what);
      at += count;
      return offset(base, at - count);
    },
    end() {
      if (at !== length) throw new PacketError(at, `${length - at} bytes are left over`);
    },
  };
  reader.format = reader.byte("the format");
  reader.entries = reader.varint("the number of entries", maximumEntries);
  return reader;
}

function hex(value: number | undefined): string {
  return `0x${(value ?? 0).toString(16)}`;
}
