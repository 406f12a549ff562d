/** Levels that lie anywhere, in a table; and parts of the entries, chosen at random. */

/**
 * m_i + origin: which of `count` sorted float32 levels stands for x_i · inverse (a float64 product). Without words the
 * nearest, of two equally near the upper; with them one of the two around it, the upper where
 * u_i (high − low) < y_i − low, u_i = words_i / 2³². Beyond the ends the end. Behind the levels 512 bytes say in which level a search upwards begins,
 * for each 512th of the way from the first to the last.
 */
export function tableSymbols(
  n: i32, count: i32, origin: i32, inverse: f64, table: usize, x: usize, words: usize, m: usize,
): void {
  const last = count - 1;
  const least = <f64>load<f32>(table);
  const most = <f64>load<f32>(table + (<usize>last << 2));
  const cells = table + (<usize>count << 2);
  const cellsPerUnit = 512.0 / (most - least);
  for (let i: i32 = 0; i < n; i++) {
    const y = <f64>load<f32>(x + (<usize>i << 2)) * inverse;
    let index: i32 = 0;
    if (y >= most) index = last;
    else if (y > least) {
      // The last level that is not above y, from the cell's on.
      index = <i32>load<u8>(cells + <usize>min<f64>((y - least) * cellsPerUnit, 511));
      while (<f64>load<f32>(table + (<usize>(index + 1) << 2)) <= y) index++;
      const low = <f64>load<f32>(table + (<usize>index << 2));
      const high = <f64>load<f32>(table + (<usize>(index + 1) << 2));
      const u = words == 0 ? 0.5 : <f64>load<u32>(words + (<usize>i << 2)) * (1.0 / 4294967296.0);
      const reach = u * (high - low);
      if (words == 0 ? reach <= y - low : reach < y - low) index += 1;
    }
    store<i32>(m + (<usize>i << 2), index - origin);
  }
}

/** q_i = float32(levels[m_i + origin] · scale), saturating. */
export function tableValues(n: i32, origin: i32, scale: f64, table: usize, m: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const value = <f64>load<f32>(table + (<usize>(load<i32>(m) + origin) << 2)) * scale;
    store<f32>(q, <f32>max<f64>(-3.4028234663852886e38, min<f64>(3.4028234663852886e38, value)));
    m += 4;
    q += 4;
  }
}

/**
 * m_i ← table[(m_i + origin) · 2^bits + h_i], h_i the first `bits` bits of words_i: what depends on random bits that both
 * ends have. The table's entries are any 32 bits.
 */
export function sharedSymbols(n: i32, bits: i32, origin: i32, table: usize, words: usize, m: usize): void {
  const shift = 32 - bits;
  for (let i: i32 = 0; i < n; i++) {
    const h = bits == 0 ? 0 : <i32>(load<u32>(words) >>> shift);
    store<i32>(m, load<i32>(table + (<usize>(((load<i32>(m) + origin) << bits) | h) << 2)));
    words += 4;
    m += 4;
  }
}

/**
 * k of n entries, each set of k as likely as another (selection sampling: Knuth, TAOCP 2, 3.4.2, algorithm S): gaps as
 * selectLargest writes them. words: n × 32 random bits.
 */
export function chooseEntries(n: i32, k: i32, words: usize, gaps: usize): void {
  let left: u64 = <u64>k;
  let previous: i32 = -1;
  for (let i: i32 = 0; left > 0; i++) {
    if (<u64>load<u32>(words + (<usize>i << 2)) * <u64>(n - i) >= left << 32) continue;
    store<i32>(gaps, i - previous - 1);
    previous = i;
    gaps += 4;
    left -= 1;
  }
}

/** The k entries at the gaps into `chosen`, the n − k others into `rest`, in their order; 32 bits each. */
export function splitEntries(n: i32, k: i32, gaps: usize, x: usize, chosen: usize, rest: usize): void {
  let next = k > 0 ? load<i32>(gaps) : n;
  let taken: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    const value = load<u32>(x + (<usize>i << 2));
    if (i != next) {
      store<u32>(rest, value);
      rest += 4;
      continue;
    }
    store<u32>(chosen + (<usize>taken << 2), value);
    taken += 1;
    next = taken < k ? i + 1 + load<i32>(gaps + (<usize>taken << 2)) : n;
  }
}

/** The inverse. */
export function mergeEntries(n: i32, k: i32, gaps: usize, chosen: usize, rest: usize, x: usize): void {
  let next = k > 0 ? load<i32>(gaps) : n;
  let taken: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    let from = rest;
    if (i == next) {
      from = chosen + (<usize>taken << 2);
      taken += 1;
      next = taken < k ? i + 1 + load<i32>(gaps + (<usize>taken << 2)) : n;
    } else rest += 4;
    store<u32>(x + (<usize>i << 2), load<u32>(from));
  }
}
