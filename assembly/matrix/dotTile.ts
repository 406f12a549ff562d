/**
 * The inner products of the batched kernels. "Paired" layout: one complex number of two matrices is 32 bytes,
 * (re, re') then (im, im'), so that every lane is a matrix and nothing is ever shuffled.
 */

/** sum − Σ_k a_k conj(b_k), k < count, contiguous: one entry at `out` in place. */
// @ts-ignore: decorator
@inline
export function subtractDot(count: i32, a: usize, b: usize, out: usize): void {
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
