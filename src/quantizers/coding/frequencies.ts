import { bitLength } from "../methods/steps.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";

/** Frequencies of a range coder: from counts to a sum of 2^precision, and their table in a packet. */

/** Frequencies of 2^precision: as many bits as the entries are worth, and each symbol that occurs gets one at least. */
export function precisionFor(counts: Uint32Array | Uint16Array, n: number): number {
  let distinct = 0;
  for (const c of counts) if (c > 0) distinct++;
  return Math.min(14, Math.max(2, bitLength(distinct) + 1, bitLength(n)));
}

/** Counts scaled to the sum 2^precision, at least 1 for every symbol that occurs; what is over goes to the commonest. */
export function normalize(counts: Uint32Array, n: number, precision: number): Uint16Array {
  const total = 2 ** precision;
  const frequencies = new Uint16Array(counts.length);
  const order = Array.from(counts.keys()).filter((s) => (counts[s] as number) > 0);
  order.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  let left = total;
  for (const s of order) {
    const f = Math.max(1, Math.min(total - 1, Math.round(((counts[s] as number) * total) / n)));
    frequencies[s] = f;
    left -= f;
  }
  // Spread the rest over the commonest, in proportion to what a step costs them least.
  for (let i = 0; left !== 0; i = (i + 1) % order.length) {
    const s = order[i] as number;
    const f = frequencies[s] as number;
    const step = left > 0 ? Math.min(left, Math.max(1, f >> 6), total - 1 - f) : -Math.min(-left, f >> 6, f - 1);
    // A whole turn with nothing wide enough to take from: then by ones.
    const one = step !== 0 ? step : left < 0 && f > 1 && f <= 64 ? -1 : 0;
    frequencies[s] = f + one;
    left -= one;
  }
  return frequencies;
}

/** Frequencies as varints; a run of zeros as 0 and its length less one. */
export function writeTable(writer: PacketWriter, frequencies: Uint16Array): void {
  const bytes: number[] = [];
  const varint = (value: number) => {
    let rest = value;
    while (rest >= 128) {
      bytes.push((rest & 127) | 128);
      rest >>= 7;
    }
    bytes.push(rest);
  };
  for (let s = 0; s < frequencies.length; ) {
    const f = frequencies[s] as number;
    varint(f);
    if (f > 0) {
      s++;
      continue;
    }
    let run = 1;
    while (s + run < frequencies.length && frequencies[s + run] === 0) run++;
    varint(run - 1);
    s += run;
  }
  writer.bytes(new Uint8Array(bytes));
}

/** @throws PacketError */
export function readTable(reader: PacketReader, size: number, precision: number, what: string): Uint16Array {
  const total = 2 ** precision;
  const frequencies = new Uint16Array(size);
  const at = reader.offset();
  let sum = 0;
  let zeros = false;
  for (let s = 0; s < size; ) {
    const place = reader.offset();
    const f = reader.varint(`a frequency of ${what}`, total - 1);
    if (f > 0) {
      frequencies[s++] = f;
      sum += f;
      zeros = false;
      continue;
    }
    // The first and the last symbol occur, and a run of zeros is written as one.
    if (s === 0 || s === size - 1 || zeros)
      throw new PacketError(place, `a zero frequency of ${what} where there can be none`);
    s += 1 + reader.varint(`a run of zero frequencies of ${what}`, size - s - 2);
    zeros = true;
  }
  if (sum !== total) throw new PacketError(at, `the frequencies of ${what} sum to ${sum}, not ${total}`);
  return frequencies;
}

/** About what the table of frequencies takes. */
export function tableBytes(counts: Uint32Array): number {
  let bytes = 0;
  let previous = 1;
  for (const c of counts) {
    if (c > 0) bytes += 2;
    else if (previous > 0) bytes += 2;
    previous = c;
  }
  return bytes;
}
