import { exp, log } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { type Constraints, minimize, type Problem, type Solution } from "../optimize/index.js";
import { atPoint } from "./atPoint.js";
import { allocation } from "./cost.js";
import { equalize } from "./minMax.js";

/** y = ln p is kept at or above this, as in the paper: p ≥ 1.1e-7. */
export const lowestLogPower = -16;

/** What a method minimizes over y = ln p and the epigraph variable v; E = F + Σ E_k is the round's energy. */
export interface Goal {
  /** A row a client: v ≥ ln((offset + ℓ_k) / unit), s, or v ≥ ln(E_k / energyUnit) */
  rows: { of: "latency"; offset: number; unit: number } | { of: "energy" };
  /** J, what the energy is relative to */
  energyUnit: number;
  /**
   * Either v itself, with the row v ≥ ln(E / energyUnit) if `energyRow`,
   * or ln(energyWeight · E / energyUnit + latencyWeight · e^v)
   */
  objective: { energyRow: boolean } | { energyWeight: number; latencyWeight: number };
  /** J of each active client [n]: a row more for each, v ≥ ln(E_k / battery_k) */
  batteries?: Float64Array;
}

/**
 * The convex program behind a goal, by SQP with its exact Hessian. ln ℓ_k is convex in y, because ln SINR_k is concave
 * and ln ln(1 + e^s) concave and increasing; so is ln E_k = ln(P_u e^y + P_c) + ln ℓ_k; logarithms of sums of
 * exponentials of convex functions are convex too. So there is one optimum, and a Karush–Kuhn–Tucker point is it.
 * @param start p [n] of the active clients, positive
 */
export function solveGoal(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  goal: Goal,
  startPower: Float64Array,
): Allocation {
  const n = workspace.clients;
  const size = n + 1;
  const terms = createTerms(problem, workspace, goal);
  const start = new Float64Array(size);
  const lower = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  const upper = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < n; k++) {
    start[k] = log(startPower[k]!);
    lower[k] = Math.min(lowestLogPower, start[k]!);
    upper[k] = 0;
  }
  /** v as low as the rows let it be at y. */
  const lowerV = (x: Float64Array): Float64Array => {
    terms.moveTo(x);
    x[n] = terms.energyRow ? terms.logEnergy : Number.NEGATIVE_INFINITY;
    for (let k = 0; k < n; k++) x[n] = Math.max(x[n]!, terms.height[k]!);
    for (const height of terms.drain) x[n] = Math.max(x[n]!, height);
    return x;
  };
  const solveFrom = (x: Float64Array): Solution =>
    minimize({
      start: lowerV(x),
      lower,
      upper,
      tolerance: 1e-9,
      maxIterations: 100,
      objective(x) {
        terms.moveTo(x);
        return terms.split(x[n]!).value;
      },
      gradient(x, out) {
        const { energySlope } = terms.moveTo(x);
        const { energy } = terms.split(x[n]!);
        for (let j = 0; j < n; j++) out[j] = energy * energySlope[j]!;
        out[n] = 1 - energy;
      },
      inequality: rowsOf(terms, workspace),
      hessian: hessianOf(terms, workspace),
    });
  let solution = solveFrom(start);
  let { iterations } = solution;
  // A row that is steep beside its multiplier holds the merit function's steps short; afresh, with v down on the rows and
  // no penalty yet, the way is free.
  for (let again = 0; again < 10 && solution.status !== "converged"; again++) {
    solution = solveFrom(solution.x);
    iterations += solution.iterations;
  }
  return allocationAt(problem, active, { ...solution, iterations });
}

/** A goal's terms at the point last moved to. */
interface Terms {
  logEnergy: number;
  /** What v must reach: ln((offset + ℓ_k) / unit) or ln(E_k / energyUnit) [n] */
  readonly height: Float64Array;
  /** ln(E_k / battery_k) [n]; empty without batteries */
  readonly drain: Float64Array;
  /** ∂ ln(offset + ℓ_k) / ∂ ln ℓ_k [n] */
  readonly theta: Float64Array;
  readonly energyEach: boolean;
  readonly weighted: boolean;
  readonly energyRow: boolean;
  moveTo(x: Float64Array): PowerViews;
  /** The energy's part of the weighted objective, and the objective. */
  split(v: number): { energy: number; value: number };
}

function createTerms(problem: UploadProblem, workspace: PowerWorkspace, goal: Goal): Terms {
  const n = workspace.clients;
  const { objective, energyUnit, rows } = goal;
  const { offset, unit } = rows.of === "latency" ? rows : { offset: 0, unit: 1 };
  const { transmitPower } = problem.rates;
  const { circuitPower = 0, fixedEnergy = 0 } = problem;
  const circuit = circuitPower / transmitPower;
  const weighted = "energyWeight" in objective;
  const logUnit = log(unit);
  const logEnergyUnit = log(transmitPower / energyUnit);
  const logBattery = Float64Array.from(goal.batteries ?? [], (joules) => log(transmitPower / joules));
  const moveTo = atPoint(workspace, ({ logLatency, power }) => {
    terms.logEnergy = workspace.logLatencies(logEnergyUnit, circuit, fixedEnergy / energyUnit);
    for (let k = 0; k < terms.drain.length; k++) {
      terms.drain[k] = logLatency[k]! + log(power[k]! + circuit) + logBattery[k]!;
    }
    for (let k = 0; k < n; k++) {
      if (rows.of === "energy") terms.height[k] = logLatency[k]! + log(power[k]! + circuit) + logEnergyUnit;
      else if (offset === 0) terms.height[k] = logLatency[k]! - logUnit;
      else {
        const latency = exp(logLatency[k]!);
        terms.theta[k] = latency / (offset + latency);
        terms.height[k] = log(offset + latency) - logUnit;
      }
    }
  });
  const terms: Terms = {
    logEnergy: 0,
    height: new Float64Array(n),
    drain: new Float64Array(logBattery.length),
    theta: new Float64Array(n).fill(1),
    energyEach: rows.of === "energy",
    weighted,
    energyRow: !weighted && objective.energyRow,
    moveTo,
    split(v) {
      if (!weighted) return { energy: 0, value: v };
      const energy = objective.energyWeight * exp(terms.logEnergy);
      const total = energy + objective.latencyWeight * exp(v);
      return { energy: energy / total, value: log(total) };
    },
  };
  return terms;
}

/** v less what it must reach, client by client and, with an energy row, for the energy. */
function rowsOf(terms: Terms, { clients: n, stride }: PowerWorkspace): Constraints {
  const size = n + 1;
  const { height, drain, theta, energyEach, energyRow } = terms;
  const first = energyRow ? size : n;
  return {
    count: first + drain.length,
    values(x, out) {
      terms.moveTo(x);
      for (let k = 0; k < n; k++) out[k] = x[n]! - height[k]!;
      if (energyRow) out[n] = x[n]! - terms.logEnergy;
      for (let k = 0; k < drain.length; k++) out[first + k] = x[n]! - drain[k]!;
    },
    jacobian(x, out) {
      const { first: a, shares: w, energySlope, sentShare } = terms.moveTo(x);
      for (let k = 0; k < n; k++) {
        const factor = theta[k]! * a[k]!;
        const row = k * size;
        for (let j = 0; j < n; j++) out[row + j] = -factor * w[k * stride + j]!;
        out[row + k] = out[row + k]! + factor;
        if (energyEach) out[row + k] = out[row + k]! - sentShare[k]!;
        out[row + n] = 1;
      }
      for (let k = 0; k < drain.length; k++) {
        const row = (first + k) * size;
        for (let j = 0; j < n; j++) out[row + j] = -a[k]! * w[k * stride + j]!;
        out[row + k] = out[row + k]! + a[k]! - sentShare[k]!;
        out[row + n] = 1;
      }
      if (!energyRow) return;
      for (let j = 0; j < n; j++) out[n * size + j] = -energySlope[j]!;
      out[n * size + n] = 1;
    },
  };
}

/**
 * ∇² ln E = Σ share_k (∇² ln E_k + ∇e_k ∇e_k') − slope slope', e_k = ln E_k; the weighted objective has
 * φ ∇² ln E + φ (1 − φ) (slope, −1)(slope, −1)', φ the energy's part of it.
 */
function hessianOf(terms: Terms, workspace: PowerWorkspace): NonNullable<Problem["hessian"]> {
  const { clients: n, stride } = workspace;
  const size = n + 1;
  return (x, { inequality }, out) => {
    const views = terms.moveTo(x);
    const { theta, energyEach } = terms;
    const { sentShare, weights } = views;
    const { energy } = terms.split(x[n]!);
    const onEnergy = energy + (terms.energyRow ? inequality[n]! : 0);
    const mixed = terms.weighted ? energy * (1 - energy) : 0;
    for (let k = 0; k < n; k++) {
      const late = inequality[k]! * theta[k]!;
      weighClient(views, stride, k, { energy: onEnergy * views.energyShare[k]!, late }, theta[k]!);
      if (energyEach) weights[2 * stride + k]! += late * sentShare[k]! * (1 - sentShare[k]!);
    }
    for (let k = 0; k < terms.drain.length; k++) {
      weighDrain(views, stride, k, inequality[(terms.energyRow ? size : n) + k]!);
    }
    workspace.combineHessian(onEnergy - mixed, out, size);
    for (let j = 0; j < n; j++) out[n * size + j] = out[j * size + n] = -mixed * views.energySlope[j]!;
    // Where v enters almost linearly, a trace of curvature makes the subproblem strictly convex.
    out[n * size + n] = Math.max(1e-6, mixed);
  };
}

/** Adds `late` of ln E_k's to client k's weights: ln ℓ_k's, and that of ln(P_u e^y + P_c). */
function weighDrain({ first, second, sentShare, weights }: PowerViews, stride: number, k: number, late: number): void {
  const onGradient = late * second[k]!;
  const onCurvature = late * first[k]!;
  weights[k]! += onGradient - onCurvature;
  weights[stride + k]! -= onGradient;
  weights[2 * stride + k]! += onGradient + late * sentShare[k]! * (1 - sentShare[k]!);
  weights[3 * stride + k]! += onCurvature;
}

/** Client k's weights in the kernel's combination: `energy` of ∇² ln E_k + ∇e_k ∇e_k', `late` of ln(offset + ℓ_k)'s. */
export function weighClient(
  { first: a, second: b, sentShare, weights }: PowerViews,
  stride: number,
  k: number,
  { energy, late }: { energy: number; late: number },
  theta = 1,
): void {
  const slope = a[k]!;
  const sent = sentShare[k]!;
  const own = sent - slope; // ∇e_k = (r_k − a_k) e_k + a_k w_k
  const onGradient = (energy + late) * b[k]! + late * (1 - theta) * slope * slope; // of ∇s ∇s'
  const onCurvature = (energy + late) * slope; // of diag(w) − w w'
  weights[k] = onGradient - onCurvature + energy * slope * slope;
  weights[stride + k] = -onGradient + energy * slope * own;
  weights[2 * stride + k] = onGradient + energy * own * own + energy * sent * (1 - sent);
  weights[3 * stride + k] = onCurvature;
}

/** The allocation at the powers that an optimizer found, and how that ended. */
export function allocationAt(problem: UploadProblem, active: readonly number[], solution: Solution): Allocation {
  const power = new Float64Array(problem.rates.clients);
  active.forEach((k, i) => {
    power[k] = exp(solution.x[i]!);
  });
  const { status, iterations, reason } = solution;
  return allocation(problem, power, { status, iterations, ...(reason === undefined ? {} : { reason }) });
}

/** The previous powers of the active clients if they can start a method over ln p, else the min–max powers. */
export function startingPower(
  workspace: PowerWorkspace,
  active: readonly number[],
  previous: Float64Array | undefined,
): Float64Array {
  if (previous !== undefined && active.every((k) => previous[k]! > 0 && previous[k]! <= 1))
    return Float64Array.from(active, (k) => previous[k]!);
  return equalize(workspace).power;
}
