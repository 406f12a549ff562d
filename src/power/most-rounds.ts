import { exp, log } from "../../bindings/math.js";
import { InputError } from "../config/errors.js";
import type { PowerMethod } from "../config/records.js";
import { minimize } from "../optimize/index.js";
import { allocation } from "./cost.js";
import { combineHessian, logLatency } from "./log-latency.js";
import { equalize, minMax } from "./min-max.js";
import { senders, trivialAllocation } from "./problem.js";

/**
 * Most rounds within the budgets (Mahmoudi, Zaher, Björnson, IEEE OJCOMS 2025, second scheme), by SQP:
 *
 *   min v  subject to  v ≥ ln(Σ_k E_k / E_budget),  v ≥ ln((ℓ_c + ℓ_k) / ℓ_budget)  over y = ln p, v
 *
 * About e^{−v} rounds fit. Everything is convex in y, so that the answer is the global one.
 */
export function mostRounds(): PowerMethod {
  return {
    name: "most-rounds",
    allocate(problem, previous) {
      const { budgets, rates, computeLatency } = problem;
      if (budgets === undefined)
        throw new InputError("budgets", 'missing; "most-rounds" needs an energy and a latency budget');
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      // Without an energy budget only the slowest upload counts: the least latency is the exact answer
      if (budgets.energy === Number.POSITIVE_INFINITY) return minMax().allocate(problem, previous);
      const n = active.length;
      const at = logLatency(problem, active);
      const startPower =
        previous !== undefined && previous.length === rates.clients && active.every((k) => previous[k]! > 0)
          ? Float64Array.from(active, (k) => previous[k]!)
          : equalize(problem, active, (k) => (Math.LN2 / rates.bandwidth) * problem.bits[k]!).power;
      const start = new Float64Array(n + 1);
      for (let i = 0; i < n; i++) start[i] = log(startPower[i]!);
      const lower = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
      const upper = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
      for (let i = 0; i < n; i++) {
        lower[i] = Math.min(lowestLogPower, start[i]!);
        upper[i] = 0;
      }
      const logTransmit = log(rates.transmitPower / budgets.energy);
      const logBudget = log(Math.min(budgets.latency, endless));
      const share = new Float64Array(n); // E_k / Σ E
      const theta = new Float64Array(n); // ℓ_k / (ℓ_c + ℓ_k)
      const logTotal = new Float64Array(n); // ln((ℓ_c + ℓ_k) / ℓ_budget)
      let logEnergy = 0;
      const moveTo = (x: Float64Array): void => {
        at.moveTo(x);
        let sum = 0;
        for (let k = 0; k < n; k++) {
          share[k] = exp(logTransmit + x[k]! + at.logLatency[k]!);
          sum += share[k]!;
          const latency = exp(at.logLatency[k]!);
          theta[k] = latency / (computeLatency + latency);
          logTotal[k] = log(computeLatency + latency) - logBudget;
        }
        for (let k = 0; k < n; k++) share[k] = share[k]! / sum;
        logEnergy = log(sum);
      };
      moveTo(start);
      start[n] = logEnergy;
      for (let k = 0; k < n; k++) start[n] = Math.max(start[n]!, logTotal[k]!);
      const slope = new Float64Array(n);
      const energyGradient = (): void => {
        // ∇ln ΣE = Σ share_k ((1 − a_k) e_k + a_k w_k)
        for (let j = 0; j < n; j++) slope[j] = share[j]! * (1 - at.a[j]!);
        for (let k = 0; k < n; k++) {
          const factor = share[k]! * at.a[k]!;
          for (let j = 0; j < n; j++) slope[j] = slope[j]! + factor * at.w[k * n + j]!;
        }
      };
      const c1 = new Float64Array(n);
      const c2 = new Float64Array(n);
      const c3 = new Float64Array(n);
      const beta = new Float64Array(n);
      const solution = minimize({
        start,
        lower,
        upper,
        tolerance: 1e-9,
        maxIterations: 100,
        objective: (x) => x[n]!,
        gradient(_, out) {
          out.fill(0);
          out[n] = 1;
        },
        inequality: {
          count: n + 1,
          values(x, out) {
            moveTo(x);
            for (let k = 0; k < n; k++) out[k] = x[n]! - logTotal[k]!;
            out[n] = x[n]! - logEnergy;
          },
          jacobian(x, out) {
            moveTo(x);
            for (let k = 0; k < n; k++) {
              const factor = theta[k]! * at.a[k]!;
              const row = k * (n + 1);
              for (let j = 0; j < n; j++) out[row + j] = -factor * at.w[k * n + j]!;
              out[row + k] = out[row + k]! + factor;
              out[row + n] = 1;
            }
            energyGradient();
            for (let j = 0; j < n; j++) out[n * (n + 1) + j] = -slope[j]!;
            out[n * (n + 1) + n] = 1;
          },
        },
        hessian(x, { inequality }, out) {
          moveTo(x);
          const energy = inequality[n]!;
          for (let k = 0; k < n; k++) {
            const a = at.a[k]!;
            const b = at.b[k]!;
            const weight = energy * share[k]!;
            const late = inequality[k]! * theta[k]!;
            const onGradient = (weight + late) * b + late * (1 - theta[k]!) * a * a; // of ∇s ∇s'
            const onCurvature = (weight + late) * a; // of diag(w) − w w'
            c1[k] = onGradient - onCurvature + weight * a * a;
            c2[k] = -onGradient + weight * a * (1 - a);
            c3[k] = onGradient + weight * (1 - a) * (1 - a);
            beta[k] = onCurvature;
          }
          out.fill(0);
          combineHessian(at, c1, c2, c3, beta, out, n + 1);
          energyGradient();
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) out[i * (n + 1) + j] = out[i * (n + 1) + j]! - energy * slope[i]! * slope[j]!;
        },
      });
      const power = new Float64Array(rates.clients);
      active.forEach((k, i) => {
        power[k] = exp(solution.x[i]!);
      });
      const { status, iterations, reason } = solution;
      return allocation(problem, power, { status, iterations, ...(reason === undefined ? {} : { reason }) });
    },
  };
}

/** s: a latency budget of which no upload uses anything, in place of none at all, whose logarithm is not finite. */
const endless = 1e15;

/** y = ln p is kept at or above this, as in the paper: p ≥ 1.1e-7. */
const lowestLogPower = -16;
