import { log2 } from "../../../bindings/math.js";
import { f32, i32, u8 } from "../../../bindings/memory.js";
import {
  dequantize,
  mixedEncode,
  region,
  scatter,
  selectLargest,
  sumAbs,
  type Values,
  withRange,
} from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import { requireFinite } from "../finite.js";
import { coderOf, type Method } from "../method.js";
import { readMagnitude } from "./grid.js";

const kinds = ["mean", "float32"] as const;

/**
 * The k = round(f d) entries of largest magnitude (one at least; of equal ones the earlier), the client keeping what it
 * does not send (`errorFeedback`, on unless it is set off): Stich et al., NeurIPS 2018; with their mean magnitude and
 * sign in the place of each, sparse ternary compression (Sattler et al., IEEE TNNLS 2020, algorithm 1). Positions travel
 * as a map of the update, −1, 0 or 1 for each entry (0 or 1 beside float32 values), which the entropy coder makes d H(f)
 * bits of and less where contexts foretell it.
 *
 * Nominal k(b̄ + 1) + 32, or k(b̄ + 32), b̄ the mean length of a position in Golomb's code (there, equation 17): with
 * b = 1 + ⌊log2(log(φ − 1)/log(1 − f))⌋, b̄ = b + 1/(1 − (1 − f)^(2^b)). Biased: what is left out is lost to a round.
 */
export const topK: Method = {
  name: "top-k",
  title: "top-k",
  format: 25,
  summary: "the largest entries with coded positions, the others kept for later",
  carriesError: true,
  resolution: () => ({ setting: "fraction", unit: "share" }),
  proof: {
    benchmark: [{ fraction: 0.01 }, { fraction: 0.1 }],
    forms: [{ fraction: 0.2 }, { fraction: 0.2, values: "float32" }],
    goldens: [
      { settings: { fraction: 0.01 }, nmse: ["0.916413", "0.843004"] },
      { settings: { fraction: 0.1 }, nmse: ["0.574507", "0.454596"] },
      // As top-q
      { settings: { fraction: 0.1, values: "float32" }, nmse: ["0.560709", "0.4047"] },
    ],
  },
  settings: {
    fraction: { default: 0.01, above: 0, maximum: 1, summary: "k/d, the share of the entries that is sent" },
    values: { default: "mean", choices: kinds, summary: "the sign and the mean magnitude, or the float32 itself" },
  },
  encoder(settings) {
    const fraction = settings.fraction as number;
    const kind = settings.values as (typeof kinds)[number];
    const coder = coderOf(settings);
    return (input, context, writer) => {
      const n = input.length;
      const k = n === 0 ? 0 : Math.max(1, Math.round(fraction * n));
      const gaps = region("shared", 4 * k);
      const kept: Values = { pointer: region("kept", 4 * k), length: k };
      const sparse: Values = { pointer: region("change", 4 * n), length: n };
      const map = region("symbols", 4 * n);
      if (k > 0) selectLargest(input, k, gaps, kept.pointer);
      scatter(gaps, kept.pointer, k, sparse);
      mixedEncode(sparse, 0, Number.POSITIVE_INFINITY, map);
      // Of an update with fewer entries than k that are not zero only those are sent.
      const sent = packValues(kept);
      writer.byte(kinds.indexOf(kind));
      if (kind === "mean") writer.f32(sent === 0 ? 0 : Math.min(Math.fround(sumAbs(kept) / sent), input.largest));
      else magnitudes(map, n);
      const entropy = writeSymbols(writer, withRange(map, n), coder, context.tensors);
      if (kind === "float32") writer.bytes(u8(kept.pointer, 4 * sent));
      const beside = kind === "mean" ? 32 : 32 * sent;
      return {
        nominalBits: k * (golombBits(k / Math.max(1, n)) + (kind === "mean" ? 1 : 0)) + (kind === "mean" ? 32 : 32 * k),
        entropyBits: entropy === undefined ? undefined : entropy + beside,
      };
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const kind = kinds[reader.byte("the kind of values")];
    if (kind === undefined) throw new PacketError(at, "values of a kind that top-k has not");
    if (kind === "float32") {
      readSymbols(reader, out, "the map", [0, 1]);
      placeValues(reader, out);
      return;
    }
    const mean = readMagnitude(reader, "the mean magnitude");
    readSymbols(reader, out, "the map", 1);
    dequantize(out, mean, 0, out.pointer);
  },
};

/** Moves the values that are not zero to the front. @returns how many there are */
function packValues({ pointer, length }: Values): number {
  const values = f32(pointer, length);
  let count = 0;
  for (let i = 0; i < length; i++) if (values[i] !== 0) values[count++] = values[i] as number;
  values.fill(0, count);
  return count;
}

function magnitudes(map: Values["pointer"], n: number): void {
  const symbols = i32(map, n);
  for (let i = 0; i < n; i++) symbols[i] = Math.abs(symbols[i] as number);
}

/** A value for each 1 of the map, in its place. @throws PacketError */
function placeValues(reader: PacketReader, out: Values): void {
  const map = i32(out.pointer, out.length);
  let count = 0;
  for (let i = 0; i < map.length; i++) count += map[i] as number;
  const at = reader.offset();
  const bytes = reader.block(4 * count, "the values");
  const kept: Values = { pointer: region("kept", 4 * count), length: count };
  u8(kept.pointer, 4 * count).set(u8(bytes, 4 * count));
  requireFinite(kept, at, 4);
  const values = f32(kept.pointer, count);
  const places = i32(out.pointer, out.length);
  const decoded = f32(out.pointer, out.length);
  let next = 0;
  for (let i = 0; i < decoded.length; i++) {
    if (places[i] === 0) {
      decoded[i] = 0;
      continue;
    }
    const value = values[next++] as number;
    if (value === 0) throw new PacketError(at + 4 * (next - 1), `entry ${i} is sent, but is 0`);
    decoded[i] = value;
  }
}

/** The mean length of a gap in Golomb's code, each entry being one that is sent with this probability. */
function golombBits(share: number): number {
  if (share <= 0 || share >= 1) return 0;
  const none = log2(1 - share);
  const ratio = log2((Math.sqrt(5) - 1) / 2) / none;
  const bits = 1 + Math.max(-1, Math.floor(log2(ratio)));
  // (1 − f)^(2^b), by squaring
  let power = 1 - share;
  for (let i = 0; i < bits; i++) power *= power;
  return bits + 1 / (1 - power);
}
