import { log1p } from "../../bindings/math.js";
import type { Allocation, Processors, RateModel, Status, UploadProblem } from "../config/records.js";

/**
 * SINR_k(p) = A_k p_k / (B_k p_k + Σ_j B̃_kj p_j + I_k), 0 for a client without signal or power.
 * (Ngo et al., TWC 2017, eq. 27, in the five arrays of the rate model.)
 */
export function sinr(rates: RateModel, power: ArrayLike<number>, client: number): number {
  const gain = rates.signal[client]! * power[client]!;
  if (!(gain > 0)) return 0;
  return gain / disturbance(rates, power, client);
}

/** D_k(p) = B_k p_k + Σ_j B̃_kj p_j + I_k. */
export function disturbance(rates: RateModel, power: ArrayLike<number>, client: number): number {
  const clients = rates.clients;
  const row = client * clients;
  let sum = 0;
  for (let j = 0; j < clients; j++) sum += rates.interference[row + j]! * power[j]!;
  return rates.selfInterference[client]! * power[client]! + sum + rates.noise[client]!;
}

/** bit/s at a given SINR: W log2(1 + SINR), through log1p so that small rates keep their digits. */
export function rateOf(rates: RateModel, ratio: number): number {
  return rates.bandwidth * Math.LOG2E * log1p(ratio);
}

/**
 * What an upload costs at given powers, and what is billed for it: rate R_k (bit/s), latency ℓ_k = S_k / R_k (s) and
 * energy E_k = (P_u p_k + P_c) ℓ_k (J), each [K]. A client with nothing to send costs nothing, whatever its rate; one
 * with bits and no rate never finishes: latency Infinity, energy Infinity if it draws any power, else 0.
 * `fixedEnergy` is a round's and not in here.
 */
export function priceUpload(
  problem: UploadProblem,
  power: ArrayLike<number>,
): { rate: Float64Array; latency: Float64Array; energy: Float64Array } {
  const { rates, bits, circuitPower = 0 } = problem;
  const rate = new Float64Array(rates.clients);
  const latency = new Float64Array(rates.clients);
  const energy = new Float64Array(rates.clients);
  for (let k = 0; k < rates.clients; k++) {
    rate[k] = rateOf(rates, sinr(rates, power, k));
    if (bits[k] === 0) continue;
    latency[k] = rate[k] === 0 ? Number.POSITIVE_INFINITY : bits[k]! / rate[k]!;
    const draw = rates.transmitPower * power[k]! + circuitPower;
    energy[k] = draw === 0 ? 0 : draw * latency[k]!;
  }
  return { rate, latency, energy };
}

/** What computation costs each client at given frequencies, each [K]: τ_k = w_k / f_k s and ½ α_k w_k f_k² J. */
export function priceComputation(
  { cyclesPerSample, samples, capacitance }: Processors,
  frequency: ArrayLike<number>,
): { computeLatency: Float64Array; computeEnergy: Float64Array } {
  const computeLatency = samples.map((count, k) => {
    const cycles = cyclesPerSample[k]! * count;
    return cycles === 0 ? 0 : cycles / frequency[k]!;
  });
  const computeEnergy = samples.map(
    (count, k) => 0.5 * capacitance[k]! * cyclesPerSample[k]! * count * frequency[k]! * frequency[k]!,
  );
  return { computeLatency, computeEnergy };
}

/**
 * The record of an allocation: its price, with processors that of the computation at the frequencies, or at those of who
 * chooses none, and "infeasible" with the clients named where somebody who has
 * bits to send got no rate, whatever the method thought of its own convergence.
 */
export function allocation(
  problem: UploadProblem,
  power: Float64Array,
  outcome: { status: Status; iterations: number; reason?: string },
  chosen?: Float64Array,
): Allocation {
  const { cpu } = problem;
  const frequency = chosen ?? cpu?.frequency ?? cpu?.maximumFrequency;
  const price = {
    ...priceUpload(problem, power),
    ...(cpu === undefined ? {} : { frequency: Float64Array.from(frequency!), ...priceComputation(cpu, frequency!) }),
  };
  const silent = clientsWhere(price.latency, (latency) => !(latency < Number.POSITIVE_INFINITY));
  if (silent.length > 0 && outcome.status !== "infeasible") {
    return {
      power,
      ...price,
      status: "infeasible",
      iterations: outcome.iterations,
      reason: `${nameClients(silent)} would never finish: bits to send and no rate`,
    };
  }
  return { power, ...price, ...outcome };
}

/** "client 3", "clients 3, 7". */
export function nameClients(clients: readonly number[]): string {
  return `${clients.length === 1 ? "client" : "clients"} ${clients.join(", ")}`;
}

function clientsWhere(values: Float64Array, test: (value: number) => boolean): number[] {
  const found: number[] = [];
  for (let k = 0; k < values.length; k++) if (test(values[k]!)) found.push(k);
  return found;
}
