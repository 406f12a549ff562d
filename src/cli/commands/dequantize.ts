import { Command } from "commander";
import type { DequantizeOptions } from "../actions/dequantize.js";
import { collect } from "../terminal/options.js";

/** `cellfed dequantize`: a packet back into a vector, from its bytes alone. */
export function dequantizeCommand(): Command {
  return new Command("dequantize")
    .description("decode a packet of `cellfed quantize` into a vector of float32 values (.f32: raw, little endian)")
    .requiredOption("--packet <file>", "the packet")
    .requiredOption("--output <file>", "where the vector goes")
    .option("--limit <entries>", "most entries to accept", String(2 ** 26))
    .option("--plugin <file>", "a module with quantizers of one's own; may be repeated", collect)
    .option("--json", "print what the packet is as JSON")
    .action(async (options: DequantizeOptions) => {
      const { dequantize } = await import("../actions/dequantize.js");
      await dequantize(options);
    });
}
