import { exp, log2 } from "../../../bindings/math.js";
import { power } from "./steps.js";

/** Beyond, the entropy of uniform steps is that of the density less log₂Δ and, by its curvature, Δ²/(24 ln 2) more. */
const fineFrom = 3;
const farthest = 9;

/** The step at which a standard normal, rounded to multiples of it, has so many bits of entropy. */
export function normalStep(bits: number): number {
  if (bits > fineFrom) {
    const whole = Math.floor(bits);
    const step = Math.sqrt(2 * Math.PI * Math.E) * power(2, -whole) * exp((whole - bits) * Math.LN2);
    return step * exp((step * step) / 24);
  }
  let [fine, coarse] = [0.5, 2 * farthest];
  for (let i = 0; i < 30; i++) {
    const middle = (fine + coarse) / 2;
    if (entropyOf(middle) > bits) fine = middle;
    else coarse = middle;
  }
  return fine;
}

function entropyOf(step: number): number {
  const of = (share: number) => (share > 0 ? -share * log2(share) : 0);
  let bits = of(2 * shareBetween(0, step / 2));
  for (let k = 1; (k - 0.5) * step < farthest; k++) bits += 2 * of(shareBetween((k - 0.5) * step, (k + 0.5) * step));
  return bits;
}

/** Of a standard normal, by Simpson's rule. */
function shareBetween(from: number, to: number): number {
  const halves = 2 * Math.ceil(4 * (to - from));
  const width = (to - from) / halves;
  let sum = 0;
  for (let i = 0; i <= halves; i++) {
    const x = from + i * width;
    sum += exp((-x * x) / 2) * (i === 0 || i === halves ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return (sum * width) / (3 * Math.sqrt(2 * Math.PI));
}
