/**
 * L L^H X = B for many matrices at once: forward, then backward substitution, in place.
 *
 * l: [pairs][n][n] as `choleskyBatched` leaves it; b: [pairs][n][m], both in the paired layout (dotTile.ts).
 *
 * Two rows by two columns of B at a time, as many sums as the registers hold. Every entry subtracts what it owes to the
 * known ones in the order in which they become known.
 */
export function solveBatched(n: i32, m: i32, pairs: i32, l: usize, b: usize): void {
  for (let p = 0; p < pairs; p++) {
    forwardSubstitute(n, m, l, b);
    backSubstitute(n, m, l, b);
    l += (<usize>n * <usize>n) << 5;
    b += (<usize>n * <usize>m) << 5;
  }
}

/** L Y = B of one pair, in place. */
export function forwardSubstitute(n: i32, m: i32, l: usize, b: usize): void {
  const row = (<usize>n) << 5;
  const width = (<usize>m) << 5;
  let out = b;
  let i = 0;
  for (; i + 1 < n; i += 2) {
    const upper = l + <usize>i * row;
    let c: usize = 0;
    for (; c + 64 <= width; c += 64) forwardTile(upper, upper + row, b + c, width, out + c);
    if (c < width) forwardPair(upper, upper + row, b + c, width, out + c);
    out += width << 1;
  }
  if (i < n) for (let c: usize = 0; c < width; c += 32) forwardOne(l + <usize>i * row, b + c, width, out + c);
}

/** L^H X = Y of one pair, in place. */
export function backSubstitute(n: i32, m: i32, l: usize, b: usize): void {
  const row = (<usize>n) << 5;
  const width = (<usize>m) << 5;
  const last = l + <usize>(n - 1) * row;
  const end = b + <usize>(n - 1) * width;
  let i = n - 1;
  for (; i > 0; i -= 2) {
    const column = (<usize>i - 1) << 5;
    const out = b + <usize>(i - 1) * width;
    let c: usize = 0;
    for (; c + 64 <= width; c += 64) backTile(last + column, row, end + c, width, out + c);
    if (c < width) backPair(last + column, row, end + c, width, out + c);
  }
  if (i == 0) for (let c: usize = 0; c < width; c += 32) backOne(last, row, end + c, width, b + c);
}

/** Rows a0, a1 of L; two columns of B from `x`, their two entries in each row at `out`. */
// @ts-ignore: decorator
@inline
function forwardTile(a0: usize, a1: usize, x: usize, width: usize, out: usize): void {
  let r00 = v128.load(out);
  let i00 = v128.load(out, 16);
  let r01 = v128.load(out, 32);
  let i01 = v128.load(out, 48);
  let r10 = v128.load(out + width);
  let i10 = v128.load(out + width, 16);
  let r11 = v128.load(out + width, 32);
  let i11 = v128.load(out + width, 48);
  while (x < out) {
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    const yr = v128.load(x, 32);
    const yi = v128.load(x, 48);
    const ar = v128.load(a0);
    r00 = f64x2.sub(r00, f64x2.mul(ar, xr));
    i00 = f64x2.sub(i00, f64x2.mul(ar, xi));
    r01 = f64x2.sub(r01, f64x2.mul(ar, yr));
    i01 = f64x2.sub(i01, f64x2.mul(ar, yi));
    if (a0 == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
    const ai = v128.load(a0, 16);
    r00 = f64x2.add(r00, f64x2.mul(ai, xi));
    i00 = f64x2.sub(i00, f64x2.mul(ai, xr));
    r01 = f64x2.add(r01, f64x2.mul(ai, yi));
    i01 = f64x2.sub(i01, f64x2.mul(ai, yr));
    const br = v128.load(a1);
    r10 = f64x2.sub(r10, f64x2.mul(br, xr));
    i10 = f64x2.sub(i10, f64x2.mul(br, xi));
    r11 = f64x2.sub(r11, f64x2.mul(br, yr));
    i11 = f64x2.sub(i11, f64x2.mul(br, yi));
    if (a1 == 0) break;
    const bi = v128.load(a1, 16);
    r10 = f64x2.add(r10, f64x2.mul(bi, xi));
    i10 = f64x2.sub(i10, f64x2.mul(bi, xr));
    r11 = f64x2.add(r11, f64x2.mul(bi, yi));
    i11 = f64x2.sub(i11, f64x2.mul(bi, yr));
    a0 += 32;
    a1 += 32;
    x += width;
  }
  finishForward(a0, a1, r00, i00, r10, i10, out, width);
  finishForward(a0, a1, r01, i01, r11, i11, out + 32, width);
}

/** The same for one column. */
// @ts-ignore: decorator
@inline
function forwardPair(a0: usize, a1: usize, x: usize, width: usize, out: usize): void {
  let r0 = v128.load(out);
  let i0 = v128.load(out, 16);
  let r1 = v128.load(out + width);
  let i1 = v128.load(out + width, 16);
  while (x < out) {
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    const ar = v128.load(a0);
    const ai = v128.load(a0, 16);
    const br = v128.load(a1);
    const bi = v128.load(a1, 16);
    r0 = f64x2.add(f64x2.sub(r0, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
    i0 = f64x2.sub(f64x2.sub(i0, f64x2.mul(ar, xi)), f64x2.mul(ai, xr));
    r1 = f64x2.add(f64x2.sub(r1, f64x2.mul(br, xr)), f64x2.mul(bi, xi));
    i1 = f64x2.sub(f64x2.sub(i1, f64x2.mul(br, xi)), f64x2.mul(bi, xr));
    a0 += 32;
    a1 += 32;
    x += width;
  }
  finishForward(a0, a1, r0, i0, r1, i1, out, width);
}

/** One row, one column: the last row of an odd number. */
// @ts-ignore: decorator
@inline
function forwardOne(a: usize, x: usize, width: usize, out: usize): void {
  let re = v128.load(out);
  let im = v128.load(out, 16);
  while (x < out) {
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    re = f64x2.add(f64x2.sub(re, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
    im = f64x2.sub(f64x2.sub(im, f64x2.mul(ar, xi)), f64x2.mul(ai, xr));
    a += 32;
    x += width;
  }
  const inverse = v128.load(a, 16);
  v128.store(out, f64x2.mul(re, inverse));
  v128.store(out, f64x2.mul(im, inverse), 16);
}

/** The two rows' own entries, a0 and a1 at the column of the first; the second owes to the first too. */
// @ts-ignore: decorator
@inline
function finishForward(
  a0: usize, a1: usize, r0: v128, i0: v128, r1: v128, i1: v128, out: usize, width: usize,
): void {
  const inverse = v128.load(a0, 16);
  const re = f64x2.mul(r0, inverse);
  const im = f64x2.mul(i0, inverse);
  v128.store(out, re);
  v128.store(out, im, 16);
  const ar = v128.load(a1);
  const ai = v128.load(a1, 16);
  const last = v128.load(a1, 48);
  r1 = f64x2.add(f64x2.sub(r1, f64x2.mul(ar, re)), f64x2.mul(ai, im));
  i1 = f64x2.sub(f64x2.sub(i1, f64x2.mul(ar, im)), f64x2.mul(ai, re));
  v128.store(out + width, f64x2.mul(r1, last));
  v128.store(out + width, f64x2.mul(i1, last), 16);
}

/**
 * Two rows of X, at `out` and one below, by two columns. a: the last row's two entries in the rows' columns of L; x: the
 * last row of X. y_j −= conj(L_ij) x_i, i descending.
 */
// @ts-ignore: decorator
@inline
function backTile(a: usize, row: usize, x: usize, width: usize, out: usize): void {
  const below = out + width;
  let r00 = v128.load(out);
  let i00 = v128.load(out, 16);
  let r01 = v128.load(out, 32);
  let i01 = v128.load(out, 48);
  let r10 = v128.load(below);
  let i10 = v128.load(below, 16);
  let r11 = v128.load(below, 32);
  let i11 = v128.load(below, 48);
  while (x > below) {
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    const yr = v128.load(x, 32);
    const yi = v128.load(x, 48);
    const ar = v128.load(a);
    r00 = f64x2.sub(r00, f64x2.mul(ar, xr));
    i00 = f64x2.sub(i00, f64x2.mul(ar, xi));
    r01 = f64x2.sub(r01, f64x2.mul(ar, yr));
    i01 = f64x2.sub(i01, f64x2.mul(ar, yi));
    if (a == 0) break; // never: as above
    const ai = v128.load(a, 16);
    r00 = f64x2.sub(r00, f64x2.mul(ai, xi));
    i00 = f64x2.add(i00, f64x2.mul(ai, xr));
    r01 = f64x2.sub(r01, f64x2.mul(ai, yi));
    i01 = f64x2.add(i01, f64x2.mul(ai, yr));
    const br = v128.load(a, 32);
    r10 = f64x2.sub(r10, f64x2.mul(br, xr));
    i10 = f64x2.sub(i10, f64x2.mul(br, xi));
    r11 = f64x2.sub(r11, f64x2.mul(br, yr));
    i11 = f64x2.sub(i11, f64x2.mul(br, yi));
    if (x == 0) break;
    const bi = v128.load(a, 48);
    r10 = f64x2.sub(r10, f64x2.mul(bi, xi));
    i10 = f64x2.add(i10, f64x2.mul(bi, xr));
    r11 = f64x2.sub(r11, f64x2.mul(bi, yi));
    i11 = f64x2.add(i11, f64x2.mul(bi, yr));
    a -= row;
    x -= width;
  }
  finishBack(a, row, r00, i00, r10, i10, out, below);
  finishBack(a, row, r01, i01, r11, i11, out + 32, below + 32);
}

/** The same for one column. */
// @ts-ignore: decorator
@inline
function backPair(a: usize, row: usize, x: usize, width: usize, out: usize): void {
  const below = out + width;
  let r0 = v128.load(out);
  let i0 = v128.load(out, 16);
  let r1 = v128.load(below);
  let i1 = v128.load(below, 16);
  while (x > below) {
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const br = v128.load(a, 32);
    const bi = v128.load(a, 48);
    r0 = f64x2.sub(f64x2.sub(r0, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
    i0 = f64x2.add(f64x2.sub(i0, f64x2.mul(ar, xi)), f64x2.mul(ai, xr));
    r1 = f64x2.sub(f64x2.sub(r1, f64x2.mul(br, xr)), f64x2.mul(bi, xi));
    i1 = f64x2.add(f64x2.sub(i1, f64x2.mul(br, xi)), f64x2.mul(bi, xr));
    a -= row;
    x -= width;
  }
  finishBack(a, row, r0, i0, r1, i1, out, below);
}

/** One row, one column: the first row of an odd number. */
// @ts-ignore: decorator
@inline
function backOne(a: usize, row: usize, x: usize, width: usize, out: usize): void {
  let re = v128.load(out);
  let im = v128.load(out, 16);
  while (x > out) {
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    re = f64x2.sub(f64x2.sub(re, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
    im = f64x2.add(f64x2.sub(im, f64x2.mul(ar, xi)), f64x2.mul(ai, xr));
    a -= row;
    x -= width;
  }
  const inverse = v128.load(a, 16);
  v128.store(out, f64x2.mul(re, inverse));
  v128.store(out, f64x2.mul(im, inverse), 16);
}

/** The lower row's own entry first; the upper one owes to it too. a: the lower row of L at the upper row's column. */
// @ts-ignore: decorator
@inline
function finishBack(
  a: usize, row: usize, r0: v128, i0: v128, r1: v128, i1: v128, out: usize, below: usize,
): void {
  const last = v128.load(a, 48);
  const re = f64x2.mul(r1, last);
  const im = f64x2.mul(i1, last);
  v128.store(below, re);
  v128.store(below, im, 16);
  const ar = v128.load(a);
  const ai = v128.load(a, 16);
  const inverse = v128.load(a - row, 16);
  r0 = f64x2.sub(f64x2.sub(r0, f64x2.mul(ar, re)), f64x2.mul(ai, im));
  i0 = f64x2.add(f64x2.sub(i0, f64x2.mul(ar, im)), f64x2.mul(ai, re));
  v128.store(out, f64x2.mul(r0, inverse));
  v128.store(out, f64x2.mul(i0, inverse), 16);
}
