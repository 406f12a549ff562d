import { log2 } from "../../bindings/math.js";
import type { Config } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { Allocation, PowerMethod, RateModel, UploadProblem } from "../config/records.js";
import { createMovement, createNetwork, type Network, rateModel } from "../network/index.js";
import { powerMethod } from "../power/index.js";
import type { Ending } from "./result.js";
import type { Proposal } from "./training.js";

/** What a round costs, or why it cannot be had. */
export type Price =
  | { fits: true; allocation: Allocation; latency: number; energy: number }
  | { fits: false; ending: Ending; reason: string };

/** A run's account: prices rounds on one drop with one power method, and stops before a budget would break. */
export interface Ledger {
  readonly totals: { latency: number; energy: number };
  /** What the radio offers in a round; the same every round unless the clients move */
  rates(round: number): RateModel;
  /** The round's cost; it is entered in the account if it fits. */
  price(proposal: Pick<Proposal, "round" | "nominalBits" | "wireBits" | "slowestExamples" | "examples">): Price;
}

export interface LedgerOptions {
  /** A power method passed in as an object instead of by name */
  powerMethod?: PowerMethod;
  /** Which of the seed's drops */
  drop?: number;
  /** A network instead of a drop, such as one of `importChannel` */
  network?: Network;
  /** d, for the downlink's cost */
  parameters: number;
}

export function createLedger(config: Config, options: LedgerOptions): Ledger {
  const method = options.powerMethod ?? powerMethod(config.power);
  const network = options.network ?? createNetwork(config.network, { seed: config.seed, drop: options.drop ?? 0 });
  checkFits(network, config, options.network !== undefined);
  const movement = createMovement(network, config.network, { seed: config.seed, drop: options.drop ?? 0 });
  const moving = config.network.mobility.model !== "none" || config.network.ageing.enabled;
  const budgets = {
    energy: config.budgets.energy ?? Number.POSITIVE_INFINITY,
    latency: config.budgets.latency ?? Number.POSITIVE_INFINITY,
  };
  const totals = { latency: 0, energy: 0 };
  let known: { round: number; rates: RateModel } | undefined;
  let previous: Float64Array | undefined;

  function rates(round: number): RateModel {
    if (known === undefined || (moving && known.round !== round)) {
      known = { round, rates: rateModel(movement.at(round), config.network, { seed: config.seed, round }) };
    }
    return known.rates;
  }

  return {
    totals,
    rates,
    price(proposal) {
      const bits = config.budgets.bits === "wire" ? proposal.wireBits : proposal.nominalBits;
      const fixed = fixedCosts(config, proposal, options.parameters);
      const allocation = allocated(method, proposal.round, previous, {
        rates: rates(proposal.round),
        bits,
        computeLatency: fixed.latency,
        budgets,
      });
      const refusal = refusalOf(allocation, method.name, bits);
      if (refusal !== undefined) return { fits: false, ending: "infeasible", reason: refusal };
      let upload = 0;
      let energy = fixed.energy;
      for (let k = 0; k < bits.length; k++) {
        const seconds = allocation.latency[k] as number;
        upload = Math.max(upload, seconds);
        energy += (allocation.energy[k] as number) + config.budgets.circuitPower * seconds;
      }
      const latency = fixed.latency + upload;
      for (const [name, cost, unit] of [
        ["energy", energy, "J"],
        ["latency", latency, "s"],
      ] as const) {
        if (totals[name] + cost > budgets[name]) {
          return {
            fits: false,
            ending: name,
            reason:
              `round ${proposal.round} would bring the ${name} to ${(totals[name] + cost).toPrecision(4)} ${unit}` +
              ` of ${budgets[name]} ${unit} (${method.name}; ${costliest(allocation, name)})`,
          };
        }
      }
      totals.latency += latency;
      totals.energy += energy;
      previous = allocation.power;
      return { fits: true, allocation, latency, energy };
    },
  };
}

/** A network that was handed in must be this config's, and a channel file must have been. */
function checkFits(network: Network, { network: config }: Config, given: boolean): void {
  if (config.channel !== undefined && !given)
    throw new InputError("network.channel", "only a single `cellfed run` and `cellfed rates` read a channel file");
  if (!given) return;
  if (network.clients !== config.clients)
    throw new InputError("network.clients", `${config.clients}, but the channel given has ${network.clients} clients`);
  if (config.mobility.model !== "none" && network.clientPositions.length === 0)
    throw new InputError(
      "network.mobility.model",
      `"${config.mobility.model}" needs positions, which the channel has not`,
    );
}

/** log2(1 + SINR_k) [K] with every client at full power: what channel-aware quantizers go by ([S]). */
export function fullPowerSpectralEfficiency(rates: RateModel): Float64Array {
  const { clients, signal, selfInterference, interference, noise } = rates;
  return Float64Array.from({ length: clients }, (_, k) => {
    let denominator = (selfInterference[k] as number) + (noise[k] as number);
    for (let j = 0; j < clients; j++) denominator += interference[k * clients + j] as number;
    return log2(1 + (signal[k] as number) / denominator);
  });
}

/** Everything that the powers do not change: local computation ([S]'s 15 ms per 1250 images, or the CPU model) and the downlink. */
function fixedCosts(
  config: Config,
  proposal: Pick<Proposal, "slowestExamples" | "examples">,
  parameters: number,
): { latency: number; energy: number } {
  const { compute, downlink } = config.budgets;
  const { enabled, cyclesPerSample, frequency, capacitance } = compute.cpu;
  let latency = enabled
    ? (cyclesPerSample * proposal.slowestExamples) / frequency
    : (compute.latencyPer1250 * proposal.slowestExamples) / 1250;
  let energy = 0;
  if (enabled) {
    for (const examples of proposal.examples) {
      energy += 0.5 * capacitance * cyclesPerSample * examples * frequency * frequency;
    }
  }
  if (downlink.enabled) {
    // The broadcast of w_t in full precision, to all clients at once.
    const seconds = (32 * parameters) / downlink.rate;
    latency += seconds;
    energy += downlink.power * seconds;
  }
  return { latency, energy };
}

/** A method may be the caller's own. @throws RunError, which ends the run and keeps what is finished */
function allocated(
  method: PowerMethod,
  round: number,
  previous: Float64Array | undefined,
  problem: UploadProblem,
): Allocation {
  try {
    return method.allocate(problem, previous);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new RunError(`${method.name}: ${(error as Error).message}`, { round }, { cause: error });
  }
}

/** Why an allocation cannot be used: it never becomes a number. */
function refusalOf(allocation: Allocation, method: string, bits: Float64Array): string | undefined {
  if (allocation.status === "infeasible") return `${method}: ${allocation.reason ?? "no powers serve every client"}`;
  const short = (["power", "latency", "energy"] as const).find((name) => allocation[name]?.length !== bits.length);
  if (short !== undefined) return `${method}: the ${short} of every client is not among what it gives`;
  for (let k = 0; k < bits.length; k++) {
    if (!Number.isFinite(allocation.latency[k] as number) || !Number.isFinite(allocation.energy[k] as number)) {
      return `${method}: client ${k} has ${bits[k]} bits to send and no rate (${allocation.status})`;
    }
  }
  return undefined;
}

function costliest(allocation: Allocation, name: "energy" | "latency"): string {
  let worst = 0;
  allocation[name].forEach((cost, k) => {
    if (cost > (allocation[name][worst] as number)) worst = k;
  });
  const cost = allocation[name][worst] as number;
  return `client ${worst} takes most: ${cost.toPrecision(3)} ${name === "energy" ? "J" : "s"}`;
}
