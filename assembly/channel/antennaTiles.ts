/**
 * The inner products of centralized combining, four of them at a time: that many sums are under way at once that none
 * waits for its last addition. Paired layout (../matrix/dotTile.ts).
 */

/**
 * v^H h of four clients, to `out`, over the access points of a list; `block`: bytes of a client's antennas, `stride`: of
 * an access point's clients. h: the first client's at access point 0, the others behind it.
 */
export function responses(aps: usize, apCount: i32, stride: usize, block: usize, h: usize, v: usize, out: usize): void {
  let r0 = f64x2.splat(0);
  let i0 = r0;
  let r1 = r0;
  let i1 = r0;
  let r2 = r0;
  let i2 = r0;
  let r3 = r0;
  let i3 = r0;
  for (let l = 0; l < apCount; l++) {
    let y = h + <usize>load<i32>(aps + ((<usize>l) << 2)) * stride;
    const end = y + block;
    let z = end + block; // the third client's
    while (y < end) {
      const vr = v128.load(v);
      const vi = v128.load(v, 16);
      const ar = v128.load(y);
      const ai = v128.load(y, 16);
      r0 = f64x2.add(f64x2.add(r0, f64x2.mul(vr, ar)), f64x2.mul(vi, ai));
      i0 = f64x2.sub(f64x2.add(i0, f64x2.mul(vr, ai)), f64x2.mul(vi, ar));
      if (y == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
      const br = v128.load(y + block);
      const bi = v128.load(y + block, 16);
      r1 = f64x2.add(f64x2.add(r1, f64x2.mul(vr, br)), f64x2.mul(vi, bi));
      i1 = f64x2.sub(f64x2.add(i1, f64x2.mul(vr, bi)), f64x2.mul(vi, br));
      if (z == 0) break;
      const cr = v128.load(z);
      const ci = v128.load(z, 16);
      r2 = f64x2.add(f64x2.add(r2, f64x2.mul(vr, cr)), f64x2.mul(vi, ci));
      i2 = f64x2.sub(f64x2.add(i2, f64x2.mul(vr, ci)), f64x2.mul(vi, cr));
      if (v == 0) break;
      const dr = v128.load(z + block);
      const di = v128.load(z + block, 16);
      r3 = f64x2.add(f64x2.add(r3, f64x2.mul(vr, dr)), f64x2.mul(vi, di));
      i3 = f64x2.sub(f64x2.add(i3, f64x2.mul(vr, di)), f64x2.mul(vi, dr));
      v += 32;
      y += 32;
      z += 32;
    }
  }
  v128.store(out, r0);
  v128.store(out, i0, 16);
  v128.store(out, r1, 32);
  v128.store(out, i1, 48);
  v128.store(out, r2, 64);
  v128.store(out, i2, 80);
  v128.store(out, r3, 96);
  v128.store(out, i3, 112);
}

/** The same for one client. */
export function response(aps: usize, apCount: i32, stride: usize, block: usize, h: usize, v: usize, out: usize): void {
  let gr = f64x2.splat(0);
  let gi = gr;
  for (let l = 0; l < apCount; l++) {
    let y = h + <usize>load<i32>(aps + ((<usize>l) << 2)) * stride;
    const end = y + block;
    while (y < end) {
      const vr = v128.load(v);
      const vi = v128.load(v, 16);
      const hr = v128.load(y);
      const hi = v128.load(y, 16);
      gr = f64x2.add(f64x2.add(gr, f64x2.mul(vr, hr)), f64x2.mul(vi, hi));
      gi = f64x2.sub(f64x2.add(gi, f64x2.mul(vr, hi)), f64x2.mul(vi, hr));
      v += 32;
      y += 32;
    }
  }
  v128.store(out, gr);
  v128.store(out, gi, 16);
}

/** F h of one client to `to`, F lower triangular. */
export function whitened(n: i32, factor: usize, h: usize, to: usize): void {
  for (let r = 0; r < n; r++) {
    let f = factor + ((<usize>(r * n)) << 4);
    let re = f64x2.splat(0);
    let im = re;
    const end = h + ((<usize>r + 1) << 5);
    for (let y = h; y < end; y += 32) {
      const fr = v128.load64_splat(f);
      const fi = v128.load64_splat(f, 8);
      const hr = v128.load(y);
      const hi = v128.load(y, 16);
      re = f64x2.sub(f64x2.add(re, f64x2.mul(fr, hr)), f64x2.mul(fi, hi));
      im = f64x2.add(f64x2.add(im, f64x2.mul(fr, hi)), f64x2.mul(fi, hr));
      f += 16;
    }
    v128.store(to, re);
    v128.store(to, im, 16);
    to += 32;
  }
}

/** The same of four clients, `row` bytes apart. */
// @ts-ignore: decorator
@inline
export function whitenedFour(
  n: i32, factor: usize, h0: usize, h1: usize, h2: usize, h3: usize, to: usize, row: usize,
): void {
  for (let r = 0; r < n; r++) {
    let f = factor + ((<usize>(r * n)) << 4);
    let r0 = f64x2.splat(0);
    let i0 = r0;
    let r1 = r0;
    let i1 = r0;
    let r2 = r0;
    let i2 = r0;
    let r3 = r0;
    let i3 = r0;
    const end = (<usize>r + 1) << 5;
    for (let y: usize = 0; y < end; y += 32) {
      const fr = v128.load64_splat(f);
      const fi = v128.load64_splat(f, 8);
      const ar = v128.load(h0 + y);
      const ai = v128.load(h0 + y, 16);
      r0 = f64x2.sub(f64x2.add(r0, f64x2.mul(fr, ar)), f64x2.mul(fi, ai));
      i0 = f64x2.add(f64x2.add(i0, f64x2.mul(fr, ai)), f64x2.mul(fi, ar));
      if (f == 0) break; // never: as above
      const br = v128.load(h1 + y);
      const bi = v128.load(h1 + y, 16);
      r1 = f64x2.sub(f64x2.add(r1, f64x2.mul(fr, br)), f64x2.mul(fi, bi));
      i1 = f64x2.add(f64x2.add(i1, f64x2.mul(fr, bi)), f64x2.mul(fi, br));
      if (h1 == 0) break;
      const cr = v128.load(h2 + y);
      const ci = v128.load(h2 + y, 16);
      r2 = f64x2.sub(f64x2.add(r2, f64x2.mul(fr, cr)), f64x2.mul(fi, ci));
      i2 = f64x2.add(f64x2.add(i2, f64x2.mul(fr, ci)), f64x2.mul(fi, cr));
      if (h2 == 0) break;
      const dr = v128.load(h3 + y);
      const di = v128.load(h3 + y, 16);
      r3 = f64x2.sub(f64x2.add(r3, f64x2.mul(fr, dr)), f64x2.mul(fi, di));
      i3 = f64x2.add(f64x2.add(i3, f64x2.mul(fr, di)), f64x2.mul(fi, dr));
      f += 16;
    }
    let out = to;
    v128.store(out, r0);
    v128.store(out, i0, 16);
    out += row;
    v128.store(out, r1);
    v128.store(out, i1, 16);
    out += row;
    v128.store(out, r2);
    v128.store(out, i2, 16);
    out += row;
    v128.store(out, r3);
    v128.store(out, i3, 16);
    to += 32;
  }
}

/** u_r = Σ_i X_ir conj(y_i), y a column of a matrix with `width` columns; four antennas at a time. */
export function expand(rows: i32, width: i32, antennas: i32, x: usize, y: usize, u: usize): void {
  const row = (<usize>antennas) << 5;
  const step = (<usize>width) << 5;
  const end = y + <usize>rows * step;
  let r = 0;
  for (; r + 4 <= antennas; r += 4) {
    expandFour(row, step, x, y, end, u);
    x += 128;
    u += 128;
  }
  for (; r < antennas; r++) {
    expandOne(row, step, x, y, end, u);
    x += 32;
    u += 32;
  }
}

// @ts-ignore: decorator
@inline
function expandFour(row: usize, step: usize, x: usize, y: usize, end: usize, u: usize): void {
  let r0 = f64x2.splat(0);
  let i0 = r0;
  let r1 = r0;
  let i1 = r0;
  let r2 = r0;
  let i2 = r0;
  let r3 = r0;
  let i3 = r0;
  while (y < end) {
    const yr = v128.load(y);
    const yi = v128.load(y, 16);
    const ar = v128.load(x);
    const ai = v128.load(x, 16);
    r0 = f64x2.add(f64x2.add(r0, f64x2.mul(ar, yr)), f64x2.mul(ai, yi));
    i0 = f64x2.sub(f64x2.add(i0, f64x2.mul(ai, yr)), f64x2.mul(ar, yi));
    if (x == 0) break; // never: as above
    const br = v128.load(x, 32);
    const bi = v128.load(x, 48);
    r1 = f64x2.add(f64x2.add(r1, f64x2.mul(br, yr)), f64x2.mul(bi, yi));
    i1 = f64x2.sub(f64x2.add(i1, f64x2.mul(bi, yr)), f64x2.mul(br, yi));
    if (y == 0) break;
    const cr = v128.load(x, 64);
    const ci = v128.load(x, 80);
    r2 = f64x2.add(f64x2.add(r2, f64x2.mul(cr, yr)), f64x2.mul(ci, yi));
    i2 = f64x2.sub(f64x2.add(i2, f64x2.mul(ci, yr)), f64x2.mul(cr, yi));
    if (u == 0) break;
    const dr = v128.load(x, 96);
    const di = v128.load(x, 112);
    r3 = f64x2.add(f64x2.add(r3, f64x2.mul(dr, yr)), f64x2.mul(di, yi));
    i3 = f64x2.sub(f64x2.add(i3, f64x2.mul(di, yr)), f64x2.mul(dr, yi));
    x += row;
    y += step;
  }
  v128.store(u, r0);
  v128.store(u, i0, 16);
  v128.store(u, r1, 32);
  v128.store(u, i1, 48);
  v128.store(u, r2, 64);
  v128.store(u, i2, 80);
  v128.store(u, r3, 96);
  v128.store(u, i3, 112);
}

// @ts-ignore: decorator
@inline
function expandOne(row: usize, step: usize, x: usize, y: usize, end: usize, u: usize): void {
  let re = f64x2.splat(0);
  let im = re;
  while (y < end) {
    const yr = v128.load(y);
    const yi = v128.load(y, 16);
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    re = f64x2.add(f64x2.add(re, f64x2.mul(xr, yr)), f64x2.mul(xi, yi));
    im = f64x2.sub(f64x2.add(im, f64x2.mul(xi, yr)), f64x2.mul(xr, yi));
    x += row;
    y += step;
  }
  v128.store(u, re);
  v128.store(u, im, 16);
}
