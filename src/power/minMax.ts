import { log1p } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { PowerMethod } from "../config/records.js";
import { allocation } from "./cost.js";
import type { Method } from "./method.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

export const minMaxMethod: Method = {
  name: "min-max",
  title: "min–max latency",
  settings: {},
  create: minMax,
};

/**
 * Min–max latency, exact: the largest η with ln(1 + SINR_k(p)) ≥ η c_k for all k, c_k = S_k ln 2 / W, at powers ≤ 1.
 * The least powers that reach an η solve a linear system (the kernel `minimalPowers`), whose solvability tells whether
 * η can be reached at all; the largest of them grows with η, so the answer is where it is 1.
 */
export function minMax(): PowerMethod {
  return {
    name: "min-max",
    minimizes: "latency only",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const { power: found, iterations } = equalize(workspace);
        const power = new Float64Array(problem.rates.clients);
        active.forEach((k, i) => {
          power[k] = found[i]!;
        });
        return allocation(problem, power, { status: "converged", iterations });
      });
    },
  };
}

/**
 * The largest η with ln(1 + SINR_k(p)) ≥ η c_k for all clients of the workspace (c its `demand`) at powers ≤ 1, and the
 * powers there: all inequalities hold with equality and the largest power is 1.
 *
 * Bisection in ln η, hastened: where `room` sees a power pass 1 is the next η, as long as that lies in the bracket.
 * @param start an η that powers ≤ 1 reach, those in the workspace near it
 */
export function equalize(
  workspace: PowerWorkspace,
  start?: number,
): { eta: number; power: Float64Array; iterations: number } {
  const n = workspace.clients;
  const views = workspace.views();
  let { low, high } = bracket(views, n, workspace.stride);
  if (start !== undefined && start > low && start < high) low = start;
  else views.power.fill(1);
  const best = new Float64Array(n).fill(1);
  let bestEta = low;
  let eta = low;
  let iterations = 0;
  while (iterations < 200) {
    iterations++;
    let next = Number.NaN;
    if (!workspace.minimalPowers(eta, 1)) high = Math.min(high, eta);
    else {
      const { largest, next: cap } = room(views, n, eta);
      next = cap;
      if (largest <= 1) {
        low = eta;
        bestEta = eta;
        for (let k = 0; k < n; k++) best[k] = views.power[k]!;
      } else high = Math.min(high, eta);
      // Filling up (or shaving off) the last digits, below, moves no rate by more than they.
      if (Math.abs(1 - largest) <= fullWithin(n)) {
        bestEta = eta;
        for (let k = 0; k < n; k++) best[k] = views.power[k]!;
        break;
      }
    }
    if (high - low <= 2.3e-16 * high) break;
    eta = next > low && next < high ? next : Math.sqrt(low * high);
    if (!(eta > low && eta < high)) break;
  }
  let largest = 0;
  for (let k = 0; k < n; k++) largest = Math.max(largest, best[k]!);
  for (let k = 0; k < n; k++) best[k] = Math.min(1, best[k]! / largest);
  return { eta: bestEta, power: best, iterations };
}

/** What a power of 1 may lack: the rounding of n terms. */
export const fullWithin = (n: number): number => Math.max(3e-14, 1e-15 * n);

/**
 * The largest power, and the η at which one would first pass 1: p_k(η) behaves like C η / (h − η), linear while noise
 * dominates and with a pole where interference does; fitted to value and slope.
 */
export function room({ power, growth }: PowerViews, n: number, eta: number): { largest: number; next: number } {
  let largest = 0;
  let next = Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) {
    const p = power[k]!;
    largest = Math.max(largest, p);
    const gap = 1 / (growth[k]! / p - 1 / eta); // h − η; infinite where p is linear
    next = Math.min(next, gap > 0 && gap < 1e300 ? (eta + gap) / (1 + (p * gap) / eta) : eta / p);
  }
  return { largest, next };
}

/** At full power everyone reaches `low`; alone in the air, at full power, somebody cannot pass `high`. */
export function bracket({ couplings, signal, noise, demand }: PowerViews, n: number, stride: number) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) {
    let d = noise[k]!;
    for (let j = 0; j < n; j++) d += couplings[k * stride + j]!;
    low = Math.min(low, log1p(signal[k]! / d) / demand[k]!);
    high = Math.min(high, log1p(signal[k]! / (couplings[k * stride + k]! + noise[k]!)) / demand[k]!);
  }
  return { low, high };
}
