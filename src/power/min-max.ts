import { exp, expm1, log1p } from "../../bindings/math.js";
import type { PowerMethod, UploadProblem } from "../config/records.js";
import { allocation, disturbance } from "./cost.js";
import { senders, trivialAllocation } from "./problem.js";

/**
 * Min–max latency, exact: the largest η with ln(1 + SINR_k(p)) ≥ η c_k for all k, c_k = S_k ln 2 / W, at powers ≤ 1.
 * For a given η the least powers solve M(η) p = g I with g_k = e^{η c_k} − 1 and
 * M = diag(A − gB) − diag(g) B̃, a Z-matrix; they exist iff M is a nonsingular M-matrix, which elimination
 * without pivoting shows by all pivots being positive. max_k p_k(η) grows with η, so η is where it is 1.
 */
export function minMax(): PowerMethod {
  return {
    name: "min-max",
    allocate(problem) {
      const active = senders(problem);
      const answer = trivialAllocation(problem, active);
      if (answer !== undefined) return answer;
      const weight = Math.LN2 / problem.rates.bandwidth;
      const solution = equalize(problem, active, (k) => weight * problem.bits[k]!);
      const power = new Float64Array(problem.rates.clients);
      active.forEach((k, i) => {
        power[k] = solution.power[i]!;
      });
      return allocation(problem, power, { status: "converged", iterations: solution.iterations });
    },
  };
}

/**
 * The largest η with ln(1 + SINR_k(p)) ≥ η c_k for all active k at powers in [0, 1] (others at 0), and the powers
 * there, in the order of `active`: all inequalities hold with equality and the largest power is 1.
 * Safeguarded Newton steps on 1 / max p − 1 inside a bracket that bisection keeps shrinking.
 */
export function equalize(
  problem: UploadProblem,
  active: readonly number[],
  demand: (client: number) => number,
): { eta: number; power: Float64Array; iterations: number } {
  const { rates } = problem;
  const n = active.length;
  const c = Float64Array.from(active, demand);
  const ones = new Float64Array(rates.clients);
  for (const k of active) ones[k] = 1;
  // At full power everyone reaches `low`; alone in the air, at full power, somebody cannot pass `high`.
  let low = Number.POSITIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const k = active[i]!;
    low = Math.min(low, log1p(rates.signal[k]! / disturbance(rates, ones, k)) / c[i]!);
    high = Math.min(high, log1p(rates.signal[k]! / (rates.selfInterference[k]! + rates.noise[k]!)) / c[i]!);
  }
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(2 * n);
  const best = new Float64Array(n).fill(1);
  let bestEta = low;
  let eta = low;
  let iterations = 0;
  for (; iterations < 200; iterations++) {
    const step = powersAt(eta);
    if (step === undefined) high = Math.min(high, eta);
    else if (step.largest <= 1) {
      low = eta;
      bestEta = eta;
      for (let i = 0; i < n; i++) best[i] = right[2 * i]!;
      if (1 - step.largest <= 4e-16 * n) break;
    } else high = eta;
    if (high - low <= 2.3e-16 * high) break;
    // 1/max p is close to linear in η near both ends; the Newton step leaves the bracket only far from the answer.
    const newton = step === undefined ? Number.NaN : eta + ((1 - step.largest) * step.largest) / step.slope;
    const middle = 0.5 * (low + high);
    eta = newton > low && newton < high ? newton : middle;
    if (eta === low || eta === high) break;
  }
  // Filling the last bit: scaling all powers up only lowers the noise's share.
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, best[i]!);
  for (let i = 0; i < n; i++) best[i] = Math.min(1, best[i]! / largest);
  return { eta: bestEta, power: best, iterations: iterations + 1 };

  /** Solves for p(η) and p′(η), left interleaved in `right`; undefined where no powers reach η. */
  function powersAt(at: number): { largest: number; slope: number } | undefined {
    for (let i = 0; i < n; i++) {
      const k = active[i]!;
      const g = expm1(at * c[i]!);
      const row = k * rates.clients;
      for (let j = 0; j < n; j++) matrix[i * n + j] = -g * rates.interference[row + active[j]!]!;
      matrix[i * n + i] = rates.signal[k]! - g * rates.selfInterference[k]!;
      right[2 * i] = g * rates.noise[k]!;
    }
    if (!eliminate(matrix, right, n, 0)) return undefined;
    // M p′ = g′ D(p): the same matrix, so the multipliers kept below the diagonal serve again.
    for (let i = 0; i < n; i++) {
      const k = active[i]!;
      const row = k * rates.clients;
      let d = rates.noise[k]! + rates.selfInterference[k]! * right[2 * i]!;
      for (let j = 0; j < n; j++) d += rates.interference[row + active[j]!]! * right[2 * j]!;
      right[2 * i + 1] = c[i]! * exp(at * c[i]!) * d;
    }
    substitute(matrix, right, n, 1);
    let arg = 0;
    for (let i = 1; i < n; i++) if (right[2 * i]! > right[2 * arg]!) arg = i;
    return { largest: right[2 * arg]!, slope: right[2 * arg + 1]! };
  }
}

/** LU without pivoting in place, then the solution; false at the first pivot that is not positive. */
function eliminate(matrix: Float64Array, right: Float64Array, n: number, column: number): boolean {
  for (let k = 0; k < n; k++) {
    const pivot = matrix[k * n + k]!;
    if (!(pivot > 0)) return false;
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i * n + k]! / pivot;
      matrix[i * n + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) matrix[i * n + j] = matrix[i * n + j]! - factor * matrix[k * n + j]!;
    }
  }
  substitute(matrix, right, n, column);
  return true;
}

function substitute(matrix: Float64Array, right: Float64Array, n: number, column: number): void {
  for (let i = 0; i < n; i++) {
    let sum = right[2 * i + column]!;
    for (let j = 0; j < i; j++) sum -= matrix[i * n + j]! * right[2 * j + column]!;
    right[2 * i + column] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = right[2 * i + column]!;
    for (let j = i + 1; j < n; j++) sum -= matrix[i * n + j]! * right[2 * j + column]!;
    right[2 * i + column] = sum / matrix[i * n + i]!;
  }
}
