import {
  type CodedTensor,
  type DeadZoneCode,
  type DeadZoneStream,
  decodeDeadZone,
  encodeDeadZone,
  reconstructDeadZone,
  symbolsWithReach,
  transformAxis,
} from "../../../bindings/deadZone.js";
import { exp, log } from "../../../bindings/math.js";
import { type Address, f32, offset, u8 } from "../../../bindings/memory.js";
import { addScaled, dot, maxAbs, partOf, randomWords, region, scaleValues, type Values } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import type { DecodeContext, EncodeContext } from "../../config/records.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import type { Encoded, Input, Method } from "../method.js";
import type { Settings } from "../settings.js";
import { readMagnitude } from "./grid.js";
import { floorLog, power } from "./steps.js";
import { type Layout, layoutOf, readLayout, writeLayout } from "./tensorAxes.js";

export const rateDistortion: Method = {
  name: "rate-distortion",
  title: "rate–distortion",
  format: 30,
  summary: "a bit target: transformed, predicted from the last round, dead zone, adaptive contexts",
  settings: {
    bits: { default: 0.1, above: 0, maximum: 16, summary: "on the wire, of an entry" },
    lambda: { default: 0.15, minimum: 0, maximum: 4, summary: "λ, what a bit has to save, in squared steps" },
    transform: { default: true, summary: "cosine transform along the axes whose neighbors are alike" },
    memory: { default: true, summary: "predict from what was sent last" },
    carry: { default: 1, minimum: 0, maximum: 1, summary: "share of what was lost that is added to the next update" },
    rounding: { default: "nearest", choices: ["nearest", "stochastic"], summary: "stochastic: no dead zone" },
  },
  encoder(settings) {
    const plan = planOf(settings);
    return (input, context, writer) => encode(plan, input, context, writer);
  },
  decode,
};

interface Plan {
  bits: number;
  lambda: number;
  transform: boolean;
  memory: boolean;
  carry: number;
  stochastic: boolean;
}

function planOf(settings: Settings): Plan {
  return {
    bits: settings.bits as number,
    lambda: settings.lambda as number,
    transform: settings.transform as boolean,
    memory: settings.memory as boolean,
    carry: settings.carry as number,
    stochastic: settings.rounding === "stochastic",
  };
}

const keys = { client: "rate-distortion.client", server: "rate-distortion.server", carried: "rate-distortion.carried", axes: "rate-distortion.axes", step: "rate-distortion.step" };

function encode(plan: Plan, input: Input, context: EncodeContext, writer: PacketWriter): Encoded {
  const { memory } = context;
  const n = input.length;
  const x: Values = { pointer: region("coefficients", 4 * n), length: n };
  const h: Values = { pointer: region("prediction", 4 * n), length: n };
  const before = plan.memory ? (memory.get(keys.client) as Float32Array | undefined) : undefined;
  if (before === undefined) f32(h.pointer, n).fill(0);
  else f32(h.pointer, n).set(before);
  f32(x.pointer, n).set(f32(input.pointer, n));
  const layout = layoutOf(context.tensors, x, plan.transform, memory.get(keys.axes) as Float32Array | undefined);
  forward(x, layout, false);
  const carried = memory.get(keys.carried) as Float32Array | undefined;
  if (plan.carry > 0 && carried !== undefined) {
    const e = { pointer: region("change", 4 * n), length: n };
    f32(e.pointer, n).set(carried);
    addScaled(x, e, plan.carry, x.pointer);
  }
  const gains = layout.parts.map((part) => gainOf(partOf(x, part.first, part.length), partOf(h, part.first, part.length)));
  const parts: CodedTensor[] = layout.parts.map(({ length, distances }, j) => ({ length, distances, gain: (gains[j] as number) / 16 }));
  const start = 0;
  writer.byte(before === undefined ? 0 : 1);
  writeLayout(writer, layout);
  if (before !== undefined) for (const g of gains) writer.byte(g);
  const words = plan.stochastic ? randomWords(context.seed, "quantizer", context.client, context.round, n) : undefined;
  const m = symbolsWithReach(parts, n);
  const header = 4 + 5 + 1 + 20 + layout.parts.length * 6 + start;
  const target = Math.max(64, Math.floor((plan.bits * n) / 8) - header);
  let offsets = { first: 0, beyond: 0 };
  let passes = 0;
  const attempt = (step: number): DeadZoneStream => {
    passes++;
    return encodeDeadZone({ parts, step, ...offsets, lambda: plan.lambda, room: 4 * target, words }, x, h.pointer, m);
  };
  const rms = Math.sqrt(dot(x, x) / Math.max(1, n));
  const { step, stream } = search(attempt, (memory.get(keys.step) as number) ?? Math.fround(4 * rms), target);
  const code: DeadZoneCode = { parts, step, first: Math.round(64 * stream.offsets.first) / 64, beyond: Math.round(64 * stream.offsets.beyond) / 64 };
  writer.f32(step);
  writer.byte((Math.round(64 * code.first) + 256) % 256);
  writer.byte((Math.round(64 * code.beyond) + 256) % 256);
  writer.bytes(u8(stream.pointer, stream.length));
  if (plan.carry > 0 || plan.memory) {
    reconstructDeadZone(code, m, h.pointer, h.pointer);
    memory.set(keys.client, f32(h.pointer, n).slice());
    memory.set(keys.step, step);
    memory.set(keys.axes, Float32Array.from(layout.parts, ({ axes }) => axes));
    if (plan.carry > 0) {
      addScaled(x, h, -1, x.pointer);
      memory.set(keys.carried, f32(x.pointer, n).slice());
    }
  }
  (globalThis as any).passes = passes;
  (globalThis as any).info = { step, gains, layout };
  return { nominalBits: plan.bits * n };
}

function search(attempt: (step: number) => DeadZoneStream, start: number, target: number) {
  let step = start;
  let low = 0; // too fine
  let high = Number.POSITIVE_INFINITY;
  let highLength = 0;
  let slope = -1.2;
  let last: { step: number; length: number } | undefined;
  for (let i = 0; i < 12; i++) {
    const stream = attempt(step);
    const { length } = stream;
    if (length <= target && (length >= 0.97 * target || i >= 8)) return { step, stream };
    if (length > target) low = Math.max(low, step);
    else { high = Math.min(high, step); highLength = length; }
    if (last !== undefined && last.length !== length && length > 0) {
      const s = log(length / last.length) / log(step / last.step);
      if (s < -0.2 && s > -5) slope = s;
    }
    last = { step, length: Math.max(1, length) };
    let next = step * exp(log((0.985 * target) / Math.max(1, length)) / slope);
    next = Math.min(8 * step, Math.max(step / 8, next));
    if (low > 0 && high < Number.POSITIVE_INFINITY && !(next > low && next < high)) next = Math.sqrt(low * high);
    step = Math.fround(next);
  }
  return { step: high, stream: attempt(high) };
}

function gainOf(x: Values, h: Values): number {
  const energy = dot(h, h);
  return energy === 0 ? 0 : Math.min(32, Math.max(0, Math.round((16 * dot(x, h)) / energy)));
}

/** The transform of every part, or its inverse, scaled so that no sum overflows. */
function forward(x: Values, layout: Layout, inverse: boolean): void {
  const largest = maxAbs(x);
  if (largest === 0) return;
  const exponent = floorLog(2, largest);
  scaleValues(x, power(2, -exponent), x.pointer);
  for (const { first, transforms } of layout.parts) {
    for (const axis of transforms) transformAxis(offset(x.pointer, 4 * first), axis, inverse);
  }
  scaleValues(x, power(2, exponent), x.pointer);
}

function decode(reader: PacketReader, out: Values, context: DecodeContext): void {
  const n = out.length;
  const predicted = reader.byte("whether there is a memory") === 1;
  const layout = readLayout(reader, n);
  const gains = layout.parts.map(() => (predicted ? reader.byte("a gain") : 0));
  const step = readMagnitude(reader, "the step");
  const signed = (b: number) => (b > 127 ? b - 256 : b) / 64;
  const first = signed(reader.byte("r1"));
  const beyond = signed(reader.byte("r2"));
  const h = region("prediction", 4 * n);
  const before = context.memory.get(keys.server) as Float32Array | undefined;
  if (predicted && before === undefined) throw new PacketError(3, "no memory");
  if (predicted) f32(h, n).set(before!);
  else f32(h, n).fill(0);
  const parts: CodedTensor[] = layout.parts.map(({ length, distances }, j) => ({ length, distances, gain: (gains[j] as number) / 16 }));
  const m = symbolsWithReach(parts, n);
  const code = { parts, step, first, beyond };
  const length = reader.left();
  const result = decodeDeadZone(code, reader.block(length, "the code"), length, h, m);
  if (result !== 0) throw new PacketError(3, `bad code ${result}`);
  reader.end();
  reconstructDeadZone(code, m, h, out.pointer);
  context.memory.set(keys.server, f32(out.pointer, n).slice());
  forward(out, layout, true);
}
