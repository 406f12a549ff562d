import { InputError } from "../config/errors.js";
import { resolveConfig } from "../config/resolve.js";
import { loadDataset } from "../data/files.js";
import { layOutGrid } from "../study/plan/grid.js";
import { type GridProgress, type GridResults, runGrids } from "../study/run/compare.js";
import type { ResultsStore } from "../study/store/store.js";
import type { Claim } from "./claims.js";
import type { Experiment, Scenario, ScenarioResults } from "./experiment.js";
import { chooseExperiments } from "./index.js";
import type { PricingResults } from "./rounds.js";
import type { Scale } from "./scales.js";

export interface ReproduceOptions {
  scale: Scale;
  /** Experiments by name; the scale's where empty */
  experiments: readonly string[];
  /** Settings over every scenario's own, such as `data.directory` */
  sets: readonly string[];
  /** Instead of the scale's */
  seeds?: readonly number[];
  drops?: number;
  workers: number;
  store: ResultsStore;
  signal?: AbortSignal;
  onProgress?(progress: GridProgress): void;
  onPricing?(experiment: string): void;
}

export interface ReproduceResults {
  pricing: { name: string; title: string; about: string; results: PricingResults }[];
  training: { experiment: Experiment; scenarios: ScenarioResults[]; claims: Claim[] }[];
  runs: GridResults["runs"];
  failures: GridResults["failures"];
  /** Scenarios left out for want of their files */
  missing: readonly { title: string; reason: string }[];
  interrupted: boolean;
}

/**
 * The papers' comparisons: those that only price at once, those that train as one set of grids, so that what they
 * share is trained once.
 */
export async function reproduce(options: ReproduceOptions): Promise<ReproduceResults> {
  const { scale, signal } = options;
  const named = options.experiments.length > 0 ? options.experiments : (scale.experiments ?? []);
  const chosen = chooseExperiments(named);
  const { scenarios, missing } = await present(scale.scenarios, options.sets, chosen.training.length > 0);
  const planned = chosen.training.map((experiment) => ({
    experiment,
    scenarios: scenarios.map((original) => {
      const scenario = {
        ...original,
        sets: [...original.sets, ...options.sets],
        seeds: options.seeds ?? original.seeds,
        drops: options.drops ?? original.drops,
      };
      const grids = experiment
        .grids(scenario)
        .map(({ form, title, plan }) => ({ form, title, grid: layOutGrid(plan) }));
      return { scenario, grids };
    }),
  }));

  const pricing: ReproduceResults["pricing"] = [];
  for (const experiment of chosen.pricing) {
    if (signal?.aborted) break;
    options.onPricing?.(experiment.name);
    const results = await experiment.run({ drops: scale.pricingDrops, clients: scale.clients, onStep: breathe });
    pricing.push({ name: experiment.name, title: experiment.title, about: experiment.about, results });
  }

  const grids = planned.flatMap(({ scenarios }) => scenarios.flatMap((one) => one.grids.map(({ grid }) => grid)));
  const { runs, failures, interrupted } = await runGrids(grids, {
    workers: options.workers,
    store: options.store,
    ...(signal && { signal }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  return {
    pricing,
    training: planned.map(({ experiment, scenarios }) => {
      const results = scenarios.map((one) => ({ ...one, runs }));
      return { experiment, scenarios: results, claims: results.flatMap((one) => experiment.claims(one)) };
    }),
    runs,
    failures,
    missing,
    interrupted,
  };
}

/** Every claim that was looked at, in the order of the experiments. */
export function allClaims(results: ReproduceResults): Claim[] {
  return [...results.pricing.flatMap((one) => one.results.claims), ...results.training.flatMap((one) => one.claims)];
}

/** Scenarios whose data can be read. @throws InputError where none is left, or one that is not optional lacks its files */
async function present(scenarios: readonly Scenario[], sets: readonly string[], needed: boolean) {
  const found: Scenario[] = [];
  const missing: { title: string; reason: string }[] = [];
  let first: InputError | undefined;
  for (const scenario of needed ? scenarios : []) {
    const config = resolveConfig({ preset: scenario.preset, sets: [...scenario.sets, ...sets] });
    try {
      await loadDataset({ ...config.data, trainExamples: 100, testExamples: 100 }, 1);
      found.push(scenario);
    } catch (error) {
      if (!(error instanceof InputError) || !scenario.optional) throw error;
      first ??= error;
      missing.push({ title: scenario.title, reason: error.message });
    }
  }
  if (first !== undefined && found.length === 0) throw first;
  return { scenarios: found, missing };
}

/** Lets signals and timers in. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
