/**
 * The k largest magnitudes of n float32 values, ties to the lower index, by a radix search over the 31 bits of the
 * magnitude (11, 10 and 10 at a time): no sorting, no dependence on the values' order.
 */

/**
 * Gaps and values of the k largest, 1 ≤ k ≤ n, in the order of their indices: gap = index − previous index − 1, int32;
 * value float32. counts: 2048 uint32 of scratch.
 */
export function selectLargest(n: i32, k: i32, x: usize, counts: usize, gaps: usize, values: usize): void {
  let prefix: u32 = 0;
  let known: u32 = 0; // mask of the bits of the threshold that are known
  let rest = <u32>k; // how many are still to be taken among those that share the prefix
  for (let pass = 0; pass < 3; pass++) {
    const shift: u32 = pass == 0 ? 20 : pass == 1 ? 10 : 0;
    const field: u32 = pass == 0 ? 2047 : 1023;
    memory.fill(counts, 0, 8192);
    for (let i: i32 = 0; i < n; i++) {
      const magnitude = load<u32>(x + (<usize>i << 2)) & 0x7fffffff;
      if ((magnitude & known) == prefix) {
        const at = counts + (<usize>((magnitude >>> shift) & field) << 2);
        store<u32>(at, load<u32>(at) + 1);
      }
    }
    let digit = field;
    for (;;) {
      const here = load<u32>(counts + (<usize>digit << 2));
      if (rest <= here || digit == 0) break;
      rest -= here;
      digit -= 1;
    }
    prefix |= digit << shift;
    known |= field << shift;
  }
  // prefix is now the k-th largest magnitude; `rest` of those equal to it are taken.
  let previous: i32 = -1;
  for (let i: i32 = 0; i < n; i++) {
    const bits = load<u32>(x + (<usize>i << 2));
    const magnitude = bits & 0x7fffffff;
    if (magnitude < prefix) continue;
    if (magnitude == prefix) {
      if (rest == 0) continue;
      rest -= 1;
    }
    store<i32>(gaps, i - previous - 1);
    store<u32>(values, bits);
    previous = i;
    gaps += 4;
    values += 4;
  }
}

/** The inverse; q is cleared first. @returns 0, or 1 when an index falls outside */
export function scatter(k: i32, n: i32, gaps: usize, values: usize, q: usize): i32 {
  memory.fill(q, 0, <usize>n << 2);
  let index: i64 = -1;
  for (let j: i32 = 0; j < k; j++) {
    const gap = load<i32>(gaps + (<usize>j << 2));
    index += <i64>gap + 1;
    if (gap < 0 || index >= <i64>n) return 1;
    store<u32>(q + (<usize>index << 2), load<u32>(values + (<usize>j << 2)));
  }
  return 0;
}
