import { Command } from "commander";
import type { DequantizeOptions } from "../actions/dequantize.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed dequantize`: a packet back into a vector, from its bytes alone. */
export function dequantizeCommand(): Command {
  const command = new Command("dequantize")
    .description("decode a packet of `cellfed quantize` into a vector of float32 values (.f32: raw, little endian)")
    .requiredOption("--packet <file>", "the packet")
    .requiredOption("--output <file>", "where the vector goes")
    .option(
      "--limit <entries>",
      "refuse packets of more entries (four bytes each in the vector and in memory; a few bytes may stand for any " +
        "number of them), at most 268435456",
      String(2 ** 24),
    );
  return withExamples(withShared(command, ["plugin", "json"]), [
    ["cellfed dequantize --packet update.packet --output decoded.f32", "the vector again"],
  ]).action(async (options: DequantizeOptions) => (await import("../actions/dequantize.js")).dequantize(options));
}
