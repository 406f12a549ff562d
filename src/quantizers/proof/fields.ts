import type { Stream } from "../../../bindings/random.js";
import { type PacketReader, packetReader } from "../coding/packet.js";
import { freshContext, type Method } from "../method.js";

/** The structure of packets, learned from how their decoders read them: the fields, and the sections of symbols. */

type Kind = "byte" | "varint" | "zigzag" | "f32" | "bytes";

/** A read of the decoder: bytes `start` … `end` of the packet. */
export interface Field {
  kind: Kind;
  what: string;
  start: number;
  end: number;
}

/** Bytes `start` … `end` hold a list of symbols: its coder's number, the coder's parameters, the code. */
export interface Section {
  what: string;
  start: number;
  end: number;
}

export interface Anatomy {
  bytes: Uint8Array;
  fields: Field[];
  sections: Section[];
}

const coderLabel = "the coder of ";
const trailer = 4;

/** How `method` reads a packet that it can read. @throws PacketError */
export function anatomyOf(bytes: Uint8Array, method: Method, into: (entries: number) => number): Anatomy {
  const reader = packetReader(bytes);
  const fields: Field[] = [
    { kind: "byte", what: "the format", start: 2, end: 3 },
    { kind: "varint", what: "the number of entries", start: 3, end: reader.offset() },
  ];
  const record = <T>(kind: Kind, what: string, read: () => T): T => {
    const start = reader.offset();
    const value = read();
    if (reader.offset() > start) fields.push({ kind, what, start, end: reader.offset() });
    return value;
  };
  const watched: PacketReader = {
    ...reader,
    byte: (what) => record("byte", what, () => reader.byte(what)),
    varint: (what, most) => record("varint", what, () => reader.varint(what, most)),
    zigzag: (what, most) => record("zigzag", what, () => reader.zigzag(what, most)),
    f32: (what) => record("f32", what, () => reader.f32(what)),
    bytes: (count, what) => record("bytes", what, () => reader.bytes(count, what)),
    block: (count, what) => record("bytes", what, () => reader.block(count, what)),
  };
  const pointer = into(reader.entries) as Parameters<Method["decode"]>[1]["pointer"];
  method.decode(watched, { pointer, length: reader.entries }, freshContext());
  reader.end();
  return { bytes, fields, sections: sectionsOf(fields) };
}

/** A section goes on as long as what is read names its symbols; a table inside it is a section of its own as well. */
function sectionsOf(fields: readonly Field[]): Section[] {
  return fields.flatMap(({ what, start }, first) => {
    if (!what.startsWith(coderLabel)) return [];
    const symbols = what.slice(coderLabel.length);
    let last = first;
    while (fields[last + 1]?.what.includes(symbols)) last++;
    return [{ what: symbols, start, end: (fields[last] as Field).end }];
  });
}

/** What no encoder writes, in a packet that was accepted all the same; "" where there is nothing. */
export function unlikeEncoders({ bytes, fields }: Anatomy): string {
  for (const { kind, what, start, end } of fields) {
    if ((kind === "varint" || kind === "zigzag") && end - start > 1 && bytes[end - 1] === 0) {
      return `${what} is accepted in more bytes than it takes`;
    }
    if (what.startsWith(`${coderLabel}the frequencies of`) && bytes[start] === 4) {
      return `${what.slice(coderLabel.length)} are accepted in contexts`;
    }
  }
  const read = fields.at(-1)?.end ?? 0;
  return read === bytes.length - trailer ? "" : `${bytes.length - trailer - read} bytes more are accepted`;
}

/** One of the fields with another value, or gone, or twice; a section in another's place. The checksum is left wrong. */
export function changed(anatomy: Anatomy, donor: Anatomy, random: Stream): Uint8Array {
  const { bytes, fields, sections } = anatomy;
  const field = pick(fields, random);
  switch (random.integer(8)) {
    case 0: {
      const from = pick(donor.sections, random);
      const to = pick(sections, random);
      if (from === undefined || to === undefined) return edited(anatomy, random);
      return spliced(bytes, to, donor.bytes.subarray(from.start, from.end));
    }
    case 1:
      return field === undefined ? bytes.slice() : spliced(bytes, field, new Uint8Array(0));
    case 2:
      return field === undefined
        ? bytes.slice()
        : spliced(bytes, { start: field.end, end: field.end }, bytes.subarray(field.start, field.end));
    case 3: {
      const other = pick(donor.fields, random);
      if (field === undefined || other === undefined) return bytes.slice();
      return spliced(bytes, field, donor.bytes.subarray(other.start, other.end));
    }
    default:
      return edited(anatomy, random);
  }
}

function edited({ bytes, fields }: Anatomy, random: Stream): Uint8Array {
  const field = pick(fields, random);
  if (field === undefined) return bytes.slice();
  return spliced(bytes, field, valueFor(field, bytes.slice(field.start, field.end), random));
}

function valueFor({ kind }: Field, old: Uint8Array, random: Stream): Uint8Array {
  if (kind === "byte") {
    const near = ((old[0] as number) + 256 + random.integer(5) - 2) % 256;
    return Uint8Array.of([near, random.integer(8), random.integer(256)][random.integer(3)] as number);
  }
  if (kind === "f32") {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, specials[random.integer(specials.length)] as number, true);
    return new Uint8Array(view.buffer);
  }
  if (kind === "bytes") {
    const copy = old.slice();
    const at = random.integer(copy.length);
    // As often as not the last byte, where the padding is
    const place = random.integer(2) === 0 ? at : copy.length - 1;
    copy[place] = (copy[place] as number) ^ (1 << random.integer(8));
    return copy;
  }
  if (random.integer(4) === 0) return inMoreBytes(old);
  const value = varintValue(old);
  const choices = [value + 1, value + 2, Math.max(0, value - 1), Math.max(0, value - 2), random.integer(300)];
  return varintBytes([...choices, ...absurd][random.integer(choices.length + absurd.length)] as number);
}

const specials = [0, -0, 1, -1, 1e-45, 3.4028234663852886e38, Number.NaN, Number.POSITIVE_INFINITY, 1e-38];
const absurd = [0, 1, 4095, 4096, 4097, 2 ** 22, 2 ** 24, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

/** The same number with a byte more than it takes. */
function inMoreBytes(varint: Uint8Array): Uint8Array {
  const longer = new Uint8Array(varint.length + 1);
  longer.set(varint);
  longer[varint.length - 1] = (longer[varint.length - 1] as number) | 128;
  return longer;
}

function varintValue(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => 128 * value + (byte & 127), 0);
}

export function varintBytes(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
  return Uint8Array.from(out);
}

/** The bytes with others in the place of start … end. */
export function spliced(
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
  inserted: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(bytes.length - (end - start) + inserted.length);
  out.set(bytes.subarray(0, start));
  out.set(inserted, start);
  out.set(bytes.subarray(end), start + inserted.length);
  return out;
}

export function pick<T>(list: readonly T[], random: Stream): T | undefined {
  return list[random.integer(Math.max(1, list.length))];
}
