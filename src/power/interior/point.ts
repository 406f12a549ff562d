import { exp, log, log1p } from "../../../bindings/math.js";
import { choosesFrequency, hasCommon, hasEnergyRow, type Program } from "./program.js";

/**
 * A row g ≤ 0 of each client: g + slack = excess, which is 0 in the end, and the multiplier, each [n] or [m]. All
 * multipliers are 0 where there are no such rows; bounds have no excess.
 */
export interface Rows {
  slack: Float64Array;
  excess: Float64Array;
  multiplier: Float64Array;
}

/** A point of the program with its multipliers, and what the functions are there. */
export interface Point {
  y: Float64Array;
  z: Float64Array;
  v: number;
  /** Ω, or the multiplier of the energy's row */
  energyPrice: number;
  energySlack: number;
  energyExcess: number;
  latencyRows: Rows;
  limitRows: Rows;
  /** y ≤ 0 and y ≥ its lowest [n] */
  upper: Rows;
  lower: Rows;
  /** Bounds of z [m] */
  fastest: Rows;
  slowest: Rows;
  /** p, D, w_kk, a and b of logLatency.ts [n] */
  power: Float64Array;
  disturbance: Float64Array;
  ownShare: Float64Array;
  first: Float64Array;
  second: Float64Array;
  /** ℓ_k, τ_k, E_k, X_k, in the units of the program [m] */
  upload: Float64Array;
  compute: Float64Array;
  sent: Float64Array;
  computed: Float64Array;
  /** p / (p + P_c/P_u) [n] */
  sentShare: Float64Array;
  /** E, and what its row or weight is over: e^v or 1 */
  energy: number;
  energyScale: number;
  /** Σ of the multipliers' ∂ / ∂ ln ℓ_k: what a client's latency costs [n] */
  price: Float64Array;
  /** ∂ of the Lagrangian by y, z, v */
  slopeY: Float64Array;
  slopeZ: Float64Array;
  slopeV: number;
}

export function emptyPoint({ senders: n, clients: m }: Program): Point {
  const vector = (length: number): Float64Array => new Float64Array(length);
  const rows = (length: number): Rows => ({
    slack: vector(length),
    excess: vector(length),
    multiplier: vector(length),
  });
  return {
    ...{ y: vector(n), z: vector(m), v: 0, energyPrice: 0, energySlack: 0, energyExcess: 0 },
    ...{ latencyRows: rows(m), limitRows: rows(m), upper: rows(n), lower: rows(n), fastest: rows(m), slowest: rows(m) },
    ...{ power: vector(n), disturbance: vector(n), ownShare: vector(n), first: vector(n), second: vector(n) },
    ...{ upload: vector(m), compute: vector(m), sent: vector(m), computed: vector(m), sentShare: vector(n) },
    ...{ energy: 0, energyScale: 1, price: vector(n), slopeY: vector(n), slopeZ: vector(m), slopeV: 0 },
  };
}

/** The functions, excesses and bounds' slacks at the point's y, z, v. @returns whether all slacks are above 0 */
export function evaluate(program: Program, point: Point): boolean {
  evaluateUploads(program, point);
  evaluateComputation(program, point);
  const { senders: n, clients: m, latency, clientEnergy, lowestPower, processors } = program;
  const { y, z, v, upload, compute, sent, computed } = point;
  let least = Number.POSITIVE_INFINITY;
  let energy = program.fixed;
  for (let k = 0; k < m; k++) {
    const own = sent[k]! + computed[k]!;
    energy += own;
    if (latency !== undefined) {
      const whole = latency.offset + compute[k]! + upload[k]!;
      least = Math.min(least, measureRow(point.latencyRows, k, whole, v));
    }
    if (clientEnergy !== undefined) {
      least = Math.min(
        least,
        measureRow(point.limitRows, k, own / clientEnergy.limits[k]!, clientEnergy.shared ? v : 0),
      );
    }
    if (k < n) {
      point.upper.slack[k] = -y[k]!;
      point.lower.slack[k] = y[k]! - lowestPower[k]!;
      least = Math.min(least, point.upper.slack[k]!, point.lower.slack[k]!);
    }
    if (processors !== undefined && choosesFrequency(program, k)) {
      point.fastest.slack[k] = processors.highest[k]! - z[k]!;
      point.slowest.slack[k] = z[k]! - processors.lowest[k]!;
      least = Math.min(least, point.fastest.slack[k]!, point.slowest.slack[k]!);
    }
  }
  point.energy = energy;
  point.energyScale = program.energy === "shared" ? exp(-v) : 1;
  if (hasEnergyRow(program)) {
    point.energyExcess = energy * point.energyScale - 1 + point.energySlack;
    least = Math.min(least, point.energySlack);
  }
  return least > 0;
}

/** ln(value) ≤ limit, if there is a value. @returns the slack that counts */
function measureRow({ slack, excess }: Rows, k: number, value: number, limit: number): number {
  excess[k] = value > 0 ? log(value) - limit + slack[k]! : 0;
  return value > 0 ? slack[k]! : Number.POSITIVE_INFINITY;
}

function evaluateUploads({ workspace, latencyUnit, energyUnit, transmitPower, circuit }: Program, point: Point): void {
  if (workspace === undefined) return;
  const n = workspace.clients;
  const { power, received, noise, signal, demand, couplings } = workspace.views();
  for (let k = 0; k < n; k++) power[k] = point.power[k] = exp(point.y[k]!);
  workspace.receive();
  const joules = (transmitPower * latencyUnit) / energyUnit;
  for (let k = 0; k < n; k++) {
    const p = power[k]!;
    const d = received[k]! + noise[k]!;
    const ratio = (signal[k]! * p) / d;
    const nats = log1p(ratio);
    const sigma = ratio / (1 + ratio);
    const a = sigma / nats;
    const rest = ratio < 1e-5 ? ratio * (0.5 - 0.5833333333333334 * ratio) : a + sigma - 1;
    point.disturbance[k] = d;
    point.ownShare[k] = (couplings[k * workspace.stride + k]! * p) / d;
    point.first[k] = a;
    point.second[k] = a * Math.max(0, rest);
    const upload = demand[k]! / nats / latencyUnit;
    point.upload[k] = upload;
    point.sent[k] = (p + circuit) * upload * joules;
    point.sentShare[k] = p / (p + circuit);
  }
}

function evaluateComputation({ processors, clients, latencyUnit, energyUnit }: Program, point: Point): void {
  if (processors === undefined) return;
  const { cycles, capacitance } = processors;
  for (let k = 0; k < clients; k++) {
    const frequency = exp(point.z[k]!);
    point.compute[k] = cycles[k]! / frequency / latencyUnit;
    point.computed[k] = (0.5 * capacitance[k]! * cycles[k]! * frequency * frequency) / energyUnit;
  }
}

/** The Lagrangian's slopes at an evaluated point and its multipliers. */
export function slopes(program: Program, point: Point): void {
  const { workspace, senders: n, clients: m } = program;
  const { price, slopeY, slopeZ, first, sentShare } = point;
  const shared = program.energy === "shared";
  const dear = point.energyPrice * point.energyScale;
  let common = 0;
  if (program.objective !== "none") common += program.objective === "v" ? 1 : program.objective.weight * exp(point.v);
  if (shared) common -= dear * point.energy;
  for (let k = 0; k < m; k++) {
    const late = point.latencyRows.multiplier[k]!;
    const limited = point.limitRows.multiplier[k]!;
    const { theta, psi, eta } = partsOf(program, point, k);
    common -= late;
    if (program.clientEnergy?.shared === true) common -= limited;
    slopeZ[k] = choosesFrequency(program, k)
      ? dear * 2 * point.computed[k]! -
        late * psi +
        2 * limited * (1 - eta) +
        point.fastest.multiplier[k]! -
        point.slowest.multiplier[k]!
      : 0;
    if (k >= n) continue;
    const rho = dear * point.sent[k]! + late * theta + limited * eta;
    price[k] = rho;
    slopeY[k] =
      (dear * point.sent[k]! + limited * eta) * sentShare[k]! +
      point.upper.multiplier[k]! -
      point.lower.multiplier[k]! -
      first[k]! * rho;
  }
  point.slopeV = hasCommon(program) ? common : 0;
  if (workspace === undefined) return;
  const { right, unknown } = workspace.views();
  for (let k = 0; k < n; k++) right[k] = (first[k]! * price[k]!) / point.disturbance[k]!;
  workspace.charge();
  for (let k = 0; k < n; k++) slopeY[k] = slopeY[k]! + point.power[k]! * unknown[k]!;
}

/** θ and ψ, the upload's and the computation's part of a client's time; η, the upload's part of its energy. */
export function partsOf({ latency }: Program, { upload, compute, sent, computed }: Point, k: number) {
  const whole = (latency?.offset ?? 0) + compute[k]! + upload[k]!;
  const own = sent[k]! + computed[k]!;
  return {
    theta: whole > 0 ? upload[k]! / whole : 0,
    psi: whole > 0 ? compute[k]! / whole : 0,
    eta: own > 0 ? sent[k]! / own : 1,
  };
}

/** All rows that the program has, with the number of clients in each. */
export function rowsOf(program: Program, point: Point): Rows[] {
  return [
    ...(program.latency === undefined ? [] : [point.latencyRows]),
    ...(program.clientEnergy === undefined ? [] : [point.limitRows]),
    ...(program.senders === 0 ? [] : [point.upper, point.lower]),
    ...(program.processors === undefined ? [] : [point.fastest, point.slowest]),
  ];
}

/** Copies variables and multipliers, not what is computed of them. */
export function moved(from: Point, to: Point, step: number, by: Point): void {
  const add = (a: Float64Array, d: Float64Array, out: Float64Array): void => {
    for (let k = 0; k < out.length; k++) out[k] = a[k]! + step * d[k]!;
  };
  add(from.y, by.y, to.y);
  add(from.z, by.z, to.z);
  for (const name of ["latencyRows", "limitRows", "upper", "lower", "fastest", "slowest"] as const)
    add(from[name].multiplier, by[name].multiplier, to[name].multiplier);
  for (const name of ["latencyRows", "limitRows"] as const) add(from[name].slack, by[name].slack, to[name].slack);
  to.energySlack = from.energySlack + step * by.energySlack;
  to.v = from.v + step * by.v;
  to.energyPrice = from.energyPrice + step * by.energyPrice;
}
