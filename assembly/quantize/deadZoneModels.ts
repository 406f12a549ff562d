import { log2 } from "../math";

/**
 * The binary models of ./deadZone.ts and which of them an entry is coded by, from what both ends know.
 *
 *   s = |m_1| + 2 (|m_2| + |m_3| + |m_4|) of its neighbors, magnitudes held to 3, in eight steps; |h| in steps, 0 … 3;
 *   a running mean of |m| over about 64 entries, as a bit length.
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
@inline export const PART: usize = 24;
// @ts-ignore: decorator
@inline const LEVELS: i32 = 8;
// @ts-ignore: decorator
@inline const MEANS: i32 = 11;
// @ts-ignore: decorator
@inline const KEPT: i32 = 4;
// @ts-ignore: decorator
@inline const PLACES: i32 = 14;
// @ts-ignore: decorator
@inline export const ENTRIES: i32 = LEVELS * MEANS * KEPT;
// @ts-ignore: decorator
@inline const SIGNS: i32 = ENTRIES + LEVELS * KEPT * PLACES;
// @ts-ignore: decorator
@inline const MORE: i32 = SIGNS + 9;
// @ts-ignore: decorator
@inline export const ESCAPE: i32 = MORE + 7 * LEVELS;
// @ts-ignore: decorator
@inline export const MODELS: i32 = ESCAPE + 24;
// @ts-ignore: decorator
@inline export const UNARY: i32 = 15;
/** Magnitudes stay below 2²⁰. */
// @ts-ignore: decorator
@inline export const MOST: f32 = 1048575.0;
// @ts-ignore: decorator
@inline export const SLOW: u32 = 1000;
// @ts-ignore: decorator
@inline export const FAST: u32 = 250;
// @ts-ignore: decorator
@inline export const BLOCK: i32 = 8;
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
export function levelAt(p: usize, b0: usize, b1: usize, b2: usize, b3: usize): i32 {
  const sum = held(load<i32>(p - b0)) + 2 * (held(load<i32>(p - b1)) + held(load<i32>(p - b2)) + held(load<i32>(p - b3)));
  return <i32>(STEPS >> (3 * <u64>min<i32>(sum, 20))) & 7;
}

/** |h| in steps, 0 … 3 */
// @ts-ignore: decorator
@inline
export function keptLevel(h: f32, inverse: f32): i32 {
  return <i32>min<f32>(abs(h) * inverse + 0.5, 3.0);
}

/** A mean of 64 magnitudes or so, in 1/4096, as a bit length */
// @ts-ignore: decorator
@inline
function meanLevel(mean: i32): i32 {
  return max<i32>(0, min<i32>(MEANS - 1, 30 - clz<i32>(mean)));
}

/** That there is something in the block */
// @ts-ignore: decorator
@inline
export function blockPlace(models: usize, level: i32, mean: i32, kept: i32): usize {
  return models + (<usize>((meanLevel(mean) * KEPT + kept) * LEVELS + level) << 2);
}

/** Of eight entries' neighbors: 0, 1, 2, 3, 4 – 7, 8 – 15, 16 – 31, more */
// @ts-ignore: decorator
@inline
export function blockLevel(p: usize, b1: usize, b2: usize, b3: usize): i32 {
  const three = i32x4.splat(3);
  const near = i32x4.add(heldLanes(p - b1, three), heldLanes(p - b1 + 16, three));
  const middle = i32x4.add(heldLanes(p - b2, three), heldLanes(p - b2 + 16, three));
  const far = i32x4.add(heldLanes(p - b3, three), heldLanes(p - b3 + 16, three));
  const all = i32x4.add(i32x4.add(near, middle), far);
  const pairs = i32x4.add(all, v128.shuffle<i32>(all, all, 2, 3, 0, 1));
  const sum = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  return sum < 4 ? sum : min<i32>(LEVELS - 1, 33 - clz<i32>(sum));
}

// @ts-ignore: decorator
@inline
function heldLanes(p: usize, most: v128): v128 {
  return i32x4.min_s(i32x4.abs(v128.load(p)), most);
}

/** Bytes to neighbors that none of the block's own are among. */
// @ts-ignore: decorator
@inline
export function beforeBlock(distance: i32): usize {
  return <usize>max<i32>(distance, BLOCK) << 2;
}

/** The largest of eight. */
// @ts-ignore: decorator
@inline
export function largestOf(p: usize): f32 {
  const both = f32x4.pmax(f32x4.abs(v128.load(p)), f32x4.abs(v128.load(p, 16)));
  const pairs = f32x4.pmax(both, v128.shuffle<i32>(both, both, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** That an entry of such a block is not zero; `left` entries of it are, so far none is where `seen` is 0. */
// @ts-ignore: decorator
@inline
export function entryPlace(models: usize, level: i32, mean: i32, kept: i32, seen: i32, left: i32): usize {
  const place = seen == 0 ? left - 1 : 8 + (meanLevel(mean) >> 1);
  return models + (<usize>(ENTRIES + (place * KEPT + kept) * LEVELS + level) << 2);
}

// @ts-ignore: decorator
@inline
export function moved(mean: i32, magnitude: i32): i32 {
  return mean + (((min<i32>(magnitude, 3) << 12) - mean) >> 6);
}

/** After eight zeros */
// @ts-ignore: decorator
@inline
export function faded(mean: i32): i32 {
  return mean - ((mean + 7) >> 3);
}

// @ts-ignore: decorator
@inline
function sideOf(value: i32): i32 {
  return i32(value > 0) - i32(value < 0);
}

export function signPlace(models: usize, h: f32, kept: i32, neighbors: i32): usize {
  const before = kept == 0 ? 0 : i32(h > 0) - i32(h < 0);
  return models + (<usize>(SIGNS + 4 + 3 * before + sideOf(neighbors)) << 2);
}

/** That there is more than `magnitude` */
// @ts-ignore: decorator
@inline
export function morePlace(models: usize, magnitude: i32, level: i32): usize {
  return models + (<usize>(MORE + (min<i32>(magnitude, 7) - 1) * LEVELS + level) << 2);
}

// @ts-ignore: decorator
@inline
export function cost(plan: DeadZone, place: usize, bit: bool): f32 {
  const p: u32 = load<u32>(place) >>> 20;
  const index: u32 = bit ? p : 4095 - p;
  return load<f32>(plan.costs + (<usize>index << 2));
}

/** Of a magnitude of one or more, without that it is not zero */
export function magnitudeBits(plan: DeadZone, magnitude: i32, level: i32): f32 {
  let bits: f32 = 1;
  const last = min<i32>(magnitude, UNARY);
  for (let j: i32 = 1; j < last; j++) bits += cost(plan, morePlace(plan.models, j, level), true);
  if (magnitude < UNARY) return bits + cost(plan, morePlace(plan.models, magnitude, level), false);
  const length = 31 - clz<i32>(magnitude - UNARY + 1);
  return bits + <f32>length * 2.0 + 1.0;
}

