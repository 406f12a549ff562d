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
  /** E_k / E [n], E = F + Σ E_k */
  energyShare: Float64Array;
  /** ∇ ln E [n] */
  energySlope: Float64Array;
  /** r_k = P_u p_k / (P_u p_k + P_c) [n]: what of a client's power is sent */
  sentShare: Float64Array;
  /** c1, c2, c3, β, each [stride] */
  weights: Float64Array;
  /** p′(η) and p″(η) [n] */
  growth: Float64Array;
  bend: Float64Array;
  /** [n]: above 0 where `minimalPowers` holds a power there, whatever the client's rate */
  held: Float64Array;
  /** C p and C p′ [n], after `minimalPowers` */
  received: Float64Array;
  receivedGrowth: Float64Array;
  /** Of `solveBordered`: the rows' own factors d, q_k / s_k, the scale s, the border's column, right-hand side and answer, each [n] */
  own: Float64Array;
  rowFactor: Float64Array;
  scale: Float64Array;
  border: Float64Array;
  right: Float64Array;
  unknown: Float64Array;
}

export interface PowerWorkspace {
  readonly clients: number;
  readonly stride: number;
  /** Fresh if memory has grown: ask again after anything that may allocate. */
  views(): PowerViews;
  /**
   * Least powers with ln(1 + SINR_k) = η c_k into `power`, their derivatives up to the order into `growth` and `bend`;
   * false if no powers do. Where clients are many, the search starts from `power`, so that it must hold positive numbers.
   */
  minimalPowers(eta: number, order: 0 | 1 | 2): boolean;
  /**
   * Everything at `logPower`. @returns ln(E / unit), E = F + Σ (P_u p_k + P_c) ℓ_k
   * @param logUnit ln(P_u / unit)
   * @param circuit P_c / P_u, 0 if left out
   * @param fixed F / unit, 0 if left out
   */
  logLatencies(logUnit: number, circuit?: number, fixed?: number): number;
  /** C p into `received`. */
  receive(): void;
  /** C' right into `unknown`: what the prices `right` of received power make each client's power cost. */
  charge(): void;
  /**
   * d_k u_k − (q_k / s_k) Σ_{j≠k} C_kj s_j u_j = right_k, the m-th unknown not being client m's but that of the column
   * `border`. @returns what is left of the right-hand side, by 2-norms
   */
  solveBordered(m: number, tolerance: number): number;
  /** The Hessian combined by `weights` and − rankOne · slope slope' into out [n × outStride, at least] */
  combineHessian(rankOne: number, out: Float64Array, outStride: number): void;
}

/** Workspaces by their number of clients. */
export const { borrow: borrowPower, giveBack: returnPower } = pool(createPower, (clients: number) => clients);

function createPower(n: number): PowerWorkspace {
  const k = kernels();
  const stride = (n + 1) & ~1;
  // A usize comes as int32: beyond 2 GiB as a negative number
  const bytes = k.powerBytes(n) >>> 0;
  const outLength = (n + 1) * (n + 1);
  const pointer = allocate(bytes + 8 * outLength);
  k.powerSetup(pointer, n);
  const outAt = offset(pointer, bytes);
  const at = (section: { readonly value: number }): Address =>
    (k.powerSection(pointer, section.value) >>> 0) as Address;
  let cached: (PowerViews & { out: Float64Array }) | undefined;
  const views = (): PowerViews & { out: Float64Array } => {
    if (cached === undefined || cached.signal.buffer !== kernels().memory.buffer) {
      cached = {
        couplings: f64(at(k.powerCouplings), n * stride),
        signal: f64(at(k.powerSignal), n),
        noise: f64(at(k.powerNoise), n),
        demand: f64(at(k.powerDemand), n),
        logPower: f64(at(k.powerLogPower), n),
        power: f64(at(k.powerCoefficients), n),
        shares: f64(at(k.powerShares), n * stride),
        logLatency: f64(at(k.powerLogLatency), n),
        first: f64(at(k.powerFirst), n),
        second: f64(at(k.powerSecond), n),
        energyShare: f64(at(k.powerEnergyShare), n),
        energySlope: f64(at(k.powerEnergySlope), n),
        sentShare: f64(at(k.powerSentShare), n),
        weights: f64(at(k.powerWeights), 4 * stride),
        growth: f64(at(k.powerGrowth), n),
        bend: f64(at(k.powerBend), n),
        held: f64(at(k.powerHeld), n),
        received: f64(at(k.powerReceived), n),
        receivedGrowth: f64(at(k.powerReceivedGrowth), n),
        own: f64(at(k.powerOwn), n),
        rowFactor: f64(at(k.powerRowFactor), n),
        scale: f64(at(k.powerScale), n),
        border: f64(at(k.powerBorder), n),
        right: f64(at(k.powerRight), n),
        unknown: f64(at(k.powerUnknown), n),
        out: f64(outAt, outLength),
      };
    }
    return cached;
  };
  return {
    clients: n,
    stride,
    views,
    minimalPowers: (eta, order) => kernels().minimalPowers(pointer, eta, order) < 0,
    logLatencies: (logUnit, circuit = 0, fixed = 0) => kernels().logLatencies(pointer, logUnit, circuit, fixed),
    receive: () => kernels().receivePowers(pointer),
    charge: () => kernels().chargePowers(pointer),
    solveBordered: (m, tolerance) => kernels().solveBordered(pointer, m, tolerance),
    combineHessian(rankOne, out, outStride) {
      if (outStride > n + 1) throw new RangeError(`combineHessian: rows of ${outStride} where ${n + 1} are the most`);
      kernels().combineHessian(pointer, rankOne, outAt, outStride);
      const { out: from } = views();
      out.set(from.length === n * outStride ? from : from.subarray(0, n * outStride));
    },
  };
}
