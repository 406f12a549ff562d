/** Correctly rounded powers of the two bases, and the exponents of magnitudes. */

const decades = Array.from({ length: 141 }, (_, i) => Number(`1e${i - 70}`));
const octaves = new Float64Array(601);
octaves[300] = 1;
for (let i = 1; i <= 300; i++) {
  octaves[300 + i] = 2 * (octaves[299 + i] as number);
  octaves[300 - i] = (octaves[301 - i] as number) / 2;
}

/** base^exponent as the nearest float64: 10^−70 … 10^70, 2^−300 … 2^300. */
export function power(base: 2 | 10, exponent: number): number {
  return (base === 10 ? decades[exponent + 70] : octaves[exponent + 300]) as number;
}

/** ⌊log_base magnitude⌋, exactly; of zero 0. */
export function floorLog(base: 2 | 10, magnitude: number): number {
  if (magnitude === 0) return 0;
  let exponent = base === 10 ? -46 : -150;
  // The magnitudes are float32: 10^38 and 2^127 are the last that can be reached.
  while (power(base, exponent + 1) <= magnitude) exponent++;
  return exponent;
}

/** The smallest float32 that is not below the value ≥ 0. */
export function ceilF32(value: number): number {
  const rounded = Math.fround(value);
  return rounded >= value ? rounded : nextF32(rounded);
}

/** The float32 after this one ≥ 0. */
export function nextF32(value: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  bits.setUint32(0, bits.getUint32(0) + 1);
  return bits.getFloat32(0);
}
/** ⌈log2(value + 1)⌉, of zero 0. */
export function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
