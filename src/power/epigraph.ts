import { exp, log } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { minimize } from "../optimize/index.js";
import { allocation } from "./cost.js";
import { equalize } from "./minMax.js";

/** y = ln p is kept at or above this, as in the paper: p ≥ 1.1e-7. */
export const lowestLogPower = -16;

/** What a method minimizes over y = ln p and the epigraph variable v. */
export interface Goal {
  /** Rows: v ≥ ln((offset + ℓ_k) / unit) for every client; s */
  latency: { offset: number; unit: number };
  /** J, what the energy is relative to */
  energyUnit: number;
  /**
   * Either v itself, with the row v ≥ ln(Σ E / energyUnit) if `energyRow`,
   * or ln(energyWeight · Σ E / energyUnit + latencyWeight · e^v)
   */
  objective: { energyRow: boolean } | { energyWeight: number; latencyWeight: number };
}

/**
 * The convex program behind a goal, by SQP with its exact Hessian. ln ℓ_k is convex in y, because ln SINR_k is concave
 * and ln ln(1 + e^s) concave and increasing; logarithms of sums of exponentials of convex functions are convex too. So
 * there is one optimum, and a Karush–Kuhn–Tucker point is it.
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
  // Taken anew in every call from the minimizer, which makes room for itself and may empty older views.
  let views = workspace.views();
  const { stride } = workspace;
  const { objective } = goal;
  const weighted = "energyWeight" in objective;
  const energyRow = !weighted && objective.energyRow;
  const { offset } = goal.latency;
  const logUnit = log(goal.latency.unit);
  const logEnergyUnit = log(problem.rates.transmitPower / goal.energyUnit);
  const theta = new Float64Array(n).fill(1); // ∂ ln(offset + ℓ_k) / ∂ ln ℓ_k
  const height = new Float64Array(n); // ln((offset + ℓ_k) / unit)
  const at = new Float64Array(n).fill(Number.NaN);
  let logEnergy = 0;

  const moveTo = (x: Float64Array): void => {
    views = workspace.views();
    let same = true;
    for (let k = 0; k < n && same; k++) same = x[k] === at[k];
    if (same) return;
    const { logPower, logLatency } = views;
    for (let k = 0; k < n; k++) at[k] = logPower[k] = x[k]!;
    logEnergy = workspace.logLatencies(logEnergyUnit);
    for (let k = 0; k < n; k++) {
      if (offset === 0) height[k] = logLatency[k]! - logUnit;
      else {
        const latency = exp(logLatency[k]!);
        theta[k] = latency / (offset + latency);
        height[k] = log(offset + latency) - logUnit;
      }
    }
  };
  /** The energy's part of the weighted objective, and the objective. */
  const split = (v: number): { energy: number; value: number } => {
    if (!weighted) return { energy: 0, value: v };
    const energy = objective.energyWeight * exp(logEnergy);
    const total = energy + objective.latencyWeight * exp(v);
    return { energy: energy / total, value: log(total) };
  };

  const start = new Float64Array(size);
  const lower = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  const upper = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < n; k++) {
    start[k] = log(startPower[k]!);
    lower[k] = Math.min(lowestLogPower, start[k]!);
    upper[k] = 0;
  }
  moveTo(start);
  start[n] = energyRow ? logEnergy : Number.NEGATIVE_INFINITY;
  for (let k = 0; k < n; k++) start[n] = Math.max(start[n]!, height[k]!);

  const solution = minimize({
    start,
    lower,
    upper,
    tolerance: 1e-9,
    maxIterations: 100,
    objective(x) {
      moveTo(x);
      return split(x[n]!).value;
    },
    gradient(x, out) {
      moveTo(x);
      const { energySlope } = views;
      const { energy } = split(x[n]!);
      for (let j = 0; j < n; j++) out[j] = energy * energySlope[j]!;
      out[n] = 1 - energy;
    },
    inequality: {
      count: energyRow ? size : n,
      values(x, out) {
        moveTo(x);
        for (let k = 0; k < n; k++) out[k] = x[n]! - height[k]!;
        if (energyRow) out[n] = x[n]! - logEnergy;
      },
      jacobian(x, out) {
        moveTo(x);
        const { first: a, shares: w, energySlope } = views;
        for (let k = 0; k < n; k++) {
          const factor = theta[k]! * a[k]!;
          const row = k * size;
          for (let j = 0; j < n; j++) out[row + j] = -factor * w[k * stride + j]!;
          out[row + k] = out[row + k]! + factor;
          out[row + n] = 1;
        }
        if (!energyRow) return;
        for (let j = 0; j < n; j++) out[n * size + j] = -energySlope[j]!;
        out[n * size + n] = 1;
      },
    },
    hessian(x, { inequality }, out) {
      moveTo(x);
      const { first: a, second: b, energyShare, energySlope, weights } = views;
      // ∇² ln ΣE = Σ share_k (∇² ln ℓ_k + ∇e_k ∇e_k') − slope slope', e_k = y_k + ln ℓ_k; the weighted objective has
      // φ ∇² ln ΣE + φ (1 − φ) (slope, −1)(slope, −1)', φ the energy's part of it.
      const { energy } = split(x[n]!);
      const onEnergy = energy + (energyRow ? inequality[n]! : 0);
      const mixed = weighted ? energy * (1 - energy) : 0;
      for (let k = 0; k < n; k++) {
        const slope = a[k]!;
        const weight = onEnergy * energyShare[k]!;
        const late = inequality[k]! * theta[k]!;
        const onGradient = (weight + late) * b[k]! + late * (1 - theta[k]!) * slope * slope; // of ∇s ∇s'
        const onCurvature = (weight + late) * slope; // of diag(w) − w w'
        weights[k] = onGradient - onCurvature + weight * slope * slope;
        weights[stride + k] = -onGradient + weight * slope * (1 - slope);
        weights[2 * stride + k] = onGradient + weight * (1 - slope) * (1 - slope);
        weights[3 * stride + k] = onCurvature;
      }
      workspace.combineHessian(onEnergy - mixed, out, size);
      for (let j = 0; j < n; j++) out[n * size + j] = out[j * size + n] = -mixed * energySlope[j]!;
      // Where v enters almost linearly, a trace of curvature makes the subproblem strictly convex.
      out[n * size + n] = Math.max(1e-6, mixed);
    },
  });
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
