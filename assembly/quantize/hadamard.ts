/**
 * Randomized Hadamard rotation y = H·D·x / √n of n = 2^j float32 values, in place: D flips the sign of entry i where bit
 * i mod 32 of words[i / 32] is set, H is the Walsh–Hadamard matrix. `inverse` applies D after H: x = D·H·y / √n.
 */
export function hadamard(n: i32, inverse: i32, x: usize, words: usize): void {
  if (inverse == 0) flipSigns(x, n, words);
  const end = x + (<usize>n << 2);
  const factor: f32 = <f32>(1.0 / Math.sqrt(<f64>n));
  if (n < 4) {
    if (n == 2) {
      const a = load<f32>(x);
      const b = load<f32>(x, 4);
      store<f32>(x, (a + b) * factor);
      store<f32>(x, (a - b) * factor, 4);
    }
    if (inverse != 0) flipSigns(x, n, words);
    return;
  }
  // Strides 1 and 2, inside a vector; the scaling is done here too.
  const scale = f32x4.splat(factor);
  const sign1 = i32x4(0, 0x80000000, 0, 0x80000000);
  const sign2 = i32x4(0, 0, 0x80000000, 0x80000000);
  for (let p = x; p < end; p += 16) {
    let v = f32x4.mul(v128.load(p), scale);
    v = f32x4.add(v128.shuffle<i32>(v, v, 1, 0, 3, 2), v128.xor(v, sign1));
    v = f32x4.add(v128.shuffle<i32>(v, v, 2, 3, 0, 1), v128.xor(v, sign2));
    v128.store(p, v);
  }
  // Two strides a pass while two are left: half the passes over memory.
  let stride: usize = 16;
  const bytes = <usize>n << 2;
  for (; (stride << 1) < bytes; stride <<= 2) {
    for (let block = x; block < end; block += stride << 2) {
      const last = block + stride;
      for (let p = block; p < last; p += 16) {
        const a = v128.load(p);
        const b = v128.load(p + stride);
        const c = v128.load(p + 2 * stride);
        const d = v128.load(p + 3 * stride);
        const ab = f32x4.add(a, b);
        const amb = f32x4.sub(a, b);
        const cd = f32x4.add(c, d);
        const cmd = f32x4.sub(c, d);
        v128.store(p, f32x4.add(ab, cd));
        v128.store(p + stride, f32x4.add(amb, cmd));
        v128.store(p + 2 * stride, f32x4.sub(ab, cd));
        v128.store(p + 3 * stride, f32x4.sub(amb, cmd));
      }
    }
  }
  if (stride < bytes) {
    const last = x + stride;
    for (let p = x; p < last; p += 16) {
      const a = v128.load(p);
      const b = v128.load(p + stride);
      v128.store(p, f32x4.add(a, b));
      v128.store(p + stride, f32x4.sub(a, b));
    }
  }
  if (inverse != 0) flipSigns(x, n, words);
}

// @ts-ignore: decorator
@inline
function flipSigns(x: usize, n: i32, words: usize): void {
  const lanes = i32x4(0x80000000, 0x40000000, 0x20000000, 0x10000000);
  const sign = i32x4.splat(0x80000000);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const nibble = load<u32>(words + (<usize>(i >>> 5) << 2)) >>> (i & 31);
    const flips = v128.and(i32x4.mul(i32x4.splat(nibble), lanes), sign);
    v128.store(x, v128.xor(v128.load(x), flips));
    x += 16;
  }
  for (; i < n; i++) {
    const bit = load<u32>(words + (<usize>(i >>> 5) << 2)) >>> (i & 31);
    store<u32>(x, load<u32>(x) ^ (bit << 31));
    x += 4;
  }
}

/**
 * The nearest of symmetric levels: index = how many of `count` positive boundaries |y·inverse| reaches; symbol index for
 * y ≥ 0, −1 − index for y < 0. values_i ← the level, signed, in units of 1/inverse's scale. levels: count + 1 float32,
 * the boundaries behind them.
 */
export function nearestLevels(
  n: i32, count: i32, inverse: f32, y: usize, levels: usize, m: usize, values: usize,
): void {
  const boundaries = levels + (<usize>(count + 1) << 2);
  const scale = f32x4.splat(inverse);
  for (let i: i32 = 0; i < n; i += 4) {
    const value = v128.load(y);
    const magnitude = f32x4.mul(f32x4.abs(value), scale);
    let index = i32x4.splat(0);
    for (let j: i32 = 0; j < count; j++) {
      index = i32x4.sub(index, f32x4.ge(magnitude, v128.load32_splat(boundaries + (<usize>j << 2))));
    }
    const sign = i32x4.shr_s(value, 31);
    v128.store(m, v128.xor(index, sign));
    let level = v128.load32_zero(levels + (<usize>i32x4.extract_lane(index, 0) << 2));
    level = v128.load32_lane(levels + (<usize>i32x4.extract_lane(index, 1) << 2), level, 1);
    level = v128.load32_lane(levels + (<usize>i32x4.extract_lane(index, 2) << 2), level, 2);
    level = v128.load32_lane(levels + (<usize>i32x4.extract_lane(index, 3) << 2), level, 3);
    v128.store(values, v128.xor(level, v128.and(value, i32x4.splat(0x80000000))));
    y += 16;
    m += 16;
    values += 16;
  }
}

/**
 * The same for many boundaries: cells[c] says how many boundaries lie at or below c / 1024 · span, where a search
 * upwards begins; entries at or beyond span begin at the last cell's.
 */
export function nearestLevel(
  n: i32, count: i32, inverse: f32, y: usize, levels: usize, cells: usize, m: usize, values: usize,
): void {
  const boundaries = levels + (<usize>(count + 1) << 2);
  const cellsPerUnit = <f32>(1024.0 / <f64>load<f32>(boundaries + (<usize>(count - 1) << 2)));
  for (let i: i32 = 0; i < n; i++) {
    const value = load<f32>(y);
    const magnitude = abs(value) * inverse;
    let index = <i32>load<u8>(cells + <usize>min<f32>(magnitude * cellsPerUnit, 1023));
    while (index < count && magnitude >= load<f32>(boundaries + (<usize>index << 2))) index++;
    const sign = reinterpret<i32>(value) >> 31;
    store<i32>(m, index ^ sign);
    store<f32>(values, copysign(load<f32>(levels + (<usize>index << 2)), value));
    y += 4;
    m += 4;
    values += 4;
  }
}

/** q_i = ± levels[index] · scale of the symbols above. */
export function levelValues(n: i32, scale: f32, m: usize, levels: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const symbol = load<i32>(m);
    const sign = symbol >> 31;
    const value = load<f32>(levels + (<usize>(symbol ^ sign) << 2)) * scale;
    store<f32>(q, sign != 0 ? -value : value);
    m += 4;
    q += 4;
  }
}
