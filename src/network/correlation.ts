import { type AngleNodes, localScattering } from "../../bindings/channel.js";
import { cos, exp, log, pow, sin } from "../../bindings/math.js";
import type { Complex } from "../../bindings/matrix.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Network } from "./network.js";
import type { Geometry } from "./propagation.js";

/** sin and cos of azimuth φ (from the AP to the client, against the x axis) and elevation θ of every link [4·K·L]. */
export function linkAngles({ dx, dy, distance }: Geometry): Float64Array {
  const angles = new Float64Array(4 * dx.length);
  for (let i = 0; i < dx.length; i++) {
    const [x, y, d] = [dx[i]!, dy[i]!, distance[i]!];
    const flat = Math.sqrt(x * x + y * y);
    angles[4 * i] = flat > 0 ? y / flat : 0;
    angles[4 * i + 1] = flat > 0 ? x / flat : 1;
    const level = d > 0 ? flat / d : 1;
    angles[4 * i + 2] = Math.sqrt(Math.max(0, 1 - level * level));
    angles[4 * i + 3] = level;
  }
  return angles;
}

/**
 * Spatial correlation of a half-wavelength uniform linear array [links·N·N], trace N, by the config's model.
 * @param angles of each link, as `linkAngles` gives them
 */
export function spatialCorrelation(
  { model, azimuthSpread, elevationSpread }: NetworkConfig["correlation"],
  angles: Float64Array,
  antennas: number,
): Complex | undefined {
  if (model === "uncorrelated") return undefined;
  for (const [name, value, most] of [
    ["azimuthSpread", azimuthSpread, 180],
    ["elevationSpread", elevationSpread, 90],
  ] as const)
    if (!(value >= 0 && value <= most))
      throw new InputError(`network.correlation.${name}`, `${value} degrees (allowed: 0 to ${most})`);
  const [azimuth, elevation] = [(azimuthSpread * Math.PI) / 180, (elevationSpread * Math.PI) / 180];
  return model === "local-scattering"
    ? localScattering(angles, antennas, gaussianNodes(azimuth, antennas), gaussianNodes(elevation, antennas))
    : smallAngleScattering(angles, antennas, azimuth, elevation);
}

/**
 * The trapezoidal rule for a Gaussian deviation of an angle, ±8.5 deviations. The integrand is the Gaussian times
 * Σ_n J_n(A) e^{inx}, A = π(N − 1) at most, so a step of 2π/f has an error of about max_n |J_n(A)| e^(−σ²(f − n)²/2);
 * f is the least for which that is below e^(−34): some 30 nodes for a few antennas, whatever the spread.
 */
export function gaussianNodes(deviation: number, antennas: number): AngleNodes {
  if (deviation === 0) return { sine: Float64Array.of(0), cosine: Float64Array.of(1), weight: Float64Array.of(1) };
  const step = (2 * Math.PI) / samplingFrequency(deviation, Math.PI * (antennas - 1));
  const half = Math.ceil((8.5 * deviation) / step);
  const offsets = Float64Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * step);
  const weight = offsets.map((x) => exp((-x * x) / (2 * deviation * deviation)));
  const total = weight.reduce((a, b) => a + b, 0);
  return { sine: offsets.map(sin), cosine: offsets.map(cos), weight: weight.map((w) => w / total) };
}

function samplingFrequency(deviation: number, steepness: number): number {
  let f = 8.3 / deviation; // the Gaussian's own: e^(−8.3²/2) = e^(−34)
  // ln |J_n(A)| ≤ min(0, n ln(A/2) − ln n!)
  for (let n = 1, bessel = 0; n < steepness + 60; n++) {
    bessel += log(Math.max(steepness, 1e-9) / (2 * n));
    const room = 34 + Math.min(0, bessel);
    if (room > 0) f = Math.max(f, n + Math.sqrt(2 * room) / deviation);
  }
  return f;
}

/**
 * The same for small spreads, the angle's effect on the phase taken to first order ([B] after 2.18):
 * R_0m = exp(iπm sin φ cos θ) · exp(−(πm)²/2 · (σ_φ² cos² φ cos² θ + σ_θ² sin² φ sin² θ)).
 */
function smallAngleScattering(angles: Float64Array, N: number, azimuth: number, elevation: number): Complex {
  const links = angles.length / 4;
  const re = new Float64Array(links * N * N);
  const im = new Float64Array(links * N * N);
  for (let link = 0; link < links; link++) {
    const [sp, cp, st, ct] = angles.subarray(4 * link, 4 * link + 4) as unknown as [number, number, number, number];
    const phase = Math.PI * sp * ct;
    const [a, b] = [Math.PI * azimuth * cp * ct, Math.PI * elevation * sp * st];
    const spread = (a * a + b * b) / 2;
    for (let m = 0; m < N; m++) {
      const size = exp(-spread * m * m);
      const [r, i] = [size * cos(phase * m), size * sin(phase * m)];
      for (let p = 0; p + m < N; p++) {
        const base = link * N * N;
        re[base + p * N + p + m] = r;
        im[base + p * N + p + m] = i;
        re[base + (p + m) * N + p] = r;
        if (m > 0) im[base + (p + m) * N + p] = -i;
      }
    }
  }
  return { re, im };
}

/**
 * Rician fading with one K-factor κ for every link: h̄ = √(κ/(κ + 1)) a(φ, θ), a_n = exp(−iπn sin φ cos θ), and the
 * scattered part keeps 1/(κ + 1) of the power.
 */
export function lineOfSight(
  { kFactor }: NetworkConfig["rician"],
  angles: Float64Array,
  N: number,
): NonNullable<Network["lineOfSight"]> {
  if (!Number.isFinite(kFactor))
    throw new InputError("network.rician.kFactor", `${kFactor} is not a finite number of dB`);
  const links = angles.length / 4;
  const kappa = pow(10, kFactor / 10);
  const size = Math.sqrt(kappa === Number.POSITIVE_INFINITY ? 1 : kappa / (kappa + 1));
  const re = new Float64Array(links * N);
  const im = new Float64Array(links * N);
  for (let link = 0; link < links; link++) {
    const phase = -Math.PI * angles[4 * link]! * angles[4 * link + 3]!;
    for (let n = 0; n < N; n++) {
      re[link * N + n] = size * cos(phase * n);
      im[link * N + n] = size * sin(phase * n);
    }
  }
  return { re, im, scattered: new Float64Array(links).fill(1 / (kappa + 1)) };
}
