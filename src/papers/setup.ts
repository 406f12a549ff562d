import type { Config } from "../config/config.js";
import { fixedCosts } from "../federated/price.js";
import { resolveConfig } from "../parts/resolve.js";
import { trainingSize } from "../training/size.js";

/** What a set-up comes to, as every table that rests on it says. */
export interface SetUp {
  clients: number;
  /** Of a client, where all have equally many */
  imagesPerClient: number;
  localEpochs: number;
  /** ℓ_c, s: 15 ms an epoch of 1250 images, unless the config says otherwise */
  computeLatency: number;
  /** J, s over a run; null: no limit */
  budgets: { energy: number | null; latency: number | null };
}

/** @throws InputError for settings that are wrong */
export function setUpOf(source: { preset: string; sets: readonly string[] } | Config): SetUp {
  const config = "sets" in source ? resolveConfig({ preset: source.preset, sets: [...source.sets] }) : source;
  const { examplesPerClient } = trainingSize(config);
  const { localEpochs } = config.training;
  return {
    clients: config.network.clients,
    imagesPerClient: examplesPerClient / localEpochs,
    localEpochs,
    computeLatency: fixedCosts(config.budgets, [examplesPerClient]).latency,
    budgets: { energy: config.budgets.energy, latency: config.budgets.latency },
  };
}

/** "ℓ_c = 150 ms (5 epochs of 2500 images)" */
export function computationText({ computeLatency, localEpochs, imagesPerClient }: SetUp): string {
  const epochs = localEpochs === 1 ? "one epoch" : `${localEpochs} epochs`;
  return `ℓ_c = ${Number((1000 * computeLatency).toPrecision(3))} ms (${epochs} of ${Math.round(imagesPerClient)} images)`;
}

/** What the authors' clients do at least before a comparison with their baselines is one: below, SGD at 1e-3 stays at chance. */
export const asPublished = { imagesPerClient: 1000, localEpochs: 5 } as const;

/** Whether baselines with the authors' optimizer train at all in a set-up. */
export function trainsAsPublished({ imagesPerClient, localEpochs }: SetUp): boolean {
  return imagesPerClient >= asPublished.imagesPerClient && localEpochs >= asPublished.localEpochs;
}
