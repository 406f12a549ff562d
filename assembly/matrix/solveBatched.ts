/**
 * L L^H X = B for many matrices at once: forward, then backward substitution, in place.
 *
 * l: [pairs][n][n] as `choleskyBatched` leaves it; b: [pairs][n][m], both in the paired layout (dotTile.ts).
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
  for (let i = 0; i < n; i++) {
    const rowI = l + <usize>i * row;
    const out = b + <usize>i * width;
    const inverse = v128.load(rowI + ((<usize>i) << 5), 16);
    let c: usize = 0;
    for (; c + 64 <= width; c += 64) {
      let r0 = v128.load(out + c);
      let i0 = v128.load(out + c, 16);
      let r1 = v128.load(out + c, 32);
      let i1 = v128.load(out + c, 48);
      let a = rowI;
      for (let x = b + c; x < out; x += width) {
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        const xr = v128.load(x);
        const xi = v128.load(x, 16);
        const yr = v128.load(x, 32);
        const yi = v128.load(x, 48);
        r0 = f64x2.sub(r0, f64x2.mul(ar, xr));
        i0 = f64x2.sub(i0, f64x2.mul(ar, xi));
        r1 = f64x2.sub(r1, f64x2.mul(ar, yr));
        i1 = f64x2.sub(i1, f64x2.mul(ar, yi));
        r0 = f64x2.add(r0, f64x2.mul(ai, xi));
        i0 = f64x2.sub(i0, f64x2.mul(ai, xr));
        r1 = f64x2.add(r1, f64x2.mul(ai, yi));
        i1 = f64x2.sub(i1, f64x2.mul(ai, yr));
        a += 32;
      }
      v128.store(out + c, f64x2.mul(r0, inverse));
      v128.store(out + c, f64x2.mul(i0, inverse), 16);
      v128.store(out + c, f64x2.mul(r1, inverse), 32);
      v128.store(out + c, f64x2.mul(i1, inverse), 48);
    }
    if (c < width) {
      let r0 = v128.load(out + c);
      let i0 = v128.load(out + c, 16);
      let a = rowI;
      for (let x = b + c; x < out; x += width) {
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        const xr = v128.load(x);
        const xi = v128.load(x, 16);
        r0 = f64x2.add(f64x2.sub(r0, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
        i0 = f64x2.sub(f64x2.sub(i0, f64x2.mul(ar, xi)), f64x2.mul(ai, xr));
        a += 32;
      }
      v128.store(out + c, f64x2.mul(r0, inverse));
      v128.store(out + c, f64x2.mul(i0, inverse), 16);
    }
  }
}

/** L^H X = Y of one pair, in place: row i, once known, leaves all the rows above it. */
export function backSubstitute(n: i32, m: i32, l: usize, b: usize): void {
  const row = (<usize>n) << 5;
  const width = (<usize>m) << 5;
  for (let i = n - 1; i >= 0; i--) {
    const rowI = l + <usize>i * row;
    const out = b + <usize>i * width;
    const inverse = v128.load(rowI + ((<usize>i) << 5), 16);
    for (let c: usize = 0; c < width; c += 32) {
      const xr = f64x2.mul(v128.load(out + c), inverse);
      const xi = f64x2.mul(v128.load(out + c, 16), inverse);
      v128.store(out + c, xr);
      v128.store(out + c, xi, 16);
      let a = rowI;
      for (let y = b + c; y < out; y += width) {
        // y_j −= conj(L_ij) x_i
        const ar = v128.load(a);
        const ai = v128.load(a, 16);
        v128.store(y, f64x2.sub(f64x2.sub(v128.load(y), f64x2.mul(ar, xr)), f64x2.mul(ai, xi)));
        v128.store(y, f64x2.add(f64x2.sub(v128.load(y, 16), f64x2.mul(ar, xi)), f64x2.mul(ai, xr)), 16);
        a += 32;
      }
    }
  }
}
