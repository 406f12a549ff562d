import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { resolveConfig } from "../parts/resolve.js";
import { median } from "../study/analysis/bootstrap.js";
import type { DropPrice, PricingCase } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { counted, type MeasuredClaim } from "./claims.js";
import type { ExperimentFigure, ExperimentTable } from "./experiment.js";

/** What an experiment without training finds. */
export interface PricingResults {
  claims: MeasuredClaim[];
  tables: ExperimentTable[];
  figures: ExperimentFigure[];
}

/** How much of it, and under which settings. */
export interface PricingScope {
  drops: number;
  seeds: readonly number[];
  clients: readonly (20 | 40)[];
  /** Over the paper's own */
  sets: readonly string[];
}

/** An experiment that only prices synthetic uploads: S_k ~ U(1.05, 1.3) bits an entry of the paper's network. */
export interface PricingExperiment {
  name: string;
  title: string;
  about: string;
  /** What has to be priced, every study under a name of its own */
  studies(scope: PricingScope): PricingStudy[];
  /** @param prices of a study by its name: of each case, its drops */
  conclude(scope: PricingScope, prices: (study: string) => readonly DropPrice[][]): PricingResults;
}

/**
 * The paper's set-up of so many clients. Its 75 ms of computation belong to 40 clients with 1250 images each; the
 * companion's figures rest on the same 75 ms at 20 clients, which have twice as many.
 * @throws InputError where a budget is lifted: it is what the rounds are counted in
 */
export function paperConfig(clients: 20 | 40, sets: readonly string[]): Config & { budgets: PricingCase["budgets"] } {
  const config = resolveConfig({
    preset: clients === 20 ? "paper-cifar10-k20" : "paper-cifar10-k40",
    sets: [`budgets.compute.latencyPer1250=${clients === 20 ? 0.0075 : 0.015}`, ...sets],
  });
  for (const name of ["energy", "latency"] as const) {
    if (config.budgets[name] === null) {
      throw new InputError(
        `budgets.${name}`,
        "null: rounds within the budgets are what is counted (allowed: a number above 0)",
      );
    }
  }
  return config as Config & { budgets: PricingCase["budgets"] };
}

/** All that a price depends on, of a config. */
const priced = [
  "network",
  "budgets",
  "model",
  "training.localEpochs",
  "data.name",
  "data.trainExamples",
  "data.channels",
];

/**
 * Where nothing is trained, most settings are for nothing.
 * @throws InputError for one that no price depends on
 */
export function refuseUnpriced(sets: readonly string[]): void {
  for (const set of sets) {
    const path = set.slice(0, set.indexOf("=")).trim();
    const counts = [...priced, "data.directory"].some((known) => path === known || path.startsWith(`${known}.`));
    if (counts) continue;
    throw new InputError("--set", `${path} has no effect where nothing is trained (allowed: ${priced.join(", ")})`);
  }
}

export const bitsPerEntry = [1.05, 1.3] as const;

export function medians(prices: readonly DropPrice[]): { energy: number; latency: number } {
  const of = (name: "energy" | "latency") => median(prices.map((price) => price[name] ?? Number.POSITIVE_INFINITY));
  return { energy: of("energy"), latency: of("latency") };
}

/** "100 drops", "3 seeds × 100 drops" */
export function samplesOf({ seeds, drops }: Pick<PricingScope, "seeds" | "drops">): string {
  return seeds.length === 1 ? `${drops} drops` : `${counted(seeds.length, "seed")} × ${counted(drops, "drop")}`;
}
