import { exp, log, log1p } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { allocation } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { bracket, equalize, fullWithin, room } from "./minMax.js";

/**
 * Where nobody's energy falls with anybody's power, as without circuit power (∂ ln E_k / ∂ ln p_k = 1 − a_k (1 − w_kk) ≥ 0,
 * and interference only lengthens uploads), the best powers for a latency T are the least that keep it: all clients
 * finish together at T = 1/η, but for those held at the least power allowed, who are done before. So one number is left,
 * η, and what a method makes small is a function of it whose derivatives the least powers' linear system gives.
 */
export interface Together {
  /** p [n] of the workspace's clients */
  power: Float64Array;
  iterations: number;
  /** Are all latencies 1/η, or less where a power is held, and η the goal's or the powers' limit? */
  settled: boolean;
}

/** A round at η, energies over P_u: E = F + Σ p_k ℓ_k and its derivatives in η. */
export interface RoundAt {
  eta: number;
  energy: number;
  slope: number;
  curvature: number;
}

/** Which way a goal wants η to go, and to where. */
export interface Wish {
  /** Above 0: faster is better; 0: here it is best, within rounding */
  direction: number;
  /** A guess of the best η; NaN if there is none */
  next: number;
}

/**
 * The best powers for a goal over η. The lower bound of the powers is looked at where somebody comes to be below it, as a
 * rule nobody.
 * @param fixed F / P_u, s
 * @param order derivatives of the energy that the goal looks at
 * @param start an η to begin with, instead of the one that full power keeps
 */
export function finishTogether(
  workspace: PowerWorkspace,
  fixed: number,
  order: 1 | 2,
  goal: (round: RoundAt) => Wish,
  start?: number,
): Together {
  const views = workspace.views();
  views.power.fill(1);
  const first = start ?? bracket(views, workspace.clients, workspace.stride).low;
  const free = search(workspace, fixed, order, goal, first);
  if (smallest(free.power) >= leastPower) return free;
  const floor = floorOf(workspace, free.eta);
  views.power.set(floor.power);
  const found = search(workspace, fixed, order, goal, Math.max(free.eta, floor.eta), floor);
  return { ...found, iterations: free.iterations + floor.iterations + found.iterations };
}

/** A loop, because millions of drops are priced: what a callback is given is put on the heap. */
function smallest(power: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < power.length; k++) least = Math.min(least, power[k]!);
  return least;
}

/**
 * The η that a goal wants, at most the largest that powers ≤ 1 reach. The bracket shrinks by the goal's sign, and by
 * what the powers can; guesses outside it give way to its geometric mean.
 */
function search(
  workspace: PowerWorkspace,
  fixed: number,
  order: 1 | 2,
  goal: (round: RoundAt) => Wish,
  start: number,
  floor?: Floor,
): Together & { eta: number } {
  const n = workspace.clients;
  const views = workspace.views();
  const best = floor === undefined ? new Float64Array(n).fill(1) : floor.power.slice();
  let eta = start;
  let low = floor?.eta ?? 0;
  let high = Number.POSITIVE_INFINITY;
  let iterations = 0;
  let ended = false;
  while (iterations < 300) {
    iterations++;
    let next = Number.NaN;
    if (!settle(workspace, eta, order, floor)) high = Math.min(high, eta);
    else {
      const { largest, next: cap } = room(views, n, eta);
      const wish = goal(roundAt(views, n, fixed, eta));
      const full = Math.abs(1 - largest) <= fullWithin(n);
      ended = wish.direction === 0 ? largest <= 1 || full : full && wish.direction > 0;
      if (ended || (largest <= 1 && wish.direction > 0)) {
        low = eta;
        best.set(views.power);
      } else high = Math.min(high, eta);
      next = Math.min(cap, wish.next);
    }
    if (ended || low >= high * (1 - 2.3e-16)) break;
    if (!(next > low && next < high))
      next = high === Number.POSITIVE_INFINITY ? 4 * eta : low > 0 ? Math.sqrt(low * high) : 0.25 * eta;
    if (!(next > low && next < high)) break;
    eta = next;
  }
  const settled = keeps(workspace, best, low, floor) && (ended || low >= high * (1 - 1e-12));
  for (let k = 0; k < n; k++) best[k] = Math.min(1, best[k]!);
  return { power: best, iterations, settled, eta: low };
}

/** Do these powers take no longer than 1/η, and no less but for those at the floor? */
function keeps(workspace: PowerWorkspace, power: Float64Array, eta: number, floor: Floor | undefined): boolean {
  const { couplings, signal, noise, demand } = workspace.views();
  for (let k = 0; k < power.length; k++) {
    const p = power[k]!;
    if (!(p > 0 && p <= 1 + 1e-13)) return false;
    let d = noise[k]!;
    for (let j = 0; j < power.length; j++) d += couplings[k * workspace.stride + j]! * power[j]!;
    const excess = log1p((signal[k]! * p) / d) / (demand[k]! * eta) - 1;
    if (!(excess >= -1e-10 && (excess <= 1e-10 || p === floor?.power[k]))) return false;
  }
  return true;
}

/** The record of what `finishTogether` has found. */
export function togetherAllocation(problem: UploadProblem, active: readonly number[], found: Together): Allocation {
  const { clients } = problem.rates;
  const power = active.length === clients ? found.power : new Float64Array(clients);
  if (power !== found.power)
    active.forEach((k, i) => {
      power[k] = found.power[i]!;
    });
  return allocation(problem, power, { status: "converged", iterations: found.iterations });
}

const leastPower = exp(lowestLogPower);

/** The least powers allowed. */
interface Floor {
  power: Float64Array;
  /** The largest η that all keep at these powers */
  eta: number;
  iterations: number;
}

/** e^−16, or what the min–max powers are where they are lower. */
function floorOf(workspace: PowerWorkspace, start: number): Floor {
  const { power: fastest, iterations } = equalize(workspace, 0.999 * start);
  const power = fastest.map((p) => Math.min(p, leastPower));
  const { couplings, signal, noise, demand } = workspace.views();
  let eta = Number.POSITIVE_INFINITY;
  for (let k = 0; k < power.length; k++) {
    let d = noise[k]!;
    for (let j = 0; j < power.length; j++) d += couplings[k * workspace.stride + j]! * power[j]!;
    eta = Math.min(eta, log1p((signal[k]! * power[k]!) / d) / demand[k]!);
  }
  return { power, eta, iterations };
}

/**
 * The least powers at or above the floor that keep η, by Howard's policy iteration: those below it are held there, and
 * let go where that is too little for them. It ends, because the powers only grow from the second time on.
 */
function settle(workspace: PowerWorkspace, eta: number, order: 1 | 2, floor: Floor | undefined): boolean {
  if (floor === undefined) return workspace.minimalPowers(eta, order);
  const n = workspace.clients;
  const { held, power, received, noise, signal, demand } = workspace.views();
  for (let changes = 0; changes < 2 * n + 2; changes++) {
    if (!workspace.minimalPowers(eta, 0)) return false;
    let changed = false;
    for (let k = 0; k < n; k++) {
      const least = floor.power[k]!;
      if (held[k] === 0) {
        // Within rounding either will do.
        if (power[k]! >= least * (1 - 1e-13)) continue;
        held[k] = least;
        changed = true;
      } else if (log1p((signal[k]! * least) / (received[k]! + noise[k]!)) < eta * demand[k]! * (1 - 1e-13)) {
        held[k] = 0;
        changed = true;
      }
    }
    if (!changed) break;
  }
  return workspace.minimalPowers(eta, order);
}

function roundAt(views: PowerViews, n: number, fixed: number, eta: number): RoundAt {
  const { power, growth, bend, held, received, receivedGrowth, noise, signal, demand } = views;
  const latency = 1 / eta;
  let energy = fixed;
  let slope = 0;
  let curvature = 0;
  for (let k = 0; k < n; k++) {
    const p = power[k]!;
    if (held[k] === 0) {
      energy += p * latency;
      const rise = (growth[k]! - p * latency) * latency;
      slope += rise;
      curvature += (bend[k]! - 2 * rise) * latency;
      continue;
    }
    // Held: ℓ = c / ln(1 + A p / D) grows with what the others send, ∂ ln ℓ = a ∂D / D.
    const d = received[k]! + noise[k]!;
    const ratio = (signal[k]! * p) / d;
    const nats = log1p(ratio);
    const own = (p * demand[k]!) / nats;
    energy += own;
    slope += (own * (ratio / (1 + ratio)) * receivedGrowth[k]!) / (nats * d);
  }
  return { eta, energy, slope, curvature };
}

/**
 * min of the larger of E / E_budget and (ℓ_c + 1/η) / ℓ_budget: where they are equal. E − F is fitted by C / (h − η),
 * which is what an upload's energy is where noise (C/h) or interference (h) dominates.
 * @param energyBudget over P_u, s
 */
export function balance(fixed: number, energyBudget: number, computeLatency: number, latencyBudget: number) {
  const ratio = energyBudget / latencyBudget;
  return ({ eta, energy, slope }: RoundAt): Wish => {
    const excess = log((ratio * (computeLatency + 1 / eta)) / energy);
    const direction = Math.abs(excess) <= 1e-14 ? 0 : excess;
    const uploads = energy - fixed;
    if (!(slope > 0)) return { direction, next: direction > 0 ? 2 * eta : 0.5 * eta };
    const gap = uploads / slope;
    const h = eta + gap;
    const c = uploads * gap;
    // F + C/(h − η) = ratio (ℓ_c + 1/η), times η (h − η): the one root in (0, h)
    const a = ratio * computeLatency - fixed;
    const b = fixed * h + c - ratio * computeLatency * h + ratio;
    const next = (2 * ratio * h) / (b + Math.sqrt(b * b + 4 * a * ratio * h));
    return { direction, next };
  };
}

/**
 * min of energyWeight · E + latencyWeight / η, the weights per E's unit and second. E′ is fitted by C / (h − η)².
 */
export function weighted(energyWeight: number, latencyWeight: number) {
  const root = Math.sqrt(latencyWeight);
  return ({ eta, slope, curvature }: RoundAt): Wish => {
    const pull = energyWeight * slope;
    const push = latencyWeight / (eta * eta);
    const direction = Math.abs(push - pull) <= 1e-12 * push ? 0 : push - pull;
    if (!(slope > 0)) return { direction, next: 2 * eta };
    const gap = (2 * slope) / curvature;
    if (!(gap > 0)) return { direction, next: Number.NaN };
    const steep = gap * Math.sqrt(energyWeight * slope); // √C
    return { direction, next: ((eta + gap) * root) / (root + steep) };
  };
}
