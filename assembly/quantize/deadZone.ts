import {
  beginDecoding, beginEncoding, clearModels, decodeBit, decodeEven, encodeBit, encodedBytes, encodeEven, endDecoding,
  endEncoding,
} from "./binaryCoder";
import {
  beforeBlock, BLOCK, blockLevel, blockPlace, CodedPart, cost, DeadZone, ENTRIES, entryPlace, ESCAPE, faded, FAST,
  keptLevel, largestOf, levelAt, magnitudeBits, MODELS, morePlace, MOST, moved, PART, signPlace, SLOW, UNARY,
} from "./deadZoneModels";

/**
 * Uniform steps with a dead zone, coded in contexts that both ends see.
 *
 *   y_i = (x_i − a·h_i) / Δ, m_i the whole number with the least (|y_i| − r(|m_i|))² + λ·bits(m_i) of ⌊|y_i| + ½⌋, one
 *   less and 0; r(1) = 1 + r₁, r(m) = m + r₂ beyond; q_i = a·h_i + Δ·r(m_i).
 *
 * h is what both ends kept of the round before. The bits are those of the binary models as they stand then. Entries go in
 * blocks of eight: whether all are zero, by the magnitudes at three distances before them, the largest |h_i| in steps, and
 * a running mean of the magnitudes before; then each entry of the others: whether it is zero, by the same of its own; its
 * sign, by that of h_i and of its neighbors; whether there is one more, up to 15, and an Elias-gamma code of the rest. A
 * block is sent as zeros where that costs less, in the same measure. m stands behind as many zeros as the farthest
 * neighbor is away.
 */

/** What the entries before the present one have told, and what is being found out of its block. */
let mean: i32 = 0;
let seen: i32 = 0;
let saved: f32 = 0;
/** The entry's models */
let level: i32 = 0;
let kept: i32 = 0;
let zero: usize = 0;

/** Finds the models of the entry at m. */
// @ts-ignore: decorator
@inline
function lookAround(models: usize, part: CodedPart, inverse: f32, h: usize, m: usize, left: i32): void {
  kept = keptLevel(load<f32>(h), inverse);
  level = levelAt(m, <usize>part.d0 << 2, <usize>part.d1 << 2, <usize>part.d2 << 2, <usize>part.d3 << 2);
  zero = entryPlace(models, level, mean, kept, seen, left);
}

/** |m| for a = |y|; `saved` gets what the squares lose by it, less λ times its bits. */
function chosen(plan: DeadZone, a: f32): i32 {
  const lambda = plan.lambda;
  const nothing = lambda * cost(plan, zero, false);
  if (a < 0.5) {
    saved -= nothing;
    return 0;
  }
  const top = <i32>min<f32>(a + 0.5, MOST);
  const one = cost(plan, zero, true);
  let best: i32 = 0;
  let least = a * a + nothing;
  for (let k = max<i32>(1, top - 1); k <= top; k++) {
    const off = a - <f32>k - (k == 1 ? plan.first : plan.beyond);
    const total = off * off + lambda * (one + magnitudeBits(plan, k, level));
    if (total < least) {
      least = total;
      best = k;
    }
  }
  saved += a * a - least;
  return best;
}

/** Into m the symbols of a block; @returns whether to send any */
function choose(plan: DeadZone, part: CodedPart, count: i32, block: usize, x: usize, h: usize, m: usize): bool {
  const before = mean;
  seen = 0;
  saved = plan.lambda * (cost(plan, block, false) - cost(plan, block, true));
  for (let i: i32 = 0; i < count; i++) {
    const at = <usize>i << 2;
    const y = (load<f32>(x + at) - part.gain * load<f32>(h + at)) * plan.inverse;
    lookAround(plan.models, part, plan.inverse, h + at, m + at, count - i);
    const magnitude = chosen(plan, abs(y));
    seen |= magnitude;
    mean = moved(mean, magnitude);
    store<i32>(m + at, y < 0 ? -magnitude : magnitude);
  }
  mean = before;
  return seen != 0 && saved > 0;
}

/** The same by chance: |m| = ⌊|y| + u⌋ */
function draw(plan: DeadZone, part: CodedPart, count: i32, words: usize, x: usize, h: usize, m: usize): bool {
  seen = 0;
  for (let i: i32 = 0; i < count; i++) {
    const at = <usize>i << 2;
    const y = (load<f32>(x + at) - part.gain * load<f32>(h + at)) * plan.inverse;
    const u = <f64>load<u32>(words + at) / 4294967296.0;
    const magnitude = <i32>min<f64>(<f64>abs(y) + u, <f64>MOST);
    seen |= magnitude;
    store<i32>(m + at, y < 0 ? -magnitude : magnitude);
  }
  return seen != 0;
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

// @ts-ignore: decorator
@inline
function around(part: CodedPart, m: usize): i32 {
  return load<i32>(m - (<usize>part.d0 << 2)) + load<i32>(m - (<usize>part.d1 << 2)) +
    load<i32>(m - (<usize>part.d2 << 2)) + load<i32>(m - (<usize>part.d3 << 2));
}

/** sums: the number of magnitudes of one and Σ(|y| − 1) of those, the same of larger ones with Σ(|y| − |m|). */
function encodeBlock(plan: DeadZone, part: CodedPart, count: i32, x: usize, h: usize, m: usize, sums: usize): void {
  const models = plan.models;
  seen = 0;
  for (let i: i32 = 0; i < count; i++) {
    const value = load<i32>(m);
    const magnitude = abs<i32>(value);
    lookAround(models, part, plan.inverse, h, m, count - i);
    if (seen != 0 || i < count - 1) encodeBit(u32(magnitude != 0), zero, SLOW);
    if (magnitude != 0) {
      const before = load<f32>(h);
      encodeBit(u32(value < 0), signPlace(models, before, kept, around(part, m)), FAST);
      encodeMagnitude(models, magnitude, level);
      const y = (load<f32>(x) - part.gain * before) * plan.inverse;
      const place = sums + (magnitude == 1 ? 0 : 16);
      store<f64>(place, load<f64>(place) + 1.0);
      store<f64>(place, load<f64>(place, 8) + <f64>(abs(y) - <f32>magnitude), 8);
    }
    seen |= magnitude;
    mean = moved(mean, magnitude);
    x += 4;
    h += 4;
    m += 4;
  }
}

/**
 * sums: four float64 (`encodeBlock`).
 * @returns the bytes written, or −1 − i where there is no room for more at entry i
 */
export function encodeDeadZone(plan: DeadZone, x: usize, h: usize, m: usize, bytes: usize, sums: usize): i32 {
  const models = plan.models, inverse = plan.inverse, room = plan.room;
  begin(models);
  beginEncoding(bytes, plan.rates);
  memory.fill(sums, 0, 32);
  let words = plan.words;
  const start = m;
  for (let j: i32 = 0; j < plan.parts; j++) {
    const part = changetype<CodedPart>(plan.list + <usize>j * PART);
    const b1 = beforeBlock(part.d1), b2 = beforeBlock(part.d2), b3 = beforeBlock(part.d3);
    const gain = f32x4.splat(part.gain), inverses = f32x4.splat(inverse), half = f32x4.splat(0.5);
    mean = 64;
    for (let left = part.length; left > 0; left -= BLOCK) {
      const count = min<i32>(left, BLOCK);
      // The last entries of a part, fewer than eight, are looked at one by one only.
      const kept = count == BLOCK ? keptLevel(largestOf(h), inverse) : 0;
      const block = blockPlace(models, count == BLOCK ? blockLevel(m, b1, b2, b3) : 0, mean, kept);
      let any: bool = true;
      if (words == 0 && count == BLOCK) {
        const y0 = f32x4.mul(f32x4.sub(v128.load(x), f32x4.mul(gain, v128.load(h))), inverses);
        const y1 = f32x4.mul(f32x4.sub(v128.load(x, 16), f32x4.mul(gain, v128.load(h, 16))), inverses);
        any = v128.any_true(f32x4.ge(f32x4.pmax(f32x4.abs(y0), f32x4.abs(y1)), half));
      }
      if (any) {
        if (encodedBytes() > room) return -1 - <i32>((m - start) >> 2);
        any = words == 0 ? choose(plan, part, count, block, x, h, m) : draw(plan, part, count, words, x, h, m);
      }
      encodeBit(u32(any), block, SLOW);
      if (any) encodeBlock(plan, part, count, x, h, m, sums);
      else {
        memory.fill(m, 0, <usize>count << 2);
        mean = faded(mean);
      }
      const bytesOf = <usize>count << 2;
      x += bytesOf;
      h += bytesOf;
      m += bytesOf;
      if (words != 0) words += bytesOf;
    }
  }
  return endEncoding();
}

function begin(models: usize): void {
  clearModels(MODELS, 32768, models);
  clearModels(ENTRIES, 8192, models);
}

/** @returns false for a code that is none */
function decodeBlock(plan: DeadZone, part: CodedPart, count: i32, h: usize, m: usize): bool {
  const models = plan.models;
  seen = 0;
  for (let i: i32 = 0; i < count; i++) {
    lookAround(models, part, plan.inverse, h, m, count - i);
    let magnitude: i32 = 0;
    if ((seen == 0 && i == count - 1) || decodeBit(zero, SLOW) != 0) {
      const negative = decodeBit(signPlace(models, load<f32>(h), kept, around(part, m)), FAST);
      magnitude = decodeMagnitude(models, level);
      if (magnitude == 0) return false;
      store<i32>(m, negative != 0 ? -magnitude : magnitude);
    } else store<i32>(m, 0);
    seen |= magnitude;
    mean = moved(mean, magnitude);
    h += 4;
    m += 4;
  }
  return true;
}

/** @returns 0, 1 or 2 where the code does not end as the encoder ends it, 3 for a magnitude that is none */
export function decodeDeadZone(length: i32, plan: DeadZone, h: usize, m: usize, bytes: usize): i32 {
  const models = plan.models, inverse = plan.inverse;
  begin(models);
  beginDecoding(bytes, length, plan.rates);
  for (let j: i32 = 0; j < plan.parts; j++) {
    const part = changetype<CodedPart>(plan.list + <usize>j * PART);
    const b1 = beforeBlock(part.d1), b2 = beforeBlock(part.d2), b3 = beforeBlock(part.d3);
    mean = 64;
    for (let left = part.length; left > 0; left -= BLOCK) {
      const count = min<i32>(left, BLOCK);
      const kept = count == BLOCK ? keptLevel(largestOf(h), inverse) : 0;
      const block = blockPlace(models, count == BLOCK ? blockLevel(m, b1, b2, b3) : 0, mean, kept);
      if (decodeBit(block, SLOW) == 0) {
        memory.fill(m, 0, <usize>count << 2);
        mean = faded(mean);
      } else if (!decodeBlock(plan, part, count, h, m)) return 3;
      h += <usize>count << 2;
      m += <usize>count << 2;
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
