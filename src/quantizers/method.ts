import { f32 } from "../../bindings/memory.js";
import { deliver, firstNonFinite, maxAbs, region, stage, type Values } from "../../bindings/quantize.js";
import { anyMap, bytes as checkBytes, floats, listOf, record, seedNumber } from "../config/arguments.js";
import { RunError } from "../config/errors.js";
import type { DecodeContext, EncodeContext, Exchange, Quantizer, TensorSlice } from "../config/records.js";
import type { Part } from "../config/settings.js";
import { type Coder, coderNames } from "./coding/coders.js";
import { PacketError, type PacketReader, type PacketWriter, packetReader, packetWriter } from "./coding/packet.js";
import { withErrorFeedback } from "./errorFeedback.js";
import { type ResolutionUnit, refined, resolutionFactor, schedules } from "./methods/schedule.js";
import type { SettingSpec, Settings, SettingsSpec } from "./settings.js";
import { tensorSlices } from "./tensors.js";

/** An update ready to be encoded: all finite, in kernel memory. */
export interface Input extends Values {
  /** ‖v‖_∞ */
  largest: number;
}

/** What encoding one update gives besides the bytes. */
export interface Encoded {
  /** As the method's paper counts them */
  nominalBits: number;
  /** Zero-order entropy of the symbols plus what travels beside them, where it was computed */
  entropyBits?: number | undefined;
  /** ‖q − x‖² of what was encoded, where it is known */
  squaredError?: number;
}

/**
 * A quantization method: its encoder is made from settings, its decoder needs the packet alone (and, for the
 * methods with memory, the memory that the server keeps for that client).
 */
export interface Method {
  readonly name: string;
  /** What people call it, in figures and lists */
  readonly title: string;
  /** The number in its packets; never renumber, for packets outlive a version */
  readonly format: number;
  readonly summary: string;
  /** E q = v: the benchmark measures the bias of these; may depend on the settings */
  readonly unbiased?: boolean | ((settings: Settings) => boolean);
  readonly settings: SettingsSpec;
  readonly proof?: Proof;
  /** Its `errorFeedback` is on unless it is set off */
  readonly carriesError?: boolean;
  /** Its own setting of what share of a loss comes back in the next update; 0 turns it off */
  readonly feedsBack?: string;
  /** The setting that a schedule over the rounds moves, and how to count in it */
  readonly resolution?: (settings: Settings) => { setting: string; unit: ResolutionUnit; value?: number };
  readonly channelAware?: (settings: Settings) => boolean;
  readonly needsModel?: (settings: Settings) => boolean;
  readonly needsDelivery?: (settings: Settings) => boolean;
  /** Where it looks at all clients: its round in a run; error feedback is then its own */
  readonly exchange?: (settings: Settings) => Exchange;
  /** @throws InputError for settings that do not go together */
  encoder(settings: Settings): Encoder;
  decode(reader: PacketReader, out: Values, context: DecodeContext): void;
  /** What the server uses for a client that skipped; zeros where the method does not say */
  absent?(into: Float32Array, context: DecodeContext): void;
}

/** A quantizer that a plugin brings: it makes and reads packets of its own. */
export interface OwnQuantizer extends Part {
  create(settings: Settings): Quantizer;
}

/** What a method is tried with beside its defaults, and what is known of it from elsewhere. */
export interface Proof {
  /** Settings that the benchmark takes where it is not told any; its defaults alone where left out */
  readonly benchmark?: readonly Settings[];
  /** Settings that change the form of its packets, for the fuzzer; its defaults where left out */
  readonly forms?: readonly Settings[];
  readonly goldens?: readonly Golden[];
}

/** Normalized errors on the probes that are known from elsewhere, to the digits given. */
export interface Golden {
  readonly settings: Settings;
  /** [Gaussian, Laplace]; null where it is not known */
  readonly nmse: readonly [string | null, string | null];
  /** The value is an expectation over the seeds, or a limit for many entries ("rotation") */
  readonly random?: "rounding" | "rotation";
}

/** @returns null to skip the round; nothing was written then */
export type Encoder = (input: Input, context: EncodeContext, writer: PacketWriter) => Encoded | null;

/** Settings that every method has. */
export const commonSettings: SettingsSpec = {
  coder: { default: "auto", choices: coderNames, summary: "how the symbols become bytes" },
  errorFeedback: { default: false, summary: "add what the last round's quantization lost to this round's update" },
};

/** And those that have a resolution. */
const scheduleSetting: SettingsSpec = {
  schedule: {
    default: "constant",
    choices: schedules,
    summary:
      "loss: finer as the training loss falls (AdaQuantFL); plateau: doubled where it stops falling; doubly-adaptive: and more for clients with more data (DAdaQuant)",
  },
};

/** All settings of a method. */
export function settingsOf(method: Method): SettingsSpec {
  const schedule = method.resolution === undefined ? {} : scheduleSetting;
  const common = { ...method.settings, ...commonSettings, ...schedule };
  if (method.carriesError !== true) return common;
  return { ...common, errorFeedback: { ...(common.errorFeedback as SettingSpec), default: true } };
}

export function coderOf(settings: Settings): Coder {
  return settings.coder as Coder;
}

/** What every encoder and decoder relies on. */
const checkGiven = record();
const checkContext = record({ memory: anyMap, seed: seedNumber });

/** The quantizer that a method with these (complete) settings is. */
export function makeQuantizer(method: Method, settings: Settings): Quantizer {
  const encoderFor = scheduled(method, settings);
  const { unbiased = false } = method;
  const bare: Quantizer = {
    name: method.name,
    unbiased: typeof unbiased === "boolean" ? unbiased : unbiased(settings),
    channelAware: method.channelAware?.(settings) ?? false,
    needsModel: method.needsModel?.(settings) ?? false,
    needsDelivery: method.needsDelivery?.(settings) ?? false,
    encode(update, given) {
      floats("update", update);
      checkGiven("context", given);
      const context = completeContext(given, update.length);
      checkContext("context", context);
      const values = stage(update);
      const input = { ...values, largest: largestOf(values, context) };
      const writer = packetWriter(method.format, input.length);
      const encoded = encoderFor(context)(input, context, writer);
      if (encoded === null) return null;
      const { nominalBits, entropyBits, squaredError } = encoded;
      return {
        ...{ bytes: writer.finish(), nominalBits },
        ...(entropyBits !== undefined && { entropyBits }),
        ...(squaredError !== undefined && { squaredError }),
      };
    },
    decode(bytes, into, context) {
      checkBytes("bytes", bytes);
      floats("into", into);
      checkContext("context", context);
      const reader = packetReader(bytes);
      if (reader.format !== method.format) {
        throw new PacketError(2, `format ${reader.format} is not that of ${method.name} (${method.format})`);
      }
      decodeWith(method, reader, into, context);
    },
    ...(method.exchange === undefined ? {} : { exchange: method.exchange(settings) }),
    ...(method.absent === undefined ? {} : { absent: method.absent }),
  };
  return settings.errorFeedback === true ? withErrorFeedback(bare) : bare;
}

/** The encoder of a round: always the same, or with the resolution that the schedule gives. */
function scheduled(method: Method, settings: Settings): (context: EncodeContext) => Encoder {
  const first = method.encoder(settings);
  const resolution = method.resolution?.(settings);
  const schedule = settings.schedule as (typeof schedules)[number] | undefined;
  if (schedule === undefined || schedule === "constant" || resolution === undefined) return () => first;
  const { setting, unit, value = settings[setting] as number } = resolution;
  const spec = method.settings[setting] as SettingSpec;
  const made = new Map([[value, first]]);
  return (context) => {
    const now = refined(value, resolutionFactor(schedule, context), unit, spec);
    const encoder = made.get(now) ?? method.encoder({ ...settings, [setting]: now });
    // Levels that are no whole numbers change every round: those are not worth keeping.
    if (spec.integer === true) made.set(now, encoder);
    return encoder;
  };
}

/** @throws PacketError */
export function decodeWith(method: Method, reader: PacketReader, into: Float32Array, context: DecodeContext): void {
  if (reader.entries !== into.length) {
    throw new PacketError(3, `${reader.entries} entries are declared, ${into.length} are expected`);
  }
  deliver(into, (out) => {
    method.decode(reader, out, context?.memory === undefined ? { ...freshContext(), ...context } : context);
    reader.end();
  });
}

/** What an encoder was told, with the rest as `freshContext` has it; its tensors in the form that encoders know. */
function completeContext(given: EncodeContext, entries: number): EncodeContext {
  const tensors = tensorSlices(given?.tensors ?? [], "context.tensors", entries);
  if (tensors === given?.tensors && given.memory !== undefined && given.loss !== undefined) return given;
  return { ...freshContext(), ...given, tensors };
}

/** Into a block of kernel memory: the values count until the next vector is decoded. @throws PacketError */
export function decodeInPlace(method: Method, reader: PacketReader, context: DecodeContext): Float32Array {
  const length = reader.entries;
  const out = { pointer: region("output", 4 * length), length };
  method.decode(reader, out, context);
  reader.end();
  return f32(out.pointer, length);
}

/**
 * A context for use outside a run: no memory, nothing known of other rounds, and no tensors unless they are given.
 * @example
 * const update = Float32Array.of(0.5, -0.25, 0.125, 1);
 * const tensors = [{ name: "w", shape: [2, 2], offset: 0, length: 4 }];
 * quantizer("emq", { scope: "tensor" }).encode(update, freshContext(1, tensors))!.bytes.length > 0; // → true
 */
export function freshContext(seed = 0, tensors: readonly TensorSlice[] = []): EncodeContext {
  seedNumber("seed", seed);
  listOf(record())("tensors", tensors);
  return {
    client: 0,
    round: 0,
    seed,
    tensors,
    memory: new Map(),
    modelChanges: [],
    loss: { first: Number.NaN, last: Number.NaN },
  };
}

function largestOf(values: Values, context: EncodeContext): number {
  const largest = maxAbs(values);
  if (!Number.isNaN(largest)) return largest;
  const { index, value } = firstNonFinite(values);
  throw new RunError(`entry ${index} of the update is ${value}; only finite numbers can be quantized`, {
    round: context.round,
    client: context.client,
  });
}
