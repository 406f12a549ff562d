import { stream } from "../../../bindings/random.js";
import type { Config, PowerConfig } from "../../config/config.js";
import type { RateModel } from "../../config/records.js";
import { priceRound, uploadProblem } from "../../federated/price.js";
import { createRadio } from "../../federated/radio.js";
import { closedFormDrops } from "../../network/index.js";
import { allocateBatch } from "../../power/index.js";
import { trainingSize } from "../../training/size.js";

/** Some drops of a seed, each with uploads of its own. */
export interface DropsAsked {
  /** Complete, with its seed. From it come radio, d, what a round computes, and all that is billed beside the uploads */
  config: Config;
  drops: { first: number; count: number };
  /** Every client uploads S_k ~ U(low, high) · d bits, nominal and on the wire */
  bitsPerEntry: readonly [low: number, high: number];
}

/** A power method at budgets over the run, J and s; null: none. */
export interface PricedCase {
  power: Pick<PowerConfig, "method"> & Partial<PowerConfig>;
  budgets: { energy: number | null; latency: number | null };
}

/** What a round costs in each drop under one method, in the order of the drops. */
export interface PriceColumns {
  /** J, all clients; s, computation included. null where the method serves not every client */
  energy: (number | null)[];
  latency: (number | null)[];
  /**
   * The most rounds such as this one that fit into the budgets, as a real number (1/u of the paper's formulation): 0
   * where not every client is served, null without budgets
   */
  rounds: (number | null)[];
  /** Why a method serves not every client, by the number of the drop */
  reasons: Record<string, string>;
}

/**
 * Prices drops: rates, then powers, then joules and seconds; the same drops and uploads under every case. This is the
 * one place where studies price many drops at a time.
 */
export function priceDrops({ config, drops, bitsPerEntry }: DropsAsked, cases: readonly PricedCase[]): PriceColumns[] {
  const { parameters, examplesPerClient } = sizeOf(config);
  const { clients } = config.network;
  const examples = new Float64Array(clients).fill(examplesPerClient);
  const [low, high] = bitsPerEntry;
  const works = ratesOfDrops(config, drops).map((rates, i) => {
    const bits = new Float64Array(clients);
    stream(config.seed, "study", drops.first + i).fillUniform(bits, low * parameters, high * parameters);
    return { rates, work: { nominalBits: bits, wireBits: bits, examples } };
  });
  return cases.map(({ power, budgets }) => {
    const billed = { budgets: { ...config.budgets, ...budgets } };
    const problems = works.map(({ rates, work }) => uploadProblem(billed, rates, work, parameters));
    const columns: PriceColumns = { energy: [], latency: [], rounds: [], reasons: {} };
    allocateBatch(problems, power).forEach(({ power: powers, status, reason }, i) => {
      const { energy, latency } = priceRound(problems[i]!, powers);
      const served = status !== "infeasible" && Number.isFinite(energy) && Number.isFinite(latency);
      if (!served) columns.reasons[drops.first + i] = reason ?? status;
      columns.energy.push(served ? energy : null);
      columns.latency.push(served ? latency : null);
      columns.rounds.push(served ? roundsWithin(budgets, energy, latency) : 0);
    });
    return columns;
  });
}

function roundsWithin(budgets: PricedCase["budgets"], energy: number, latency: number): number | null {
  const fit = Math.min((budgets.energy ?? Infinity) / energy, (budgets.latency ?? Infinity) / latency);
  return Number.isFinite(fit) ? fit : null;
}

/** The first round's rates of every drop: in one pass where they are a closed form, else network by network. */
function ratesOfDrops(config: Config, { first, count }: DropsAsked["drops"]): RateModel[] {
  const { network, seed } = config;
  const closed =
    network.combining === "mr" &&
    network.estimator === "mmse" &&
    network.mobility.model === "none" &&
    !network.ageing.enabled &&
    network.channel === undefined;
  if (closed) return closedFormDrops(network, { seed, first, count });
  return Array.from({ length: count }, (_, i) => createRadio(config, { drop: first + i }).rates(1));
}

let known: { key: string; size: ReturnType<typeof trainingSize> } | undefined;

/** Blocks of one study ask for the same again and again, and it takes a model to answer. */
function sizeOf(config: Config): ReturnType<typeof trainingSize> {
  const { data, model, training, network, seed } = config;
  const key = JSON.stringify([data, model, training, network.clients, seed]);
  if (known?.key !== key) known = { key, size: trainingSize(config) };
  return known.size;
}
