import { f32 } from "../../../bindings/memory.js";
import { addScaled, dot, maxAbs, partOf, region, scaleValues, type Values } from "../../../bindings/quantize.js";
import type { EncodeContext } from "../../config/records.js";
import { readTensors, type Tensor, tensorsOf, transformTensors, writeTensors } from "../coding/axes.js";
import { fixedBytes, leastCode, readCode, roomFor, trailer, writeCode } from "../coding/deadZoneCode.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import { stepNear } from "../coding/stepSearch.js";
import type { Encoded, Input, Method } from "../method.js";
import { blockScale } from "./blockScale.js";
import { readMagnitude } from "./grid.js";
import { normalStep } from "./normalStep.js";
import { rotateWhole, wholeOf } from "./rotateWhole.js";
import { type Draw, readDraw, writeDraw } from "./rotation.js";
import { floorLog, power } from "./steps.js";

/**
 * An induced compressor (Horváth and Richtárik, A Better Alternative to Error Feedback for Communication-Efficient
 * Distributed Learning, ICLR 2021): what a biased one loses is sent by an unbiased one,
 *
 *   q = C(v) + U(v − C(v)),  E q = v,
 *
 * so that U's error counts for what C has lost alone, and neither client nor server keeps anything. C is the transform
 * coding of rateDistortion.ts without memory. U rotates at random (rotateWhole.ts) and divides every group by its root mean
 * square σ, so that the entries y are nearly standard normal; rounds them to uniform steps with a dead zone, c, by the same
 * code; and decodes R⁻¹(S σ c), S = ‖y‖²/⟨y, c⟩ of the group, as EDEN does. At few bits these are the places and signs of
 * the largest entries: a scalar quantizer with an entropy code comes to the slope of a Gaussian's D(R) as the rate falls (Marco and
 * Neuhoff, IEEE Transactions on Information Theory 52 (2), 2006), signs of entries chosen at random do not. The error is
 * E‖q − v‖² = ‖v − C(v)‖²·D/(1 − D), D the distortion of such steps on a Gaussian.
 *
 * `residual` is U's share of the bits; with 1 there is no C. Nominal bits are those of the packet.
 */
export const induced: Method = {
  name: "induced",
  title: "induced",
  format: 31,
  summary: "a bit target: transform and dead zone, then what that lost by a random rotation, without bias",
  unbiased: true,
  resolution: () => ({ setting: "bits", unit: "share" }),
  proof: {
    benchmark: [{ bits: 0.1 }, { bits: 1 }, { bits: 4 }],
    forms: [{ bits: 3 }, { bits: 3, residual: 1 }],
  },
  settings: {
    bits: { default: 0.1, above: 0, maximum: 16, summary: "bits an entry that a packet may have, on the wire" },
    residual: {
      default: 0.7,
      above: 0,
      maximum: 1,
      summary: "share of the bits that goes into what the transform coding has lost; 1: no transform coding",
    },
  },
  encoder({ bits, residual }) {
    const plan = { bits: bits as number, residual: residual as number };
    return (input, context, writer) => encode(plan, input, context, writer);
  },
  decode,
};

/** λ of C and of U: on a normal it gains nothing at equal bits, and without it the length falls evenly with the step. */
const lambda = { transformed: 0.1, rotated: 0 };
/** Share of its room that a code is to take: chance has it a little longer or shorter */
const aimed = 0.983;
/** Of the length of a code, which a varint says */
const lengthBytes = 3;

interface Plan {
  bits: number;
  residual: number;
}

function encode({ bits, residual }: Plan, input: Input, context: EncodeContext, writer: PacketWriter): Encoded {
  const n = input.length;
  const twice = residual < 1;
  // Magnitudes around 1, so that no sum overflows.
  const exponent = input.largest === 0 ? 0 : floorLog(2, input.largest);
  const lost: Values = { pointer: region("change", 4 * n), length: n };
  scaleValues(input, power(2, -exponent), lost.pointer);
  writer.zigzag(exponent);
  writeDraw(writer, context);
  writer.byte(twice ? 1 : 0);
  const tensors = twice ? tensorsOf(context.tensors, lost, true, undefined) : [];
  if (twice) writeTensors(writer, tensors);
  const codes = twice ? 2 : 1;
  const beside = codes * (fixedBytes + lengthBytes) + (codes - 1) * leastCode + 4 * wholeOf(n).groups.length + trailer;
  const raises = context.raisesTarget === true;
  const overhead = writer.offset() + beside;
  let room = roomFor(bits, n, { overhead, short: 4096, raises }) + (codes - 1) * leastCode;
  if (twice) {
    const share = Math.floor((1 - residual) * room);
    room -= takeTransformed(writer, lost, tensors, Math.min(room - leastCode, Math.max(leastCode, share)));
  }
  sendRotated(writer, lost, room, context);
  return { nominalBits: 8 * (writer.offset() + trailer) };
}

/** Sends C(v) and takes it off. @returns the bytes that its code took */
function takeTransformed(writer: PacketWriter, lost: Values, tensors: readonly Tensor[], room: number): number {
  const n = lost.length;
  const x: Values = { pointer: region("coefficients", 4 * n), length: n };
  f32(x.pointer, n).set(f32(lost.pointer, n));
  transformTensors(x, tensors, false);
  const q = zeros(n);
  const energy = dot(x, x);
  const start = energy === 0 ? 0 : stepNear(4 * Math.sqrt(energy / n));
  const before = writer.offset() + fixedBytes + lengthBytes;
  writeCode(writer, { x, h: q, parts: partsOf(tensors) }, { lambda: lambda.transformed, room, start, framed: true });
  transformTensors(q, tensors, true);
  addScaled(lost, q, -1, lost.pointer);
  return Math.max(0, writer.offset() - before);
}

/** Sends U of what is lost. */
function sendRotated(writer: PacketWriter, lost: Values, room: number, draw: Draw): void {
  const whole = wholeOf(lost.length);
  const y: Values = { pointer: region("innovation", 4 * whole.padded), length: whole.padded };
  const largest = maxAbs(lost);
  f32(y.pointer, whole.padded).fill(0, lost.length);
  scaleValues(lost, largest === 0 ? 0 : 1 / largest, y.pointer);
  rotateWhole(y, whole, draw, false);
  const sizes = whole.groups.map(({ first, length }) => {
    const group = partOf(y, first, length);
    const deviation = Math.sqrt(dot(group, group) / length);
    scaleValues(group, deviation === 0 ? 0 : 1 / deviation, group.pointer);
    return largest * deviation;
  });
  const c = zeros(whole.padded);
  const start = largest === 0 ? 0 : stepNear(normalStep((aimed * 8 * room) / whole.padded));
  writeCode(
    writer,
    { x: y, h: c, parts: wholePart(whole.padded) },
    { lambda: lambda.rotated, room, start, framed: true },
  );
  const scales = whole.groups.map(({ first, length }, g) => {
    const [own, levels] = [partOf(y, first, length), partOf(c, first, length)];
    const [match, energy] = [dot(own, levels), dot(own, own)];
    if (match <= 0) return 0; // nothing of it was worth its bits
    return blockScale("unbiased", { size: length, largest: sizes[g]!, energy, match, levels: 0 });
  });
  writer.bytes(new Uint8Array(Float32Array.from(scales).buffer));
}

function decode(reader: PacketReader, out: Values): void {
  const n = out.length;
  const exponent = reader.zigzag("the exponent", 149);
  const draw = readDraw(reader);
  const form = reader.offset();
  const twice = reader.byte("the form of an induced packet");
  if (twice > 1) throw new PacketError(form, `form ${twice} of an induced packet is not known`);
  f32(out.pointer, n).fill(0);
  if (twice === 1) {
    const tensors = readTensors(reader, n);
    readCode(reader, { h: zeros(n), parts: partsOf(tensors) }, true)(out);
    transformTensors(out, tensors, true);
  }
  const whole = wholeOf(n);
  const y: Values = { pointer: region("innovation", 4 * whole.padded), length: whole.padded };
  readCode(reader, { h: zeros(whole.padded), parts: wholePart(whole.padded) }, true)(y);
  for (const { first, length } of whole.groups) {
    const group = partOf(y, first, length);
    scaleValues(group, readMagnitude(reader, "a scale"), group.pointer);
  }
  rotateWhole(y, whole, draw, true);
  addScaled(out, y, 1, out.pointer);
  scaleValues(out, power(2, exponent), out.pointer);
}

function zeros(length: number): Values {
  const values = { pointer: region("prediction", 4 * length), length };
  f32(values.pointer, length).fill(0);
  return values;
}

function partsOf(tensors: readonly Tensor[]) {
  return tensors.map(({ length, distances }) => ({ length, distances, gain: 0 }));
}

/** A rotation leaves no neighbors that are alike: any will do. */
function wholePart(length: number) {
  return [{ length, distances: [1, 2, 3, 4] as const, gain: 0 }];
}
