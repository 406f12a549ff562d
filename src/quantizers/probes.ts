import { exp, log } from "../../bindings/math.js";

/** Entries of the deterministic probes. */
const probeEntries = 65536;

/** u_j = (((40503 j) mod 65536) + ½) / 65536: every quantile once, in an order that no method can exploit. */
function quantile(j: number): number {
  return (((40503 * j) % probeEntries) + 0.5) / probeEntries;
}

/** A normal vector with no sampling error: Φ⁻¹(u_j). */
export function gaussianProbe(): Float32Array {
  return Float32Array.from({ length: probeEntries }, (_, j) => inverseNormal(quantile(j)));
}

/** The same of the Laplace distribution with density ½ e^{−|x|}. */
export function laplaceProbe(): Float32Array {
  return Float32Array.from({ length: probeEntries }, (_, j) => {
    const u = quantile(j);
    return u < 0.5 ? log(2 * u) : -log(2 * (1 - u));
  });
}

/** Heavy tails, as gradients have them: sinh(1.5 z) of a normal z, with kurtosis in the hundreds. */
export function heavyTailedProbe(): Float32Array {
  return Float32Array.from({ length: probeEntries }, (_, j) => {
    const z = 1.5 * inverseNormal(quantile(j));
    return (exp(z) - exp(-z)) / 2;
  });
}

/** Φ⁻¹ to about 1e-16 relative: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988). */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(centralTop, r)) / horner(centralBottom, r);
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const x =
    r <= 5
      ? horner(middleTop, r - 1.6) / horner(middleBottom, r - 1.6)
      : horner(tailTop, r - 5) / horner(tailBottom, r - 5);
  return q < 0 ? -x : x;
}

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, one) => sum * x + one, 0);
}

const centralTop = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
  67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
];
const centralBottom = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
  28729.085735721942674, 5226.495278852545925,
];
const middleTop = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
];
const middleBottom = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
];
const tailTop = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123, 0.026532189526576123093,
  0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
];
const tailBottom = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
];
