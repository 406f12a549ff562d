import type { SortedLevels } from "../../../bindings/tables.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { bitLength, power } from "./steps.js";
import { decodeBlocks, encodeBlocks, mostBlock, type TableBlocks } from "./tableBlocks.js";

/** Beyond this the smallest levels are below what float32 can tell from zero beside the norm. */
const mostLevels = 30;

/**
 * NUQSGD (Ramezani-Kebrya et al., JMLR 22, 2021, section 3): as QSGD, the levels between 0 and the norm of a bucket
 * powers of two: 0, 2^−s, …, ½, 1. An entry goes to one of the two around it, without bias. Nominal 32 a bucket and
 * 1 + ⌈log2(s + 2)⌉ an entry, a sign and which of s + 2 levels (the paper's bound is for a code of Elias).
 */
export const nuqsgd: Method = {
  name: "nuqsgd",
  title: "NUQSGD",
  format: 23,
  summary: "stochastic levels at powers of two of the norm",
  unbiased: true,
  resolution: () => ({ setting: "levels", unit: "octaves" }),
  proof: {
    benchmark: [{ levels: 3 }, { levels: 7 }],
    forms: [{}, { bucket: 32, levels: 9 }],
    goldens: [
      { settings: { levels: 3 }, nmse: ["1.26461", "1.07498"], random: "rounding" },
      { settings: { levels: 7 }, nmse: ["0.0829801", "0.0828754"], random: "rounding" },
    ],
  },
  settings: {
    levels: { default: 3, integer: true, minimum: 0, maximum: mostLevels, summary: "s, levels between 0 and the norm" },
    norm: { default: "l2", choices: ["l2", "max"], summary: "the norm of a bucket" },
    bucket: { default: 512, integer: true, minimum: 0, maximum: mostBlock, summary: "entries of a bucket; 0: all" },
  },
  encoder(settings) {
    const levels = settings.levels as number;
    const plan: TableBlocks = {
      levels: powersOfTwo(levels),
      block: settings.bucket as number,
      norm: settings.norm as "l2" | "max",
      stochastic: true,
      coder: coderOf(settings),
    };
    const perEntry = 1 + bitLength(levels + 1);
    return (input, context, writer) => {
      writer.byte(levels);
      return encodeBlocks(plan, perEntry, input, context, writer);
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const levels = reader.byte("the number of levels");
    if (levels > mostLevels) throw new PacketError(at, `${levels} levels; at most ${mostLevels} are known`);
    decodeBlocks(reader, out, powersOfTwo(levels));
  },
};

/** −1, …, −2^−s, 0, 2^−s, …, 1 */
function powersOfTwo(s: number): SortedLevels {
  const values = new Float32Array(2 * s + 3);
  for (let i = 0; i <= s; i++) {
    values[i] = -power(2, -i);
    values[2 * s + 2 - i] = power(2, -i);
  }
  return { values, origin: s + 1 };
}
