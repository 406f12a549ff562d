import { checksum } from "../../../bindings/coding.js";
import type { CodedTensor } from "../../../bindings/deadZone.js";
import { f32, offset, u8 } from "../../../bindings/memory.js";
import { addScaled, dot, partOf, randomWords, region, type Values } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import type { DecodeContext, EncodeContext, QuantizerMemory } from "../../config/records.js";
import { readTensors, type Tensor, tensorsOf, transformTensors, writeTensors } from "../coding/axes.js";
import { fixedBytes, readCode, roomFor, trailer, writeCode } from "../coding/deadZoneCode.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import { leastStep, stepNear } from "../coding/stepSearch.js";
import type { Encoded, Input, Method } from "../method.js";
import type { Settings } from "../settings.js";

/**
 * Transform coding to a bit target, as images and their sequences are coded (Gersho and Gray, Vector Quantization and
 * Signal Compression, 1992, chapters 8 and 12; rate–distortion optimized quantization as in Sullivan and Wiegand, IEEE
 * Signal Processing Magazine 15 (6), 1998):
 *
 *   x = T v + β e,  q = a h + Q_Δ(x − a h),  e ← x − q,  h ← q,  decoded: T⁻¹ q.
 *
 * T is an orthonormal cosine transform along those axes of the tensors whose neighbors are alike; h is what the client
 * sent last, which both ends know, with a factor a for each tensor; e is what was lost (error feedback, Seide et al.,
 * 2014). Q_Δ is uniform with one step for all tensors, since T keeps squares: the slope of distortion over rate is then
 * the same in all of them. Each entry takes the multiple of Δ with the least (error² + λ Δ² bits), which makes the dead
 * zone, and the bits are those of adaptive binary models whose contexts are the neighbors and |h|
 * (assembly/quantize/deadZone.ts). Decoded magnitudes are the means of what was coded as 1, and as more. Δ is searched
 * until the packet is as long as the target says. Nominal bits are those of the packet.
 */
export const rateDistortion: Method = {
  name: "rate-distortion",
  title: "rate–distortion",
  format: 30,
  summary: "a bit target: transform, prediction from the last round, dead zone, adaptive contexts",
  resolution: () => ({ setting: "bits", unit: "share" }),
  unbiased: (settings) => settings.rounding === "stochastic" && settings.feedback === 0,
  needsDelivery: (settings) => settings.prediction === true,
  feedsBack: "feedback",
  proof: {
    benchmark: [{ bits: 0.1 }, { bits: 1 }, { bits: 4 }],
    forms: [{ bits: 3 }, { bits: 3, rounding: "stochastic" }, { bits: 3, transform: false }],
  },
  settings: {
    bits: { default: 0.1, above: 0, maximum: 16, summary: "bits an entry that a packet may have, on the wire" },
    rounding: {
      default: "nearest",
      choices: ["nearest", "stochastic"],
      summary: "stochastic has no dead zone, and is unbiased without feedback",
    },
    lambda: {
      default: 0.1,
      minimum: 0,
      maximum: 4,
      summary: "λ: squared steps of error that a bit is worth",
      when: { setting: "rounding", is: ["nearest"] },
    },
    transform: { default: true, summary: "cosine transform along axes whose neighbors are alike" },
    prediction: { default: true, summary: "from what the client sent last" },
    feedback: { default: 1, minimum: 0, maximum: 1, summary: "β: share of what was lost that is added next time" },
  },
  encoder(settings) {
    const plan = planOf(settings);
    return (input, context, writer) => encode(plan, input, context, writer);
  },
  decode,
};

interface Plan {
  bits: number;
  stochastic: boolean;
  lambda: number;
  transform: boolean;
  prediction: boolean;
  feedback: number;
}

function planOf(settings: Settings): Plan {
  const feedback = settings.feedback as number;
  if (settings.errorFeedback === true && feedback > 0) {
    throw new InputError(
      "quantizer.errorFeedback",
      `true would count what is lost twice: rate-distortion has quantizer.feedback ${feedback} (allowed together: 0)`,
    );
  }
  return {
    bits: settings.bits as number,
    stochastic: settings.rounding === "stochastic",
    lambda: settings.lambda as number,
    transform: settings.transform as boolean,
    prediction: settings.prediction as boolean,
    feedback,
  };
}

/** What client and server keep, each under names of its own. */
const kept = {
  client: "rate-distortion.client",
  server: "rate-distortion.server",
  lost: "rate-distortion.lost",
  axes: "rate-distortion.axes",
  step: "rate-distortion.step",
} as const;

/** Factors a travel in these parts of one. */
const gainParts = 16;
const mostGain = 2 * gainParts;

function encode(plan: Plan, input: Input, context: EncodeContext, writer: PacketWriter): Encoded {
  const { memory } = context;
  const n = input.length;
  const x: Values = { pointer: region("coefficients", 4 * n), length: n };
  const h: Values = { pointer: region("prediction", 4 * n), length: n };
  f32(x.pointer, n).set(f32(input.pointer, n));
  const last = plan.prediction ? recalled(memory, kept.client, n) : undefined;
  place(last, h);
  const lost = plan.feedback > 0 ? recalled(memory, kept.lost, n) : undefined;
  // What is remembered stands in the axes of then.
  const masks = last === undefined && lost === undefined ? undefined : (memory.get(kept.axes) as Float32Array);
  const tensors = tensorsOf(context.tensors, x, plan.transform, masks);
  transformTensors(x, tensors, false);
  if (lost !== undefined) {
    const e: Values = { pointer: region("change", 4 * n), length: n };
    place(lost, e);
    addScaled(x, e, plan.feedback, x.pointer);
  }
  writer.byte(last === undefined ? 0 : 1);
  writeTensors(writer, tensors);
  const gains = tensors.map((tensor) => (last === undefined ? 0 : gainOf(tensor, x, h)));
  if (last !== undefined) {
    for (const gain of gains) writer.byte(gain);
    u32le(writer, checksumOf(h));
  }
  // What stands in every later packet beside: the gains, and the checksum of what is foretold from.
  const later = plan.prediction && last === undefined ? tensors.length + checksumBytes : 0;
  sent(plan, writer, context, { x, h, parts: partsOf(tensors, gains), later });
  if (plan.prediction || plan.feedback > 0) {
    memory.set(
      kept.axes,
      Float32Array.from(tensors, ({ mask }) => mask),
    );
  }
  if (plan.prediction) memory.set(kept.client, f32(h.pointer, n).slice());
  const nominalBits = 8 * (writer.offset() + trailer);
  if (plan.feedback === 0) return { nominalBits };
  addScaled(x, h, -1, x.pointer);
  memory.set(kept.lost, f32(x.pointer, n).slice());
  return { nominalBits, squaredError: dot(x, x) };
}

/** Of what was kept. */
const checksumBytes = 4;

interface Work {
  x: Values;
  h: Values;
  parts: readonly CodedTensor[];
  /** Bytes that the packets of later rounds have more of around the code */
  later: number;
}

/** Writes the step, the offsets and the code; h becomes q. */
function sent(plan: Plan, writer: PacketWriter, context: EncodeContext, { x, h, parts, later }: Work): void {
  const { seed, client, round, memory } = context;
  const overhead = writer.offset() + fixedBytes + trailer;
  const raises = context.raisesTarget === true;
  const room = roomFor(plan.bits, x.length, { overhead, later, short: 2048, raises });
  const words = (first: number) => randomWords(seed, "quantizer", client, round, x.length, first);
  const start = recalledStep(memory, x);
  const coding = { lambda: plan.lambda, room, start, words: plan.stochastic ? words : undefined, framed: false };
  const step = writeCode(writer, { x, h, parts }, coding);
  // Where the next search begins: half as much farther as this one went.
  const next = stepNear(step * Math.sqrt(step / Math.max(leastStep, start)));
  if (step > 0 && (plan.prediction || plan.feedback > 0)) memory.set(kept.step, next);
}

/** Where the search begins: at the last step, or at four times the root mean square; 0: there is nothing to send. */
function recalledStep(memory: QuantizerMemory, x: Values): number {
  const energy = dot(x, x);
  if (energy === 0) return 0;
  const last = memory.get(kept.step);
  return typeof last === "number" ? last : stepNear(4 * Math.sqrt(energy / x.length));
}

/** a = ⟨x, h⟩ / ‖h‖², in sixteenths */
function gainOf({ first, length }: Tensor, x: Values, h: Values): number {
  const part = partOf(h, first, length);
  const energy = dot(part, part);
  if (energy === 0) return 0;
  return Math.min(mostGain, Math.max(0, Math.round((gainParts * dot(partOf(x, first, length), part)) / energy)));
}

function partsOf(tensors: readonly Tensor[], gains: readonly number[]): CodedTensor[] {
  return tensors.map(({ length, distances }, j) => ({ length, distances, gain: gains[j]! / gainParts }));
}

/** What was kept of as many entries. */
function recalled(memory: QuantizerMemory, key: string, n: number): Float32Array | undefined {
  const values = memory.get(key);
  return typeof values === "object" && values.length === n ? values : undefined;
}

function place(values: Float32Array | undefined, into: Values): void {
  const out = f32(into.pointer, into.length);
  if (values === undefined) out.fill(0);
  else out.set(values);
}

function checksumOf(h: Values): number {
  u8(offset(h.pointer, 4 * h.length), 64).fill(0);
  return checksum(h.pointer, 4 * h.length);
}

function u32le(writer: PacketWriter, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) writer.byte((value >>> shift) & 255);
}

function decode(reader: PacketReader, out: Values, context: DecodeContext): void {
  const n = out.length;
  const form = reader.offset();
  const predicted = reader.byte("the form of rate–distortion");
  if (predicted > 1) throw new PacketError(form, `form ${predicted} of rate–distortion is not known`);
  const tensors = readTensors(reader, n);
  const gains = tensors.map(() => (predicted === 1 ? readGain(reader) : 0));
  const h: Values = { pointer: region("prediction", 4 * n), length: n };
  if (predicted === 1) recallFor(reader, h, context);
  else place(undefined, h);
  const decoded = readCode(reader, { h, parts: partsOf(tensors, gains) }, false);
  reader.end(); // before the memory is touched: a bad packet leaves it as it was
  decoded(out);
  context.memory.set(kept.server, f32(out.pointer, n).slice());
  transformTensors(out, tensors, true);
}

function readGain(reader: PacketReader): number {
  const at = reader.offset();
  const gain = reader.byte("a factor of the prediction");
  if (gain > mostGain) throw new PacketError(at, `a factor of ${gain}/${gainParts}; at most ${mostGain} are known`);
  return gain;
}

/** What the client sent last, into h. @throws PacketError where this end does not have that */
function recallFor(reader: PacketReader, h: Values, { memory, client, round }: DecodeContext): void {
  const at = reader.offset();
  const b = reader.bytes(4, "the checksum of what was kept");
  const declared = ((b[0]! | (b[1]! << 8) | (b[2]! << 16)) + b[3]! * 2 ** 24) >>> 0;
  const before = `of client ${client} before round ${round}`;
  const last = recalled(memory, kept.server, h.length);
  if (last === undefined) throw new PacketError(at, `is predicted from an update ${before}, and none is kept here`);
  place(last, h);
  if (checksumOf(h) !== declared) {
    throw new PacketError(at, `is predicted from an update ${before} that is not the one kept here`);
  }
}
