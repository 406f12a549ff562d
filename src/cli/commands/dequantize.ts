import { Command } from "commander";
import { InputError } from "../../config/errors.js";
import { wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";

/** `cellfed dequantize`: a packet back into a vector, from its bytes alone. */
export function dequantizeCommand(): Command {
  return new Command("dequantize")
    .description("decode a packet of `cellfed quantize` into a vector of float32 values (.f32: raw, little endian)")
    .requiredOption("--packet <file>", "the packet")
    .requiredOption("--output <file>", "where the vector goes")
    .option("--limit <entries>", "most entries to accept", String(2 ** 26))
    .option("--json", "print what the packet is as JSON")
    .action(run);
}

async function run(options: { packet: string; output: string; limit: string; json?: true }): Promise<void> {
  const { decodePacket, inspectPacket, PacketError } = await import("../../quantizers/index.js");
  const { readBytes, vectorBytes, writeFiles } = await import("../files/vectors.js");
  const limit = wholeNumber("--limit", options.limit, 0, 2 ** 28);
  const bytes = await readBytes(options.packet);
  try {
    const { method, entries } = inspectPacket(bytes);
    await writeFiles([{ flag: "--output", path: options.output, content: vectorBytes(decodePacket(bytes, limit)) }]);
    const figures = { method, entries, wireBits: 8 * bytes.length };
    if (options.json === true) printJson(figures);
    else say(`${method}, ${entries} entries, ${figures.wireBits} bits`);
  } catch (error) {
    if (error instanceof PacketError) throw new InputError(options.packet, error.message, { cause: error });
    throw error;
  }
}
