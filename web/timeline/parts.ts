import type { Config, RoundRecord } from "../../src/index.js";
import type { ClientFacts } from "../figures.js";

/** A round, taken apart. s and J. */
export interface Round {
  round: number;
  /** Until the first one sends: downlink and computation */
  begun: number;
  latency: number;
  energy: number;
  /** What no power changes: the next two, and computing */
  fixedEnergy: number;
  /** Of what the server sends, the access points' share included */
  downlinkEnergy: number;
  /** What the access points' links carry after the last packet, where these add what they decode; nothing is 0 s and J */
  links?: { bits: number; seconds: number; energy: number };
  /** Where all send at once on the same channel uses, and the sum is received with this error: squared, over the sum's */
  air?: { uses: number; error: number };
  clients: ClientRound[];
  /** Who is waited for; −1 where nobody sends */
  last: number;
  /** How many end with the last, to a thousandth */
  together: number;
  /** Whether each sends once its own computation is done; otherwise all begin together */
  ownPace: boolean;
  /** Where the server waits on the simulated clock */
  clock?: Clock;
}

export interface ClientRound {
  fate: Fate;
  /** In their order, from the round's beginning; whoever does nothing waits */
  spans: readonly Span[];
  /** Of the upload */
  seconds: number;
  radiated: number;
  circuit: number;
  /** J left in its battery, where it has one */
  battery?: number;
}

export interface Span {
  does: "receiving" | "computing" | "sending";
  from: number;
  to: number;
}

/**
 * What becomes of a client: it sends; takes part and has nothing to send; is not chosen; its battery does not carry the
 * upload; its update is lost on the way; it is too late and broken off.
 */
export type Fate = "sends" | "quiet" | "out" | "flat" | "lost" | "late";

/** A step on the simulated clock. */
export interface Clock {
  updates: readonly { client: number; staleness: number }[];
  dropped: readonly number[];
  /** Whose packets did not arrive */
  lost: readonly number[];
  /** Whose batteries did not carry the rest of their uploads */
  flat: readonly number[];
}

/** J that computing takes. */
export function computingEnergy({ fixedEnergy, downlinkEnergy, links }: Round): number {
  const rest = fixedEnergy - downlinkEnergy - (links?.energy ?? 0);
  // As above
  return rest > 1e-12 * fixedEnergy ? rest : 0;
}

/** How its figures are drawn: px, the client that is read, and the one that is selected. */
export interface View {
  width: number;
  at: number;
  selected: number | undefined;
  low: boolean;
  select(client: number): void;
}

/** Ends nearer than this share of the sending are one: powers that equalize them do so to their tolerance only. */
const oneEnd = 1e-3;

/** @param facts what the run's worker knows of its clients; without, all compute for as long as the slowest */
export function partsOf(config: Config, record: RoundRecord, facts?: ClientFacts): Round {
  const { round, latency, energy, perClient, waiting, downlink, fronthaul, air } = record;
  const ownPace = perClient.frequency !== undefined;
  const spans = waiting === undefined ? roundSpans(record, facts) : clockSpans(record);
  const clients = perClient.latency.map((seconds, k): ClientRound => {
    const circuit = config.budgets.circuitPower * seconds;
    return {
      ...{ fate: fateOf(config, record, k), spans: spans[k]!, seconds, circuit },
      radiated: Math.max(0, perClient.energy[k]! - circuit),
      ...(perClient.battery && { battery: perClient.battery[k]! }),
    };
  });
  const sent = perClient.energy.reduce((a, b) => a + b, 0);
  const sendings = spans.map((some) => some.findLast(({ does }) => does === "sending"));
  const begun = Math.min(latency, ...sendings.flatMap((one) => (one === undefined ? [] : [one.from])));
  const ends = sendings.map((one) => one?.to ?? 0);
  const end = Math.max(0, ...ends);
  return {
    ...{ round, begun, latency, energy, clients, ownPace },
    // Both are sums of the same parts: what is left to rounding is nothing
    fixedEnergy: energy - sent > 1e-12 * energy ? energy - sent : 0,
    downlinkEnergy: downlink?.energy ?? 0,
    ...(fronthaul && { links: { bits: fronthaul.bits, seconds: fronthaul.latency, energy: fronthaul.energy } }),
    ...(air && { air: { uses: air.uses, error: air.signal > 0 ? air.error / air.signal : 0 } }),
    last: end > 0 ? ends.indexOf(end) : -1,
    together: end > 0 ? ends.filter((one) => one - begun >= (1 - oneEnd) * (end - begun)).length : 0,
    ...(waiting && { clock: clockOf(waiting) }),
  };
}

function clockOf({ updates, dropped, lost = [], out = [] }: NonNullable<RoundRecord["waiting"]>): Clock {
  return { updates, dropped, lost, flat: out };
}

function fateOf({ server, selection }: Config, { perClient, waiting }: RoundRecord, k: number): Fate {
  const { participates, delivered, latency, skipped } = perClient;
  if (waiting !== undefined) {
    if (waiting.dropped.includes(k)) return "late";
    if (waiting.lost?.includes(k)) return "lost";
    if (waiting.out?.includes(k)) return "flat";
    const busy = waiting.spans.some(({ client }) => client === k);
    return busy || waiting.updates.some(({ client }) => client === k) ? "sends" : "quiet";
  }
  if (latency[k]! > 0) return delivered?.[k] === false ? "lost" : "sends";
  if (participates !== undefined) return !participates[k] ? "out" : delivered?.[k] === false ? "flat" : "quiet";
  // Only a random share of all is recorded without who was chosen
  return skipped?.[k] && selection.rule !== "all" && server.participation < 1 ? "out" : "quiet";
}

/** A round in which all send what they have trained in it. */
function roundSpans(
  { latency, localEpochs, downlink, fronthaul, perClient }: RoundRecord,
  facts?: ClientFacts,
): Span[][] {
  const received = downlink?.latency ?? 0;
  const afterwards = fronthaul?.latency ?? 0;
  const common = Math.max(received, latency - afterwards - Math.max(0, ...perClient.latency));
  return perClient.latency.map((seconds, k) => {
    const frequency = perClient.frequency?.[k];
    const epochs = localEpochs * (facts?.epochSeconds[k] ?? 0);
    const computing =
      facts === undefined ? common - received : frequency ? (epochs * facts.frequency[k]!) / frequency : epochs;
    const takesPart = seconds > 0 || perClient.participates?.[k] === true;
    const computed = frequency === undefined ? Math.min(common, received + computing) : received + computing;
    const begins = frequency === undefined || facts === undefined ? common : computed;
    const spans: Span[] = [
      { does: "receiving", from: 0, to: received },
      { does: "computing", from: received, to: takesPart ? computed : received },
      { does: "sending", from: begins, to: begins + seconds },
    ];
    return spans.filter(({ from, to }) => to > from);
  });
}

function clockSpans({ perClient, waiting }: RoundRecord): Span[][] {
  const spans = perClient.latency.map((): Span[] => []);
  for (const { client, does, from, to } of waiting!.spans) if (to > from) spans[client]!.push({ does, from, to });
  for (const some of spans) some.sort((a, b) => a.from - b.from);
  return spans;
}
