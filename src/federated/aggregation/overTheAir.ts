import { type Stream, stream } from "../../../bindings/random.js";
import type { AggregationConfig, Config } from "../../config/config.js";
import { placed } from "../../config/errors.js";
import type { ExchangeClient } from "../../config/records.js";
import { airReceiver, type Network } from "../../network/index.js";
import type { ClientReply } from "../task.js";
import { type AirClient, prescale } from "./prescaling.js";
import type { AirRound } from "./round.js";

/** What the sum is of, and over which radio. */
export interface AirMoment {
  config: Pick<Config, "aggregation" | "seed">;
  network: Network;
  round: number;
  drop: number;
}

/** Where a client keeps what it did not send. */
const keptEntry = "air";

/**
 * A round in which all send at once: collects the clients' updates, and has them received as one.
 *
 * A client sends two entries of its update in a channel use, as the parts of a complex symbol of unit power,
 * u_k = v_k / σ_k; the sum is to have c_k = w_k σ_k of it. Choice: σ_k reaches the server beside, as a number.
 */
export function collectOverTheAir(at: AirMoment) {
  const clients: ExchangeClient[] = [];
  return {
    /** @param share what the client's update counts in the mean */
    add({ client, update, memory }: ClientReply, share: number): void {
      clients.push({ client, update: update!, share, memory });
    },
    /** @throws RunError */
    finish(): { mean: Float64Array; air: AirRound } {
      try {
        return overTheAir(clients, at);
      } catch (error) {
        throw placed(error, { round: at.round });
      }
    },
  };
}

/** Σ_k w_k v_k as it is received, and what that was. */
export function overTheAir(
  clients: readonly ExchangeClient[],
  { config: { aggregation, seed }, network, round, drop }: AirMoment,
): { mean: Float64Array; air: AirRound } {
  const size = clients[0]!.update.length;
  const entries = sentEntries(aggregation, size, stream(seed, "air", round, 0, 1));
  const uses = Math.ceil(entries.length / 2);
  const updates = clients.map((one) => withKept(one, aggregation));
  const deviations = updates.map((update) => Math.sqrt(squaredNorm(update, entries) / uses));
  const asked = clients.map(({ client, share }, i): AirClient => ({ client, target: share * deviations[i]! }));
  const power = prescale(aggregation, network, asked);
  const sending = clients.flatMap((_, i) => (power[i]! > 0 ? [i] : []));
  // Others count for those who do not send, as they do for those whose upload is lost.
  const all = clients.reduce((sum, { share }, i) => sum + (deviations[i]! > 0 ? share : 0), 0);
  const scale = all / sending.reduce((sum, i) => sum + clients[i]!.share, 0);
  const mean = new Float64Array(size);
  const whole = sums({
    senders: sending.map((i) => ({
      ...{ client: clients[i]!.client, update: updates[i]!, power: power[i]! },
      ...{ share: clients[i]!.share * scale, deviation: deviations[i]! },
    })),
    ...{ entries, network, into: mean, random: stream(seed, "air", round, drop) },
  });
  keepUnsent(clients, updates, { aggregation, entries, sending });
  if (!aggregation.errorFeedback) for (const i of entries) mean[i]! *= size / entries.length;
  const powers = new Array<number>(network.clients).fill(0);
  clients.forEach(({ client }, i) => {
    powers[client] = power[i]!;
  });
  return { mean, air: { power: powers, uses, ...whole } };
}

interface Sums {
  senders: readonly { client: number; update: Float32Array; power: number; share: number; deviation: number }[];
  /** Those that are sent, ascending: entries 2m and 2m + 1 of these in channel use m */
  entries: Int32Array;
  network: Network;
  /** Gets the sum as it is received */
  into: Float64Array;
  random: Stream;
}

/** Coherence block by coherence block: what comes of the symbols, beside what was to come. */
function sums({ senders, entries, network, into, random }: Sums): Pick<AirRound, "signal" | "expectedError" | "error"> {
  const found = { signal: 0, expectedError: 0, error: 0 };
  if (senders.length === 0) return found;
  const receiver = airReceiver(network, {
    clients: senders.map(({ client }) => client),
    power: senders.map(({ power }) => power),
    target: senders.map(({ share, deviation }) => share * deviation),
  });
  const perBlock = network.coherence - network.pilots;
  const uses = Math.ceil(entries.length / 2);
  const noise = new Float64Array(2 * Math.min(perBlock, uses));
  for (let first = 0; first < uses; first += perBlock) {
    const block = receiver.block(random);
    const count = Math.min(perBlock, uses - first);
    random.fillNormal(noise, Math.sqrt(block.noise / 2));
    for (let m = 0; m < count; m++) {
      const a = entries[2 * (first + m)]!;
      // An odd entry out has a symbol to itself.
      const b = entries[2 * (first + m) + 1] ?? -1;
      let [re, im] = [noise[2 * m]!, noise[2 * m + 1]!];
      let [wantedRe, wantedIm] = [0, 0];
      for (const [s, { update, share, deviation }] of senders.entries()) {
        const [x, y] = [update[a]!, b < 0 ? 0 : update[b]!];
        const [ar, ai] = [block.response[2 * s]! / deviation, block.response[2 * s + 1]! / deviation];
        re += ar * x - ai * y;
        im += ar * y + ai * x;
        wantedRe += share * x;
        wantedIm += share * y;
      }
      into[a] = re;
      if (b >= 0) into[b] = im;
      found.signal += wantedRe * wantedRe + wantedIm * wantedIm;
      found.error += (re - wantedRe) * (re - wantedRe) + (im - wantedIm) * (im - wantedIm);
    }
    found.expectedError += count * block.error;
  }
  return found;
}

/** Which entries are sent, ascending. */
function sentEntries({ share }: AggregationConfig, size: number, random: Stream): Int32Array {
  const all = Int32Array.from({ length: size }, (_, i) => i);
  if (share === 1) return all;
  return random
    .shuffle(all)
    .slice(0, Math.max(1, Math.round(share * size)))
    .sort();
}

function withKept({ update, memory }: ExchangeClient, { errorFeedback }: AggregationConfig): Float32Array {
  const kept = errorFeedback ? memory.get(keptEntry) : undefined;
  return kept instanceof Float32Array ? update.map((value, i) => value + kept[i]!) : update;
}

function keepUnsent(
  clients: readonly ExchangeClient[],
  updates: readonly Float32Array[],
  {
    aggregation,
    entries,
    sending,
  }: { aggregation: AggregationConfig; entries: Int32Array; sending: readonly number[] },
): void {
  if (!aggregation.errorFeedback) return;
  for (const [i, { memory }] of clients.entries()) {
    const left = updates[i]!.slice();
    if (sending.includes(i)) for (const entry of entries) left[entry] = 0;
    memory.set(keptEntry, left);
  }
}

function squaredNorm(update: Float32Array, entries: Int32Array): number {
  let sum = 0;
  for (const i of entries) sum += update[i]! * update[i]!;
  return sum;
}
