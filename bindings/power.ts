import { kernels } from "./instance.js";
import { type Address, allocate, f64, offset } from "./memory.js";
import { pool } from "./ownership.js";

/** Views over one power problem's flat memory; see assembly/optimize/powerWorkspace.ts. Matrix rows are `stride` apart. */
export interface PowerViews {
  /** C [n × stride]: interference, with each client's self-interference on the diagonal */
  couplings: Float64Array;
  /** A [n] */
  signal: Float64Array;
  /** I [n] */
  noise: Float64Array;
  /** c_k = S_k ln 2 / W [n], s */
  demand: Float64Array;
  /** y = ln p [n] */
  logPower: Float64Array;
  /** p [n] */
  power: Float64Array;
  /** w_kj [n × stride] */
  shares: Float64Array;
  /** ln ℓ_k [n] */
  logLatency: Float64Array;
  /** a_k and b_k [n] */
  first: Float64Array;
  second: Float64Array;
  /** E_k / Σ E [n] */
  energyShare: Float64Array;
  /** ∇ ln Σ E [n] */
  energySlope: Float64Array;
  /** c1, c2, c3, β, each [stride] */
  weights: Float64Array;
  /** p′(η) [n] */
  growth: Float64Array;
}

export interface PowerWorkspace {
  readonly clients: number;
  readonly stride: number;
  /** Fresh if memory has grown: ask again after anything that may allocate. */
  views(): PowerViews;
  /** Least powers with ln(1 + SINR_k) = η c_k into `power`, their derivatives into `growth`; false if no powers do. */
  minimalPowers(eta: number): boolean;
  /** Everything at `logPower`. @returns ln(Σ E / unit) for logUnit = ln(P_u / unit) */
  logLatencies(logUnit: number): number;
  /** The Hessian combined by `weights` and − rankOne · slope slope' into out [n × outStride, at least] */
  combineHessian(rankOne: number, out: Float64Array, outStride: number): void;
}

/** Workspaces by their number of clients. */
export const { borrow: borrowPower, giveBack: returnPower } = pool(createPower, (clients: number) => clients);

function createPower(n: number): PowerWorkspace {
  const k = kernels();
  const stride = (n + 1) & ~1;
  const bytes: number = k.powerBytes(n);
  const outLength = (n + 1) * (n + 1);
  const pointer = allocate(bytes + 8 * outLength);
  k.powerSetup(pointer, n);
  const outAt = offset(pointer, bytes);
  const at = (section: number): Address => k.powerSection(pointer, section);
  let cached: (PowerViews & { out: Float64Array }) | undefined;
  const views = (): PowerViews & { out: Float64Array } => {
    if (cached === undefined || cached.signal.buffer !== kernels().memory.buffer) {
      cached = {
        couplings: f64(at(0), n * stride),
        signal: f64(at(1), n),
        noise: f64(at(2), n),
        demand: f64(at(3), n),
        logPower: f64(at(4), n),
        power: f64(at(5), n),
        shares: f64(at(6), n * stride),
        logLatency: f64(at(7), n),
        first: f64(at(8), n),
        second: f64(at(9), n),
        energyShare: f64(at(10), n),
        energySlope: f64(at(11), n),
        weights: f64(at(12), 4 * stride),
        growth: f64(at(14), n),
        out: f64(outAt, outLength),
      };
    }
    return cached;
  };
  return {
    clients: n,
    stride,
    views,
    minimalPowers: (eta) => kernels().minimalPowers(pointer, eta) < 0,
    logLatencies: (logUnit) => kernels().logLatencies(pointer, logUnit),
    combineHessian(rankOne, out, outStride) {
      if (outStride > n + 1) throw new RangeError(`combineHessian: rows of ${outStride} where ${n + 1} are the most`);
      kernels().combineHessian(pointer, rankOne, outAt, outStride);
      const { out: from } = views();
      out.set(from.length === n * outStride ? from : from.subarray(0, n * outStride));
    },
  };
}
