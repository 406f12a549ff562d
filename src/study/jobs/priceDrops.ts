import { fillUniforms, stream } from "../../../bindings/random.js";
import type { Config, PowerConfig } from "../../config/config.js";
import type { Allocation, UploadProblem } from "../../config/records.js";
import { checkPricedAlone } from "../../federated/aggregation/checks.js";
import { priceFronthaul } from "../../federated/aggregation/fronthaul.js";
import { allocateTogether } from "../../federated/allocate.js";
import { downlinkRatesOf } from "../../federated/downlinkPrice.js";
import { totalRound, uploadProblem } from "../../federated/price.js";
import { firstRadios } from "../../federated/radio.js";
import { powerMethod } from "../../power/index.js";
import { drawDevices } from "../../system/devices.js";
import { trainingSize } from "../../training/size.js";

/** Some drops of a seed, each with uploads of its own. */
export interface DropsAsked {
  /** Complete, with its seed. From it come radio, d, what a round computes, and all that is billed beside the uploads */
  config: Config;
  drops: { first: number; count: number };
  /** Every client uploads S_k ~ U(low, high) · d bits, nominal and on the wire; or as it was measured */
  bitsPerEntry: readonly [low: number, high: number] | MeasuredUploads;
}

/** Sizes of uploads that were measured: each drop takes one round of them, and each of its clients one upload of that. */
export interface MeasuredUploads {
  /** Bits an entry of every upload, round by round */
  rounds: readonly (readonly number[])[];
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
 * Prices drops, some at a time: rates, then powers, then joules and seconds; the same drops and uploads under every case.
 * This is the one place where studies price many drops.
 */
export function dropPricer(
  { config, bitsPerEntry }: Omit<DropsAsked, "drops">,
  cases: readonly PricedCase[],
): (drops: DropsAsked["drops"]) => PriceColumns[] {
  checkPricedAlone(config);
  const { parameters, examplesPerClient } = sizeOf(config);
  const { seed, network } = config;
  const examples = new Float64Array(network.clients).fill(examplesPerClient);
  const devices = drawDevices(config);
  const radios = firstRadios(config);
  const priced = cases.map(({ power, budgets }) => ({
    budgets,
    billed: { budgets: { ...config.budgets, ...budgets } },
    method: powerMethod(power),
  }));
  const bits = new Float64Array(network.clients);
  const work = { nominalBits: bits, wireBits: bits, examples };

  return ({ first, count }) => {
    const columns = cases.map((): PriceColumns => ({ energy: [], latency: [], rounds: [], reasons: {} }));
    let drop = first;
    for (const radio of radios({ first, count })) {
      drawUploads(bits, { seed, drop, parameters }, bitsPerEntry);
      const decoded = radio.decoded?.(1);
      const fronthaul = decoded && priceFronthaul(config.aggregation, decoded, bits, parameters);
      const sending = downlinkRatesOf(config.budgets, radio, 1, {});
      const beside = { devices, downlink: sending, fronthaul };
      priced.forEach(({ budgets, billed, method }, i) => {
        const { allocation, problem } = allocateTogether(
          (asked) => method.allocate(asked),
          (power) => uploadProblem(billed, radio.rates(1, { power }), work, parameters, beside),
          { takesTurns: radio.suitsPowers === true },
        );
        addPrice(columns[i]!, drop, budgets, allocation, problem);
      });
      drop++;
    }
    return columns;
  };
}

function addPrice(
  columns: PriceColumns,
  drop: number,
  budgets: PricedCase["budgets"],
  { power, frequency, status, reason }: Allocation,
  problem: UploadProblem,
): void {
  const { energy, latency } = totalRound(problem, power, frequency);
  const served = status !== "infeasible" && Number.isFinite(energy) && Number.isFinite(latency);
  if (!served) columns.reasons[drop] = reason ?? status;
  columns.energy.push(served ? energy : null);
  columns.latency.push(served ? latency : null);
  columns.rounds.push(served ? roundsWithin(budgets, energy, latency) : 0);
}

/** S_k [K] of a drop, bits, into `bits`. */
function drawUploads(
  bits: Float64Array,
  { seed, drop, parameters }: { seed: number; drop: number; parameters: number },
  bitsPerEntry: DropsAsked["bitsPerEntry"],
): void {
  if ("rounds" in bitsPerEntry) {
    const random = stream(seed, "study", drop);
    const round = bitsPerEntry.rounds[random.integer(bitsPerEntry.rounds.length)]!;
    for (let k = 0; k < bits.length; k++) bits[k] = round[random.integer(round.length)]! * parameters;
    return;
  }
  const [low, high] = bitsPerEntry;
  fillUniforms(seed, "study", drop, bits, { low: low * parameters, high: high * parameters });
}

function roundsWithin(budgets: PricedCase["budgets"], energy: number, latency: number): number | null {
  const fit = Math.min((budgets.energy ?? Infinity) / energy, (budgets.latency ?? Infinity) / latency);
  return Number.isFinite(fit) ? fit : null;
}

let known: { key: string; size: ReturnType<typeof trainingSize> } | undefined;

/** Blocks of one study ask for the same again and again, and it takes a model to answer. */
function sizeOf(config: Config): ReturnType<typeof trainingSize> {
  const { data, model, training, network, seed } = config;
  const key = JSON.stringify([data, model, training, network.clients, seed]);
  if (known?.key !== key) known = { key, size: trainingSize(config) };
  return known.size;
}
