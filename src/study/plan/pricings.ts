import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { checkPricedAlone } from "../../federated/aggregation/checks.js";
import { fingerprint, withoutDefaults } from "../../federated/fingerprint.js";
import { numerics as ownNumerics } from "../../version.js";
import type { Job } from "../jobs/job.js";
import type { DropPrice, PricingPayload } from "../jobs/pricing.js";
import { sourcesOf } from "../jobs/sources.js";
import type { Store } from "../store/contract.js";

/** Many drops under many methods and budgets, by pricing alone. */
export interface PricingStudy extends Pick<PricingPayload, "bitsPerEntry" | "cases"> {
  name: string;
  /** Its seed does not count */
  config: Config;
  seeds: readonly number[];
  /** Drops of each seed */
  drops: number;
  /** Of the results that are looked for, where they are another version's */
  numerics?: number;
}

/** Drops of a job: enough that it costs little beside them, few enough to share out and to lose. */
function dropsPerJob(drops: number): number {
  return Math.min(500, Math.max(20, Math.ceil(drops / 64)));
}

/** Of a study: more fit into no memory, laid out */
const mostDrops = 2_000_000;

/** A study as jobs: some drops each. */
export function pricingJobs(study: PricingStudy): Job<PricingPayload>[] {
  const { name, config, seeds, drops, bitsPerEntry, cases, numerics = ownNumerics } = study;
  if (seeds.length * drops > mostDrops) {
    throw new InputError(
      "--drops",
      `${seeds.length} seeds × ${drops} drops are ${seeds.length * drops} drops to price (allowed: ${mostDrops})`,
    );
  }
  checkPricedAlone(config);
  const sources = sourcesOf(
    "powerMethod",
    cases.map(({ power }) => power.method),
  );
  const size = dropsPerJob(drops);
  return seeds.flatMap((seed) =>
    Array.from({ length: Math.ceil(drops / size) }, (_, part) => {
      const first = part * size;
      const count = Math.min(size, drops - first);
      const payload = { config: { ...config, seed }, drops: { first, count }, bitsPerEntry, cases };
      const key = fingerprint({ pricing: { ...payload, config: withoutDefaults(payload.config) }, sources, numerics });
      const which = `drops ${first + 1} to ${first + count}${seeds.length > 1 ? `, seed ${seed}` : ""}`;
      const cost = count * cases.length * examplesPerPrice(config);
      return { kind: "pricing", key, name: `${name}, ${which}`, yields: [key], cost, payload } as const;
    }),
  );
}

/** Examples that would be trained in about the time in which one drop is priced: it grows with K². */
function examplesPerPrice({ network }: Config): number {
  return 10 * (network.clients / 20) ** 2;
}

/** The prices of each case, by seed and drop, as far as the store has them. */
export async function pricesOf(study: PricingStudy, store: Store): Promise<DropPrice[][]> {
  const prices: DropPrice[][] = study.cases.map(() => []);
  for (const { key } of pricingJobs(study)) {
    const record = await store.get(key);
    const found = record?.value.prices as unknown as DropPrice[][] | undefined;
    found?.forEach((drops, i) => {
      prices[i]!.push(...drops);
    });
  }
  return prices;
}
