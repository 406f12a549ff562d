import { Command } from "commander";
import type { QuantizersOptions } from "../actions/quantizers.js";
import { collect } from "../terminal/options.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed quantizers`: the benchmark of quantizers, by their real bytes. */
export function quantizersCommand(): Command {
  const command = new Command("quantizers")
    .description("benchmark quantizers: known errors, scales, real updates, bias, speed, accuracy at equal bits")
    .option("--quantizers <list>", "such as emq,laq:bits=4,top-q:fraction=0.1:bits=8 (default: a set of all)")
    .option("--input <file>", "a vector of one's own (.f32: raw float32, little endian); may be repeated", collect)
    .option("--parts <list>", "of goldens,inputs,sweep,bias,speed,accuracy (default: all)")
    .option("--rounds <n>", "rounds of learning in the last part", "12")
    .option("--encodings <n>", "encodings in the part on bias", "1000")
    .option("--seed <n>", "of rounding, rotations and learning", "1")
    .option("--list", "print the quantizers and their settings, and nothing else")
    .option("--fuzz <n>", "decode n damaged packets of every format instead");
  return withExamples(
    withShared(command, ["set", "plugin", "workers", "out", "noOut", "resume", "json"], {
      set: "set one field of the config of the last part; may be repeated",
      workers: "worker threads (default: one a core); speeds are measured while they rest",
      out: "results folder, new or empty: table, CSV, JSON and figures (default: results/quantizers)",
    }),
    [
      ["cellfed quantizers --list", "the quantizers and their settings"],
      ["cellfed quantizers --quantizers emq,laq:bits=4 --parts inputs", "two of them on vectors of every kind"],
    ],
  ).action(async (options: QuantizersOptions) => (await import("../actions/quantizers.js")).quantizers(options));
}
