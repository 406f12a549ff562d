/**
 * counts[(m_i − min) >> shift] += 1 over n int32 symbols; `counts` has 4 × size uint32, and the sum over the four
 * tables ends in the first. Four tables, since a run of equal symbols would otherwise wait for its own stores.
 */
export function histogram(n: i32, min: i32, shift: i32, size: i32, m: usize, counts: usize): void {
  const stride = <usize>size << 2;
  const c1 = counts + stride;
  const c2 = c1 + stride;
  const c3 = c2 + stride;
  memory.fill(counts, 0, stride << 2);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const p0 = counts + (<usize>(<u32>(load<i32>(m) - min) >>> shift) << 2);
    const p1 = c1 + (<usize>(<u32>(load<i32>(m, 4) - min) >>> shift) << 2);
    const p2 = c2 + (<usize>(<u32>(load<i32>(m, 8) - min) >>> shift) << 2);
    const p3 = c3 + (<usize>(<u32>(load<i32>(m, 12) - min) >>> shift) << 2);
    store<u32>(p0, load<u32>(p0) + 1);
    store<u32>(p1, load<u32>(p1) + 1);
    store<u32>(p2, load<u32>(p2) + 1);
    store<u32>(p3, load<u32>(p3) + 1);
    m += 16;
  }
  for (; i < n; i++) {
    const p0 = counts + (<usize>(<u32>(load<i32>(m) - min) >>> shift) << 2);
    store<u32>(p0, load<u32>(p0) + 1);
    m += 4;
  }
  for (let j: i32 = 0; j < size; j++) {
    const at = <usize>j << 2;
    store<u32>(counts + at, load<u32>(counts + at) + load<u32>(c1 + at) + load<u32>(c2 + at) + load<u32>(c3 + at));
  }
}

/** out: two int32, the smallest and the largest of n ≥ 1 symbols. */
export function symbolRange(n: i32, m: usize, out: usize): void {
  let low = i32x4.splat(load<i32>(m));
  let high = low;
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const one = v128.load(m);
    low = i32x4.min_s(low, one);
    high = i32x4.max_s(high, one);
    m += 16;
  }
  for (; i < n; i++) {
    const one = i32x4.splat(load<i32>(m));
    low = i32x4.min_s(low, one);
    high = i32x4.max_s(high, one);
    m += 4;
  }
  store<i32>(out, min(min(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)), min(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3))));
  store<i32>(out, max(max(i32x4.extract_lane(high, 0), i32x4.extract_lane(high, 1)), max(i32x4.extract_lane(high, 2), i32x4.extract_lane(high, 3))), 4);
}
