import { copied } from "../config/copies.js";
import { isPromise, kindOf, RunError, show } from "../config/errors.js";
import { createdBy } from "../config/ownParts.js";
import type { DecodeContext, EncodeContext, Packet, Quantizer, QuantizerMemory } from "../config/records.js";
import type { Settings } from "../config/settings.js";
import type { OwnQuantizer } from "./method.js";

/**
 * A quantizer of the user's own, held to what `Quantizer` promises: `encode` answers at once, with a packet or with null
 * for a client that skips; `decode` and `absent` write finite numbers; memory holds numbers and Float32Arrays.
 *
 * It is given copies of all but its memory, and its packet is copied: what it writes into the model, the update or the
 * tensors, and what becomes of its packet afterwards, nobody sees.
 *
 * Its functions throw a RunError for what they find, without name and place, which whoever calls them knows.
 */
export function checkedQuantizer(quantizer: Quantizer): Quantizer {
  const { name, channelAware, unbiased, needsModel, needsDelivery, source, absent, undelivered } = quantizer;
  const checked: Quantizer = {
    name,
    ...(channelAware !== undefined && { channelAware }),
    ...(unbiased !== undefined && { unbiased }),
    ...(needsModel !== undefined && { needsModel }),
    ...(needsDelivery !== undefined && { needsDelivery }),
    ...(source !== undefined && { source }),
    encode(update, context) {
      const packet: unknown = quantizer.encode(update.slice(), contextFor(context));
      checkMemory(context.memory);
      return packet === null ? null : packetOf(packet);
    },
    decode(bytes, into, context) {
      writeInto(into, context, (own, seen) => quantizer.decode(bytes.slice(), own, seen));
    },
    ...(typeof absent === "function" && {
      absent(into: Float32Array, context: DecodeContext) {
        writeInto(into, context, (own, seen) => quantizer.absent!(own, seen));
      },
    }),
  };
  if (typeof undelivered === "function") {
    checked.undelivered = (update, context) => {
      quantizer.undelivered!(update.slice(), contextFor(context));
      checkMemory(context.memory);
    };
  }
  originals.set(checked, quantizer);
  return checked;
}

/** The quantizer that a plugin's part makes. @throws InputError where it makes none */
export function createdQuantizer(part: OwnQuantizer, settings: Settings): Quantizer {
  return checkedQuantizer(createdBy("quantizer", part, "quantizer.name", () => part.create(copied(settings))));
}

const originals = new WeakMap<Quantizer, Quantizer>();

/** What a checked quantizer was made of: its functions are what it is known by. */
export function originalOf(quantizer: Quantizer): Quantizer {
  return originals.get(quantizer) ?? quantizer;
}

/** All but the memory, which is the quantizer's own, as a copy. */
function contextFor<T extends DecodeContext | EncodeContext>({ memory, ...rest }: T): T {
  return { ...copied(rest), memory } as unknown as T;
}

/** A copy of what an encoder gives. @throws RunError where it is no packet */
export function packetOf(given: unknown): Packet {
  if (isPromise(given)) throw new RunError("encode gave a promise; it must answer at once");
  if (typeof given !== "object" || given === null) {
    throw new RunError(`encode gave ${show(given)} (allowed: { bytes, nominalBits }, or null to skip the round)`);
  }
  const { bytes, nominalBits, entropyBits } = given as Partial<Packet>;
  if (kindOf(bytes) !== "Uint8Array") throw new RunError(`bytes are ${show(bytes)}, no Uint8Array`);
  if (!(Number.isFinite(nominalBits) && nominalBits! >= 0)) {
    throw new RunError(`nominalBits are ${show(nominalBits)}, no finite number of 0 or more`);
  }
  if (entropyBits !== undefined && !(Number.isFinite(entropyBits) && entropyBits >= 0)) {
    throw new RunError(`entropyBits are ${show(entropyBits)}, no finite number of 0 or more`);
  }
  const copy = Uint8Array.from(bytes!);
  return { bytes: copy, nominalBits: nominalBits!, ...(entropyBits !== undefined && { entropyBits }) };
}

/** Has a decoder write into an array of its own, and takes over what it wrote. */
function writeInto(
  into: Float32Array,
  context: DecodeContext,
  write: (own: Float32Array, context: DecodeContext) => unknown,
): void {
  const own = into.slice();
  const given = write(own, contextFor(context));
  if (isPromise(given)) throw new RunError("it gave a promise; it must write before it returns");
  if (ArrayBuffer.isView(given) && given !== own) {
    throw new RunError(`it returned ${show(given)}; what it decodes must be written into the array that it is given`);
  }
  const wrong = own.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new RunError(`entry ${wrong} is ${own[wrong]}, no finite number`);
  checkMemory(context.memory);
  into.set(own);
}

/** What is kept between rounds goes to other threads, and into a run's state. */
function checkMemory(memory: QuantizerMemory): void {
  for (const [key, value] of memory as Map<unknown, unknown>) {
    const kept = typeof value === "number" || kindOf(value) === "Float32Array";
    if (typeof key === "string" && kept) continue;
    throw new RunError(
      `its memory has ${show(value)} under ${show(key)} (allowed: numbers and Float32Arrays, under texts)`,
    );
  }
}
