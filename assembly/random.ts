/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * Block b of a stream is the image of the counter (b, c1, c2, c3) under the key (k0, k1): any block can be
 * had without those before it, which is what makes results independent of threads and order.
 *
 * Two blocks share a pair of vectors, X = (x0, x0', x2, x2') and Y = (x1, x1', x3, x3'), so that one low and one high
 * widening product are a round's four multiplications and two shuffles its permutation.
 */
/** out: 4 × blocks words of 32 bits, block after block. */
export function philoxFill(
  key0: u32, key1: u32, c1: u32, c2: u32, c3: u32, firstBlock: u32, blocks: i32, out: usize,
): void {
  const y0 = i32x4(c1, c1, c3, c3);
  let b: i32 = 0;
  // Two pairs of blocks at a time: one's multiplications run while the other's shuffles wait.
  for (; b + 4 <= blocks; b += 4) {
    let x = i32x4(firstBlock + b, firstBlock + b + 1, c2, c2);
    let z = i32x4(firstBlock + b + 2, firstBlock + b + 3, c2, c2);
    let y = y0;
    let w = y0;
    let k = i32x4(key0, key0, key1, key1);
    for (let round = 0; round < 10; round++) {
      const p = mulLow(x);
      const q = mulHigh(x);
      const r = mulLow(z);
      const s = mulHigh(z);
      x = v128.xor(v128.xor(highs(q, p), y), k);
      y = lows(q, p);
      z = v128.xor(v128.xor(highs(s, r), w), k);
      w = lows(s, r);
      k = i32x4.add(k, bump());
    }
    v128.store(out, i32x4.shuffle(x, y, 0, 4, 2, 6));
    v128.store(out, i32x4.shuffle(x, y, 1, 5, 3, 7), 16);
    v128.store(out, i32x4.shuffle(z, w, 0, 4, 2, 6), 32);
    v128.store(out, i32x4.shuffle(z, w, 1, 5, 3, 7), 48);
    out += 64;
  }
  for (; b < blocks; b += 2) {
    let x = i32x4(firstBlock + b, firstBlock + b + 1, c2, c2);
    let y = y0;
    let k = i32x4(key0, key0, key1, key1);
    for (let round = 0; round < 10; round++) {
      const p = mulLow(x);
      const q = mulHigh(x);
      x = v128.xor(v128.xor(highs(q, p), y), k);
      y = lows(q, p);
      k = i32x4.add(k, bump());
    }
    v128.store(out, i32x4.shuffle(x, y, 0, 4, 2, 6));
    if (b + 1 < blocks) v128.store(out, i32x4.shuffle(x, y, 1, 5, 3, 7), 16);
    out += 32;
  }
}

/**
 * Box–Muller: four normals from each block, √(−2 ln u) (cos, sin) 2πv with u from word 0 and v from word 1, then from
 * words 2 and 3. u = (w₀ div 2 + ½)/2³¹, so that |z| ≤ 6.66 (the tail beyond has probability 3e-11); the functions are
 * evaluated in float32, which leaves an error of 1e-7 relative to the radius, and the results widened.
 * out: 4 × blocks float64.
 */
export function normalsFill(
  key0: u32, key1: u32, c1: u32, c2: u32, c3: u32, firstBlock: u32, blocks: i32, out: usize,
): void {
  const k0 = i32x4(key0, key0, key1, key1);
  let b: i32 = 0;
  // Three pairs of blocks at a time: a round is a chain of a multiplication, a shuffle and two xors, and three hide it.
  for (; b + 6 <= blocks; b += 6) {
    let xa = i32x4(firstBlock + b, firstBlock + b + 1, c2, c2);
    let xb = i32x4(firstBlock + b + 2, firstBlock + b + 3, c2, c2);
    let xc = i32x4(firstBlock + b + 4, firstBlock + b + 5, c2, c2);
    let ya = i32x4(c1, c1, c3, c3);
    let yb = ya;
    let yc = ya;
    let k = k0;
    for (let round = 0; round < 10; round++) {
      const pa = mulLow(xa);
      const qa = mulHigh(xa);
      xa = v128.xor(v128.xor(highs(qa, pa), ya), k);
      ya = lows(qa, pa);
      const pb = mulLow(xb);
      const qb = mulHigh(xb);
      xb = v128.xor(v128.xor(highs(qb, pb), yb), k);
      yb = lows(qb, pb);
      const pc = mulLow(xc);
      const qc = mulHigh(xc);
      xc = v128.xor(v128.xor(highs(qc, pc), yc), k);
      yc = lows(qc, pc);
      k = i32x4.add(k, bump());
    }
    boxMuller(xa, ya, out, true);
    boxMuller(xb, yb, out + 64, true);
    boxMuller(xc, yc, out + 128, true);
    out += 192;
  }
  for (; b < blocks; b += 2) {
    let x = i32x4(firstBlock + b, firstBlock + b + 1, c2, c2);
    let y = i32x4(c1, c1, c3, c3);
    let k = k0;
    for (let round = 0; round < 10; round++) {
      const p = mulLow(x);
      const q = mulHigh(x);
      x = v128.xor(v128.xor(highs(q, p), y), k);
      y = lows(q, p);
      k = i32x4.add(k, bump());
    }
    boxMuller(x, y, out, b + 1 < blocks);
    out += 64;
  }
}

// float32 constants, in memory because a vector constant costs x64 engines four instructions and a load one.
const table: usize = memory.data<f32>([
  2.0, 0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693, 0.5, // 0: e_logf.c: Lg4 Lg3 Lg2 Lg1
  9.0580006145e-6, 6.9313812256e-1, // 6: ln 2, low and high
  -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1, // 8: sine on ±π/4 (Cephes)
  2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, 1.0, // 11: cosine
  1.4629180792671596e-9, -2.0, 4.656612873077393e-10, // 15: (π/2)/2³⁰, −2, 2⁻³¹
]);

const words: usize = memory.data<i32>([0x3f800000 - 0x3f3504f3, 127, 0x007fffff, 0x3f3504f3, 0x20000000, 1]);

// @ts-ignore: decorator
@inline
function w(index: usize): v128 {
  return v128.load32_splat(words + 4 * index);
}

// @ts-ignore: decorator
@inline
function c(index: usize): v128 {
  return v128.load32_splat(table + 4 * index);
}

/** x = (u words), y = (v words) of the pairs (0, 1) of both blocks, then of (2, 3): eight normals to out. */
function boxMuller(x: v128, y: v128, out: usize, both: bool): void {
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_u(x, 1)), c(5)), c(17));
  const shifted = i32x4.add(u, w(0)); // the mantissa ends in [√½, √2)
  const k = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(shifted, 23), w(1)));
  const f = f32x4.sub(i32x4.add(v128.and(shifted, w(2)), w(3)), c(14));
  const q = f32x4.div(f, f32x4.add(f, c(0)));
  const q2 = f32x4.mul(q, q);
  const q4 = f32x4.mul(q2, q2);
  const even = f32x4.mul(q4, f32x4.add(f32x4.mul(q4, c(1)), c(3)));
  const odd = f32x4.mul(q2, f32x4.add(f32x4.mul(q4, c(2)), c(4)));
  const half = f32x4.mul(c(5), f32x4.mul(f, f));
  const low = f32x4.add(f32x4.mul(q, f32x4.add(half, f32x4.add(even, odd))), f32x4.mul(k, c(6)));
  const log = f32x4.add(f32x4.add(f32x4.sub(low, half), f), f32x4.mul(k, c(7)));
  const radius = f32x4.sqrt(f32x4.pmax(f32x4.mul(c(16), log), f32x4.splat(0.0)));

  // The angle's two low bits choose the quarter of the circle (exchange, change of sign), the other 30 the place in it.
  const t = f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(y, 2), w(4))), c(15));
  const z = f32x4.mul(t, t);
  const s = f32x4.add(f32x4.mul(f32x4.mul(f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(z, c(8)), c(9)), z), c(10)), z), t), t);
  const cos4 = f32x4.mul(f32x4.mul(f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(z, c(11)), c(12)), z), c(13)), z), z);
  const cosine = f32x4.add(f32x4.sub(cos4, f32x4.mul(c(5), z)), c(14));
  const exchange = i32x4.neg(v128.and(y, w(5)));
  const signed = v128.xor(radius, i32x4.shl(i32x4.shr_u(y, 1), 31));
  const first = f32x4.mul(signed, v128.bitselect(s, cosine, exchange)); // (z0, z0', z2, z2')
  const second = f32x4.mul(signed, v128.bitselect(cosine, s, exchange)); // (z1, z1', z3, z3')
  const low4 = i32x4.shuffle(first, second, 0, 4, 1, 5);
  const high4 = i32x4.shuffle(first, second, 2, 6, 3, 7);
  v128.store(out, f64x2.promote_low_f32x4(low4));
  v128.store(out, f64x2.promote_low_f32x4(high4), 16);
  if (both) {
    v128.store(out, f64x2.promote_low_f32x4(i64x2.shuffle(low4, low4, 1, 1)), 32);
    v128.store(out, f64x2.promote_low_f32x4(i64x2.shuffle(high4, high4, 1, 1)), 48);
  }
}

// @ts-ignore: decorator
@inline
function mulLow(x: v128): v128 {
  return i64x2.extmul_low_i32x4_u(x, i32x4.splat(0xd2511f53));
}

// @ts-ignore: decorator
@inline
function mulHigh(x: v128): v128 {
  return i64x2.extmul_high_i32x4_u(x, i32x4.splat(0xcd9e8d57));
}

/** (hi q, hi q', hi p, hi p') and the low halves likewise. */
// @ts-ignore: decorator
@inline
function highs(q: v128, p: v128): v128 {
  return i32x4.shuffle(q, p, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function lows(q: v128, p: v128): v128 {
  return i32x4.shuffle(q, p, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function bump(): v128 {
  return i32x4(0x9e3779b9, 0x9e3779b9, 0xbb67ae85, 0xbb67ae85);
}
