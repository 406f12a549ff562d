import { exp, log, log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { PowerMethod, RateModel, Status } from "../config/records.js";
import { minimize } from "../optimize/index.js";
import { allocation, sinr } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { equalize } from "./minMax.js";
import { senders, trivialAllocation } from "./problem.js";
import { withWorkspace } from "./workspace.js";

/**
 * Max–min energy efficiency, max_p min_k log2(1 + SINR_k) / (P_u p_k + 1), by the generalized Dinkelbach algorithm
 * (Crouzeix, Ferland, Schaible, JOTA 1985): with
 *
 *   F(λ) = max_p min_k [log2(1 + SINR_k(p)) − λ (P_u p_k + 1)]  attained at p_λ,
 *
 * λ ← min_k log2(1 + SINR_k(p_λ)) / (P_u p_λk + 1) until F at the old λ is 0, which only the best ratio gives.
 * λ starts at the ratio of max–min fairness.
 */
export function dinkelbach(): PowerMethod {
  return dinkelbachMethod("dinkelbach", false);
}

/**
 * The variant in the public code of arXiv 2412.10878: F is evaluated at the new λ, where it is 0 by definition, so that
 * the iteration always ends after its first step, from the ratio of full power.
 */
export function dinkelbachOneStep(): PowerMethod {
  return dinkelbachMethod("dinkelbach-one-step", true);
}

function dinkelbachMethod(name: string, oneStep: boolean): PowerMethod {
  return {
    name,
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      return withWorkspace(problem, active, (workspace) => {
        const { rates } = problem;
        const power = new Float64Array(rates.clients);
        workspace.views().demand.fill(1);
        const fair = equalize(workspace).power;
        active.forEach((k, i) => {
          power[k] = oneStep ? 1 : fair[i]!;
        });
        let lambda = efficiency(rates, active, power);
        let y: Float64Array = Float64Array.from(fair, log);
        let status: Status = oneStep ? "converged" : "iteration-limit";
        let reason: string | undefined;
        let iterations = 0;
        while (iterations < (oneStep ? 1 : 50)) {
          iterations++;
          const inner = parametric(workspace, lambda, rates.transmitPower, y);
          y = inner.y;
          active.forEach((k, i) => {
            power[k] = exp(y[i]!);
          });
          if (inner.status !== "converged") {
            status = inner.status;
            reason = `the parametric problem: ${inner.reason}`;
            break;
          }
          const next = efficiency(rates, active, power);
          // F(λ) = max min (N − λD) is at most D_max (next − λ): no more to gain than rounding.
          if (!(next > lambda * (1 + 1e-12))) {
            status = "converged";
            break;
          }
          lambda = next;
        }
        return allocation(problem, power, { status, iterations, ...(reason === undefined ? {} : { reason }) });
      });
    },
  };
}

/** min_k log2(1 + SINR_k) / (P_u p_k + 1) over the active clients. */
function efficiency(rates: RateModel, active: readonly number[], power: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const k of active) {
    least = Math.min(least, (Math.LOG2E * log1p(sinr(rates, power, k))) / (rates.transmitPower * power[k]! + 1));
  }
  return least;
}

/**
 * max_p min_k [log2(1 + SINR_k) − λ (P_u p_k + 1)]. With the maximum written t = e^{−v}/ln 2 − λ this asks for
 *
 *   −ln ln(1 + SINR_k) + ln(e^{−v} + λ P_u ln 2 · e^{y_k}) ≤ 0,  least v,
 *
 * which is convex in (y, v): the first term is ln ℓ_k up to a constant, the second a logarithm of a sum of exponentials.
 */
function parametric(
  workspace: PowerWorkspace,
  lambda: number,
  transmitPower: number,
  startY: Float64Array,
): { y: Float64Array; status: Status; reason: string | undefined } {
  const n = workspace.clients;
  const size = n + 1;
  const { stride } = workspace;
  // Taken anew in every call from the minimizer, which makes room for itself and may empty older views.
  let views = workspace.views();
  const price = log(lambda * transmitPower * Math.LN2); // −∞ where λ is 0: the rates alone
  const at = new Float64Array(n).fill(Number.NaN);
  const moveTo = (x: Float64Array): void => {
    views = workspace.views();
    let same = true;
    for (let k = 0; k < n && same; k++) same = x[k] === at[k];
    if (same) return;
    for (let k = 0; k < n; k++) at[k] = views.logPower[k] = x[k]!;
    workspace.logLatencies(0);
  };
  /** ln(e^{−v} + e^{price + y}) and the first term's part of it. */
  const soft = (v: number, y: number): { value: number; part: number } => {
    const top = Math.max(-v, price + y);
    const first = exp(-v - top);
    const sum = first + exp(price + y - top);
    return { value: top + log(sum), part: first / sum };
  };
  const start = new Float64Array(size);
  start.set(startY);
  moveTo(start);
  // The largest t the start allows: e^{−v} = min_k (ln(1 + SINR_k) − λ P_u ln 2 p_k).
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) least = Math.min(least, exp(-views.logLatency[k]!) - exp(price + start[k]!));
  start[n] = least > 0 ? -log(least) : Math.max(...views.logLatency) + 1;
  const lower = new Float64Array(size).fill(lowestLogPower);
  const upper = new Float64Array(size).fill(0);
  for (let k = 0; k < n; k++) lower[k] = Math.min(lowestLogPower, start[k]!);
  lower[n] = Number.NEGATIVE_INFINITY;
  upper[n] = Number.POSITIVE_INFINITY;
  const slope = new Float64Array(size).fill(0);
  slope[n] = 1;
  const solution = minimize({
    start,
    lower,
    upper,
    tolerance: 1e-10,
    maxIterations: 2000,
    objective: (x) => x[n]!,
    gradient: (_, out) => out.set(slope),
    inequality: {
      count: n,
      values(x, out) {
        moveTo(x);
        for (let k = 0; k < n; k++) out[k] = -views.logLatency[k]! - soft(x[n]!, x[k]!).value;
      },
      jacobian(x, out) {
        moveTo(x);
        for (let k = 0; k < n; k++) {
          const { part } = soft(x[n]!, x[k]!);
          const a = views.first[k]!;
          const row = k * size;
          for (let j = 0; j < n; j++) out[row + j] = -a * views.shares[k * stride + j]!;
          out[row + k] = out[row + k]! + a - (1 - part);
          out[row + n] = part;
        }
      },
    },
    hessian(x, { inequality }, out) {
      moveTo(x);
      for (let k = 0; k < n; k++) {
        const onGradient = inequality[k]! * views.second[k]!;
        const onCurvature = inequality[k]! * views.first[k]!;
        views.weights[k] = onGradient - onCurvature;
        views.weights[stride + k] = -onGradient;
        views.weights[2 * stride + k] = onGradient;
        views.weights[3 * stride + k] = onCurvature;
      }
      workspace.combineHessian(0, out, size);
      let corner = 0;
      for (let k = 0; k < n; k++) {
        const { part } = soft(x[n]!, x[k]!);
        const curvature = inequality[k]! * part * (1 - part);
        out[k * size + k] = out[k * size + k]! + curvature;
        out[n * size + k] = out[k * size + n] = curvature;
        corner += curvature;
      }
      out[n * size + n] = Math.max(1e-6, corner);
    },
  });
  return { y: solution.x.slice(0, n), status: solution.status, reason: solution.reason };
}
