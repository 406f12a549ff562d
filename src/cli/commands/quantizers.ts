import { Command } from "commander";
import { collect } from "../terminal/options.js";
import type { QuantizersFlags } from "./quantizerBenchmark.js";

/** `cellfed quantizers`: the benchmark of quantizers, by their real bytes. */
export function quantizersCommand(): Command {
  return new Command("quantizers")
    .description("benchmark quantizers: known errors, scales, real updates, bias, speed, accuracy at equal bits")
    .option("--quantizers <list>", "such as emq,laq:bits=4,top-q:fraction=0.1:bits=8 (default: a set of all)")
    .option("--input <file>", "a vector of one's own (.f32: raw float32, little endian); may be repeated", collect)
    .option("--parts <list>", "of goldens,sweep,inputs,bias,speed,accuracy (default: all)")
    .option("--rounds <n>", "rounds of learning in the last part", "12")
    .option("--encodings <n>", "encodings in the part on bias", "1000")
    .option("--seed <n>", "of rounding, rotations and learning", "1")
    .option("--out <dir>", "results folder, new or empty: table, CSV, JSON and figures (default: results/quantizers)")
    .option("--no-out", "keep nothing")
    .option("--list", "print the quantizers and their settings, and nothing else")
    .option("--fuzz <n>", "decode n damaged packets of every format instead")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .action(async (flags: QuantizersFlags) => {
      const { runQuantizers } = await import("./quantizerBenchmark.js");
      await runQuantizers(flags);
    });
}
