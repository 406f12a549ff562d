import type { Config, PowerConfig } from "../../config/config.js";
import { breathe } from "../../federated/breathe.js";
import type { Perform } from "./job.js";
import { type PriceColumns, priceDrops } from "./priceDrops.js";

/** Rounds within budgets by pricing alone: synthetic uploads, no training. */
export interface PricingPayload {
  /** Complete, with its seed. From it come radio, d, what a round computes, and all that is billed beside the uploads */
  config: Config;
  /** Independent drops of the seed, each with its own uploads */
  drops: { first: number; count: number };
  /** Every client uploads S_k ~ U(low, high) · d bits, nominal and on the wire */
  bitsPerEntry: readonly [low: number, high: number];
  cases: readonly PricingCase[];
}

/** A power method at budgets over the run, J and s. */
export interface PricingCase {
  power: Pick<PowerConfig, "method"> & Partial<PowerConfig>;
  budgets: { energy: number; latency: number };
}

/** What one drop's round costs under one method. */
export interface DropPrice {
  seed: number;
  drop: number;
  /** J, all clients; s, computation included. null where the method serves not every client */
  energy: number | null;
  latency: number | null;
  /** The most rounds such as this one that fit into the budgets, as a real number: 1/u of the paper's formulation */
  rounds: number;
  /** Why it serves not every client, else null */
  reason: string | null;
}

/** ms for which a page or a signal may wait */
const patience = 50;
/** Drops priced at a time */
const stretch = 10;

/** Record "pricing": of every case the prices of all drops; the same drops and uploads for every case. */
export const pricing: Perform<PricingPayload> = async (job, context) => {
  const { config, drops, bitsPerEntry, cases } = job.payload;
  const prices: DropPrice[][] = cases.map(() => []);
  let heard = performance.now();
  for (let done = 0; done < drops.count; done += stretch) {
    const part = { first: drops.first + done, count: Math.min(stretch, drops.count - done) };
    priceDrops({ config, bitsPerEntry, drops: part }, cases).forEach((columns, i) => {
      prices[i]!.push(...rowsOf(columns, config.seed, part.first));
    });
    context.onProgress?.({ done: done + part.count, expected: drops.count });
    if (performance.now() - heard < patience) continue;
    await breathe();
    heard = performance.now();
    context.signal?.throwIfAborted();
  }
  return [{ kind: "pricing", key: job.key, value: { prices: prices as never } }];
};

function rowsOf({ energy, latency, rounds, reasons }: PriceColumns, seed: number, first: number): DropPrice[] {
  return energy.map((joules, i) => ({
    seed,
    drop: first + i,
    energy: joules,
    latency: latency[i]!,
    rounds: rounds[i]!, // both budgets are numbers here
    reason: reasons[first + i] ?? null,
  }));
}
