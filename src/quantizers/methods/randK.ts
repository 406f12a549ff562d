import { u8 } from "../../../bindings/memory.js";
import { randomWords, region, scaleValues, scatter, type Values } from "../../../bindings/quantize.js";
import { chooseEntries, splitEntries } from "../../../bindings/tables.js";
import { PacketError } from "../coding/packet.js";
import { requireFinite } from "../finite.js";
import type { Method } from "../method.js";
import { type Draw, readDraw, writeDraw } from "./rotation.js";

const scales = ["contraction", "unbiased"] as const;

/**
 * rand-k: k = round(f d) entries, one at least, every set of them as likely as another. Both ends draw the set (seed,
 * client and round are in the packet), so that no position travels; the values are float32. Scaled by d/k it is
 * unbiased, E‖q − v‖² = (d/k − 1)‖v‖² (Wangni et al., NeurIPS 2018; Stich et al., NeurIPS 2018, section 2); without
 * it is the contraction that error feedback needs, E‖q − v‖² = (1 − k/d)‖v‖². Nominal 32 k.
 */
export const randK: Method = {
  name: "rand-k",
  title: "rand-k",
  format: 24,
  summary: "entries chosen at random, which both ends know",
  unbiased: ({ scale }) => scale === "unbiased",
  resolution: () => ({ setting: "fraction", unit: "share" }),
  proof: {
    benchmark: [{ fraction: 0.01 }, { fraction: 0.1 }],
    forms: [{ fraction: 0.2 }, { scale: "contraction" }],
    // d/k − 1 and 1 − k/d with k = 655 and 6554 of 65,536
    goldens: [
      { settings: { fraction: 0.01 }, nmse: ["99.0550", "99.0550"], random: "rounding" },
      { settings: { fraction: 0.1 }, nmse: ["8.99939", "8.99939"], random: "rounding" },
      { settings: { fraction: 0.1, scale: "contraction" }, nmse: ["0.899994", "0.899994"], random: "rounding" },
    ],
  },
  settings: {
    fraction: { default: 0.01, above: 0, maximum: 1, summary: "k/d, the share of the entries that is sent" },
    scale: {
      default: "unbiased",
      choices: ["unbiased", "contraction"],
      summary: "times d/k, or as they are (for error feedback)",
    },
  },
  encoder({ fraction, scale }) {
    const form = scales.indexOf(scale as (typeof scales)[number]);
    return (input, context, writer) => {
      const n = input.length;
      const k = n === 0 ? 0 : Math.max(1, Math.round((fraction as number) * n));
      const values: Values = { pointer: region("kept", 4 * k), length: k };
      const gaps = chosenGaps(n, k, context);
      splitEntries(input, { gaps, chosen: values.pointer, rest: region("change", 4 * n) });
      writer.varint(k);
      writer.byte(form);
      writeDraw(writer, context);
      writer.bytes(u8(values.pointer, 4 * k));
      return { nominalBits: 32 * k, entropyBits: 32 * k };
    };
  },
  decode(reader, out) {
    const from = reader.offset();
    const k = reader.varint("the number of entries sent", out.length);
    if (k === 0 && out.length > 0) throw new PacketError(from, "no entry is sent; one at least is");
    const at = reader.offset();
    const scale = scales[reader.byte("the scale")];
    if (scale === undefined) throw new PacketError(at, "a scale that rand-k has not");
    const draw = readDraw(reader);
    const place = reader.offset();
    const bytes = reader.block(4 * k, "the values");
    const values: Values = { pointer: region("kept", 4 * k), length: k };
    u8(values.pointer, 4 * k).set(u8(bytes, 4 * k));
    requireFinite(values, place, 4);
    if (scale === "unbiased" && k > 0) scaleValues(values, out.length / k, values.pointer);
    scatter(chosenGaps(out.length, k, draw).pointer, values.pointer, k, out);
  },
};

function chosenGaps(n: number, k: number, { seed, client, round }: Draw): Values {
  const gaps: Values = { pointer: region("shared", 4 * k), length: k };
  chooseEntries(n, k, randomWords(seed, "quantizer", client, round, n), gaps.pointer);
  return gaps;
}
