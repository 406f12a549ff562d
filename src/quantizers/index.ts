import { anyMap, bytes as checkBytes, optional, record } from "../config/arguments.js";
import type { QuantizerConfig } from "../config/config.js";
import { InputError, show } from "../config/errors.js";
import type { DecodeContext, Quantizer } from "../config/records.js";
import { createRegistry, type Registry } from "../config/registry.js";
import { maximumEntries, PacketError, type PacketReader, packetReader } from "./coding/packet.js";
import { withErrorFeedback } from "./errorFeedback.js";
import {
  commonSettings,
  decodeInPlace,
  decodeWith,
  freshContext,
  type Method,
  makeQuantizer,
  type OwnQuantizer,
  settingsOf,
} from "./method.js";
import { aquila } from "./methods/aquila.js";
import { emq } from "./methods/emq.js";
import { fedBif } from "./methods/fedBif.js";
import { identity } from "./methods/identity.js";
import { induced } from "./methods/induced.js";
import { laq } from "./methods/laq.js";
import { mxfp4, mxfp8 } from "./methods/microscaling.js";
import { bf16, fp8e4m3, fp8e5m2, fp16 } from "./methods/minifloat.js";
import { mixedResolution } from "./methods/mixedResolution.js";
import { natural } from "./methods/natural.js";
import { nf4 } from "./methods/normalFloat.js";
import { nuqsgd } from "./methods/nuqsgd.js";
import { powerSgd } from "./methods/powerSgd.js";
import { qsgd } from "./methods/qsgd.js";
import { quicFl } from "./methods/quicFl.js";
import { randK } from "./methods/randK.js";
import { rateDistortion } from "./methods/rateDistortion.js";
import { drive, eden, turboQuant } from "./methods/rotated.js";
import { sign } from "./methods/sign.js";
import { terngrad } from "./methods/terngrad.js";
import { thc } from "./methods/thc.js";
import { topK } from "./methods/topK.js";
import { topQ } from "./methods/topQ.js";
import { uniform } from "./methods/uniform.js";
import { createdQuantizer } from "./own.js";
import { completeSettings, type Settings, type SettingsSpec } from "./settings.js";

export { PacketError } from "./coding/packet.js";
export { freshContext, type OwnQuantizer } from "./method.js";
export { checkedQuantizer, originalOf } from "./own.js";
export { type Conformance, checkQuantizer } from "./proof/check.js";

/** Every quantizer, in the order of the tables. A new one: one file, one line here. */
export const quantizers: Registry<Method | OwnQuantizer> = createRegistry<Method | OwnQuantizer>("quantizer", [
  emq,
  mixedResolution,
  laq,
  aquila,
  topQ,
  qsgd,
  terngrad,
  sign,
  natural,
  uniform,
  fp16,
  bf16,
  fp8e4m3,
  fp8e5m2,
  mxfp4,
  mxfp8,
  drive,
  eden,
  rateDistortion,
  identity,
  turboQuant,
  nf4,
  nuqsgd,
  randK,
  topK,
  quicFl,
  fedBif,
  thc,
  powerSgd,
  induced,
]);

/** The names that `quantizer` knows. */
export const quantizerNames: readonly string[] = quantizers.names;

/**
 * The quantizer of a configuration, or of a name with settings.
 *
 * @param config a name, or a record with `name` and the settings beside it
 * @param settings with a name: its settings; what is not given takes its default
 * @throws InputError for an unknown name (path `quantizer.name`), an unknown setting or a value that is not allowed
 *   (path `quantizer.<setting>`)
 * @example
 * const update = Float32Array.of(0.5, -0.25, 0.125, 1);
 * const emq = quantizer("emq", { digits: 1 });
 * const packet = emq.encode(update, freshContext())!;
 * const received = new Float32Array(4);
 * emq.decode(packet.bytes, received, freshContext());
 * received.map((value) => Math.round(10 * value)); // → [5,-2,1,10]
 */
export function quantizer(config: QuantizerConfig | string, settings: Settings = {}): Quantizer {
  record()("settings", settings);
  const method = named(typeof config === "string" ? config : config?.name);
  const complete = completed(method, typeof config === "string" ? settings : rest(config));
  if ("format" in method) {
    const made = makeQuantizer(method, complete);
    configs.set(made, { ...complete, name: method.name } as QuantizerConfig);
    return made;
  }
  const own = createdQuantizer(method, complete);
  return complete.errorFeedback === true ? withErrorFeedback(own) : own;
}

const configs = new WeakMap<Quantizer, QuantizerConfig>();

/** The configuration that a built-in quantizer was made of; undefined for one's own, wrapped ones among them. */
export function quantizerConfigOf(quantizer: Quantizer): QuantizerConfig | undefined {
  return configs.get(quantizer);
}

/**
 * The configuration with every default of its method filled in; same errors as `quantizer`.
 * @example
 * completeQuantizer({ name: "emq", digits: 1 }).base; // → 10
 */
export function completeQuantizer(config: { name: string } & Settings): QuantizerConfig {
  const method = named(config?.name);
  return { name: config.name, ...completed(method, rest(config)) };
}

/**
 * The settings of a method: their defaults, limits and meanings.
 * @example
 * Object.keys(quantizerSettings("emq")).slice(0, 3); // → ["digits","base","scope"]
 */
export function quantizerSettings(name: string): SettingsSpec {
  return specOf(named(name));
}

/** The settings by which a quantizer brings back nothing of what it lost, of those that do by their defaults. */
export function withoutFeedback(name: string): Settings {
  const method = named(name);
  if (!("format" in method)) return {};
  return {
    ...(method.carriesError === true && { errorFeedback: false }),
    ...(method.feedsBack !== undefined && { [method.feedsBack]: 0 }),
  };
}

/**
 * What a packet says of itself, before anything is allocated for it.
 * @throws PacketError
 * @example
 * const { bytes } = quantizer("emq").encode(Float32Array.of(0.5, -0.25), freshContext())!;
 * inspectPacket(bytes); // → {"method":"emq","entries":2}
 */
export function inspectPacket(bytes: Uint8Array): { method: string; entries: number } {
  checkBytes("bytes", bytes);
  const reader = packetReader(bytes);
  return { method: methodOf(reader.format).name, entries: reader.entries };
}

/**
 * Decodes any packet by itself. Of a method with memory this is the first round: the memory is empty.
 *
 * A packet of a few bytes may stand for any number of zeros, so that what a decoder allocates follows what its caller
 * expects: 16,777,216 entries (64 MiB) unless told.
 * @param limit most entries to accept, 268,435,456 at most; nothing is allocated for a packet of more
 * @throws PacketError; InputError for a limit that is no number of entries
 * @example
 * const update = Float32Array.of(0.5, -0.25, 0.125, 1);
 * const packet = quantizer("laq", { bits: 8 }).encode(update, freshContext())!;
 * decodePacket(packet.bytes).length; // → 4
 */
export function decodePacket(bytes: Uint8Array, limit?: number, context?: DecodeContext): Float32Array {
  checkBytes("bytes", bytes);
  optional(record({ memory: anyMap }))("context", context);
  const { method, reader } = openPacket(bytes, limit);
  const out = new Float32Array(reader.entries);
  decodeWith(method, reader, out, context ?? freshContext());
  return out;
}

/**
 * The same for who reads the entries at once: they are handed over where they were decoded, in kernel memory, and count
 * only until the next vector is decoded.
 */
export function withDecoded<T>(bytes: Uint8Array, limit: number | undefined, use: (values: Float32Array) => T): T {
  const { method, reader } = openPacket(bytes, limit);
  return use(decodeInPlace(method, reader, freshContext()));
}

/** Most entries that are decoded where nobody says how many are expected. */
const usualLimit = 2 ** 24;

function openPacket(bytes: Uint8Array, limit = usualLimit): { method: Method; reader: PacketReader } {
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > maximumEntries) {
    throw new InputError("limit", `must be a whole number of entries from 0 to ${maximumEntries}, not ${show(limit)}`);
  }
  const reader = packetReader(bytes);
  const method = methodOf(reader.format);
  if (reader.entries > limit) {
    throw new PacketError(
      3,
      `${reader.entries} entries; at most ${limit} are accepted, unless a higher limit is given`,
    );
  }
  return { method, reader };
}

function named(name: string): Method | OwnQuantizer {
  return quantizers.named(name, "quantizer.name");
}

function methodOf(format: number): Method {
  const method = quantizers.parts.find((one): one is Method => "format" in one && one.format === format);
  if (method === undefined) throw new PacketError(2, `format ${format} is not known`);
  return method;
}

/** Error feedback goes around any quantizer; the coders only read the built-in ones' symbols. */
function specOf(method: Method | OwnQuantizer): SettingsSpec {
  if ("format" in method) return settingsOf(method);
  const { errorFeedback } = commonSettings;
  return { ...(errorFeedback && { errorFeedback }), ...method.settings };
}

function completed(method: Method | OwnQuantizer, settings: Settings): Settings {
  return completeSettings(method.name, specOf(method), settings);
}

function rest({ name: _, ...settings }: { name: string } & Settings): Settings {
  return settings;
}
