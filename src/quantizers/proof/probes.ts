import { exp, log } from "../../../bindings/math.js";
import { stream } from "../../../bindings/random.js";

/** Entries of the deterministic probes. */
const probeEntries = 65536;

/** u_j = (((40503 j) mod 65536) + ½) / 65536: every quantile once, in an order without a trend. */
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

/** The entries in a random order, always the same: those of a probe foretell one another, which no update's do. */
export function shuffled(probe: Float32Array): Float32Array {
  const order = stream(0, "probe", 2).shuffle(Int32Array.from(probe, (_, i) => i));
  return Float32Array.from(order, (i) => probe[i] as number);
}

/** Φ⁻¹ to about 1e-16 relative: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988), its coefficients as float64. */
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
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const centralBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const middleTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const middleBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const tailTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const tailBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];
