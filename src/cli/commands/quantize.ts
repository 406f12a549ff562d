import { Command } from "commander";
import { InputError } from "../../config/errors.js";
import { collect, wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";

interface Options {
  method: string;
  set: string[];
  input: string;
  packet?: string;
  output?: string;
  seed: string;
  json?: true;
}

/** `cellfed quantize`: one vector through one quantizer, by its real bytes. */
export function quantizeCommand(): Command {
  return new Command("quantize")
    .description("quantize a vector of float32 values (.f32: raw, little endian) and say what it costs and loses")
    .requiredOption("--method <name>", "quantizer; `cellfed quantizers --list` names them and their settings")
    .option("--set <key=value>", "a setting of the quantizer; repeat for more", collect, [])
    .requiredOption("--input <file>", "the vector; a captured one brings its tensors' shapes along")
    .option("--packet <file>", "write the packet")
    .option("--output <file>", "write the decoded vector")
    .option("--seed <integer>", "of stochastic rounding and rotations", "1")
    .option("--json", "print the figures as JSON")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { freshContext, quantizer } = await import("../../quantizers/index.js");
  const { distortion } = await import("../../quantizers/proof/measure.js");
  const { readVector, tensorsBeside, vectorBytes, writeFiles } = await import("../files/vectors.js");
  const seed = wholeNumber("--seed", options.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const method = quantizer(options.method, settingsOf(options.set));
  const vector = await readVector(options.input);
  const tensors = await tensorsBeside(options.input, vector.length);
  const packet = method.encode(vector, freshContext(seed, tensors));
  const decoded = new Float32Array(vector.length);
  // A fresh memory, as the server's in the first round: what `dequantize` will see
  if (packet !== null) method.decode(packet.bytes, decoded, freshContext(seed));
  await writeFiles([
    ...(packet === null ? [] : [{ flag: "--packet", path: options.packet, content: packet.bytes }]),
    { flag: "--output", path: options.output, content: vectorBytes(decoded) },
  ]);
  const figures = {
    method: options.method,
    entries: vector.length,
    nominalBits: packet?.nominalBits ?? 0,
    wireBits: 8 * (packet?.bytes.length ?? 0),
    ...distortion(vector, decoded),
    skipped: packet === null,
  };
  if (options.json === true) return printJson(figures);
  const perEntry = (bits: number) => `${bits} (${(bits / Math.max(1, vector.length)).toFixed(4)} an entry)`;
  say(`${figures.method}, ${figures.entries} entries${figures.skipped ? ": skipped" : ""}`);
  say(`nominal bits ${perEntry(figures.nominalBits)}`);
  say(`wire bits    ${perEntry(figures.wireBits)}`);
  say(`error        ${figures.nmse.toPrecision(6)} of the energy, ${figures.maxError.toPrecision(6)} at most`);
}

/** "bits=4" and the like; numbers and truth values as themselves, everything else as text. */
export function settingsOf(sets: readonly string[], flag = "--set"): Record<string, string | number | boolean> {
  return Object.fromEntries(
    sets.map((set) => {
      const equals = set.indexOf("=");
      if (equals < 1) throw new InputError(flag, `"${set}" is not of the form key=value`);
      const name = set
        .slice(0, equals)
        .trim()
        .replace(/^quantizer\./, "");
      const text = set.slice(equals + 1).trim();
      if (text === "true" || text === "false") return [name, text === "true"];
      return [name, text !== "" && Number.isFinite(Number(text)) ? Number(text) : text];
    }),
  );
}
