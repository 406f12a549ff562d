import { randomWords, region } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { gridLimits, gridSymbols, gridValues, mostGridBits, readGrid } from "./grid.js";

const kinds = ["mid-rise", "mid-tread"] as const;

/** A uniform grid on [−‖v‖_∞, ‖v‖_∞] (grid.ts). Nominal 32 + b d. */
export const uniform: Method = {
  name: "uniform",
  title: "uniform",
  format: 11,
  summary: "a uniform grid between ± the largest magnitude",
  unbiased: (settings) => settings.rounding === "stochastic",
  resolution: () => ({ setting: "bits", unit: "bits" }),
  proof: {
    benchmark: [{ bits: 2 }, { bits: 4 }, { bits: 8 }],
    forms: [{}, { kind: "mid-tread", bits: 3 }, { bits: 16 }],
    goldens: [
      {
        settings: { kind: "mid-rise", bits: 2, rounding: "stochastic" },
        nmse: ["1.46395", "6.017"],
        random: "rounding",
      },
      {
        settings: { kind: "mid-rise", bits: 4, rounding: "stochastic" },
        nmse: ["0.0554218", "0.1877"],
        random: "rounding",
      },
    ],
  },
  settings: {
    bits: { default: 8, integer: true, minimum: 1, maximum: mostGridBits, summary: "bits an entry" },
    kind: { default: "mid-rise", choices: kinds, summary: "2^bits points without zero, or 2^bits − 1 with it" },
    rounding: { default: "nearest", choices: ["nearest", "stochastic"], summary: "stochastic is unbiased" },
  },
  encoder(settings) {
    const kind = settings.kind as (typeof kinds)[number];
    const bits = settings.bits as number;
    if (kind === "mid-tread" && bits < 2) {
      throw new InputError("quantizer.bits", `${bits} leaves a mid-tread grid one point only; it takes 2 or more`);
    }
    return (input, context, writer) => {
      const grid = { kind, bits, range: input.largest };
      const words =
        settings.rounding === "stochastic"
          ? randomWords(context.seed, "quantizer", context.client, context.round, input.length)
          : undefined;
      writer.byte(kinds.indexOf(kind));
      writer.byte(bits);
      writer.f32(grid.range);
      const symbols = gridSymbols(input, grid, words, region("symbols", 4 * input.length));
      const entropy = writeSymbols(writer, symbols, coderOf(settings), context.tensors);
      return { nominalBits: 32 + bits * input.length, entropyBits: entropy && entropy + 32 };
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const kind = kinds[reader.byte("the grid's kind")];
    if (kind === undefined) throw new PacketError(at, "a grid of unknown kind");
    const grid = readGrid(reader, kind);
    readSymbols(reader, out, "the grid's points", gridLimits(grid));
    gridValues(out, grid, out.pointer);
  },
};
