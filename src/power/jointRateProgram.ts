import { exp, log } from "../../bindings/math.js";
import type { PowerViews, PowerWorkspace } from "../../bindings/power.js";
import type { Allocation } from "../config/records.js";
import { minimize, type Problem } from "../optimize/index.js";
import { lowestLogPower, weighClient } from "./epigraph.js";
import type { ResolutionProblem } from "./jointResolution.js";
import type { RateCurve } from "./rateCurve.js";

/** Curves [K], what each error counts in the loss [K], and where the search begins: σ [K], and powers for those sizes. */
export interface RateProgram {
  curves: readonly RateCurve[];
  gains: Float64Array;
  start: Float64Array;
  first: Allocation;
}

export interface RateSolution {
  power: Float64Array;
  sizes: Float64Array;
  frequency: Float64Array | undefined;
  status: Allocation["status"];
  iterations: number;
  reason?: string;
}

/** D(σ) = Σ_k a_k e_k(σ_k), what of the progress is lost. */
export function lossAt(curves: readonly RateCurve[], gains: Float64Array, sigma: Float64Array): number {
  return curves.reduce((sum, curve, k) => sum + gains[k]! * curve.at(sigma[k]!).value, 0);
}

/** The convex program of `jointRate` by SQP with its exact Hessian; x = (y, σ, z, v), without z where there are no processors. */
export function solveRates(problem: ResolutionProblem, workspace: PowerWorkspace, program: RateProgram): RateSolution {
  const { curves, start: sigma, first } = program;
  const { cpu } = problem;
  const n = workspace.clients;
  const size = (cpu === undefined ? 2 : 3) * n + 1;
  const [start, lower, upper] = [0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((value) =>
    new Float64Array(size).fill(value),
  ) as [Float64Array, Float64Array, Float64Array];
  for (let k = 0; k < n; k++) {
    start[k] = log(Math.max(first.power[k]!, exp(lowestLogPower)));
    lower[k] = Math.min(lowestLogPower, start[k]!);
    upper[k] = 0;
    start[n + k] = sigma[k]!;
    lower[n + k] = curves[k]!.lowest;
    upper[n + k] = curves[k]!.highest;
    if (cpu === undefined) continue;
    const works = cpu.samples[k]! > 0;
    start[2 * n + k] = log(works ? (first.frequency?.[k] ?? cpu.maximumFrequency[k]!) : cpu.maximumFrequency[k]!);
    lower[2 * n + k] = works
      ? log(Math.max(cpu.minimumFrequency[k]!, 1e-6 * cpu.maximumFrequency[k]!))
      : start[2 * n + k]!;
    upper[2 * n + k] = works ? log(cpu.maximumFrequency[k]!) : start[2 * n + k]!;
  }
  const terms = createTerms(problem, workspace, program);
  const lowerV = (x: Float64Array): Float64Array => {
    const { height, logEnergy, energyRow, latencyRows } = terms.moveTo(x);
    x[size - 1] = energyRow ? logEnergy : Number.NEGATIVE_INFINITY;
    if (latencyRows) for (const one of height) x[size - 1] = Math.max(x[size - 1]!, one);
    return x;
  };
  const solveFrom = (x: Float64Array) =>
    minimize({ start: lowerV(x), lower, upper, tolerance: 1e-8, maxIterations: 100, ...functionsOf(terms, workspace) });
  let solution = solveFrom(start);
  let { iterations } = solution;
  // As in the program of powers alone, the merit function may hold steps short: afresh from where it stands.
  for (let again = 0; again < 3 && solution.status !== "converged"; again++) {
    solution = solveFrom(solution.x);
    iterations += solution.iterations;
  }
  const { x, status, reason } = solution;
  return {
    power: x.slice(0, n).map(exp),
    sizes: x.slice(n, 2 * n).map(exp),
    frequency: cpu && x.slice(2 * n, 3 * n).map((z, k) => Math.min(exp(z), cpu.maximumFrequency[k]!)),
    ...{ status, iterations },
    ...(reason !== undefined && { reason }),
  };
}

/** Everything at the point last moved to; arrays are [K]. */
interface Terms {
  /** Of the kernel, fresh */
  views: PowerViews;
  /** ln of latency and energy over the budgets */
  height: Float64Array;
  logEnergy: number;
  /** What of ℓ_c + τ_k + ℓ_k is the upload, and what computation */
  theta: Float64Array;
  phi: Float64Array;
  /** What of E is computation's */
  computing: Float64Array;
  /** D, and a_k e_k′, a_k e_k″ */
  loss: number;
  lossSlope: Float64Array;
  lossBend: Float64Array;
  readonly latencyRows: boolean;
  readonly energyRow: boolean;
  /** First of the z, or 0 where there are none */
  readonly z: number;
}

function createTerms(problem: ResolutionProblem, workspace: PowerWorkspace, { curves, gains }: RateProgram) {
  const { rates, budgets, computeLatency, circuitPower = 0, fixedEnergy = 0, cpu } = problem;
  const n = workspace.clients;
  const array = () => new Float64Array(n);
  const energyUnit = Number.isFinite(budgets.energy) ? budgets.energy : 1;
  const perBit = Math.LN2 / rates.bandwidth;
  let at: Float64Array | undefined;
  const terms: Terms = {
    ...{ views: workspace.views(), height: array(), logEnergy: 0, theta: array(), phi: array(), computing: array() },
    ...{ loss: 0, lossSlope: array(), lossBend: array() },
    latencyRows: Number.isFinite(budgets.latency),
    energyRow: Number.isFinite(budgets.energy),
    z: cpu === undefined ? 0 : 2 * n,
  };

  function evaluate(x: Float64Array): void {
    const { demand, logPower, logLatency } = terms.views;
    let fixed = fixedEnergy;
    terms.loss = 0;
    for (let k = 0; k < n; k++) {
      logPower[k] = x[k]!;
      demand[k] = perBit * exp(x[n + k]!);
      const { value, slope, bend } = curves[k]!.at(x[n + k]!);
      terms.loss += gains[k]! * value;
      terms.lossSlope[k] = gains[k]! * slope;
      terms.lossBend[k] = gains[k]! * bend;
      if (cpu === undefined) continue;
      const cycles = cpu.cyclesPerSample[k]! * cpu.samples[k]!;
      terms.computing[k] = 0.5 * cpu.capacitance[k]! * cycles * exp(2 * x[2 * n + k]!);
      terms.phi[k] = cycles * exp(-x[2 * n + k]!);
      fixed += terms.computing[k]!;
    }
    terms.logEnergy = workspace.logLatencies(
      log(rates.transmitPower / energyUnit),
      circuitPower / rates.transmitPower,
      fixed / energyUnit,
    );
    const energy = exp(terms.logEnergy) * energyUnit;
    for (let k = 0; k < n; k++) {
      const latency = exp(logLatency[k]!);
      const total = computeLatency + terms.phi[k]! + latency;
      terms.height[k] = log(total / (terms.latencyRows ? budgets.latency : 1));
      terms.theta[k] = latency / total;
      terms.phi[k] = terms.phi[k]! / total;
      terms.computing[k] = terms.computing[k]! / energy;
    }
  }

  return {
    latencyRows: terms.latencyRows,
    energyRow: terms.energyRow,
    moveTo(x: Float64Array): Terms {
      terms.views = workspace.views();
      if (at?.every((value, i) => value === x[i]) !== true) {
        at = x.slice(0, x.length - 1);
        evaluate(x);
      }
      return terms;
    },
  };
}

type RateTerms = ReturnType<typeof createTerms>;

function functionsOf(
  terms: RateTerms,
  workspace: PowerWorkspace,
): Pick<Problem, "objective" | "gradient" | "hessian" | "inequality"> {
  const { moveTo } = terms;
  const { clients: n, stride } = workspace;
  const block = new Float64Array(n * n);
  return {
    objective: (x) => x.at(-1)! - log(1 - moveTo(x).loss),
    gradient(x, out) {
      const { loss, lossSlope } = moveTo(x);
      out.fill(0);
      for (let k = 0; k < n; k++) out[n + k] = lossSlope[k]! / (1 - loss);
      out[out.length - 1] = 1;
    },
    inequality: rowsOf(terms, workspace),
    hessian(x, { inequality }, out) {
      const size = x.length;
      const { views, theta, phi, computing, loss, lossSlope, lossBend, latencyRows, energyRow, z } = moveTo(x);
      const onEnergy = energyRow ? inequality[latencyRows ? n : 0]! : 0;
      const set = (i: number, j: number, value: number) => {
        out[i * size + j] = value;
        out[j * size + i] = value;
      };
      out.fill(0);
      for (let k = 0; k < n; k++) {
        const late = latencyRows ? inequality[k]! * theta[k]! : 0;
        weighClient(views, stride, k, { energy: onEnergy * views.energyShare[k]!, late }, theta[k]!);
      }
      workspace.combineHessian(onEnergy, block, n);
      for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) out[k * size + j] = block[k * n + j]!;
      const { first: a, shares: w, sentShare, energyShare: share, energySlope } = views;
      for (let k = 0; k < n; k++) {
        const row = latencyRows ? inequality[k]! : 0;
        for (let j = 0; j < n; j++) {
          const late = a[k]! * (w[k * stride + j]! - (j === k ? 1 : 0));
          const energy = late + (j === k ? sentShare[k]! : 0);
          set(j, n + k, row * theta[k]! * (1 - theta[k]!) * late + onEnergy * share[k]! * (energy - energySlope[j]!));
          const lost = (lossSlope[k]! * lossSlope[j]!) / ((1 - loss) * (1 - loss));
          const own =
            j === k ? row * theta[k]! * (1 - theta[k]!) + onEnergy * share[k]! + lossBend[k]! / (1 - loss) : 0;
          out[(n + k) * size + n + j] = own - onEnergy * share[k]! * share[j]! + lost;
          if (z === 0) continue;
          set(j, z + k, row * theta[k]! * phi[k]! * late - 2 * onEnergy * computing[k]! * energySlope[j]!);
          const both = j === k ? row * theta[k]! * phi[k]! : 0;
          set(n + j, z + k, both - 2 * onEnergy * computing[k]! * share[j]!);
          const alone = j === k ? row * phi[k]! * (1 - phi[k]!) + 4 * onEnergy * computing[k]! : 0;
          out[(z + k) * size + z + j] = alone - 4 * onEnergy * computing[k]! * computing[j]!;
        }
      }
      // Where v enters linearly, a trace of curvature makes the subproblem strictly convex.
      out[size * size - 1] = 1e-6;
    },
  };
}

/** v less what it must reach: of each client's latency, of the round's energy. */
function rowsOf(
  { moveTo, latencyRows, energyRow }: RateTerms,
  { clients: n, stride }: PowerWorkspace,
): NonNullable<Problem["inequality"]> {
  return {
    count: (latencyRows ? n : 0) + (energyRow ? 1 : 0),
    values(x, out) {
      const { height, logEnergy } = moveTo(x);
      const v = x.at(-1)!;
      if (latencyRows) for (let k = 0; k < n; k++) out[k] = v - height[k]!;
      if (energyRow) out[latencyRows ? n : 0] = v - logEnergy;
    },
    jacobian(x, out) {
      const size = x.length;
      const { views, theta, phi, computing, z } = moveTo(x);
      const { first: a, shares: w, energyShare, energySlope } = views;
      out.fill(0);
      for (let k = 0; latencyRows && k < n; k++) {
        const row = k * size;
        for (let j = 0; j < n; j++) out[row + j] = -theta[k]! * a[k]! * (w[k * stride + j]! - (j === k ? 1 : 0));
        out[row + n + k] = -theta[k]!;
        if (z > 0) out[row + z + k] = phi[k]!;
        out[row + size - 1] = 1;
      }
      if (!energyRow) return;
      const row = (latencyRows ? n : 0) * size;
      for (let k = 0; k < n; k++) {
        out[row + k] = -energySlope[k]!;
        out[row + n + k] = -energyShare[k]!;
        if (z > 0) out[row + z + k] = -2 * computing[k]!;
      }
      out[row + size - 1] = 1;
    },
  };
}
