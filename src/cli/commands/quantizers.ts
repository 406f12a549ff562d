import { Command } from "commander";
import type { QuantizersOptions } from "../actions/quantizers.js";
import { collect } from "../terminal/options.js";

/** `cellfed quantizers`: the benchmark of quantizers, by their real bytes. */
export function quantizersCommand(): Command {
  return new Command("quantizers")
    .description("benchmark quantizers: known errors, scales, real updates, bias, speed, accuracy at equal bits")
    .option("--quantizers <list>", "such as emq,laq:bits=4,top-q:fraction=0.1:bits=8 (default: a set of all)")
    .option("--input <file>", "a vector of one's own (.f32: raw float32, little endian); may be repeated", collect)
    .option("--parts <list>", "of goldens,inputs,sweep,bias,speed,accuracy (default: all)")
    .option("--rounds <n>", "rounds of learning in the last part", "12")
    .option("--encodings <n>", "encodings in the part on bias", "1000")
    .option("--seed <n>", "of rounding, rotations and learning", "1")
    .option("--set <path=value>", "set one field of the config of the last part; may be repeated", collect)
    .option("--plugin <file>", "a module with quantizers of one's own; may be repeated", collect)
    .option("--workers <n>", "worker threads (default: one a core); speeds are measured while they rest")
    .option("--out <dir>", "results folder, new or empty: table, CSV, JSON and figures (default: results/quantizers)")
    .option("--no-out", "keep nothing")
    .option("--resume", "go on with what the results folder has")
    .option("--list", "print the quantizers and their settings, and nothing else")
    .option("--fuzz <n>", "decode n damaged packets of every format instead")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .action(async (options: QuantizersOptions) => {
      const { quantizers } = await import("../actions/quantizers.js");
      await quantizers(options);
    });
}
