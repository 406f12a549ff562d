import { type Point, partsOf } from "./point.js";
import { choosesFrequency, type Program } from "./program.js";

/**
 * What belongs to one client alone: dz, dL (L_k = ln ℓ_k) and its rows' dλ and dκ, eliminated. Its conditions
 *
 *   M w + N q + m = 0,  w = (dz, dL, dλ, dκ),  q = (dy, dρ, dv, dε)
 *
 * (ρ_k the price of L_k, ε the energy's price) leave R = Q − N' M⁻¹ N over q. Multipliers stay unknowns until here: a row's
 * multiplier over its slack, which grows beyond all bounds, stands nowhere, only the inverse.
 */
export interface Locals {
  /** R of client k, symmetric [4 × 4, m] */
  reduced: Float64Array;
  /** Its constants r = r_Q − N' M⁻¹ m [4, m] */
  constant: Float64Array;
  /** M⁻¹ (N, m) [4 × 5, m]: w = −(…) (q, 1) */
  response: Float64Array;
}

export function emptyLocals(clients: number): Locals {
  return {
    reduced: new Float64Array(16 * clients),
    constant: new Float64Array(4 * clients),
    response: new Float64Array(20 * clients),
  };
}

/** Rows of four and of five. */
const matrix = new Float64Array(16);
const sides = new Float64Array(20);
const kept = new Float64Array(20);
const own = new Float64Array(16);
const ownConstant = new Float64Array(4);

/** Client k's elimination, towards multiplier · slack = target. */
export function eliminateClient(program: Program, point: Point, target: number, k: number, out: Locals): void {
  fill(program, point, target, k);
  kept.set(sides);
  solveFour();
  out.response.set(sides, 20 * k);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 5; j++) {
      let sum = 0;
      for (let row = 0; row < 4; row++) sum += kept[5 * row + i]! * sides[5 * row + j]!;
      if (j < 4) out.reduced[16 * k + 4 * i + j] = own[4 * i + j]! - sum;
      else out.constant[4 * k + i] = ownConstant[i]! - sum;
    }
  }
}

function fill(program: Program, point: Point, target: number, k: number): void {
  const { theta, psi, eta } = partsOf(program, point, k);
  const { latencyRows, limitRows } = point;
  const sends = k < program.senders;
  const late = latencyRows.multiplier[k]!;
  const limited = limitRows.multiplier[k]!;
  const onV = program.clientEnergy?.shared === true ? 1 : 0;
  const shared = program.energy === "shared" ? 1 : 0;
  const scale = point.energyScale;
  const sent = scale * point.sent[k]!;
  const spent = scale * point.computed[k]!;
  const upload = point.energyPrice * sent;
  const computed = point.energyPrice * spent;
  const other = 1 - eta;
  const share = sends ? point.sentShare[k]! : 0;
  const mixed = limited * eta * other;
  matrix.fill(0);
  sides.fill(0);
  own.fill(0);
  ownConstant.fill(0);
  for (let i = 0; i < 4; i++) matrix[5 * i] = 1;
  if (choosesFrequency(program, k)) {
    const { fastest, slowest } = point;
    matrix[0] =
      4 * computed +
      late * psi * (1 - psi) +
      4 * mixed +
      fastest.multiplier[k]! / fastest.slack[k]! +
      slowest.multiplier[k]! / slowest.slack[k]!;
    sides.set([-2 * mixed * share, 0, -2 * shared * computed, 2 * spent]);
    sides[4] =
      2 * computed - late * psi + 2 * limited * other + target / fastest.slack[k]! - target / slowest.slack[k]!;
    if (late > 0) matrix[2] = matrix[8] = -psi;
    if (limited > 0) matrix[3] = matrix[12] = 2 * other;
  }
  if (sends) {
    matrix[5] = upload + late * theta * (1 - theta) + mixed;
    matrix[1] = matrix[4] = choosesFrequency(program, k) ? late * theta * psi - 2 * mixed : 0;
    sides.set([(upload + mixed) * share, -1, -shared * upload, sent], 5);
    if (late > 0) matrix[6] = matrix[9] = theta;
    if (limited > 0) matrix[7] = matrix[13] = eta;
    const { upper, lower } = point;
    const [up, down] = [upper.slack[k]!, lower.slack[k]!];
    own[0] =
      upload * share +
      limited * eta * share * (1 - share) +
      mixed * share * share +
      upper.multiplier[k]! / up +
      lower.multiplier[k]! / down;
    own[2] = own[8] = -shared * upload * share;
    own[3] = own[12] = sent * share;
    ownConstant[0] = (upload + limited * eta) * share + target / up - target / down;
  }
  if (late > 0) fillRow(10, latencyRows, late, [0, 0, -1, 0], target, k);
  if (limited > 0) fillRow(15, limitRows, limited, [eta * share, 0, -onV, 0], target, k);
}

/** A row's condition: growth + excess − slack + (target − slack · dλ) / λ = 0. */
function fillRow(
  at: number,
  { slack, excess }: Point["latencyRows"],
  multiplier: number,
  border: readonly number[],
  target: number,
  k: number,
): void {
  matrix[at === 10 ? 10 : 15] = -slack[k]! / multiplier;
  sides.set(border, at);
  sides[at + 4] = excess[k]! - slack[k]! + target / multiplier;
}

/** sides ← matrix⁻¹ sides, by elimination with row exchanges. */
function solveFour(): void {
  for (let c = 0; c < 4; c++) {
    let pivot = c;
    for (let r = c + 1; r < 4; r++) if (Math.abs(matrix[4 * r + c]!) > Math.abs(matrix[4 * pivot + c]!)) pivot = r;
    if (pivot !== c) {
      exchange(matrix, 4, c, pivot);
      exchange(sides, 5, c, pivot);
    }
    const inverse = 1 / matrix[5 * c]!;
    for (let r = c + 1; r < 4; r++) {
      const factor = matrix[4 * r + c]! * inverse;
      if (factor === 0) continue;
      for (let j = c; j < 4; j++) matrix[4 * r + j] = matrix[4 * r + j]! - factor * matrix[4 * c + j]!;
      for (let j = 0; j < 5; j++) sides[5 * r + j] = sides[5 * r + j]! - factor * sides[5 * c + j]!;
    }
  }
  for (let r = 3; r >= 0; r--)
    for (let j = 0; j < 5; j++) {
      let sum = sides[5 * r + j]!;
      for (let c = r + 1; c < 4; c++) sum -= matrix[4 * r + c]! * sides[5 * c + j]!;
      sides[5 * r + j] = sum / matrix[5 * r]!;
    }
}

function exchange(rows: Float64Array, width: number, a: number, b: number): void {
  for (let j = 0; j < width; j++) {
    const value = rows[width * a + j]!;
    rows[width * a + j] = rows[width * b + j]!;
    rows[width * b + j] = value;
  }
}
