import { InputError } from "../../config/errors.js";
import { parseMethod, settingValue } from "../../config/grammar.js";
import type { Settings } from "../../config/settings.js";
import { freshContext, quantizer } from "../../quantizers/index.js";
import { distortion } from "../../quantizers/proof/measure.js";
import type { SharedOptions } from "../commands/options.js";
import { writeFiles } from "../files/outputs.js";
import { loadPlugins } from "../files/plugins.js";
import { readVector, tensorsBeside, vectorBytes } from "../files/vectors.js";
import { endedBySignals } from "../terminal/interruption.js";
import { wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";

export interface QuantizeOptions extends Pick<SharedOptions, "plugin" | "json"> {
  method: string;
  set: string[];
  input: string;
  packet?: string;
  output?: string;
  seed: string;
}

export async function quantize(options: QuantizeOptions): Promise<void> {
  await loadPlugins(options.plugin);
  const seed = wholeNumber("--seed", options.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const { name, settings } = parseMethod(options.method, "--method");
  const method = quantizer(name, { ...settings, ...settingsOf(options.set) });
  const vector = await readVector(options.input);
  const tensors = await tensorsBeside(options.input, vector.length);
  const decoded = new Float32Array(vector.length);
  const packet = endedBySignals(() => {
    const made = method.encode(vector, freshContext(seed, tensors));
    // A fresh memory, as the server's in the first round: what `dequantize` will see
    if (made !== null) method.decode(made.bytes, decoded, freshContext(seed));
    return made;
  });
  writeFiles([
    ...(packet === null ? [] : [{ flag: "--packet", path: options.packet, content: packet.bytes }]),
    { flag: "--output", path: options.output, content: vectorBytes(decoded) },
  ]);
  const figures = {
    method: name,
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

/** "bits=4", also as the config says it: "quantizer.bits=4". */
function settingsOf(sets: readonly string[]): Settings {
  return Object.fromEntries(
    sets.map((set) => {
      const equals = set.indexOf("=");
      if (equals < 1) throw new InputError("--set", `"${set}" is not of the form key=value`);
      const setting = set
        .slice(0, equals)
        .trim()
        .replace(/^quantizer\./, "");
      return [setting, settingValue(set.slice(equals + 1).trim())];
    }),
  );
}
