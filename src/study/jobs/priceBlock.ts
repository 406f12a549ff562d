import { breathe } from "../../federated/breathe.js";
import type { StoreRecord } from "../store/record.js";
import type { Perform } from "./job.js";
import { type DropsAsked, dropPricer, type PriceColumns, type PricedCase } from "./priceDrops.js";

/** A block of drops under several power methods and budgets: synthetic uploads, no training. */
export interface PriceBlockPayload extends DropsAsked {
  /** One for each key that the job yields */
  cases: readonly PricedCase[];
}

/** ms for which a page or a signal may wait */
const patience = 50;
/** Drops priced at a time: enough that what is done once for them costs little */
const stretch = 50;

/** Records "prices": of each case that is wanted a column a figure, in the order of the drops. */
export const priceBlock: Perform<PriceBlockPayload> = async ({ yields, payload }, context) => {
  const { drops, cases } = payload;
  const wanted = yields.flatMap((key, i) => (context.wanted.has(key) ? [{ key, case: cases[i]! }] : []));
  const columns = wanted.map((): PriceColumns => ({ energy: [], latency: [], rounds: [], reasons: {} }));
  const price = dropPricer(
    payload,
    wanted.map((one) => one.case),
  );
  let heard = performance.now();
  for (let done = 0; done < drops.count; done += stretch) {
    const part = { first: drops.first + done, count: Math.min(stretch, drops.count - done) };
    price(part).forEach((of, i) => {
      append(columns[i]!, of);
    });
    if (performance.now() - heard < patience) continue;
    context.onProgress?.({ done: done + part.count, expected: drops.count });
    await breathe();
    heard = performance.now();
    context.signal?.throwIfAborted();
  }
  const { first, count } = drops;
  const { seed } = payload.config;
  return wanted.map(
    ({ key }, i): StoreRecord => ({ kind: "prices", key, value: { seed, first, count, ...columns[i] } }),
  );
};

function append(to: PriceColumns, from: PriceColumns): void {
  to.energy.push(...from.energy);
  to.latency.push(...from.latency);
  to.rounds.push(...from.rounds);
  Object.assign(to.reasons, from.reasons);
}

/** A block as it was priced. */
export function priceColumns({ value }: StoreRecord): PriceColumns & { seed: number; first: number; count: number } {
  return value as unknown as PriceColumns & { seed: number; first: number; count: number };
}
