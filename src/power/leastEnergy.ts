import { log } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { minimize } from "../optimize/index.js";
import { atPoint } from "./atPoint.js";
import { allocationAt, lowestLogPower, weighClient } from "./epigraph.js";

/**
 * Least energy Σ E_k where sending costs circuit power, so that neither the largest powers nor the least are it: the
 * same convex functions over y alone, by SQP. What is fixed does not move the answer and is left out.
 * @param startPower p [n] of the active clients, positive
 */
export function solveLeastEnergy(
  problem: UploadProblem,
  active: readonly number[],
  workspace: PowerWorkspace,
  startPower: Float64Array,
): Allocation {
  const n = workspace.clients;
  const start = Float64Array.from(startPower, log);
  const { transmitPower } = problem.rates;
  const circuit = (problem.circuitPower ?? 0) / transmitPower;
  workspace.views().logPower.set(start);
  const logUnit = log(transmitPower) - workspace.logLatencies(log(transmitPower), circuit);
  let logEnergy = 0;
  const moveTo = atPoint(workspace, () => {
    logEnergy = workspace.logLatencies(logUnit, circuit);
  });
  const solution = minimize({
    start,
    lower: Float64Array.from(start, (y) => Math.min(lowestLogPower, y)),
    upper: new Float64Array(n).fill(0),
    tolerance: 1e-9,
    maxIterations: 100,
    objective(x) {
      moveTo(x);
      return logEnergy;
    },
    gradient: (x, out) => out.set(moveTo(x).energySlope),
    hessian(x, _, out) {
      const views = moveTo(x);
      for (let k = 0; k < n; k++) weighClient(views, workspace.stride, k, { energy: views.energyShare[k]!, late: 0 });
      workspace.combineHessian(1, out, n);
    },
  });
  return allocationAt(problem, active, solution);
}
