import type { PowerWorkspace } from "../../../bindings/power.js";

/**
 * The convex program of powers and frequencies over y = ln p, z = ln f and one common v. The first n clients send; with
 * processors of their own all m compute. In units of a latency and of an energy,
 *
 *   ℓ_k = c_k / ln(1 + SINR_k(e^y)),  τ_k = w_k e^{−z_k},  E_k = (e^{y_k} + P_c/P_u) ℓ_k,  X_k = ½ α_k w_k e^{2 z_k},
 *
 *   least  v, or Ω E + Φ e^v
 *   with   ln(ℓ_c + τ_k + ℓ_k) ≤ v  for all k,
 *          E = F + Σ_k (E_k + X_k)  at most 1, or at most e^v,
 *          E_k + X_k  at most its limit, or at most that times e^v.
 *
 * ln ℓ_k is convex in y (see logLatency.ts), and all else is made of it, y, z and v by convex functions that do not fall
 * with it.
 */
export interface Program {
  /** Of the clients that send, the first n */
  workspace: PowerWorkspace | undefined;
  /** n and m */
  senders: number;
  clients: number;
  /** s and J that latencies and energies are measured in */
  latencyUnit: number;
  energyUnit: number;
  /** P_u, W */
  transmitPower: number;
  /** P_c / P_u */
  circuit: number;
  /** F, in energy units */
  fixed: number;
  /** Rows of latency, with ℓ_c in latency units; none for an energy alone */
  latency: { offset: number } | undefined;
  /** What E is held to: 1, e^v, or nothing; or its weight Ω in the objective */
  energy: "limited" | "shared" | "free" | { weight: number };
  /** The same of each client [m], in energy units: at most its limit, or that times e^v */
  clientEnergy: { limits: Float64Array; shared: boolean } | undefined;
  /** v itself, Φ e^v, or nothing */
  objective: "v" | { weight: number } | "none";
  /** The least ln p allowed [n] */
  lowestPower: Float64Array;
  processors: ProgramProcessors | undefined;
}

/** Of all m clients, each [m]. */
export interface ProgramProcessors {
  /** w_k, cycles of a round; a client with none has no frequency to choose */
  cycles: Float64Array;
  /** α_k */
  capacitance: Float64Array;
  /** ln of the frequencies in Hz; where they are equal nothing is chosen */
  lowest: Float64Array;
  highest: Float64Array;
}

/** Whether the client's frequency is chosen. */
export function choosesFrequency({ processors }: Program, k: number): boolean {
  return processors !== undefined && processors.cycles[k]! > 0 && processors.lowest[k]! < processors.highest[k]!;
}

/** Whether there is a common v. */
export function hasCommon({ latency, energy, clientEnergy }: Program): boolean {
  return latency !== undefined || energy === "shared" || clientEnergy?.shared === true;
}

/** Whether the round's energy is a row of its own, with a multiplier. */
export function hasEnergyRow({ energy }: Program): boolean {
  return energy === "limited" || energy === "shared";
}
