import { log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { allocation, nameClients } from "./cost.js";
import type { Method } from "./method.js";
import { withMinimumRate } from "./minimumRate.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

export const sumRateMethod: Method = {
  name: "sum-rate",
  title: "sum rate (WMMSE)",
  settings: {
    minimumRate: { default: 0, minimum: 0, unit: "bit/s", summary: "what every client with bits gets at least" },
  },
  create: ({ minimumRate }) => sumRate({ minimumRate: minimumRate as number }),
};

/**
 * Max sum rate: Σ_k R_k, whatever anyone has to send. It is not convex; the answer is a local maximum, from full power.
 * Without a minimum rate by WMMSE, which may switch clients off: that is "infeasible" for an upload, with their names.
 * With one (bit/s, for every client with bits) by SQP over ln p, from powers that give it to all.
 */
export function sumRate({ minimumRate }: { minimumRate: number }): PowerMethod {
  return {
    name: "sum-rate",
    minimizes: "no energy: the sum of rates is made large",
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
  const { signal, noise, power: current, received, right: price, unknown: cost } = workspace.views();
  const amplitude = new Float64Array(n).fill(1);
  const filter = new Float64Array(n); // ω_k u_k √A_k
  let sum = 0;
  let iterations = 0;
  let settled = false;
  while (iterations < 20000 && !settled) {
    iterations++;
    let total = 0;
    for (let k = 0; k < n; k++) current[k] = amplitude[k]! * amplitude[k]!;
    workspace.receive();
    for (let k = 0; k < n; k++) {
      const d = received[k]! + noise[k]!;
      const gain = signal[k]! * amplitude[k]! * amplitude[k]!;
      total += log1p(gain / d);
      const u = (Math.sqrt(signal[k]!) * amplitude[k]!) / (gain + d);
      const weight = 1 + gain / d;
      filter[k] = weight * u * Math.sqrt(signal[k]!);
      price[k] = weight * u * u; // ω_k u_k²
    }
    workspace.charge();
    let moved = 0;
    for (let k = 0; k < n; k++) {
      if (amplitude[k] === 0) continue;
      let next = Math.min(1, filter[k]! / (price[k]! * signal[k]! + cost[k]!));
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
