import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { resolveConfig } from "../parts/resolve.js";
import { median } from "../study/analysis/bootstrap.js";
import type { DropPrice, PricingCase } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { counted, type MeasuredClaim } from "./claims.js";
import type { ExperimentFigure, ExperimentMap, ExperimentTable } from "./experiment.js";
import { computationText, setUpOf } from "./setup.js";

/** What an experiment without training finds. */
export interface PricingResults {
  claims: MeasuredClaim[];
  tables: ExperimentTable[];
  figures: ExperimentFigure[];
  maps?: ExperimentMap[];
}

/** How much of it, and under which settings. */
export interface PricingScope {
  drops: number;
  seeds: readonly number[];
  clients: readonly (20 | 40)[];
  /** Over the paper's own */
  sets: readonly string[];
}

/** An experiment that only prices uploads, of the sizes that were measured of EMQ (`emqUploads`). */
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
 * The paper's set-up of so many clients, over which all 50,000 images are shared out: 2500 for each of 20, 1250 for each
 * of 40, five epochs of which take 150 and 75 ms.
 * @throws InputError where a budget is lifted: it is what the rounds are counted in
 */
export function paperConfig(clients: 20 | 40, sets: readonly string[]): Config & { budgets: PricingCase["budgets"] } {
  const config = resolveConfig({
    preset: clients === 20 ? "paper-cifar10-k20" : "paper-cifar10-k40",
    sets: ["data.trainExamples=50000", ...sets],
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

export function medians(prices: readonly DropPrice[]): { energy: number; latency: number } {
  const of = (name: "energy" | "latency") => median(prices.map((price) => price[name] ?? Number.POSITIVE_INFINITY));
  return { energy: of("energy"), latency: of("latency") };
}

/** "K = 20, ℓ_c = 150 ms (5 epochs of 2500 images)": where something was priced. */
export function pricedWhere(config: Config): string {
  return `K = ${config.network.clients}, ${computationText(setUpOf(config))}`;
}

/** "100 drops", "3 seeds × 100 drops" */
export function samplesOf({ seeds, drops }: Pick<PricingScope, "seeds" | "drops">): string {
  return seeds.length === 1 ? `${drops} drops` : `${counted(seeds.length, "seed")} × ${counted(drops, "drop")}`;
}
