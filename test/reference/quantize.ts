/** One entry at a time, as the formulas read: what the SIMD kernels are held to. */

export function packReference(symbols: readonly number[], offset: number, width: number): number[] {
  const bits = symbols.flatMap((m) => Array.from({ length: width }, (_, i) => ((m - offset) >>> i) & 1));
  const bytes = new Array<number>(Math.ceil(bits.length / 8)).fill(0);
  bits.forEach((bit, i) => {
    bytes[i >> 3]! |= bit << (i & 7);
  });
  return bytes;
}

/** Symbols folded by what their neighbors say, beside the context: one entry at a time, no neighbor before the first. */
export function foldReference(
  m: readonly number[],
  neighbors: readonly { distance: number; weight: number; low: number; high: number }[],
): { context: number; folded: number }[] {
  return m.map((one, i) => {
    let key = 0;
    for (const { distance, weight, low, high } of neighbors) {
      const x = m[i - distance] ?? 0;
      const size = Math.abs(x) >= high ? 2 : Math.abs(x) >= low ? 1 : 0;
      key += weight * size * Math.sign(x);
    }
    return { context: Math.abs(key), folded: key < 0 ? 0 - one : one };
  });
}

/** Elias-gamma and Rice codes as strings of 0 and 1, first bit first. */
export function gammaReference(m: number): string {
  const u = zigzag(m) + 1;
  const length = Math.floor(Math.log2(u));
  return `${"0".repeat(length)}1${lowBits(u - 2 ** length, length)}`;
}

export function riceReference(m: number, k: number): string {
  const z = zigzag(m);
  const zeros = Math.floor(z / 2 ** k);
  return zeros < 24 ? `${"0".repeat(zeros)}1${lowBits(z % 2 ** k, k)}` : `${"0".repeat(24)}1${lowBits(z, 27)}`;
}

function zigzag(m: number): number {
  return m < 0 ? -2 * m - 1 : 2 * m;
}

function lowBits(value: number, count: number): string {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** i) % 2).join("");
}

/** All finite magnitudes of a small float format, by code. */
export function minifloatValues(mantissa: number, lowest: number, highest: number): number[] {
  return Array.from({ length: highest + 1 }, (_, code) => {
    const exponent = code >> mantissa;
    const fraction = (code % 2 ** mantissa) / 2 ** mantissa;
    return exponent === 0 ? fraction * 2 ** lowest : (1 + fraction) * 2 ** (lowest + exponent - 1);
  });
}

/** Nearest code by looking at every one: ties to the even code, beyond the largest to the largest. */
export function nearestCode(values: readonly number[], magnitude: number): number {
  let best = 0;
  values.forEach((value, code) => {
    const [now, before] = [Math.abs(value - magnitude), Math.abs(values[best]! - magnitude)];
    if (now < before || (now === before && code % 2 === 0)) best = code;
  });
  return best;
}

/** The Walsh–Hadamard transform by its definition, H_ij = (−1)^popcount(i & j). */
export function hadamardReference(x: readonly number[]): number[] {
  const parity = (i: number) => i.toString(2).replaceAll("0", "").length % 2;
  return x.map((_, i) => x.reduce((sum, one, j) => sum + (parity(i & j) === 0 ? one : -one), 0) / Math.sqrt(x.length));
}
