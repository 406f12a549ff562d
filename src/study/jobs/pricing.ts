import { stream } from "../../../bindings/random.js";
import type { Config, PowerConfig } from "../../config/config.js";
import type { Allocation } from "../../config/records.js";
import { allocateTogether } from "../../federated/allocate.js";
import { breathe } from "../../federated/breathe.js";
import { priceRound, uploadProblem } from "../../federated/price.js";
import { firstRadios } from "../../federated/radio.js";
import { powerMethod } from "../../power/index.js";
import { trainingSize } from "../../training/size.js";
import type { Perform } from "./job.js";

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

/** Sizes of uploads that were measured: each drop takes one round of them, and each of its clients one upload of that. */
export interface MeasuredUploads {
  /** Bits an entry of every upload, round by round */
  rounds: readonly (readonly number[])[];
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
  const { parameters, examplesPerClient } = trainingSize(config);
  const examples = new Float64Array(config.network.clients).fill(examplesPerClient);
  const methods = cases.map(({ power }) => powerMethod(power));
  const prices: DropPrice[][] = cases.map(() => []);
  const size = batchSize(config.network.clients, cases.length);
  for (let done = 0; done < drops.count; done += size) {
    const first = drops.first + done;
    const count = Math.min(size, drops.count - done);
    let drop = first;
    for (const radio of firstRadios(config, { first, count })) {
      const bits = uploadsOf(config, drop, bitsPerEntry, parameters);
      cases.forEach(({ budgets }, i) => {
        const billed = { budgets: { ...config.budgets, ...budgets } };
        const work = { nominalBits: bits, wireBits: bits, examples };
        const { allocation, problem } = allocateTogether(
          (asked) => methods[i]!.allocate(asked),
          (power) => uploadProblem(billed, radio.rates(1, { power }), work, parameters),
          { takesTurns: radio.suitsPowers === true },
        );
        const { energy, latency } = priceRound(problem, allocation.power);
        prices[i]!.push({ seed: config.seed, drop, ...priceOf(allocation, energy, latency, budgets) });
      });
      drop++;
    }
    context.onProgress?.({ done: done + count, expected: drops.count });
    await breathe();
    context.signal?.throwIfAborted();
  }
  return [{ kind: "pricing", key: job.key, value: { prices: prices as never } }];
};

/** Drops between two breaths, which take a millisecond: some tens of milliseconds of work, whose cost grows with K³. */
function batchSize(clients: number, cases: number): number {
  return Math.min(256, Math.max(1, Math.floor((256 * (20 / clients) ** 3) / cases)));
}

/** S [K] of a drop. */
function uploadsOf(
  { network, seed }: Config,
  drop: number,
  bitsPerEntry: PricingPayload["bitsPerEntry"],
  parameters: number,
): Float64Array {
  const random = stream(seed, "study", drop);
  const bits = new Float64Array(network.clients);
  if ("rounds" in bitsPerEntry) {
    const round = bitsPerEntry.rounds[random.integer(bitsPerEntry.rounds.length)]!;
    return bits.map(() => round[random.integer(round.length)]! * parameters);
  }
  const [low, high] = bitsPerEntry;
  random.fillUniform(bits, low * parameters, high * parameters);
  return bits;
}

function priceOf(
  { status, reason }: Allocation,
  energy: number,
  latency: number,
  budgets: PricingCase["budgets"],
): Omit<DropPrice, "seed" | "drop"> {
  if (status === "infeasible" || !Number.isFinite(energy) || !Number.isFinite(latency)) {
    return { energy: null, latency: null, rounds: 0, reason: reason ?? status };
  }
  const rounds = Math.min(budgets.energy / energy, budgets.latency / latency);
  return { energy, latency, rounds, reason: null };
}
