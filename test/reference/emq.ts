/** EMQ entry by entry, as the formula reads. Exponents by comparison with decimal constants, not by a logarithm. */
export function emqReference(v: Float32Array, digits = 0, base: 2 | 10 = 10) {
  const power = (e: number) => (base === 10 ? Number(`1e${e}`) : 2 ** e);
  const largest = v.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  let e = 0;
  if (largest > 0) {
    e = base === 10 ? 39 : 128;
    while (power(e) > largest) e--;
    e -= digits;
  }
  const m = Array.from(v, (x) => halfEven(x * power(-e)));
  const q = Float32Array.from(m, (one) => clamp(one * power(e)));
  const length = (x: number) => (x === 0 ? 0 : Math.abs(x).toString(2).length);
  const nominalBits = m.reduce((sum, one) => sum + 1 + length(one), 0) + length(e) + 1;
  return { e, m, q, nominalBits };
}

export function halfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function clamp(x: number): number {
  const most = 3.4028234663852886e38;
  return Math.max(-most, Math.min(most, x));
}
