import { exp, expm1, log, log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { minimize } from "../optimize/index.js";
import { allocation, nameClients } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

/**
 * Max sum rate: Σ_k R_k, whatever anyone has to send. It is not convex; the answer is a local maximum, from full power.
 * Without a minimum rate by WMMSE, which may switch clients off: that is "infeasible" for an upload, with their names.
 * With one (bit/s, for every client with bits) by SQP over ln p, from powers that give it to all.
 */
export function sumRate({ minimumRate }: { minimumRate: number }): PowerMethod {
  return {
    name: "sum-rate",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) =>
        minimumRate === 0
          ? weightedMmse(problem, active, workspace)
          : withMinimumRate(problem, active, workspace, minimumRate),
      );
    },
  };
}

/** Below this power, and falling, a client counts as switched off. */
const off = 1e-6;

/**
 * WMMSE block coordinate descent (Demir, Björnson, Sanguinetti, Algorithm 7.2), v_k = √p_k:
 *
 *   u_k = √A_k v_k / (A_k v_k² + D_k),  ω_k = 1 / (1 − u_k √A_k v_k),
 *   v_k = min(1, ω_k u_k √A_k / Σ_i ω_i u_i² ∂(A_i p_i + D_i)/∂p_k)
 */
function weightedMmse(problem: UploadProblem, active: readonly number[], workspace: PowerWorkspace): Allocation {
  const n = active.length;
  const { stride } = workspace;
  const { couplings, signal, noise } = workspace.views();
  const amplitude = new Float64Array(n).fill(1);
  const filter = new Float64Array(n); // ω_k u_k √A_k
  const price = new Float64Array(n); // ω_k u_k²
  let sum = 0;
  let iterations = 0;
  let settled = false;
  while (iterations < 20000 && !settled) {
    iterations++;
    let total = 0;
    for (let k = 0; k < n; k++) {
      let d = noise[k]!;
      for (let j = 0; j < n; j++) d += couplings[k * stride + j]! * amplitude[j]! * amplitude[j]!;
      const gain = signal[k]! * amplitude[k]! * amplitude[k]!;
      total += log1p(gain / d);
      const u = (Math.sqrt(signal[k]!) * amplitude[k]!) / (gain + d);
      const weight = 1 + gain / d;
      filter[k] = weight * u * Math.sqrt(signal[k]!);
      price[k] = weight * u * u;
    }
    let moved = 0;
    for (let k = 0; k < n; k++) {
      if (amplitude[k] === 0) continue;
      let cost = price[k]! * signal[k]!;
      for (let i = 0; i < n; i++) cost += price[i]! * couplings[i * stride + k]!;
      let next = Math.min(1, filter[k]! / cost);
      // It approaches 0 geometrically and would never get there.
      if (next < amplitude[k]! && next * next < off) next = 0;
      moved = Math.max(moved, Math.abs(next - amplitude[k]!) / Math.max(amplitude[k]!, next));
      amplitude[k] = next;
    }
    settled = moved < 1e-9 && Math.abs(total - sum) <= 1e-12 * total;
    sum = total;
  }
  const power = new Float64Array(problem.rates.clients);
  active.forEach((k, i) => {
    power[k] = amplitude[i]! * amplitude[i]!;
  });
  const silent = active.filter((_, i) => amplitude[i] === 0);
  if (silent.length > 0) {
    return allocation(problem, power, {
      status: "infeasible",
      iterations,
      reason: `the sum rate is largest with ${nameClients(silent)} switched off, who would never finish`,
    });
  }
  return allocation(
    problem,
    power,
    settled
      ? { status: "converged", iterations }
      : { status: "iteration-limit", iterations, reason: `WMMSE has not settled after ${iterations} iterations` },
  );
}

/**
 * max Σ ln(1 + SINR_k) over y = ln p with ln SINR_k ≥ ln g, g = 2^{rate/W} − 1. ln SINR_k is concave in y; ln(1 + e^s)
 * convex in it: the subproblems keep the concave part of the objective's curvature, as the successive concave bounds of
 * Papandriopoulos and Evans (IEEE Trans. Inf. Theory 55, 2009) do.
 */
function withMinimumRate(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  minimumRate: number,
): Allocation {
  const n = active.length;
  const { stride } = workspace;
  // Taken anew in every call from the minimizer, which makes room for itself and may empty older views.
  let views = workspace.views();
  const logLeast = log(expm1((minimumRate * Math.LN2) / problem.rates.bandwidth));
  const spread = (values: ArrayLike<number>): Float64Array => {
    const power = new Float64Array(problem.rates.clients);
    active.forEach((k, i) => {
      power[k] = values[i]!;
    });
    return power;
  };
  views.demand.fill((minimumRate * Math.LN2) / problem.rates.bandwidth);
  const reachable = workspace.minimalPowers(1);
  const over = active.filter((_, i) => reachable && !(views.power[i]! <= 1 + 1e-12));
  if (!reachable || over.length > 0) {
    // Where interference alone forbids it, the bottleneck is who is at full power in the best that all can have.
    const stuck = reachable ? over : bottleneck(workspace, active);
    const who = `${nameClients(stuck)} would need more than full power`;
    return allocation(problem, new Float64Array(problem.rates.clients).fill(0), {
      status: "infeasible",
      iterations: 0,
      reason: `no powers give everyone ${minimumRate} bit/s: ${who}`,
    });
  }
  const start = Float64Array.from(views.power, (p) => log(Math.min(1, p)));
  const lower = Float64Array.from(start, (y) => Math.min(lowestLogPower, y));
  const ratio = new Float64Array(n); // ln SINR
  views.demand.fill(1);
  const at = new Float64Array(n).fill(Number.NaN);
  const moveTo = (y: Float64Array): void => {
    views = workspace.views();
    let same = true;
    for (let k = 0; k < n && same; k++) same = y[k] === at[k];
    if (same) return;
    for (let k = 0; k < n; k++) at[k] = views.logPower[k] = y[k]!;
    workspace.logLatencies(0);
    for (let k = 0; k < n; k++) ratio[k] = log(expm1(exp(-views.logLatency[k]!)));
  };
  /** SINR / (1 + SINR) */
  const share = (k: number): number => -expm1(-exp(-views.logLatency[k]!));
  const solution = minimize({
    start,
    lower,
    upper: new Float64Array(n).fill(0),
    tolerance: 1e-8,
    maxIterations: 2000,
    objective(y) {
      moveTo(y);
      let sum = 0;
      for (let k = 0; k < n; k++) sum -= exp(-views.logLatency[k]!);
      return sum;
    },
    gradient(y, out) {
      moveTo(y);
      out.fill(0);
      for (let k = 0; k < n; k++) {
        const weight = share(k);
        out[k] = out[k]! - weight;
        for (let j = 0; j < n; j++) out[j] = out[j]! + weight * views.shares[k * stride + j]!;
      }
    },
    inequality: {
      count: n,
      values(y, out) {
        moveTo(y);
        for (let k = 0; k < n; k++) out[k] = ratio[k]! - logLeast;
      },
      jacobian(y, out) {
        moveTo(y);
        for (let k = 0; k < n; k++) {
          for (let j = 0; j < n; j++) out[k * n + j] = -views.shares[k * stride + j]!;
          out[k * n + k] = out[k * n + k]! + 1;
        }
      },
    },
    hessian(y, { inequality }, out) {
      moveTo(y);
      views.weights.fill(0);
      for (let k = 0; k < n; k++) {
        const weight = share(k) + inequality[k]!;
        views.weights[k] = -weight;
        views.weights[3 * stride + k] = weight;
      }
      workspace.combineHessian(0, out, n);
      for (let k = 0; k < n; k++) out[k * n + k] = out[k * n + k]! + 1e-6;
    },
  });
  const { status, iterations, reason } = solution;
  return allocation(problem, spread(Float64Array.from(solution.x, exp)), {
    status,
    iterations,
    ...(reason === undefined ? {} : { reason }),
  });
}

function bottleneck(workspace: PowerWorkspace, active: readonly number[]): number[] {
  workspace.views().demand.fill(1);
  const { power } = equalize(workspace);
  return active.filter((_, i) => power[i] === 1);
}
