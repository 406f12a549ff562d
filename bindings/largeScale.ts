import { blockBytes, withBlock, writeBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { type Address, f64, i32, u8 } from "./memory.js";
import { scoped } from "./ownership.js";
import { purposes, seedWords } from "./random.js";

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
  const sizes = {
    accessPoints: 8 * accessPoints.length,
    clients: 8 * clients.length,
    shadow: 8 * links,
    out: 8 * links,
  };
  const { area: wrap, height, intercept, slope } = problem;
  return scoped(sizes, (at) => {
    f64(at.accessPoints, accessPoints.length).set(accessPoints);
    f64(at.clients, clients.length).set(clients);
    f64(at.shadow, links).set(shadow);
    const [L, K] = [accessPoints.length / 2, clients.length / 2];
    withBlock("Propagation", { wrap, height2: height * height, intercept, slope }, (model) =>
      kernels().linkGains(L, K, model, at.accessPoints, at.clients, at.shadow, at.out),
    );
    return f64(at.out, links).slice();
  });
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

/** A, B, B̃ and I of maximum ratio with uncorrelated fading, of one network or of several one after the other. */
export interface ClosedFormArrays {
  /** [K] */
  signal: Float64Array;
  /** [K] */
  selfInterference: Float64Array;
  /** [K·K] */
  interference: Float64Array;
  /** [K] */
  noise: Float64Array;
}

/** Where those of `count` networks of K clients go. */
const outputSizes = (K: number, count = 1) => ({
  signal: 8 * count * K,
  self: 8 * count * K,
  noise: 8 * count * K,
  interference: 8 * count * K * K,
});

function takeOut(at: Record<keyof ReturnType<typeof outputSizes>, Address>, K: number): ClosedFormArrays {
  return {
    signal: f64(at.signal, K).slice(),
    selfInterference: f64(at.self, K).slice(),
    interference: f64(at.interference, K * K).slice(),
    noise: f64(at.noise, K).slice(),
  };
}

const closedFormScratch = (K: number, L: number, pilots: number) => 8 * (2 * K + pilots + 1) * (L + 1);

/** The closed form of one network. */
export function closedFormArrays(problem: ClosedFormProblem): ClosedFormArrays {
  const { clients: K, accessPoints: L, antennas, pilots, snr } = problem;
  const sizes = {
    ...outputSizes(K),
    gain: 8 * K * L,
    pilotOf: 4 * K,
    serves: K * L,
    links: blockBytes("Links"),
    out: blockBytes("ClosedForm"),
    scratch: closedFormScratch(K, L, pilots),
  };
  return scoped(sizes, (at) => {
    f64(at.gain, K * L).set(problem.gain);
    i32(at.pilotOf, K).set(problem.pilotIndex);
    u8(at.serves, K * L).set(problem.serves);
    const links = { accessPoints: L, clients: K, antennas, pilots, pilotOf: at.pilotOf };
    kernels().closedFormRates(
      pilots * snr,
      snr,
      writeBlock("Links", at.links, links),
      at.gain,
      at.serves,
      writeBlock("ClosedForm", at.out, at),
      at.scratch,
    );
    return takeOut(at, K);
  });
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

/** Room for what `closedFormDropArrays` finds of `count` drops of K clients. */
export function dropArrays(count: number, K: number): ClosedFormArrays {
  return {
    signal: new Float64Array(count * K),
    selfInterference: new Float64Array(count * K),
    interference: new Float64Array(count * K * K),
    noise: new Float64Array(count * K),
  };
}

/**
 * `closedFormArrays` of every drop, one after the other.
 * @param out `dropArrays(count, clients)`
 * @returns false when a gain is not finite
 */
export function closedFormDropArrays(problem: DropsProblem, out: ClosedFormArrays): boolean {
  const { first, count, clients: K, accessPoints: L, pilots } = problem;
  return withBlock("DropModel", dropModel(problem), (model) => {
    // As many at once as keep the results in the second-level cache.
    const most = Math.max(1, Math.min(count, Math.floor(32768 / (K * (K + 3)))));
    const sizes = {
      ...outputSizes(K, most),
      out: blockBytes("ClosedForm"),
      scratch: kernels().dropBytes(model) + closedFormScratch(K, L, pilots),
    };
    return scoped(sizes, (at) => {
      const arrays = writeBlock("ClosedForm", at.out, at);
      for (let done = 0; done < count; done += most) {
        const now = Math.min(most, count - done);
        if (kernels().closedFormDrops(first + done, now, model, arrays, at.scratch) < now) return false;
        out.signal.set(f64(at.signal, now * K), done * K);
        out.selfInterference.set(f64(at.self, now * K), done * K);
        out.interference.set(f64(at.interference, now * K * K), done * K * K);
        out.noise.set(f64(at.noise, now * K), done * K);
      }
      return true;
    });
  });
}

function dropModel(problem: DropsProblem) {
  const { area, wrapAround, height, intercept, slope, deviation, side, jitter, pilots, snr } = problem;
  const [key0, key1] = seedWords(problem.seed);
  return {
    wrap: wrapAround ? area : 0,
    ...{ height2: height * height, intercept, slope, area, deviation, snr, pilotEnergy: pilots * snr, key0, key1 },
    ...(side > 0
      ? { low: -jitter, width: jitter - -jitter, spacing: area / side }
      : { low: 0, width: area, spacing: 0 }),
    positions: (purposes.deployment << 24) >>> 0,
    shadowing: (purposes.shadowing << 24) >>> 0,
    clients: problem.clients,
    accessPoints: problem.accessPoints,
    antennas: problem.antennas,
    pilots,
    gridSide: side,
  };
}
