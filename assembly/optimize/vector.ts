/** Inlined loops over rows whose length is a multiple of two and whose padding is zero. */

/** Σ a_i b_i over `length` float64 values; length even. */
@inline
export function dotEven(a: usize, b: usize, length: i32): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  const bytes = <usize>length << 3;
  const pairs = bytes & ~31;
  let i: usize = 0;
  for (; i < pairs; i += 32) {
    sum0 = f64x2.add(sum0, f64x2.mul(v128.load(a + i), v128.load(b + i)));
    sum1 = f64x2.add(sum1, f64x2.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
  }
  if (i < bytes) sum0 = f64x2.add(sum0, f64x2.mul(v128.load(a + i), v128.load(b + i)));
  sum0 = f64x2.add(sum0, sum1);
  return f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1);
}

/** Σ a_i b_i, any length. */
@inline
export function dot(a: usize, b: usize, length: i32): f64 {
  const even = length & ~1;
  let sum = dotEven(a, b, even);
  if (even < length) sum += load<f64>(a + (<usize>even << 3)) * load<f64>(b + (<usize>even << 3));
  return sum;
}

/** y += alpha x; length even. */
@inline
export function addScaled(alpha: f64, x: usize, y: usize, length: i32): void {
  const factor = f64x2.splat(alpha);
  const bytes = <usize>length << 3;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(y + i, f64x2.add(v128.load(y + i), f64x2.mul(factor, v128.load(x + i))));
  }
}

/** x *= alpha; length even. */
@inline
export function scaleBy(alpha: f64, x: usize, length: i32): void {
  const factor = f64x2.splat(alpha);
  const end = x + (<usize>length << 3);
  for (; x < end; x += 16) v128.store(x, f64x2.mul(factor, v128.load(x)));
}

/** out_i = a_i · x for `rows` rows of `stride` values, x padded alike; four rows share each load of x. */
export function timesVector(a: usize, rows: i32, stride: i32, x: usize, out: usize): void {
  const bytes = <usize>stride << 3;
  const pairs = bytes & ~31;
  let row = a;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    let sum0 = f64x2.splat(0);
    let sum1 = f64x2.splat(0);
    let sum2 = f64x2.splat(0);
    let sum3 = f64x2.splat(0);
    const row1 = row + bytes;
    const row2 = row1 + bytes;
    const row3 = row2 + bytes;
    let j: usize = 0;
    for (; j < pairs; j += 32) {
      const value = v128.load(x + j);
      sum0 = f64x2.add(sum0, f64x2.mul(v128.load(row + j), value));
      sum1 = f64x2.add(sum1, f64x2.mul(v128.load(row1 + j), value));
      sum2 = f64x2.add(sum2, f64x2.mul(v128.load(row2 + j), value));
      sum3 = f64x2.add(sum3, f64x2.mul(v128.load(row3 + j), value));
      const next = v128.load(x + j, 16);
      sum0 = f64x2.add(sum0, f64x2.mul(v128.load(row + j, 16), next));
      sum1 = f64x2.add(sum1, f64x2.mul(v128.load(row1 + j, 16), next));
      sum2 = f64x2.add(sum2, f64x2.mul(v128.load(row2 + j, 16), next));
      sum3 = f64x2.add(sum3, f64x2.mul(v128.load(row3 + j, 16), next));
    }
    if (j < bytes) {
      const value = v128.load(x + j);
      sum0 = f64x2.add(sum0, f64x2.mul(v128.load(row + j), value));
      sum1 = f64x2.add(sum1, f64x2.mul(v128.load(row1 + j), value));
      sum2 = f64x2.add(sum2, f64x2.mul(v128.load(row2 + j), value));
      sum3 = f64x2.add(sum3, f64x2.mul(v128.load(row3 + j), value));
    }
    v128.store(out, f64x2.add(v128.shuffle<f64>(sum0, sum1, 0, 2), v128.shuffle<f64>(sum0, sum1, 1, 3)));
    v128.store(out, f64x2.add(v128.shuffle<f64>(sum2, sum3, 0, 2), v128.shuffle<f64>(sum2, sum3, 1, 3)), 16);
    out += 32;
    row = row3 + bytes;
  }
  for (; i < rows; i++) {
    store<f64>(out, dotEven(row, x, stride));
    out += 8;
    row += bytes;
  }
}

/** out = Σ_i c_i a_i over `rows` rows of `stride` values; four rows share each pass over out. */
export function combineRows(a: usize, rows: i32, stride: i32, c: usize, out: usize): void {
  const bytes = <usize>stride << 3;
  memory.fill(out, 0, bytes);
  let row = a;
  let i = 0;
  for (; i + 3 < rows; i += 4) {
    const c0 = v128.load64_splat(c);
    const c1 = v128.load64_splat(c, 8);
    const c2 = v128.load64_splat(c, 16);
    const c3 = v128.load64_splat(c, 24);
    const row1 = row + bytes;
    const row2 = row1 + bytes;
    const row3 = row2 + bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const low = f64x2.add(f64x2.mul(c0, v128.load(row + j)), f64x2.mul(c1, v128.load(row1 + j)));
      const high = f64x2.add(f64x2.mul(c2, v128.load(row2 + j)), f64x2.mul(c3, v128.load(row3 + j)));
      v128.store(out + j, f64x2.add(v128.load(out + j), f64x2.add(low, high)));
    }
    c += 32;
    row = row3 + bytes;
  }
  for (; i < rows; i++) {
    addScaled(load<f64>(c), row, out, stride);
    c += 8;
    row += bytes;
  }
}

/** The plane rotation (x, y) ← (cos·x + sin·y, cos·y − sin·x); length even. */
@inline
export function rotate(cos: f64, sin: f64, x: usize, y: usize, length: i32): void {
  const c = f64x2.splat(cos);
  const s = f64x2.splat(sin);
  const bytes = <usize>length << 3;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(y + i);
    v128.store(x + i, f64x2.add(f64x2.mul(c, a), f64x2.mul(s, b)));
    v128.store(y + i, f64x2.sub(f64x2.mul(c, b), f64x2.mul(s, a)));
  }
}
