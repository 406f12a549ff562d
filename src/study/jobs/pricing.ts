import { stream } from "../../../bindings/random.js";
import type { NetworkConfig, PowerConfig } from "../../config/config.js";
import { createNetwork, rateModel } from "../../network/index.js";
import { powerMethod } from "../../power/index.js";

/** Rounds within budgets by pricing alone: many drops, synthetic uploads, no training. */
export interface RoundsStudy {
  network: NetworkConfig;
  seed: number;
  /** Independent network drops, each with its own uploads */
  drops: number;
  /** Every client uploads S_k ~ U(low, high) · parameters bits */
  bitsPerEntry: readonly [low: number, high: number];
  /** d */
  parameters: number;
  /** ℓ_c, s */
  computeLatency: number;
  /** J and s over the run */
  budgets: { energy: number; latency: number };
  methods: readonly (Pick<PowerConfig, "method"> & Partial<PowerConfig> & { label: string })[];
}

/** What one drop's round costs under one method. */
export interface DropPrice {
  drop: number;
  /** J, all clients; s, computation included. Infinity where the method serves not every client */
  energy: number;
  latency: number;
  /** The most rounds such as this one that fit into the budgets, as a real number: 1/u of the paper's formulation */
  rounds: number;
  /** Why it serves not every client */
  reason?: string;
}

/** Prices of all drops by the methods' labels; the same drops and uploads for every method. */
export function priceRounds(study: RoundsStudy): Map<string, DropPrice[]> {
  const prices = new Map<string, DropPrice[]>(study.methods.map(({ label }) => [label, []]));
  const methods = study.methods.map(({ label, ...config }) => ({ label, allocate: powerMethod(config).allocate }));
  const [low, high] = study.bitsPerEntry;
  for (let drop = 0; drop < study.drops; drop++) {
    const network = createNetwork(study.network, { seed: study.seed, drop });
    const rates = rateModel(network, study.network, { seed: study.seed });
    const bits = new Float64Array(study.network.clients);
    stream(study.seed, "study", drop).fillUniform(bits, low * study.parameters, high * study.parameters);
    for (const { label, allocate } of methods) {
      const allocation = allocate({ rates, bits, computeLatency: study.computeLatency, budgets: study.budgets });
      let energy = 0;
      let upload = 0;
      for (let k = 0; k < bits.length; k++) {
        energy += allocation.energy[k]!;
        upload = Math.max(upload, allocation.latency[k]!);
      }
      const served = allocation.status !== "infeasible" && Number.isFinite(energy) && Number.isFinite(upload);
      prices.get(label)!.push(
        served
          ? { drop, energy, latency: study.computeLatency + upload, rounds: fitting(study, energy, upload) }
          : {
              drop,
              energy: Number.POSITIVE_INFINITY,
              latency: Number.POSITIVE_INFINITY,
              rounds: 0,
              reason: allocation.reason ?? allocation.status,
            },
      );
    }
  }
  return prices;
}

function fitting({ budgets, computeLatency }: RoundsStudy, energy: number, upload: number): number {
  return Math.min(budgets.energy / energy, budgets.latency / (computeLatency + upload));
}
