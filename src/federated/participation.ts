import { stream } from "../../bindings/random.js";
import type { Config } from "../config/config.js";
import { computeJoules, computeSeconds, type Devices } from "../system/devices.js";
import { deliveryProbability, type Sending, sendingOf } from "../system/loss.js";
import {
  aggregationWeights,
  looksAt,
  NobodyError,
  type SelectionView,
  type Sight,
  selectClients,
} from "../system/selection/index.js";
import type { KeptRound, Participation } from "./keptTrace.js";
import { fullPowerSpectralEfficiency, type Radio } from "./radio.js";

/** What a round's participants are chosen by. */
export interface ParticipationView {
  config: Config;
  round: number;
  /** D_k [K] */
  examples: ArrayLike<number>;
  /** The rounds before this one, at least */
  rounds: readonly KeptRound[];
  /** Local epochs of this round, for the time that computation takes */
  localEpochs: number;
  /** The radio at the time of the run */
  radio: Pick<Radio, "rates">;
  devices: Devices;
  /** J in each battery, or minus what each has spent [K] */
  energyLeft: ArrayLike<number>;
  /** Epochs of each client, which its battery has to carry */
  epochs(client: number): number;
  /** Who is still at work from rounds before: then they count as taking part, and nobody is asked twice */
  busy?: readonly number[];
}

/** Whether a config has everybody, or a random share of all, counting by their examples: then a round says it without more. */
export function isPlain({ selection, devices, loss }: Config): boolean {
  const { rule, weights, exploration, forgetAfter } = selection;
  const plain = (rule === "random" || rule === "all") && weights === "share" && exploration === 0 && forgetAfter === 0;
  return plain && !devices.battery.enabled && loss.kind === "none";
}

/** Whether a rule, or batteries, look at what the rounds have cost: then a training belongs to its powers and budgets. */
export function looksAtEnergy({ selection, devices }: Config): boolean {
  return devices.battery.enabled || looksAt(selection).includes("energy");
}

export function sees(config: Config, sight: Sight): boolean {
  return looksAt(config.selection).includes(sight);
}

/**
 * Who takes part: what the round has kept of it, where it has been trained before; else as the rule says. A function of
 * what it is shown, so that a round that is trained again has the same participants.
 * @throws RunError where nobody can, InputError where that is so before the first round
 */
export function chooseParticipants(view: ParticipationView): Participation {
  const { config, round, rounds } = view;
  const kept = rounds[round - 1]?.participation;
  if (kept !== undefined) return kept;
  const { selection, seed, network } = config;
  const { busy = [] } = view;
  const all = Array.from({ length: network.clients }, (_, client) => client);
  const charged = config.devices.battery.enabled ? ableToCompute(view) : all;
  const available = busy.length > 0 ? charged.filter((client) => !busy.includes(client)) : charged;
  const wanted = Math.max(1, Math.round(config.server.participation * network.clients)) - busy.length;
  if (busy.length > 0 && ((wanted <= 0 && selection.rule !== "all") || available.length === 0)) {
    const memory = rounds[round - 2]?.participation?.memory;
    return { clients: [], weights: [], probability: all.map(() => 0), ...(memory !== undefined && { memory }) };
  }
  const shown = selectionView(view, available, Math.min(wanted, available.length));
  const explores = selection.exploration > 0 ? stream(seed, "selection", round).uniform() : 1;
  try {
    if (available.length === 0) throw new NobodyError(allEmpty(view), { round });
    const { clients, probability, memory } = selectClients(selection, shown, explores);
    const sent = clients.map((client) => sendingOf(config.loss, seed, client, round));
    return {
      ...{ clients, probability, ...(memory !== undefined && { memory }) },
      weights: weightsOf(view, { clients, available, probability }, sent),
      ...(config.loss.kind !== "none" && { attempts: sent.map(({ attempts }) => attempts) }),
      ...(sent.some(({ delivered }) => !delivered) && { lost: clients.filter((_, i) => !sent[i]!.delivered) }),
      ...forgetting(view, clients),
    };
  } catch (error) {
    throw error instanceof NobodyError && round === 1 ? error.asInput() : error;
  }
}

/** Those whose battery carries this round's computation, and something beside it. */
function ableToCompute(view: ParticipationView): number[] {
  const left = view.energyLeft;
  const needed = computeJoules(view.config, view.devices, toCarry(view));
  return Array.from(needed, (_, client) => client).filter((client) => left[client]! > needed[client]!);
}

/** What is wrong where nobody's battery lasts, and what would do. */
function allEmpty(view: ParticipationView): string {
  const { energyLeft } = view;
  const needed = computeJoules(view.config, view.devices, toCarry(view));
  let best = 0;
  for (let k = 1; k < needed.length; k++) {
    if (energyLeft[k]! - needed[k]! > energyLeft[best]! - needed[best]!) best = k;
  }
  const holds = `client ${best} is nearest: its battery holds ${energyLeft[best]!.toPrecision(3)} J`;
  const fewer = view.config.waiting.kind === "semi-synchronous" ? "a shorter waiting.period" : "fewer local epochs";
  return (
    `no battery carries a round: ${holds}, and its computation takes ${needed[best]!.toPrecision(3)} J before a bit is sent` +
    ` (larger batteries, devices.battery, ${fewer}, or a lower frequency would do)`
  );
}

/** Examples that each client would process in the round. */
function processed({ examples, localEpochs }: ParticipationView): Float64Array {
  return Float64Array.from(examples, (count) => count * localEpochs);
}

/** The same by what a battery has to pay for. */
function toCarry({ examples, epochs }: ParticipationView): Float64Array {
  return Float64Array.from(examples, (count, client) => count * epochs(client));
}

/** Of what arrives. An update that is lost counts nothing. */
function weightsOf(
  { config, examples, round }: ParticipationView,
  { clients, available, probability }: { clients: number[]; available: number[]; probability: number[] },
  sent: readonly Sending[],
): number[] {
  const { weights } = config.selection;
  const arriving = clients.filter((_, i) => sent[i]!.delivered);
  const arrives = deliveryProbability(config.loss);
  const chances = arrives === 1 ? probability : probability.map((chance) => chance * arrives);
  const counted = aggregationWeights(examples, { clients: arriving, available, probability: chances, round }, weights);
  return clients.map((client) => counted[arriving.indexOf(client)] ?? 0);
}

/** Participants that have been away so long that what their quantizer remembers is given up. */
function forgetting({ config, rounds, round }: ParticipationView, clients: readonly number[]) {
  const { forgetAfter } = config.selection;
  if (forgetAfter === 0) return {};
  const last = lastRounds(rounds.slice(0, round - 1), config.network.clients);
  const forgets = clients.filter((client) => last[client]! > 0 && round - last[client]! - 1 >= forgetAfter);
  return forgets.length === 0 ? {} : { forgets };
}

/** What the rule is shown: of what it does not look at, nothing. */
function selectionView(view: ParticipationView, available: readonly number[], count: number): SelectionView {
  const { config, round, examples, radio, devices, energyLeft } = view;
  const { seed, network } = config;
  const before = view.rounds.slice(0, round - 1);
  const memory = before.at(-1)?.participation?.memory;
  const rates = sees(config, "channel") ? radio.rates(round) : undefined;
  return {
    ...{ round, clients: network.clients, count, available, examples },
    lastRound: lastRounds(before, network.clients),
    ...(memory !== undefined && { memory }),
    ...(sees(config, "updates") && lastSent(before, config)),
    ...(rates && { spectralEfficiency: fullPowerSpectralEfficiency(rates), bandwidth: rates.bandwidth }),
    ...(sees(config, "devices") && {
      computeSeconds: computeSeconds(config, devices, processed(view)),
    }),
    ...(sees(config, "energy") && { energyLeft: Float64Array.from(energyLeft) }),
    random: stream(seed, "participation", round),
    order: stream(seed, "selection", 0, 1),
  };
}

/** The last round in which each client took part [K]; 0: never. */
export function lastRounds(rounds: readonly KeptRound[], clients: number): Float64Array {
  const last = new Float64Array(clients);
  for (const { round, examples } of rounds) {
    for (let k = 0; k < clients; k++) if (examples[k]! > 0) last[k] = round;
  }
  return last;
}

/** Norm and bits of what each client sent last [K]; NaN: nothing so far. */
function lastSent(rounds: readonly KeptRound[], { network, budgets }: Config) {
  const updateNorm = new Float64Array(network.clients).fill(Number.NaN);
  const bits = new Float64Array(network.clients).fill(Number.NaN);
  for (const { participation, skipped, nominalBits, wireBits } of rounds) {
    for (const [i, client] of (participation?.clients ?? []).entries()) {
      const norm = participation?.norm?.[i];
      if (norm !== undefined) updateNorm[client] = norm;
      if (!skipped[client]) bits[client] = (budgets.bits === "wire" ? wireBits : nominalBits)[client]!;
    }
  }
  return { updateNorm, bits };
}
