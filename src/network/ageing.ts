import { cos, sin } from "../../bindings/math.js";
import type { NetworkConfig } from "../config/config.js";
import type { Estimates } from "./estimates.js";

const speedOfLight = 299_792_458;

/**
 * Root mean square, over the data samples of a coherence block, of Jakes' autocorrelation J₀(2π f_D n T) at n samples
 * after the pilots; f_D = speed · carrier / c. 1 when ageing is off.
 */
export function ageingCorrelation(
  { ageing, mobility, coherence }: Pick<NetworkConfig, "ageing" | "mobility" | "coherence">,
  pilots: number,
): number {
  if (!ageing.enabled) return 1;
  const angle = (2 * Math.PI * mobility.speed * ageing.carrier * ageing.sampleTime) / speedOfLight;
  return rootMeanSquare(angle, coherence - pilots);
}

/** The last one: every round of a run asks for the same, and long blocks take seconds. */
let known: { angle: number; samples: number; value: number } | undefined;

function rootMeanSquare(angle: number, samples: number): number {
  if (known?.angle === angle && known.samples === samples) return known.value;
  let sum = 0;
  for (let n = 1; n <= samples; n++) {
    const rho = besselJ0(angle * n);
    sum += rho * rho;
  }
  const value = Math.sqrt(sum / samples);
  known = { angle, samples, value };
  return value;
}

/**
 * Estimates of a channel that has aged to correlation ρ with what was estimated, h' = ρ h + √(1 − ρ²) e, e ~ CN(0, R):
 * given the pilots its mean is ρ W w and its covariance C + (1 − ρ²) W W^H. Choice: one ρ for the whole block, and the
 * receiver knows it; a line of sight does not age.
 */
export function aged(estimates: Estimates, rho: number, N: number): Estimates {
  if (rho === 1) return estimates;
  const scale = (x: Float64Array) => x.map((value) => rho * value);
  const loss = 1 - rho * rho;
  const means = scale(estimates.means);
  const grown = (error: Float64Array) => {
    const out = error.slice();
    const size = N * N;
    for (let block = 0; block < out.length; block += 2 * size)
      for (let a = 0; a < N; a++)
        for (let b = 0; b < N; b++)
          for (let m = 0; m < N; m++) {
            const [x, y] = [block + 2 * (a * N + m), block + 2 * (b * N + m)];
            const [xr, xi] = [estimates.means[x]!, estimates.means[x + 1]!];
            const [yr, yi] = [estimates.means[y]!, estimates.means[y + 1]!];
            out[block + 2 * (a * N + b)]! += loss * (xr * yr + xi * yi);
            out[block + 2 * (a * N + b) + 1]! += loss * (xi * yr - xr * yi);
          }
    return out;
  };
  const error = grown(estimates.error);
  const matched = estimates.estimator === estimates.means;
  return {
    ...estimates,
    means,
    error,
    estimator: matched ? means : scale(estimates.estimator),
    assumedError: matched ? error : grown(estimates.assumedError),
  };
}

/** From here on the asymptotic series is exact to rounding after a few terms, and the sum's cost would grow with x. */
const far = 1000;

/**
 * J₀(x) = (1/π) ∫₀^π cos(x sin t) dt; the trapezoidal rule is exact to rounding once it has more than |x| + 20 nodes.
 * Far from 0 Hankel's series (Abramowitz, Stegun 9.2.5), whose terms left out are below 10⁻¹⁸ there.
 */
export function besselJ0(x: number): number {
  if (Math.abs(x) > far) return hankelJ0(Math.abs(x));
  const nodes = Math.ceil(Math.abs(x)) + 24;
  let sum = 0;
  for (let i = 0; i < nodes; i++) sum += cos(x * sin((Math.PI * i) / nodes));
  return sum / nodes;
}

function hankelJ0(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  const y = 1 / (8 * x);
  const p = 1 - (9 / 2) * y * y * (1 - (1225 / 12) * y * y);
  const q = -y * (1 - (75 / 2) * y * y);
  const phase = x - Math.PI / 4;
  return Math.sqrt(2 / (Math.PI * x)) * (p * cos(phase) - q * sin(phase));
}
