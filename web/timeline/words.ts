import { percent, quantity } from "../format.js";
import { type ClientRound, type Clock, computingEnergy, type Fate, type Round } from "./parts.js";

/** What a round's figures show, in sentences. */

const count = (number: number, what: string, several = `${what}s`) => `${number} ${number === 1 ? what : several}`;

function clockWords({ round, latency, clients }: Round, { updates, dropped, lost, flat }: Clock): string {
  const oldest = Math.max(0, ...updates.map(({ staleness }) => staleness));
  const age = oldest === 0 ? "" : `, the oldest ${oldest === 1 ? "a step" : `${oldest} steps`} old`;
  const whole = `Step ${round} comes after ${quantity(latency, "s")} and adds ${count(updates.length, "update")}${age}`;
  const late = dropped.length > 0 ? `; ${count(dropped.length, "client")} too late` : "";
  const gone =
    (lost.length > 0 ? `; ${count(lost.length, "update")} lost on the way` : "") +
    (flat.length > 0 ? `; ${count(flat.length, "battery", "batteries")} gave out` : "");
  const waits = clients.filter((client, k) => idleAtEnd(client, latency) > 0 && !dropped.includes(k)).length;
  return `${whole}${late}${gone}; ${count(waits, "client")} waited.`;
}

const idleAtEnd = ({ spans }: ClientRound, latency: number) => latency - (spans.at(-1)?.to ?? 0);

function clockWaitWords({ latency, clients }: Round, { updates, dropped, lost, flat }: Clock, k: number): string {
  const idle = idleAtEnd(clients[k]!, latency);
  const parts = [
    ...clients[k]!.spans.map(
      ({ does, to }) => `${does === "computing" ? "computes" : "sends"} until ${quantity(to, "s")}`,
    ),
    ...(dropped.includes(k) ? ["is too late and broken off"] : []),
    ...(flat.includes(k) ? ["gives up, since its battery does not carry the rest"] : []),
    ...(idle > 0 && !dropped.includes(k) ? [`waits for ${quantity(idle, "s")}`] : []),
  ];
  const used = updates.find(({ client }) => client === k);
  const added = used === undefined ? "" : ` Its update, ${count(used.staleness, "step")} old, is added.`;
  const update = lost.includes(k) ? " Its update is lost on the way." : added;
  return `Client ${k} ${parts.join(", ") || "does nothing"}.${update}`;
}

const endOf = ({ spans }: ClientRound) => spans.findLast(({ does }) => does === "sending")?.to ?? 0;
const computedAt = ({ spans }: ClientRound) => spans.find(({ does }) => does === "computing")?.to ?? 0;

export function timelineWords(shown: Round): string {
  const { round, latency, begun, last, together, clients, clock, ownPace } = shown;
  if (clock !== undefined) return clockWords(shown, clock);
  const takes = `Round ${round} takes ${quantity(latency, "s")}`;
  const whole = ownPace
    ? `${takes}: each sends once it has computed, the first after ${quantity(begun, "s")}`
    : `${takes}: ${quantity(begun, "s")} of ${clients.some(({ spans }) => spans[0]?.does === "receiving") ? "downlink and computing" : "computing"}`;
  if (last < 0) return `${takes}; nobody sends.${missing(shown)}`;
  const seconds = endOf(clients[last]!) - begun;
  const senders = clients.filter(({ seconds }) => seconds > 0);
  if (shown.air !== undefined)
    return `${whole}, then ${count(senders.length, "client")} send at once in one slot of ${quantity(seconds, "s")}, ${shown.air.uses} channel uses: what arrives is their sum, its squared error ${percent(shown.air.error)} of it.${missing(shown)}`;
  if (together > 1)
    return `${whole}, then ${together === senders.length ? "all senders" : `the last ${together}`} end together after ${quantity(seconds, "s")}.${afterwards(shown)}${missing(shown)}`;
  const idle = senders.reduce((sum, client) => sum + endOf(clients[last]!) - endOf(client), 0) / senders.length;
  return `${whole}, then all wait for client ${last}, ${quantity(seconds, "s")}; ${quantity(idle, "s")} of waiting on the average.${afterwards(shown)}${missing(shown)}`;
}

/** What the access points send on, where they add. */
function afterwards({ links }: Round): string {
  if (links === undefined) return "";
  const seconds = links.seconds > 0 ? `, ${quantity(links.seconds, "s")} after the last packet` : "";
  return ` Access points add what they decode; their sums are ${quantity(links.bits, "bit")} on the links${seconds}.`;
}

/** Who does not count, and why. */
function missing({ clients }: Round): string {
  const of = (fate: Fate) => clients.flatMap((client, k) => (client.fate === fate ? [k] : []));
  const named = (some: readonly number[]) =>
    some.length > 4 ? count(some.length, "client") : `client${some.length === 1 ? "" : "s"} ${some.join(", ")}`;
  const [out, flat, lost] = [of("out"), of("flat"), of("lost")];
  const parts = [
    ...(out.length > 0 ? [`${count(out.length, "client")} not chosen`] : []),
    ...(flat.length > 0 ? [`too little in the battery of ${named(flat)}`] : []),
    ...(lost.length > 0 ? [`lost on the way: the update of ${named(lost)}`] : []),
  ].join("; ");
  return parts === "" ? "" : ` ${parts[0]!.toUpperCase()}${parts.slice(1)}.`;
}

export function waitWords(shown: Round, k: number): string {
  const { clients, begun, last, clock, ownPace } = shown;
  if (clock !== undefined) return clockWaitWords(shown, clock, k);
  const client = clients[k]!;
  const computed = computedAt(client);
  if (client.fate === "out") return `Client ${k} is not chosen for this round.`;
  if (client.fate === "flat")
    return `Client ${k} computes until ${quantity(computed, "s")} and sends nothing: its battery does not carry it.`;
  if (client.seconds === 0) return `Client ${k} sends nothing in this round.`;
  const early =
    !ownPace && begun - computed > 1e-3 * begun ? `, waits until all have, at ${quantity(begun, "s")},` : "";
  const sends = `Client ${k} computes until ${quantity(computed, "s")}${early} and sends for ${quantity(client.seconds, "s")}`;
  const lost = client.fate === "lost" ? " Its update is lost on the way." : "";
  const end = endOf(clients[last]!);
  const wait = end - endOf(client);
  // What a solver leaves between those that end together is no waiting
  return k === last || wait <= 1e-3 * (end - begun)
    ? `${sends}: nobody ends later.${lost}`
    : `${sends}, then waits ${quantity(wait, "s")} for client ${last}.${lost}`;
}

export function splitWords(shown: Round): string {
  const { round, energy, downlinkEnergy, links, clients } = shown;
  const radiated = clients.reduce((sum, client) => sum + client.radiated, 0);
  const circuit = clients.reduce((sum, client) => sum + client.circuit, 0);
  const part = (what: string, joules: number) =>
    joules > 0 ? [`${what} ${quantity(joules, "J")} (${percent(joules / energy)})`] : [];
  const parts = [
    ...part("radiated", radiated),
    ...part("circuits while sending", circuit),
    ...part("computing", computingEnergy(shown)),
    ...part("downlink", downlinkEnergy),
    ...part("the access points' links", links?.energy ?? 0),
  ];
  return `Round ${round} takes ${quantity(energy, "J")}: ${parts.join(", ") || "nothing is spent"}.`;
}

export function energyWords({ clients, energy }: Round, k: number): string {
  const { radiated, circuit, seconds, battery } = clients[k]!;
  const left = battery === undefined ? "" : ` ${quantity(battery, "J")} are left in its battery.`;
  if (seconds === 0) return `Client ${k} sends nothing in this round.${left}`;
  const whole = radiated + circuit;
  const of = circuit > 0 ? `, ${quantity(circuit, "J")} of it in its circuits` : "";
  return `Client ${k}: ${quantity(whole, "J")}${of}, ${percent(energy > 0 ? whole / energy : 0)} of the round's.${left}`;
}
