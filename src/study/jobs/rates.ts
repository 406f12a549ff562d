import { listOf, networkSection, optional, record, seedNumber, text, whole } from "../../config/arguments.js";
import type { NetworkConfig } from "../../config/config.js";
import { breathe } from "../../federated/breathe.js";
import { fingerprint } from "../../federated/fingerprint.js";
import {
  ageingCorrelation,
  type ChannelFile,
  compareSchemes,
  createNetwork,
  importChannel,
  type Network,
} from "../../network/index.js";
import { numerics } from "../../version.js";
import type { StoreRecord } from "../store/record.js";
import type { Job, Perform } from "./job.js";
import { sourcesOf } from "./sources.js";

/** Spectral efficiencies of several receivers, over network drops or on one channel. */
export interface RatesPlan {
  /** Of a channel from elsewhere only the estimator and the ageing count */
  network: NetworkConfig;
  seed: number;
  /** Receivers, by the names of `schemeNames` */
  schemes: readonly string[];
  /** Of the simulated receivers, channel realizations a drop */
  realizations: number;
  /** How many networks to draw; default 1 */
  drops?: number;
  /** One network instead of drops */
  channel?: ChannelFile;
}

/** Some drops of a plan. */
export interface RatesPayload extends Omit<RatesPlan, "drops"> {
  drops: readonly number[];
}

/** One drop's rates: of every client (bit/s/Hz), with half the 95 % interval of a simulated receiver. */
export interface DropRates {
  drop: number;
  rates: Readonly<Record<string, { spectralEfficiency: readonly number[]; interval: readonly number[] }>>;
}

/** Jobs that a study is cut into at least, where it has so many drops: work for every thread, progress to be seen. */
const leastJobs = 64;
/** Drops of a job at most: what a kill can cost. */
const mostDrops = 32;

const checkPlan = record({
  ...{ network: networkSection, seed: seedNumber, schemes: listOf(text), realizations: whole(1) },
  ...{ drops: optional(whole(1)), channel: optional(record()) },
});

/** The jobs of a plan, drop after drop. A drop's record is known by what the drop depends on, however they are cut. */
export function ratesJobs(plan: RatesPlan): Job<RatesPayload>[] {
  checkPlan("plan", plan);
  const { drops = 1, ...shared } = plan;
  const depends = fingerprint(["rates", numerics, shared, ...sourcesOf("receiver", plan.schemes)]);
  const size = Math.min(mostDrops, Math.ceil(drops / leastJobs));
  return Array.from({ length: Math.ceil(drops / size) }, (_, i) => {
    const own = Array.from({ length: Math.min(size, drops - i * size) }, (_, j) => i * size + j);
    const yields = own.map((drop) => dropKey(depends, drop));
    return {
      kind: "rates",
      key: fingerprint(yields),
      name: own.length === 1 ? `drop ${own[0]}` : `drops ${own[0]} to ${own.at(-1)}`,
      yields,
      payload: { ...shared, drops: own },
    };
  });
}

function dropKey(depends: string, drop: number): string {
  return fingerprint([depends, drop]);
}

/** Draws the drops and rates them. @throws InputError for an unknown receiver */
export const performRates: Perform<RatesPayload> = async ({ yields, payload }, context) => {
  const { drops } = payload;
  const records: StoreRecord[] = [];
  for (const [i, drop] of drops.entries()) {
    context.signal?.throwIfAborted();
    const key = yields[i]!;
    if (context.wanted.has(key)) records.push({ kind: "rates", key, value: { ...rateDrop(payload, drop, report) } });
    report(1, 1);
    await breathe();

    function report(part: number, of: number): void {
      context.onProgress?.({ done: i + part / of, expected: drops.length });
    }
  }
  return records;
};

/** The drop of a record. A rate that could not be computed is NaN. */
export function dropRates({ value }: StoreRecord): DropRates {
  const { drop, rates } = value as unknown as { drop: number; rates: Kept };
  const read = Object.entries(rates).map(([name, { spectralEfficiency, interval }]) => [
    name,
    { spectralEfficiency: spectralEfficiency.map(orNaN), interval: interval.map(orNaN) },
  ]);
  return { drop, rates: Object.fromEntries(read) };
}

/** As a record has them: what has no value, null. */
type Kept = Record<string, { spectralEfficiency: (number | null)[]; interval: (number | null)[] }>;

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const orNaN = (value: number | null): number => value ?? Number.NaN;

/** The network of a plan's drop. */
export function ratedNetwork({ network, seed, channel }: Omit<RatesPlan, "drops">, drop: number): Network {
  return channel === undefined ? createNetwork(network, { seed, drop }) : importChannel(channel);
}

function rateDrop(
  plan: RatesPayload,
  drop: number,
  onProgress: (done: number, of: number) => void,
): { drop: number; rates: Kept } {
  const { network: settings, seed, schemes, realizations } = plan;
  const network = ratedNetwork(plan, drop);
  const rates = compareSchemes(network, schemes, {
    realizations,
    key: { seed, round: 0, drop },
    estimator: settings.estimator,
    correlation: ageingCorrelation({ ...settings, coherence: network.coherence }, network.pilots),
    onProgress,
  });
  const plain = Object.entries(rates).map(([name, { spectralEfficiency, interval }]) => [
    name,
    { spectralEfficiency: [...spectralEfficiency].map(orNull), interval: [...interval].map(orNull) },
  ]);
  return { drop, rates: Object.fromEntries(plain) };
}
