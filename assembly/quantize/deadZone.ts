import { log2 } from "../math";
import {
  beginDecoding, beginEncoding, clearModels, decodeBit, decodeEven, encodeBit, encodedBytes, encodeEven, endDecoding,
  endEncoding,
} from "./binaryCoder";

/**
 * Uniform steps with a dead zone, coded in contexts that both ends see.
 *
 *   y_i = (x_i − a·h_i) / Δ, m_i the whole number with the least (|y_i| − r(|m_i|))² + λ·bits(m_i) of ⌊|y_i| + ½⌋, one
 *   less and 0; r(1) = 1 + r₁, r(m) = m + r₂ beyond; q_i = a·h_i + Δ·r(m_i).
 *
 * h is what both ends kept of the round before. The bits are those of the binary models as they stand at entry i: that it
 * is zero, by three contexts: the magnitudes of the entries at up to four distances before it, |h_i| in steps, and a
 * running mean of the magnitudes before it; then its sign, by that of h_i and of its neighbors; then whether there is
 * one more, up to 15, and an Elias-gamma code of the rest.
 * m stands behind as many zeros as the farthest neighbor is away.
 */

/** A tensor, or a part of the vector: how many entries, and how far before each its neighbors are. */
@unmanaged
export class CodedPart {
  length: i32;
  d0: i32;
  d1: i32;
  d2: i32;
  d3: i32;
  /** a */
  gain: f32;
}

/** What encoder and decoder are told. */
@unmanaged
export class DeadZone {
  parts: i32;
  /** 1/Δ */
  inverse: f32;
  /** Encoder: λ in Δ² a bit, r₁ and r₂, and bytes there is room for */
  lambda: f32;
  first: f32;
  beyond: f32;
  room: i32;
  /** CodedPart, one after the other */
  list: usize;
  models: usize;
  /** From `adaptationRates` and `bitCosts` */
  rates: usize;
  costs: usize;
  /** Encoder: a word of 32 random bits an entry, |m| = ⌊|y| + u⌋ then; 0: none */
  words: usize;
}

// @ts-ignore: decorator
@inline const PART: usize = 24;
// @ts-ignore: decorator
@inline const LEVELS: i32 = 8;
// @ts-ignore: decorator
@inline const MEANS: i32 = 11;
// @ts-ignore: decorator
@inline const KEPT: i32 = 4;
// @ts-ignore: decorator
@inline const SIGNS: i32 = LEVELS * MEANS * KEPT;
// @ts-ignore: decorator
@inline const MORE: i32 = SIGNS + 9;
// @ts-ignore: decorator
@inline const ESCAPE: i32 = MORE + 7 * LEVELS;
// @ts-ignore: decorator
@inline const MODELS: i32 = ESCAPE + 24;
// @ts-ignore: decorator
@inline const UNARY: i32 = 15;
/** Magnitudes stay below 2²⁰. */
// @ts-ignore: decorator
@inline const MOST: f32 = 1048575.0;
// @ts-ignore: decorator
@inline const SLOW: u32 = 400;
// @ts-ignore: decorator
@inline const FAST: u32 = 100;
/** Steps of the sum of magnitudes, 0 … 20, in three bits each: 0, 1, 2, 3, 4 – 5, 6 – 8, 9 – 12, 13 and more. */
// @ts-ignore: decorator
@inline const STEPS: u64 = 0x7fffffedb5b64688;

export function deadZoneModels(): i32 {
  return MODELS;
}

/** costs: 4096 float32, −log2((i + ½)/4096) */
export function bitCosts(costs: usize): void {
  for (let i: i32 = 0; i < 4096; i++) store<f32>(costs + (<usize>i << 2), <f32>(12.0 - log2(<f64>i + 0.5)));
}

// @ts-ignore: decorator
@inline
function held(m: i32): i32 {
  return min<i32>(abs<i32>(m), 3);
}

/** 0 … 7, by the neighbors' magnitudes; the nearest counts half. */
// @ts-ignore: decorator
@inline
function levelAt(p: usize, b0: usize, b1: usize, b2: usize, b3: usize): i32 {
  const sum = held(load<i32>(p - b0)) + 2 * (held(load<i32>(p - b1)) + held(load<i32>(p - b2)) + held(load<i32>(p - b3)));
  return <i32>(STEPS >> (3 * <u64>min<i32>(sum, 20))) & 7;
}

/** |h| in steps, 0 … 3 */
// @ts-ignore: decorator
@inline
function keptLevel(h: f32, inverse: f32): i32 {
  return <i32>min<f32>(abs(h) * inverse + 0.5, 3.0);
}

/** A mean of 64 magnitudes or so, in 1/4096, as a bit length */
// @ts-ignore: decorator
@inline
function meanLevel(mean: i32): i32 {
  return max<i32>(0, min<i32>(MEANS - 1, 30 - clz<i32>(mean)));
}

// @ts-ignore: decorator
@inline
function zeroPlace(models: usize, level: i32, mean: i32, kept: i32): usize {
  return models + (<usize>((meanLevel(mean) * KEPT + kept) * LEVELS + level) << 2);
}

// @ts-ignore: decorator
@inline
function sideOf(value: i32): i32 {
  return i32(value > 0) - i32(value < 0);
}

function signPlace(models: usize, h: f32, kept: i32, neighbors: i32): usize {
  const before = kept == 0 ? 0 : i32(h > 0) - i32(h < 0);
  return models + (<usize>(SIGNS + 4 + 3 * before + sideOf(neighbors)) << 2);
}

/** That there is more than `magnitude` */
// @ts-ignore: decorator
@inline
function morePlace(models: usize, magnitude: i32, level: i32): usize {
  return models + (<usize>(MORE + (min<i32>(magnitude, 7) - 1) * LEVELS + level) << 2);
}

// @ts-ignore: decorator
@inline
function cost(plan: DeadZone, place: usize, bit: bool): f32 {
  const p: u32 = load<u32>(place) >>> 20;
  const index: u32 = bit ? p : 4095 - p;
  return load<f32>(plan.costs + (<usize>index << 2));
}

/** Of a magnitude of one or more, without that it is not zero */
function magnitudeBits(plan: DeadZone, magnitude: i32, level: i32): f32 {
  let bits: f32 = 1;
  const last = min<i32>(magnitude, UNARY);
  for (let j: i32 = 1; j < last; j++) bits += cost(plan, morePlace(plan.models, j, level), true);
  if (magnitude < UNARY) return bits + cost(plan, morePlace(plan.models, magnitude, level), false);
  const length = 31 - clz<i32>(magnitude - UNARY + 1);
  return bits + <f32>length * 2.0 + 1.0;
}

/** |m| for a = |y| ≥ ½ */
function chosen(plan: DeadZone, a: f32, zero: usize, level: i32): i32 {
  const top = <i32>min<f32>(a + 0.5, MOST);
  if (plan.lambda == 0) return top;
  let best: i32 = 0;
  let least = a * a + plan.lambda * cost(plan, zero, false);
  const one = cost(plan, zero, true);
  for (let k = max<i32>(1, top - 1); k <= top; k++) {
    const off = a - <f32>k - (k == 1 ? plan.first : plan.beyond);
    const total = off * off + plan.lambda * (one + magnitudeBits(plan, k, level));
    if (total < least) {
      least = total;
      best = k;
    }
  }
  return best;
}

function encodeMagnitude(models: usize, magnitude: i32, level: i32): void {
  const last = min<i32>(magnitude, UNARY);
  for (let j: i32 = 1; j < last; j++) encodeBit(1, morePlace(models, j, level), FAST);
  if (magnitude < UNARY) {
    encodeBit(0, morePlace(models, magnitude, level), FAST);
    return;
  }
  const rest = magnitude - UNARY + 1;
  const length = 31 - clz<i32>(rest);
  const escape = models + (<usize>ESCAPE << 2);
  for (let j: i32 = 0; j < length; j++) encodeBit(1, escape + (<usize>j << 2), FAST);
  encodeBit(0, escape + (<usize>length << 2), FAST);
  for (let j = length - 1; j >= 0; j--) encodeEven((rest >> j) & 1);
}

/** @returns 0 for a code that is none */
function decodeMagnitude(models: usize, level: i32): i32 {
  let magnitude: i32 = 1;
  while (magnitude < UNARY && decodeBit(morePlace(models, magnitude, level), FAST) != 0) magnitude++;
  if (magnitude < UNARY) return magnitude;
  const escape = models + (<usize>ESCAPE << 2);
  let length: i32 = 0;
  while (decodeBit(escape + (<usize>length << 2), FAST) != 0) if (++length > 20) return 0;
  let rest: i32 = 1;
  for (let j: i32 = 0; j < length; j++) rest = (rest << 1) | decodeEven();
  magnitude = rest + UNARY - 1;
  return magnitude <= <i32>MOST ? magnitude : 0;
}

/**
 * sums: four float64, the number of magnitudes of one and Σ(|y| − 1) of those, the same of larger ones with Σ(|y| − |m|).
 * @returns the bytes written, or −1 − i where there is no room for more at entry i
 */
export function encodeDeadZone(plan: DeadZone, x: usize, h: usize, m: usize, bytes: usize, sums: usize): i32 {
  const models = plan.models, inverse = plan.inverse, room = plan.room;
  clearModels(MODELS, 32768, models);
  clearModels(SIGNS, 2048, models);
  beginEncoding(bytes, plan.rates);
  let words = plan.words;
  let ones: i32 = 0, larger: i32 = 0;
  let oneSum: f64 = 0, largerSum: f64 = 0;
  const start = m;
  for (let j: i32 = 0; j < plan.parts; j++) {
    const part = changetype<CodedPart>(plan.list + <usize>j * PART);
    const b0 = <usize>part.d0 << 2, b1 = <usize>part.d1 << 2, b2 = <usize>part.d2 << 2, b3 = <usize>part.d3 << 2;
    const last = m + (<usize>part.length << 2);
    const gain = part.gain;
    let mean: i32 = 64;
    for (; m < last; m += 4) {
      const before = load<f32>(h);
      const y = (load<f32>(x) - gain * before) * inverse;
      x += 4;
      h += 4;
      const kept = keptLevel(before, inverse);
      const level = levelAt(m, b0, b1, b2, b3);
      const zero = zeroPlace(models, level, mean, kept);
      const a = abs(y);
      let magnitude: i32 = 0;
      if (words != 0) {
        magnitude = <i32>min<f64>(<f64>a + <f64>load<u32>(words) / 4294967296.0, <f64>MOST);
        words += 4;
      } else if (a >= 0.5) magnitude = chosen(plan, a, zero, level);
      mean += ((min<i32>(magnitude, 3) << 12) - mean) >> 6;
      if (magnitude == 0) {
        store<i32>(m, 0);
        encodeBit(0, zero, SLOW);
        continue;
      }
      if (encodedBytes() > room) return -1 - <i32>((m - start) >> 2);
      encodeBit(1, zero, SLOW);
      const neighbors = load<i32>(m - b0) + load<i32>(m - b1) + load<i32>(m - b2) + load<i32>(m - b3);
      encodeBit(u32(y < 0), signPlace(models, before, kept, neighbors), FAST);
      encodeMagnitude(models, magnitude, level);
      store<i32>(m, y < 0 ? -magnitude : magnitude);
      if (magnitude == 1) {
        ones++;
        oneSum += <f64>(a - 1.0);
      } else {
        larger++;
        largerSum += <f64>(a - <f32>magnitude);
      }
    }
  }
  store<f64>(sums, <f64>ones);
  store<f64>(sums, oneSum, 8);
  store<f64>(sums, <f64>larger, 16);
  store<f64>(sums, largerSum, 24);
  return endEncoding();
}

/** @returns 0, 1 or 2 where the code does not end as the encoder ends it, 3 for a magnitude that is none */
export function decodeDeadZone(plan: DeadZone, length: i32, h: usize, m: usize, bytes: usize): i32 {
  const models = plan.models, inverse = plan.inverse;
  clearModels(MODELS, 32768, models);
  clearModels(SIGNS, 2048, models);
  beginDecoding(bytes, length, plan.rates);
  for (let j: i32 = 0; j < plan.parts; j++) {
    const part = changetype<CodedPart>(plan.list + <usize>j * PART);
    const b0 = <usize>part.d0 << 2, b1 = <usize>part.d1 << 2, b2 = <usize>part.d2 << 2, b3 = <usize>part.d3 << 2;
    const last = m + (<usize>part.length << 2);
    let mean: i32 = 64;
    for (; m < last; m += 4) {
      const before = load<f32>(h);
      h += 4;
      const kept = keptLevel(before, inverse);
      const level = levelAt(m, b0, b1, b2, b3);
      let magnitude: i32 = 0;
      if (decodeBit(zeroPlace(models, level, mean, kept), SLOW) != 0) {
        const neighbors = load<i32>(m - b0) + load<i32>(m - b1) + load<i32>(m - b2) + load<i32>(m - b3);
        const negative = decodeBit(signPlace(models, before, kept, neighbors), FAST);
        magnitude = decodeMagnitude(models, level);
        if (magnitude == 0) return 3;
        store<i32>(m, negative != 0 ? -magnitude : magnitude);
      } else store<i32>(m, 0);
      mean += ((min<i32>(magnitude, 3) << 12) - mean) >> 6;
    }
  }
  return endDecoding();
}

/** q_i = a·h_i + Δ·r(m_i), held to the finite float32; q may be h. */
export function reconstructDeadZone(
  n: i32, gain: f32, step: f64, first: f32, beyond: f32, m: usize, h: usize, q: usize,
): void {
  const most = <f64>f32.MAX_VALUE;
  for (let i: i32 = 0; i < n; i++) {
    const one = load<i32>(m);
    const magnitude = abs<i32>(one);
    let value: f64 = 0;
    if (magnitude != 0) {
      value = step * (<f64>magnitude + <f64>(magnitude == 1 ? first : beyond));
      if (one < 0) value = -value;
    }
    store<f32>(q, <f32>max<f64>(min<f64>(value + <f64>gain * <f64>load<f32>(h), most), -most));
    m += 4;
    h += 4;
    q += 4;
  }
}
