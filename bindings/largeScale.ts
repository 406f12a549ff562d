import { kernels } from "./instance.js";
import { allocate, f64, free, i32, u8 } from "./memory.js";
import { purposes } from "./random.js";

export interface GainProblem {
  /** x, y of each AP [2L] and client [2K], m */
  accessPoints: Float64Array;
  clients: Float64Array;
  /** Side of the area where it wraps, m; 0 where it does not */
  area: number;
  /** m */
  height: number;
  /** dB at 1 m, and dB a decade */
  intercept: number;
  slope: number;
  /** dB [K·L] */
  shadow: Float64Array;
}

/** β [K·L], linear, of the log-distance model. */
export function linkGains(problem: GainProblem): Float64Array {
  const { accessPoints, clients, shadow } = problem;
  const links = shadow.length;
  const pointer = allocate(8 * (accessPoints.length + clients.length + 2 * links));
  const clientsAt = pointer + 8 * accessPoints.length;
  const shadowAt = clientsAt + 8 * clients.length;
  const out = shadowAt + 8 * links;
  f64(pointer, accessPoints.length).set(accessPoints);
  f64(clientsAt, clients.length).set(clients);
  f64(shadowAt, links).set(shadow);
  kernels().linkGains(
    ...([pointer, accessPoints.length / 2, clientsAt, clients.length / 2, problem.area] as const),
    ...([problem.height * problem.height, problem.intercept, problem.slope, shadowAt, out] as const),
  );
  const gain = f64(out, links).slice();
  free(pointer);
  return gain;
}

export interface ClosedFormProblem {
  clients: number;
  accessPoints: number;
  antennas: number;
  pilots: number;
  /** β [K·L] */
  gain: Float64Array;
  pilotIndex: Int32Array;
  /** [K·L] */
  serves: Uint8Array;
  /** P_u/σ² */
  snr: number;
}

/** A, B, B̃ and I of maximum ratio with uncorrelated fading. */
export function closedFormArrays(problem: ClosedFormProblem): {
  signal: Float64Array;
  selfInterference: Float64Array;
  interference: Float64Array;
  noise: Float64Array;
} {
  const { clients: K, accessPoints: L, antennas, pilots, snr } = problem;
  const scratchBytes = 8 * (2 * K + pilots + 1) * (L + 1);
  const gain = allocate(8 * (K * L + K * K + 3 * K) + scratchBytes + 4 * K + K * L);
  const signal = gain + 8 * K * L;
  const self = signal + 8 * K;
  const interference = self + 8 * K;
  const noise = interference + 8 * K * K;
  const scratch = noise + 8 * K;
  const pilot = scratch + scratchBytes;
  const serves = pilot + 4 * K;
  f64(gain, K * L).set(problem.gain);
  i32(pilot, K).set(problem.pilotIndex);
  u8(serves, K * L).set(problem.serves);
  kernels().closedFormRates(
    ...([gain, pilot, serves, K, L, antennas, pilots, pilots * snr, snr] as const),
    ...([signal, self, interference, noise, scratch] as const),
  );
  const out = {
    signal: f64(signal, K).slice(),
    selfInterference: f64(self, K).slice(),
    interference: f64(interference, K * K).slice(),
    noise: f64(noise, K).slice(),
  };
  free(gain);
  return out;
}

/** A run of drops: uniform clients, independent shadowing, greedy pilots, every AP serves every client. */
export interface DropsProblem {
  seed: number;
  /** Number of the first drop, and how many */
  first: number;
  count: number;
  clients: number;
  accessPoints: number;
  antennas: number;
  pilots: number;
  /** APs on a side of their square grid, each within `jitter` m of its place on both axes; 0: uniform in the area */
  side: number;
  jitter: number;
  /** m */
  area: number;
  wrapAround: boolean;
  height: number;
  /** dB at 1 m, dB a decade, and dB of shadowing */
  intercept: number;
  slope: number;
  deviation: number;
  /** P_u/σ² */
  snr: number;
}

/** `closedFormArrays` of every drop, one after the other, or undefined when a gain is not finite. */
export function closedFormDropArrays(problem: DropsProblem): ReturnType<typeof closedFormArrays> | undefined {
  const { seed, first, count, clients: K, accessPoints: L, antennas, pilots, side, jitter, area, height } = problem;
  const out = {
    signal: new Float64Array(count * K),
    selfInterference: new Float64Array(count * K),
    interference: new Float64Array(count * K * K),
    noise: new Float64Array(count * K),
  };
  // As many at once as keep the results in the second-level cache.
  const most = Math.max(1, Math.min(count, Math.floor(32768 / (K * (K + 3)))));
  const scratchBytes = 8 * (2 * L + 2 * K + 2 * K * L + pilots + 4) + 4 * K + K * L + 16;
  const model = allocate(96 + 8 * most * K * (K + 3) + scratchBytes + 8 * (2 * K + pilots + 1) * (L + 1));
  const signal = model + 96;
  const self = signal + 8 * most * K;
  const noise = self + 8 * most * K;
  const interference = noise + 8 * most * K;
  const scratch = Math.ceil((interference + 8 * most * K * K) / 16) * 16;
  f64(model, 11).set([
    ...(side > 0 ? [-jitter, jitter - -jitter, area / side] : [0, area, 0]),
    ...[area, problem.wrapAround ? area : 0, height * height, problem.intercept, problem.slope, problem.deviation],
    ...[pilots * problem.snr, problem.snr],
  ]);
  const keys = [seed >>> 0, Math.floor(seed / 4294967296) >>> 0, purposes.deployment << 24, purposes.shadowing << 24];
  let done = 0;
  while (done < count) {
    const now = Math.min(most, count - done);
    const finished = kernels().closedFormDrops(
      ...(keys as [number, number, number, number]),
      ...([first + done, now, K, L, antennas, pilots, side, model] as const),
      ...([signal, self, interference, noise, scratch] as const),
    );
    if (finished < now) break;
    out.signal.set(f64(signal, now * K), done * K);
    out.selfInterference.set(f64(self, now * K), done * K);
    out.interference.set(f64(interference, now * K * K), done * K * K);
    out.noise.set(f64(noise, now * K), done * K);
    done += now;
  }
  free(model);
  return done === count ? out : undefined;
}
