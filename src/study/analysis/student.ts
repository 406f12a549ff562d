import { exp, log, log1p } from "../../../bindings/math.js";

/*
 * Student's t with any real number of degrees of freedom, on the project's own elementary functions: what a report says
 * of its intervals has the same digits on every engine. Held against SciPy and R in the tests.
 */

/**
 * P(|T| > |t|), both tails together, by the regularized incomplete beta function I_x(ν/2, 1/2) at x = ν/(ν + t²).
 * @param degrees ν > 0
 */
export function studentTails(t: number, degrees: number): number {
  if (t === 0) return 1;
  const square = t * t;
  if (!Number.isFinite(square)) return 0;
  return regularizedBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2);
}

const quantiles = new Map<string, number>();

/**
 * The t that |T| exceeds with probability `tails`: half an interval's width in standard errors.
 * @param tails 0 < tails < 1, of both sides together: 0.05 for a 95 % interval
 * @throws RangeError for what is no probability or no number of degrees
 */
export function studentQuantile(tails: number, degrees: number): number {
  if (!(tails > 0 && tails < 1 && degrees > 0)) {
    throw new RangeError(
      `studentQuantile: tails ${tails} and ${degrees} degrees of freedom (allowed: 0 to 1, above 0)`,
    );
  }
  const key = `${tails} ${degrees}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  let low = 0;
  let high = 1;
  while (studentTails(high, degrees) > tails) {
    low = high;
    high *= 2;
  }
  // Halving ends where no number lies between; some sixty steps, for a value that is kept.
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (studentTails(middle, degrees) > tails) low = middle;
    else high = middle;
  }
  quantiles.set(key, high);
  return high;
}

/** Φ(z), the standard normal distribution. */
export function normalBelow(z: number): number {
  // erfc(|z|/√2)/2 is half of the upper incomplete gamma function's share Q(1/2, z²/2).
  const tail = z === 0 ? 0.5 : upperGammaHalf((z * z) / 2) / 2;
  return z > 0 ? 1 - tail : tail;
}

/**
 * P(T > t) of a noncentral T with ν degrees of freedom around δ: the chance that a test sees a difference of δ standard
 * errors. By Simpson's rule over the root of χ²/ν.
 */
export function noncentralAbove(t: number, degrees: number, center: number): number {
  const logarithm = Math.LN2 + (degrees / 2) * log(degrees / 2) - logGamma(degrees / 2);
  const density = (root: number) =>
    root <= 0 ? 0 : exp(logarithm + (degrees - 1) * log(root) - (degrees * root * root) / 2);
  // Twelve deviations of about 1/√(2ν) around 1 hold all of it.
  const reach = 12 / Math.sqrt(2 * degrees);
  const [from, to] = [Math.max(0, 1 - reach), 1 + reach];
  const steps = 2000;
  const width = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const root = from + i * width;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density(root) * normalBelow(center - t * root);
  }
  return (sum * width) / 3;
}

/** ln Γ(x), x > 0 */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  while (at < asymptotic) product *= at++;
  return (at - 0.5) * log(at) - at + 0.5 * log(2 * Math.PI) + stirling(at) - log(product);
}

/** ln Γ(x + 1/2)/Γ(x), x > 0: not the difference of two logarithms, which leaves few digits where x is large. */
function logHalfStep(x: number): number {
  let product = 1;
  let at = x;
  for (; at < asymptotic; at++) product *= at / (at + 0.5);
  const far = at * log1p(0.5 / at) + 0.5 * log(at) - 0.5 + stirling(at + 0.5) - stirling(at);
  return far + log(product);
}

/** From here on Stirling's series of seven terms is exact to 3e-16; below, Γ(x + 1) = xΓ(x) leads there. */
const asymptotic = 10;

/** ln Γ(x) − ((x − 1/2) ln x − x + ln(2π)/2): terms B_2n / (2n (2n − 1) x^(2n − 1)). */
function stirling(x: number): number {
  const terms = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
  const square = 1 / (x * x);
  let series = 0;
  for (let n = terms.length - 1; n >= 0; n--) series = series * square + terms[n]!;
  return series / x;
}

/** I_x(a, 1/2) with y = 1 − x given for its digits; Lentz's continued fraction on the side where it converges fast. */
function regularizedBeta(x: number, y: number, a: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const b = 0.5;
  const front = exp(logHalfStep(a) - 0.5 * log(Math.PI) + a * logOf(x, y) + b * logOf(y, x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(y, b, a)) / b;
}

/** ln x of a share whose rest is y. */
function logOf(x: number, y: number): number {
  return x > 0.5 ? log1p(-y) : log(x);
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 500; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / away(1 + numerator * d);
      c = away(1 + numerator / c);
      value *= c * d;
    }
    if (Math.abs(c * d - 1) < 2e-16) break;
  }
  return value;
}

/** Q(1/2, x) = erfc(√x): a series below 1.5, a continued fraction above. */
function upperGammaHalf(x: number): number {
  const front = exp(-x + 0.5 * log(x)) / Math.sqrt(Math.PI);
  if (x < 1.5) {
    let term = 2;
    let sum = term;
    for (let n = 1; n < 200 && term > sum * 1e-17; n++) {
      term *= x / (n + 0.5);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 0.5;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n <= 500; n++) {
    const a = -n * (n - 0.5);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 2e-16) break;
  }
  return front * value;
}
