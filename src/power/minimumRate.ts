import { exp, expm1, log } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { minimize, type Problem } from "../optimize/index.js";
import { atPoint } from "./atPoint.js";
import { allocation, nameClients } from "./cost.js";
import { lowestLogPower } from "./epigraph.js";
import { equalize } from "./minMax.js";

/**
 * max Σ ln(1 + SINR_k) over y = ln p with ln SINR_k ≥ ln g, g = 2^{rate/W} − 1. ln SINR_k is concave in y; ln(1 + e^s)
 * convex in it: the subproblems keep the concave part of the objective's curvature, as the successive concave bounds of
 * Papandriopoulos and Evans (IEEE Trans. Inf. Theory 55, 2009) do.
 */
export function withMinimumRate(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  minimumRate: number,
): Allocation {
  const nats = (minimumRate * Math.LN2) / problem.rates.bandwidth;
  const power = new Float64Array(problem.rates.clients);
  const views = workspace.views();
  views.demand.fill(nats);
  views.power.fill(1);
  const reachable = workspace.minimalPowers(1, 0);
  const over = active.filter((_, i) => reachable && !(views.power[i]! <= 1 + 1e-12));
  if (!reachable || over.length > 0) {
    // Where interference alone forbids it, the bottleneck is who is at full power in the best that all can have.
    const stuck = reachable ? over : bottleneck(workspace, active);
    const who = `${nameClients(stuck)} would need more than full power`;
    return allocation(problem, power, {
      status: "infeasible",
      iterations: 0,
      reason: `no powers give everyone ${minimumRate} bit/s: ${who}`,
    });
  }
  const start = Float64Array.from(views.power, (p) => log(Math.min(1, p)));
  views.demand.fill(1);
  const solution = minimize({
    start,
    lower: Float64Array.from(start, (y) => Math.min(lowestLogPower, y)),
    upper: new Float64Array(active.length).fill(0),
    tolerance: 1e-8,
    maxIterations: 2000,
    ...rateFunctions(workspace, log(expm1(nats))),
  });
  active.forEach((k, i) => {
    power[k] = exp(solution.x[i]!);
  });
  const { status, iterations, reason } = solution;
  return allocation(problem, power, { status, iterations, ...(reason === undefined ? {} : { reason }) });
}

/** −Σ ln(1 + SINR_k), the rows ln SINR_k − ln g and what is kept of the Lagrangian's Hessian. */
function rateFunctions(
  workspace: PowerWorkspace,
  logLeast: number,
): Pick<Problem, "objective" | "gradient" | "inequality" | "hessian"> {
  const { clients: n, stride } = workspace;
  const ratio = new Float64Array(n); // ln SINR
  const moveTo = atPoint(workspace, ({ logLatency }) => {
    workspace.logLatencies(0);
    for (let k = 0; k < n; k++) ratio[k] = log(expm1(exp(-logLatency[k]!)));
  });
  /** SINR / (1 + SINR) */
  const share = ({ logLatency }: PowerViews, k: number): number => -expm1(-exp(-logLatency[k]!));
  return {
    objective(y) {
      const { logLatency } = moveTo(y);
      let sum = 0;
      for (let k = 0; k < n; k++) sum -= exp(-logLatency[k]!);
      return sum;
    },
    gradient(y, out) {
      const views = moveTo(y);
      out.fill(0);
      for (let k = 0; k < n; k++) {
        const weight = share(views, k);
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
        const { shares } = moveTo(y);
        for (let k = 0; k < n; k++) {
          for (let j = 0; j < n; j++) out[k * n + j] = -shares[k * stride + j]!;
          out[k * n + k] = out[k * n + k]! + 1;
        }
      },
    },
    hessian(y, { inequality }, out) {
      const views = moveTo(y);
      views.weights.fill(0);
      for (let k = 0; k < n; k++) {
        const weight = share(views, k) + inequality[k]!;
        views.weights[k] = -weight;
        views.weights[3 * stride + k] = weight;
      }
      workspace.combineHessian(0, out, n);
      for (let k = 0; k < n; k++) out[k * n + k] = out[k * n + k]! + 1e-6;
    },
  };
}

function bottleneck(workspace: PowerWorkspace, active: readonly number[]): number[] {
  workspace.views().demand.fill(1);
  const { power } = equalize(workspace);
  return active.filter((_, i) => power[i] === 1);
}
