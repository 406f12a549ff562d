import { exp, log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { PowerMethod } from "../config/records.js";
import { allocation, priceUpload } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { alphaSetting, type Method } from "./method.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

export const coordinateMethod: Method = {
  name: "coordinate",
  title: "coordinate descent",
  settings: { alpha: alphaSetting },
  create: ({ alpha }) => coordinate({ alpha: alpha as number }),
};

/**
 * Coordinate descent on the sums, min_p α Σ_k E_k / E_0 + (1 − α) Σ_k ℓ_k / L_0, client after client (Mahmoudi, Zaher,
 * Björnson, WCNC 2024, whose θ₁ ΣE + θ₂ Σℓ it is with θ₁ = α / E_0, θ₂ = (1 − α) / L_0; E_0 and L_0 are the sums at
 * the min–max powers, where it starts, so that units do not matter).
 *
 * Over y = ln p the objective is smooth and convex and the bounds are separable, so that coordinate descent reaches the
 * global optimum (Tseng, JOTA 109, 2001). Each coordinate is minimized by safeguarded Newton steps.
 */
export function coordinate({ alpha }: { alpha: number }): PowerMethod {
  return {
    name: "coordinate",
    minimizes: "round energy incl. circuit power, and the sum of latencies",
    allocate(problem, previous) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const power = new Float64Array(problem.rates.clients);
        const reference = equalize(workspace).power;
        active.forEach((k, i) => {
          power[k] = reference[i]!;
        });
        const price = priceUpload(problem, power);
        let energy = problem.fixedEnergy ?? 0;
        let latency = 0;
        for (const k of active) {
          energy += price.energy[k]!;
          latency += price.latency[k]!;
        }
        const start =
          previous !== undefined && active.every((k) => previous[k]! > 0 && previous[k]! <= 1)
            ? Float64Array.from(active, (k) => previous[k]!)
            : reference;
        // The workspace's demand is in seconds: Σ (α P_u (p_k + P_c/P_u) / E_0 + (1 − α) / L_0) c_k / ln(1 + SINR_k).
        const { transmitPower } = problem.rates;
        const result = descend(workspace, start, {
          energy: (alpha * transmitPower) / energy,
          latency: (1 - alpha) / latency,
          circuit: (problem.circuitPower ?? 0) / transmitPower,
        });
        active.forEach((k, i) => {
          power[k] = result.power[i]!;
        });
        return allocation(
          problem,
          power,
          result.settled
            ? { status: "converged", iterations: result.sweeps }
            : { status: "iteration-limit", iterations: result.sweeps, reason: "the sweeps have not settled" },
        );
      });
    },
  };
}

function descend(
  workspace: PowerWorkspace,
  start: Float64Array,
  price: { energy: number; latency: number; circuit: number },
): { power: Float64Array; sweeps: number; settled: boolean } {
  const n = workspace.clients;
  const { stride } = workspace;
  const { couplings, signal, noise, demand } = workspace.views();
  const least = exp(lowestLogPower);
  const p = Float64Array.from(start, (value) => Math.max(value, least));
  const d = new Float64Array(n);
  /** Derivatives in y_k of the objective when p_k = q and everything else stays. */
  const slopes = (k: number, q: number): { first: number; second: number } => {
    let first = 0;
    let second = 0;
    for (let i = 0; i < n; i++) {
      const coupled = couplings[i * stride + k]! * q;
      const total = d[i]! + couplings[i * stride + k]! * (q - p[k]!);
      const own = i === k ? q : p[i]!;
      const w = coupled / total;
      if (i !== k && w === 0) continue;
      const ratio = (signal[i]! * own) / total;
      const l = log1p(ratio);
      const sigma = ratio / (1 + ratio);
      const a = sigma / l;
      const s = (i === k ? 1 : 0) - w; // ds_i/dy_k
      const b = a * Math.max(0, a + sigma - 1);
      // ln ℓ_i: first −a s, second b s² + a w (1 − w)
      const g = -a * s;
      const h = b * s * s + a * w * (1 - w);
      const latency = demand[i]! / l;
      const latencyTerm = price.latency * latency;
      const energyTerm = price.energy * (own + price.circuit) * latency;
      // ln(p_i + P_c/P_u): first r, second r (1 − r), r = p_i / (p_i + P_c/P_u)
      const sent = i === k ? own / (own + price.circuit) : 0;
      const e = g + sent;
      first += latencyTerm * g + energyTerm * e;
      second += latencyTerm * (h + g * g) + energyTerm * (h + e * e + sent * (1 - sent));
    }
    return { first, second };
  };
  const maxSweeps = 2000;
  for (let sweep = 1; sweep <= maxSweeps; sweep++) {
    for (let i = 0; i < n; i++) {
      let sum = noise[i]!;
      for (let j = 0; j < n; j++) sum += couplings[i * stride + j]! * p[j]!;
      d[i] = sum;
    }
    let moved = 0;
    for (let k = 0; k < n; k++) {
      const q = minimizer(k);
      moved = Math.max(moved, Math.abs(q - p[k]!) / Math.max(q, p[k]!));
      const change = q - p[k]!;
      for (let i = 0; i < n; i++) d[i] = d[i]! + couplings[i * stride + k]! * change;
      p[k] = q;
    }
    if (moved <= 1e-9) return { power: p, sweeps: sweep, settled: true };
  }
  return { power: p, sweeps: maxSweeps, settled: false };

  /** The best p_k, others fixed: Newton in y inside a bracket of the derivative's sign. */
  function minimizer(k: number): number {
    let low = least;
    let high = 1;
    let q = p[k]!;
    for (let step = 0; step < 60; step++) {
      const { first, second } = slopes(k, q);
      if (first > 0) high = q;
      else low = q;
      const newton = q * exp(Math.max(-4, Math.min(4, -first / second)));
      const next = newton > low && newton < high ? newton : newton >= high ? high : low;
      if (Math.abs(next - q) <= 1e-12 * q || high - low <= 1e-14 * high) return next;
      // A bound of the bracket that is not a bound of the power has been looked at already.
      q = (next === high && high < 1) || (next === low && low > least) ? Math.sqrt(low * high) : next;
    }
    return q;
  }
}
