import { Command } from "commander";
import type { QuantizeOptions } from "../actions/quantize.js";
import { collect } from "../terminal/options.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed quantize`: one vector through one quantizer, by its real bytes. */
export function quantizeCommand(): Command {
  const method = "such as emq:digits=1; `cellfed quantizers --list` names them and their settings";
  const command = new Command("quantize")
    .description("quantize a vector of float32 values (.f32: raw, little endian) and say what it costs and loses")
    .requiredOption("--method <name>", method)
    .option("--set <key=value>", "a setting of the quantizer; repeat for more", collect, [])
    .requiredOption("--input <file>", "the vector; a captured one brings its tensors' shapes along")
    .option("--packet <file>", "write the packet")
    .option("--output <file>", "write the decoded vector")
    .option("--seed <integer>", "of stochastic rounding and rotations", "1");
  return withExamples(withShared(command, ["plugin", "json"]), [
    ["cellfed quantize --method emq:digits=1 --input update.f32", "what a vector costs and loses"],
    ["cellfed quantize --method laq:bits=4 --input update.f32 --packet update.packet", "keep the packet"],
  ]).action(async (options: QuantizeOptions) => (await import("../actions/quantize.js")).quantize(options));
}
