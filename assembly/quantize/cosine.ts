/**
 * The discrete cosine transform along one axis, in place: y_k = Σ_j c_kj x_j for each of the outer · inner columns of
 * `size` entries, `inner` apart; `inverse`: x_j = Σ_k c_kj y_k. c: size × size float32, row by row, orthonormal.
 *
 * Row k is c_kj = (−1)^k c_k,N−1−j, so that half of the products do: sums x_j + x_N−1−j for even k, differences for odd.
 * work: 32 · size bytes.
 */
export function transformAxis(
  outer: i32, size: i32, inner: i32, inverse: i32, c: usize, x: usize, work: usize,
): void {
  const stride = <usize>inner << 2;
  for (let o: i32 = 0; o < outer; o++) {
    let i: i32 = 0;
    for (; i + 8 <= inner; i += 8) {
      const column = x + (<usize>i << 2);
      if (inverse != 0) unfold(size, stride, c, column, work);
      else fold(size, stride, c, column, work);
    }
    for (; i < inner; i++) alone(size, stride, inverse, c, x + (<usize>i << 2), work);
    x += stride * <usize>size;
  }
}

/** Eight columns forward. work: the sums of 16-byte pairs, behind them the differences. */
function fold(size: i32, stride: usize, c: usize, column: usize, work: usize): void {
  const half = size >> 1;
  const whole = (size + 1) >> 1;
  const differences = work + (<usize>whole << 5);
  let front = column;
  let back = column + stride * <usize>(size - 1);
  for (let j: i32 = 0; j < half; j++) {
    const at = <usize>j << 5;
    const a0 = v128.load(front), a1 = v128.load(front, 16), b0 = v128.load(back), b1 = v128.load(back, 16);
    v128.store(work + at, f32x4.add(a0, b0));
    v128.store(work + at, f32x4.add(a1, b1), 16);
    v128.store(differences + at, f32x4.sub(a0, b0));
    v128.store(differences + at, f32x4.sub(a1, b1), 16);
    front += stride;
    back -= stride;
  }
  if (whole > half) {
    v128.store(work + (<usize>half << 5), v128.load(front));
    v128.store(work + (<usize>half << 5), v128.load(front, 16), 16);
  }
  for (let k: i32 = 0; k < size; k++) {
    const odd = (k & 1) != 0;
    let p = odd ? differences : work;
    let row = c + (<usize>(k * size) << 2);
    const last = row + (<usize>(odd ? half : whole) << 2);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
    for (; row < last; row += 4) {
      const factor = v128.load32_splat(row);
      s0 = f32x4.add(s0, f32x4.mul(factor, v128.load(p)));
      s1 = f32x4.add(s1, f32x4.mul(factor, v128.load(p, 16)));
      p += 32;
    }
    v128.store(column, s0);
    v128.store(column, s1, 16);
    column += stride;
  }
}

/** Eight columns back. */
function unfold(size: i32, stride: usize, c: usize, column: usize, work: usize): void {
  let p = column;
  for (let k: i32 = 0; k < size; k++) {
    v128.store(work + (<usize>k << 5), v128.load(p));
    v128.store(work + (<usize>k << 5), v128.load(p, 16), 16);
    p += stride;
  }
  const whole = (size + 1) >> 1;
  const rows = <usize>size << 3;
  let front = column;
  let back = column + stride * <usize>(size - 1);
  for (let j: i32 = 0; j < whole; j++) {
    let e0 = f32x4.splat(0), e1 = f32x4.splat(0), o0 = f32x4.splat(0), o1 = f32x4.splat(0);
    let row = c + (<usize>j << 2);
    let at = work;
    const last = work + (<usize>size << 5);
    while (at < last) {
      const even = v128.load32_splat(row);
      e0 = f32x4.add(e0, f32x4.mul(even, v128.load(at)));
      e1 = f32x4.add(e1, f32x4.mul(even, v128.load(at, 16)));
      if (at + 32 < last) {
        const odd = v128.load32_splat(row + (rows >> 1));
        o0 = f32x4.add(o0, f32x4.mul(odd, v128.load(at, 32)));
        o1 = f32x4.add(o1, f32x4.mul(odd, v128.load(at, 48)));
      }
      at += 64;
      row += rows;
    }
    v128.store(back, f32x4.sub(e0, o0));
    v128.store(back, f32x4.sub(e1, o1), 16);
    v128.store(front, f32x4.add(e0, o0));
    v128.store(front, f32x4.add(e1, o1), 16);
    front += stride;
    back -= stride;
  }
}

/** One column either way. */
function alone(size: i32, stride: usize, inverse: i32, c: usize, column: usize, work: usize): void {
  let p = column;
  for (let j: i32 = 0; j < size; j++) {
    store<f32>(work + (<usize>j << 2), load<f32>(p));
    p += stride;
  }
  const along: usize = inverse != 0 ? <usize>size << 2 : 4;
  const down: usize = inverse != 0 ? 4 : <usize>size << 2;
  p = column;
  for (let k: i32 = 0; k < size; k++) {
    let at = c + <usize>k * down;
    let sum: f32 = 0;
    for (let j: i32 = 0; j < size; j++) {
      sum += load<f32>(at) * load<f32>(work + (<usize>j << 2));
      at += along;
    }
    store<f32>(p, sum);
    p += stride;
  }
}
