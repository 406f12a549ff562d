/**
 * Mixed resolution (arXiv 2412.10878): an entry with |x_i| ≥ limit has the level k_i = round_half_even(|x_i|·inverse),
 * the others their sign alone. Symbols: 0 for q = 0; ±1 the sign of a low-resolution entry; ±(k + 1) level k ≥ 1.
 * @returns how many entries are of high resolution
 */
export function mixedEncode(n: i32, inverse: f64, limit: f32, x: usize, m: usize): i32 {
  let high: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    const value = load<f32>(x);
    const magnitude = abs(value);
    let symbol: i32 = magnitude > 0 ? 1 : 0;
    if (magnitude >= limit) {
      const k = <i32>nearest(<f64>magnitude * inverse);
      symbol = k > 0 ? k + 1 : 0;
      high += 1;
    }
    store<i32>(m, value < 0 ? -symbol : symbol);
    x += 4;
    m += 4;
  }
  return high;
}

/** Smallest |m_i| ≥ 2 among n symbols; 0 when there is none. */
export function smallestLevel(n: i32, m: usize): i32 {
  let least: i32 = i32.MAX_VALUE;
  for (let i: i32 = 0; i < n; i++) {
    const magnitude = abs(load<i32>(m + (<usize>i << 2)));
    least = select<i32>(min(least, magnitude), least, magnitude >= 2);
  }
  return least == i32.MAX_VALUE ? 0 : least;
}

/** q_i = ±(|m_i| − 1)·step of high, ±low of low resolution. */
export function mixedDecode(n: i32, step: f64, low: f32, m: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const symbol = load<i32>(m);
    const magnitude = abs(symbol);
    const value = magnitude >= 2 ? <f32>min(<f64>(magnitude - 1) * step, <f64>f32.MAX_VALUE) : magnitude == 1 ? low : <f32>0;
    store<f32>(q, symbol < 0 ? -value : value);
    m += 4;
    q += 4;
  }
}
