import { exp, log } from "../../bindings/math.js";
import type { Allocation, PowerMethod } from "../config/records.js";
import { allocation } from "./cost.js";
import { lossAt, solveRates } from "./jointRateProgram.js";
import { checkResolutions, type ResolutionProblem, shareOf } from "./jointResolution.js";
import { type RateCurve, rateCurve } from "./rateCurve.js";
import { withWorkspace } from "./workspace.js";

/** What each client is to send, and with which powers and frequencies. */
export interface RateAllocation {
  /** S_k [K] */
  bits: Float64Array;
  allocation: Allocation;
  /** ρ = 1 − Σ_k a_k e_k(S_k) by the curves, at least 0 */
  progress: number;
  /** u, the larger of the two shares of the budgets that the round takes */
  share: number;
}

/**
 * Bits, powers and frequencies together: the most expected progress per budget, max ρ(S) / u(S, p, f), as one convex
 * program over y = ln p, σ = ln S, z = ln f and v = ln u:
 *
 *   min v − ln(1 − Σ_k a_k e_k(σ_k))  subject to  v ≥ ln((ℓ_c + w_k e^{−z_k} + ℓ_k) / ℓ_budget),
 *                                                 v ≥ ln((F + Σ_k (E_k + ½ α_k w_k e^{2 z_k})) / E_budget)
 *
 * ln ℓ_k = σ_k + (convex in y), so the rows are convex as those of the most-rounds method are; −ln(1 − D) is convex and
 * grows with D, so the objective is where the errors e_k are convex in ln S. Measured curves are not at every size: their
 * convex hull is taken (rateCurve.ts), whose optimum is the global one, and no less than what the points allow. Which
 * ρ and u mean, and what they assume, see `jointResolution`, whose ladder of steps this has no need of.
 *
 * @returns undefined where no sizes leave any progress, or the program has no answer: a client without signal
 * @throws InputError for sizes that disagree or numbers that no update has
 */
export function jointRate(problem: ResolutionProblem, method: PowerMethod): RateAllocation | undefined {
  checkResolutions(problem);
  const { rates, resolutions, bits, error, gains } = problem;
  const clients = Array.from({ length: rates.clients }, (_, k) => k);
  const curves = clients.map((k) => {
    const part = (of: Float64Array) => of.subarray(k * resolutions, (k + 1) * resolutions);
    return rateCurve(part(bits), part(error));
  });
  if (curves.includes(undefined) || clients.some((k) => rates.signal[k] === 0)) return undefined;
  const known = curves as RateCurve[];
  const finest = Float64Array.from(known, ({ highest }) => highest);
  if (!(lossAt(known, gains, finest) < 1)) return undefined;
  // Between the finest and the coarsest that leave progress: in their middle.
  let start = finest;
  for (let share = 0.5; share > 0.01 && start === finest; share *= 0.5) {
    const tried = Float64Array.from(known, ({ lowest, highest }) => highest - share * (highest - lowest));
    if (lossAt(known, gains, tried) < 0.9) start = tried;
  }
  const first = method.allocate({ ...problem, bits: start.map(exp) });
  if (first.status === "infeasible") return undefined;
  const { power, sizes, frequency, ...outcome } = withWorkspace(
    { ...problem, bits: new Float64Array(rates.clients).fill(1) },
    clients,
    (workspace) => solveRates(problem, workspace, { curves: known, gains, start, first }),
  );
  const found = allocation({ ...problem, bits: sizes }, power, outcome, frequency);
  const progress = Math.max(0, 1 - lossAt(known, gains, sizes.map(log)));
  return { bits: sizes, allocation: found, progress, share: shareOf(problem, found) };
}
