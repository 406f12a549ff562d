import { InputError } from "../../config/errors.js";
import { inspectPacket, PacketError, withDecoded } from "../../quantizers/index.js";
import type { SharedOptions } from "../commands/options.js";
import { writeFiles } from "../files/outputs.js";
import { loadPlugins } from "../files/plugins.js";
import { readBytes, vectorBytes } from "../files/vectors.js";
import { endedBySignals } from "../terminal/interruption.js";
import { wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";

export interface DequantizeOptions extends Pick<SharedOptions, "plugin" | "json"> {
  packet: string;
  output: string;
  limit: string;
}

export async function dequantize(options: DequantizeOptions): Promise<void> {
  await loadPlugins(options.plugin);
  const limit = wholeNumber("--limit", options.limit, 0, 2 ** 28);
  const bytes = await readBytes(options.packet);
  try {
    const { method, entries } = inspectPacket(bytes);
    if (entries > limit) {
      throw new InputError(
        options.packet,
        `decodes to ${entries} entries, ${4 * entries} bytes; at most ${limit} are accepted: to insist, give --limit ${entries}`,
      );
    }
    const decoded = endedBySignals(() => withDecoded(bytes, limit, vectorBytes));
    writeFiles([{ flag: "--output", path: options.output, content: decoded }]);
    const figures = { method, entries, wireBits: 8 * bytes.length };
    if (options.json === true) printJson(figures);
    else say(`${method}, ${entries} entries, ${figures.wireBits} bits`);
  } catch (error) {
    if (error instanceof PacketError) throw new InputError(options.packet, error.message, { cause: error });
    throw error;
  }
}
