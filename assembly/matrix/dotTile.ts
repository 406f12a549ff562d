/**
 * The inner products of the batched kernels. "Paired" layout: one complex number of two matrices is 32 bytes,
 * (re, re') then (im, im'), so that every lane is a matrix and nothing is ever shuffled.
 */

/** sum − Σ_k a_k conj(b_k), k < count, contiguous: one entry at `out` in place. */
// @ts-ignore: decorator
@inline
export function subtractDot(a: usize, b: usize, count: i32, out: usize): void {
  let re = v128.load(out);
  let im = v128.load(out, 16);
  const end = a + ((<usize>count) << 5);
  while (a < end) {
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    re = f64x2.sub(re, f64x2.mul(ar, br));
    im = f64x2.sub(im, f64x2.mul(ai, br));
    re = f64x2.sub(re, f64x2.mul(ai, bi));
    im = f64x2.add(im, f64x2.mul(ar, bi));
    a += 32;
    b += 32;
  }
  v128.store(out, re);
  v128.store(out, im, 16);
}

/** The 2×2 tile of the same: rows a0, a1 with rows b0, b1; out rows `outStride` bytes apart. */
// @ts-ignore: decorator
@inline
export function subtractDotTile(
  a0: usize, a1: usize, b0: usize, b1: usize, count: i32, out0: usize, out1: usize,
): void {
  let r00 = v128.load(out0);
  let i00 = v128.load(out0, 16);
  let r01 = v128.load(out0, 32);
  let i01 = v128.load(out0, 48);
  let r10 = v128.load(out1);
  let i10 = v128.load(out1, 16);
  let r11 = v128.load(out1, 32);
  let i11 = v128.load(out1, 48);
  const end = a0 + ((<usize>count) << 5);
  while (a0 < end) {
    const br = v128.load(b0);
    const bi = v128.load(b0, 16);
    const cr = v128.load(b1);
    const ci = v128.load(b1, 16);
    const ar = v128.load(a0);
    r00 = f64x2.sub(r00, f64x2.mul(ar, br));
    r01 = f64x2.sub(r01, f64x2.mul(ar, cr));
    i00 = f64x2.add(i00, f64x2.mul(ar, bi));
    i01 = f64x2.add(i01, f64x2.mul(ar, ci));
    if (b0 == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
    const ai = v128.load(a0, 16);
    r00 = f64x2.sub(r00, f64x2.mul(ai, bi));
    r01 = f64x2.sub(r01, f64x2.mul(ai, ci));
    i00 = f64x2.sub(i00, f64x2.mul(ai, br));
    i01 = f64x2.sub(i01, f64x2.mul(ai, cr));
    const dr = v128.load(a1);
    r10 = f64x2.sub(r10, f64x2.mul(dr, br));
    r11 = f64x2.sub(r11, f64x2.mul(dr, cr));
    i10 = f64x2.add(i10, f64x2.mul(dr, bi));
    i11 = f64x2.add(i11, f64x2.mul(dr, ci));
    if (b1 == 0) break;
    const di = v128.load(a1, 16);
    r10 = f64x2.sub(r10, f64x2.mul(di, bi));
    r11 = f64x2.sub(r11, f64x2.mul(di, ci));
    i10 = f64x2.sub(i10, f64x2.mul(di, br));
    i11 = f64x2.sub(i11, f64x2.mul(di, cr));
    a0 += 32;
    a1 += 32;
    b0 += 32;
    b1 += 32;
  }
  v128.store(out0, r00);
  v128.store(out0, i00, 16);
  v128.store(out0, r01, 32);
  v128.store(out0, i01, 48);
  v128.store(out1, r10);
  v128.store(out1, i10, 16);
  v128.store(out1, r11, 32);
  v128.store(out1, i11, 48);
}
