import { Command } from "commander";
import type { DequantizeOptions } from "../actions/dequantize.js";
import { withShared } from "./options.js";

/** `cellfed dequantize`: a packet back into a vector, from its bytes alone. */
export function dequantizeCommand(): Command {
  const command = new Command("dequantize")
    .description("decode a packet of `cellfed quantize` into a vector of float32 values (.f32: raw, little endian)")
    .requiredOption("--packet <file>", "the packet")
    .requiredOption("--output <file>", "where the vector goes")
    .option("--limit <entries>", "most entries to accept", String(2 ** 26));
  return withShared(command, ["plugin", "json"]).action(async (options: DequantizeOptions) =>
    (await import("../actions/dequantize.js")).dequantize(options),
  );
}
