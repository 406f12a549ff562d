import { u8 } from "../../../bindings/memory.js";
import { region, scatter, selectLargest, type Values, withRange } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import { readSymbols, symbolLimit, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { requireFinite } from "../finite.js";
import { coderOf, type Method } from "../method.js";
import { gridLimits, gridSymbols, gridValues, mostGridBits, readGrid } from "./grid.js";

/**
 * The round(q d) entries of largest magnitude (one at least; of equal ones the earlier), as float32 or on a grid of 2^b
 * points between ±‖v‖_∞; the rest are 0. Nominal q d (32 + b). On the wire the indices are the gaps between them.
 */
export const topQ: Method = {
  name: "top-q",
  title: "top-q",
  format: 6,
  summary: "the largest entries alone",
  resolution: () => ({ setting: "fraction", unit: "share" }),
  proof: {
    benchmark: [{ fraction: 0.01 }, { fraction: 0.1 }],
    forms: [{ fraction: 0.2 }, { fraction: 0.2, bits: 5 }],
    goldens: [
      { settings: { fraction: 0.01 }, nmse: ["0.915563", "0.838"] },
      { settings: { fraction: 0.1 }, nmse: ["0.560709", "0.4047"] },
    ],
  },
  settings: {
    fraction: { default: 0.01, above: 0, maximum: 1, summary: "q, the share of the entries that is sent" },
    bits: { default: 32, integer: true, minimum: 1, maximum: 32, summary: "of a value; 32: the float32 itself" },
  },
  encoder(settings) {
    const bits = settings.bits as number;
    const fraction = settings.fraction as number;
    if (bits > mostGridBits && bits < 32) {
      throw new InputError("quantizer.bits", `${bits} is not 1 to ${mostGridBits}, or 32 for the float32 itself`);
    }
    return (input, _context, writer) => {
      const n = input.length;
      const k = n === 0 ? 0 : Math.min(n, Math.max(1, Math.round(fraction * n)));
      const gaps = region("symbols", 4 * k);
      const values: Values = { pointer: region("kept", 4 * k), length: k };
      if (k > 0) selectLargest(input, k, gaps, values.pointer);
      writer.varint(k);
      writer.byte(bits);
      const places = withRange(gaps, k);
      if (places.max > symbolLimit) {
        throw new InputError(
          "quantizer.fraction",
          `${fraction} leaves ${places.max} entries between two; it is too small`,
        );
      }
      let entropy = writeSymbols(writer, places, coderOf(settings));
      if (bits === 32) {
        writer.bytes(u8(values.pointer, 4 * k));
        entropy = entropy === undefined ? undefined : entropy + 32 * k;
      } else {
        writer.byte(bits);
        writer.f32(input.largest);
        const grid = { kind: "mid-rise", bits, range: input.largest } as const;
        const coded = writeSymbols(writer, gridSymbols(values, grid, undefined, gaps), coderOf(settings));
        entropy = entropy === undefined || coded === undefined ? undefined : entropy + coded + 32;
      }
      return { nominalBits: k * (32 + bits), entropyBits: entropy };
    };
  },
  decode(reader, out) {
    const from = reader.offset();
    const k = reader.varint("the number of entries kept", out.length);
    if (k === 0 && out.length > 0) throw new PacketError(from, "no entry is kept; one at least is");
    const at = reader.offset();
    const bits = reader.byte("the bits of a value");
    if (bits !== 32 && (bits < 1 || bits > mostGridBits)) throw new PacketError(at, `${bits} bits of a value`);
    const gaps = { pointer: region("symbols", 4 * k), length: k };
    const values = { pointer: region("kept", 4 * k), length: k };
    readSymbols(reader, gaps, "the gaps", [0, symbolLimit]);
    const place = reader.offset();
    if (bits === 32) {
      u8(values.pointer, 4 * k).set(u8(reader.block(4 * k, "the values"), 4 * k));
      requireFinite(values, place, 4);
    } else {
      const grid = readGrid(reader, "mid-rise");
      if (grid.bits !== bits) throw new PacketError(place, `${grid.bits} bits of the grid, but ${bits} of a value`);
      readSymbols(reader, values, "the values", gridLimits(grid));
      gridValues(values, grid, values.pointer);
    }
    if (!scatter(gaps.pointer, values.pointer, k, out)) {
      throw new PacketError(at, "the gaps lead beyond the last entry");
    }
  },
};
