import { exp, log } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { Status } from "../config/records.js";
import { minimize, type Problem } from "../optimize/index.js";
import { atPoint } from "./atPoint.js";
import { lowestLogPower } from "./epigraph.js";

/**
 * Dinkelbach's parametric problem, max_p min_k [log2(1 + SINR_k) − λ (P_u p_k + 1)]. With the maximum written
 * t = e^{−v}/ln 2 − λ this asks for
 *
 *   −ln ln(1 + SINR_k) + ln(e^{−v} + λ P_u ln 2 · e^{y_k}) ≤ 0,  least v,
 *
 * which is convex in (y, v): the first term is ln ℓ_k up to a constant, the second a logarithm of a sum of exponentials.
 */
export function parametric(
  workspace: PowerWorkspace,
  lambda: number,
  transmitPower: number,
  startY: Float64Array,
): { y: Float64Array; status: Status; reason: string | undefined } {
  const n = workspace.clients;
  const size = n + 1;
  const price = log(lambda * transmitPower * Math.LN2); // −∞ where λ is 0: the rates alone
  const moveTo = atPoint(workspace, () => workspace.logLatencies(0));
  const start = new Float64Array(size);
  start.set(startY);
  const { logLatency } = moveTo(start);
  // The largest t the start allows: e^{−v} = min_k (ln(1 + SINR_k) − λ P_u ln 2 p_k).
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < n; k++) least = Math.min(least, exp(-logLatency[k]!) - exp(price + start[k]!));
  start[n] = least > 0 ? -log(least) : Math.max(...logLatency) + 1;
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
    ...rowsOf(workspace, price, moveTo),
  });
  return { y: solution.x.slice(0, n), status: solution.status, reason: solution.reason };
}

/** ln(e^{−v} + e^{price + y}) and the first term's part of it. */
function soft(price: number, v: number, y: number): { value: number; part: number } {
  const top = Math.max(-v, price + y);
  const first = exp(-v - top);
  const sum = first + exp(price + y - top);
  return { value: top + log(sum), part: first / sum };
}

function rowsOf(
  workspace: PowerWorkspace,
  price: number,
  moveTo: (x: Float64Array) => PowerViews,
): Pick<Problem, "inequality" | "hessian"> {
  const { clients: n, stride } = workspace;
  const size = n + 1;
  return {
    inequality: {
      count: n,
      values(x, out) {
        const { logLatency } = moveTo(x);
        for (let k = 0; k < n; k++) out[k] = -logLatency[k]! - soft(price, x[n]!, x[k]!).value;
      },
      jacobian(x, out) {
        const { first, shares } = moveTo(x);
        for (let k = 0; k < n; k++) {
          const { part } = soft(price, x[n]!, x[k]!);
          const a = first[k]!;
          const row = k * size;
          for (let j = 0; j < n; j++) out[row + j] = -a * shares[k * stride + j]!;
          out[row + k] = out[row + k]! + a - (1 - part);
          out[row + n] = part;
        }
      },
    },
    hessian(x, { inequality }, out) {
      const { first, second, weights } = moveTo(x);
      for (let k = 0; k < n; k++) {
        const onGradient = inequality[k]! * second[k]!;
        const onCurvature = inequality[k]! * first[k]!;
        weights[k] = onGradient - onCurvature;
        weights[stride + k] = -onGradient;
        weights[2 * stride + k] = onGradient;
        weights[3 * stride + k] = onCurvature;
      }
      workspace.combineHessian(0, out, size);
      let corner = 0;
      for (let k = 0; k < n; k++) {
        const { part } = soft(price, x[n]!, x[k]!);
        const curvature = inequality[k]! * part * (1 - part);
        out[k * size + k] = out[k * size + k]! + curvature;
        out[n * size + k] = out[k * size + n] = curvature;
        corner += curvature;
      }
      out[n * size + n] = Math.max(1e-6, corner);
    },
  };
}
