/** Numbers as people read them: three significant digits, SI prefixes. Not for files. */

const prefixes: readonly (readonly [factor: number, prefix: string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "µ"],
  [1e-9, "n"],
  [1e-12, "p"],
];

/** 0.0123, "J" → "12.3 mJ" */
export function quantity(value: number, unit: string): string {
  if (value === 0 || !Number.isFinite(value)) return `${value} ${unit}`;
  if (Math.abs(value) < 1e-12) return `${value.toExponential(1)} ${unit}`;
  const [factor, prefix] = prefixes.find(([size]) => Math.abs(value) >= 0.9995 * size) ?? prefixes.at(-1)!;
  return `${significant(value / factor)} ${prefix}${unit}`;
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) * 1.0005)));
  return value.toFixed(Math.min(digits, 12));
}

/** 0.8312 → "83.1 %" */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
