import type { Config, RoundRecord } from "../../src/index.js";
import { slowest } from "../drop/words.js";
import { percent, quantity } from "../format.js";

/** A round, taken apart. s and J. */
export interface Round {
  round: number;
  /** Computation and downlink, for which all wait before anyone sends */
  computing: number;
  latency: number;
  energy: number;
  /** What no power changes */
  fixedEnergy: number;
  clients: { sends: boolean; seconds: number; radiated: number; circuit: number }[];
  /** Who is waited for; −1 where nobody sends */
  last: number;
  /** How many end with the last, to a thousandth */
  together: number;
  /** Where the server waits on the simulated clock: everybody has times of its own */
  clock?: Clock;
}

/** A step on the simulated clock. */
export interface Clock {
  updates: readonly { client: number; staleness: number }[];
  dropped: readonly number[];
  /** [K], s since the step began: computing, then sending; what is left of the step it waits */
  clients: { computed: number; sent: number }[];
}

export function partsOf({ budgets }: Config, record: RoundRecord): Round {
  const { round, latency, energy, perClient, waiting } = record;
  const clients = perClient.latency.map((seconds, k) => {
    const circuit = budgets.circuitPower * seconds;
    return { sends: seconds > 0, seconds, circuit, radiated: Math.max(0, perClient.energy[k]! - circuit) };
  });
  const upload = Math.max(0, ...perClient.latency);
  const sent = perClient.energy.reduce((a, b) => a + b, 0);
  return {
    ...{ round, latency, energy, clients },
    computing: Math.max(0, latency - upload),
    // Both are sums of the same parts: what is left to rounding is nothing
    fixedEnergy: energy - sent > 1e-12 * energy ? energy - sent : 0,
    last: upload > 0 ? perClient.latency.indexOf(upload) : -1,
    together: slowest(perClient).length,
    ...(waiting && { clock: clockOf(record) }),
  };
}

function clockOf({ perClient, waiting }: RoundRecord): Clock {
  const { updates, dropped, spans } = waiting!;
  const ends = (client: number, what: "computing" | "sending") =>
    spans.reduce((end, { client: k, does, to }) => (k === client && does === what ? Math.max(end, to) : end), 0);
  const clients = perClient.latency.map((_, k) => {
    const computed = ends(k, "computing");
    return { computed, sent: Math.max(computed, ends(k, "sending")) };
  });
  return { updates, dropped, clients };
}

function clockWords({ round, latency }: Round, { updates, dropped, clients }: Clock): string {
  const oldest = Math.max(0, ...updates.map(({ staleness }) => staleness));
  const age = oldest === 0 ? "" : `, the oldest ${oldest === 1 ? "a step" : `${oldest} steps`} old`;
  const whole = `Step ${round} comes after ${quantity(latency, "s")} and adds ${count(updates.length, "update")}${age}`;
  const late = dropped.length > 0 ? `; ${count(dropped.length, "client")} too late` : "";
  const waits = clients.filter(({ sent }, k) => sent < latency && !dropped.includes(k)).length;
  return `${whole}${late}; ${count(waits, "client")} waited.`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

function clockWaitWords({ latency }: Round, { updates, dropped, clients }: Clock, k: number): string {
  const { computed, sent } = clients[k]!;
  const parts = [
    ...(computed > 0 ? [`computes until ${quantity(computed, "s")}`] : []),
    ...(sent > computed ? [`sends until ${quantity(sent, "s")}`] : []),
    ...(dropped.includes(k) ? ["is too late and broken off"] : []),
    ...(latency - sent > 0 && !dropped.includes(k) ? [`waits for ${quantity(latency - sent, "s")}`] : []),
  ];
  const used = updates.find(({ client }) => client === k);
  const update = used === undefined ? "" : ` Its update, ${count(used.staleness, "step")} old, is added.`;
  return `Client ${k} ${parts.join(", ") || "does nothing"}.${update}`;
}

export function timelineWords(shown: Round): string {
  const { round, latency, computing, last, together, clients, clock } = shown;
  if (clock !== undefined) return clockWords(shown, clock);
  const whole = `Round ${round} takes ${quantity(latency, "s")}: ${quantity(computing, "s")} of computing`;
  if (last < 0) return `${whole}; nobody sends.`;
  const { seconds } = clients[last]!;
  const senders = clients.filter(({ sends }) => sends);
  if (together > 1)
    return `${whole}, then ${together === senders.length ? "all senders" : `the last ${together}`} end together after ${quantity(seconds, "s")}.`;
  const idle = senders.reduce((sum, client) => sum + seconds - client.seconds, 0) / senders.length;
  return `${whole}, then all wait for client ${last}, ${quantity(seconds, "s")}; ${quantity(idle, "s")} of waiting on the average.`;
}

export function waitWords(shown: Round, k: number): string {
  const { clients, computing, last, clock } = shown;
  if (clock !== undefined) return clockWaitWords(shown, clock, k);
  const client = clients[k]!;
  if (!client.sends) return `Client ${k} sends nothing in this round.`;
  const sends = `Client ${k} computes until ${quantity(computing, "s")} and sends for ${quantity(client.seconds, "s")}`;
  const wait = clients[last]!.seconds - client.seconds;
  // What a solver leaves between those that end together is no waiting
  return k === last || wait <= 1e-3 * clients[last]!.seconds
    ? `${sends}: nobody ends later.`
    : `${sends}, then waits ${quantity(wait, "s")} for client ${last}.`;
}

export function splitWords({ round, energy, fixedEnergy, clients }: Round): string {
  const radiated = clients.reduce((sum, client) => sum + client.radiated, 0);
  const circuit = clients.reduce((sum, client) => sum + client.circuit, 0);
  const part = (what: string, joules: number) =>
    joules > 0 ? [`${what} ${quantity(joules, "J")} (${percent(joules / energy)})`] : [];
  const parts = [
    ...part("radiated", radiated),
    ...part("circuits while sending", circuit),
    ...part("computing and downlink", fixedEnergy),
  ];
  return `Round ${round} takes ${quantity(energy, "J")}: ${parts.join(", ") || "nothing is spent"}.`;
}

export function energyWords({ clients, energy }: Round, k: number): string {
  const { radiated, circuit, sends } = clients[k]!;
  if (!sends) return `Client ${k} sends nothing in this round.`;
  const whole = radiated + circuit;
  const of = circuit > 0 ? `, ${quantity(circuit, "J")} of it in its circuits` : "";
  return `Client ${k}: ${quantity(whole, "J")}${of}, ${percent(energy > 0 ? whole / energy : 0)} of the round's.`;
}
