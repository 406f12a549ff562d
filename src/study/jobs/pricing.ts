import type { Config, PowerConfig } from "../../config/config.js";
import { breathe } from "../../federated/breathe.js";
import type { Perform } from "./job.js";
import { dropPricer, type MeasuredUploads, type PriceColumns } from "./priceDrops.js";

export type { MeasuredUploads } from "./priceDrops.js";

/** Rounds within budgets by pricing alone: synthetic uploads, no training. */
export interface PricingPayload {
  /** Complete, with its seed. From it come radio, d, what a round computes, and all that is billed beside the uploads */
  config: Config;
  /** Independent drops of the seed, each with its own uploads */
  drops: { first: number; count: number };
  /** Every client uploads S_k ~ U(low, high) · d bits, nominal and on the wire; or as it was measured */
  bitsPerEntry: readonly [low: number, high: number] | MeasuredUploads;
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

/** Record "pricing": of every case the prices of all drops; the same drops and uploads for every case. */
export const pricing: Perform<PricingPayload> = async (job, context) => {
  const { config, drops, bitsPerEntry, cases } = job.payload;
  const prices: DropPrice[][] = cases.map(() => []);
  const price = dropPricer({ config, bitsPerEntry }, cases);
  const size = batchSize(config.network.clients, cases.length);
  for (let done = 0; done < drops.count; done += size) {
    const part = { first: drops.first + done, count: Math.min(size, drops.count - done) };
    price(part).forEach((columns, i) => {
      prices[i]!.push(...rowsOf(columns, config.seed, part.first));
    });
    context.onProgress?.({ done: done + part.count, expected: drops.count });
    await breathe();
    context.signal?.throwIfAborted();
  }
  return [{ kind: "pricing", key: job.key, value: { prices: prices as never } }];
};

/** Drops between two breaths, which take a millisecond: some tens of milliseconds of work, whose cost grows with K³. */
function batchSize(clients: number, cases: number): number {
  return Math.min(256, Math.max(1, Math.floor((256 * (20 / clients) ** 3) / cases)));
}

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
