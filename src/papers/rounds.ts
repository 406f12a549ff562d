import { median, pairedGain } from "../study/analysis/bootstrap.js";
import type { DropPrice, PricingCase } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { gainClaim, type MeasuredClaim } from "./claims.js";
import { computationClaims, computationStudy } from "./computation.js";
import type { ExperimentFigure, ExperimentTable } from "./experiment.js";
import {
  medians,
  type PricingExperiment,
  type PricingResults,
  type PricingScope,
  paperConfig,
  pricedWhere,
  samplesOf,
} from "./pricing.js";
import { emqUploads } from "./uploads.js";

const methods: Record<string, PricingCase["power"]> = {
  "most-rounds": { method: "most-rounds" },
  "joint α = 0.5": { method: "joint", alpha: 0.5 },
  "min-max": { method: "min-max" },
  dinkelbach: { method: "dinkelbach" },
  "dinkelbach-one-step": { method: "dinkelbach-one-step" },
  "max-min": { method: "max-min" },
  full: { method: "full" },
  "sum-rate": { method: "sum-rate" },
};

/** Energy budgets, as multiples of the preset's, at which the companion's "up to" is looked for. */
const energyFactors = [0.1, 0.2, 0.5, 1, 2, 5];
const rivals = ["min-max", "dinkelbach", "dinkelbach-one-step", "full"];
const swept = ["most-rounds", ...rivals];
const mostSweptDrops = 50;

/** Rounds that fit into the budgets: the companion paper's headline. */
export const rounds: PricingExperiment = {
  name: "rounds",
  title: "Rounds within the budgets",
  about:
    `No training: uploads as they were measured (${emqUploads.description}) are priced on independent drops; each drop ` +
    "takes the sizes of one measured round. Computation is that of the paper's client: all 50,000 images, five epochs. " +
    "The budgets are ours. As published: Dinkelbach's iteration cut after one step, and full power for max-sum rate. " +
    "Fair: both solved to the end. Joint communication and computation ([V]) and most-rounds choose CPU frequencies with the " +
    "powers there, 12,000 cycles an image, and the rival has a fortieth of the energy budget for each round, a choice of ours. A drop in which a method leaves a client without a rate counts as no round.",
  studies: (scope) =>
    scope.clients.flatMap((count) => [
      budgetsStudy(count, scope),
      sweepStudy(count, scope),
      computationStudy(count, scope),
    ]),
  conclude(scope, prices) {
    const results: PricingResults = { claims: [], tables: [], figures: [] };
    for (const count of scope.clients) {
      const study = budgetsStudy(count, scope);
      const found = byMethod(study, prices(study.name), Object.keys(methods));
      results.tables.push(costTable(study, found[0]!));
      for (const at of found) results.claims.push(...claimsOf(study, at));
      const computed = computationClaims(count, scope, prices(computationStudy(count, scope).name));
      results.claims.push(...computed.claims);
      results.tables.push(computed.table);
      const sweep = sweepStudy(count, scope);
      const { table, figure } = budgetSweep(sweep, byMethod(sweep, prices(sweep.name), swept));
      results.tables.push(table);
      results.figures.push(figure);
    }
    return results;
  },
};

/** Prices by method at one pair of budgets. */
interface AtBudgets {
  budgets: PricingCase["budgets"];
  drops: Map<string, readonly DropPrice[]>;
}

/** All methods, at the preset's budgets and at half the energy. */
function budgetsStudy(count: 20 | 40, scope: PricingScope): PricingStudy {
  return studyOf("rounds", count, scope, scope.drops, [1, 0.5], Object.keys(methods));
}

/** Only the method that plans for the budgets has to be solved again for each; the others' rounds follow. */
function sweepStudy(count: 20 | 40, scope: PricingScope): PricingStudy {
  const drops = Math.min(scope.drops, mostSweptDrops);
  return studyOf("rounds, other budgets", count, scope, drops, energyFactors, swept);
}

function studyOf(
  name: string,
  count: 20 | 40,
  { seeds, sets }: PricingScope,
  drops: number,
  factors: readonly number[],
  labels: readonly string[],
): PricingStudy {
  const config = paperConfig(count, sets);
  const { energy, latency } = config.budgets;
  const cases = factors.flatMap((factor) =>
    labels.map((label) => ({ power: methods[label]!, budgets: { energy: energy * factor, latency } })),
  );
  const bitsPerEntry = emqUploads.uploads;
  return { name: `${name}, K = ${count}`, config, seeds, drops, bitsPerEntry, cases };
}

/** A study's cases, budgets by budgets. */
function byMethod({ cases }: PricingStudy, prices: readonly DropPrice[][], labels: readonly string[]): AtBudgets[] {
  return Array.from({ length: cases.length / labels.length }, (_, at) => {
    const first = at * labels.length;
    const drops = new Map(labels.map((label, i) => [label, prices[first + i]!]));
    return { budgets: cases[first]!.budgets, drops };
  });
}

function costTable(study: PricingStudy, { budgets, drops: found }: AtBudgets): ExperimentTable {
  return {
    title: `A round and how many fit, ${pricedWhere(study.config)}, ${budgets.energy} J and ${budgets.latency} s, medians over ${samplesOf(study)}`,
    header: ["method", "energy (mJ)", "latency (ms)", "rounds", "drops not served"],
    rows: [...found].map(([label, drops]) => {
      const { energy, latency } = medians(drops);
      const unserved = drops.filter(({ reason }) => reason !== null).length;
      return [label, 1000 * energy, 1000 * latency, median(drops.map((price) => price.rounds)), String(unserved)];
    }),
  };
}

function claimsOf(study: PricingStudy, { budgets, drops }: AtBudgets): MeasuredClaim[] {
  return (
    [
      ["as published", "dinkelbach-one-step", "Dinkelbach", 62],
      ["as published", "full", "max-sum rate", 93],
      ["fair", "dinkelbach", "Dinkelbach", 62],
      ["fair", "sum-rate", "max-sum rate", 93],
    ] as const
  ).map(([form, method, name, percent]) => {
    const about = {
      source: "[O]",
      statement: `up to ${percent} % more rounds than ${name} (here: ${method})`,
      form,
      where: `${pricedWhere(study.config)}, ${budgets.energy} J, ${budgets.latency} s`,
      published: { bound: "up to", value: percent } as const,
    };
    const roundsOf = (label: string) => drops.get(label)!.map((price) => price.rounds);
    return gainClaim(about, { better: roundsOf("most-rounds"), worse: roundsOf(method) }, samplesOf(study));
  });
}

function budgetSweep(
  study: PricingStudy,
  found: readonly AtBudgets[],
): { table: ExperimentTable; figure: ExperimentFigure } {
  const { latency } = found[0]!.budgets;
  const where = `${pricedWhere(study.config)}, ${latency} s`;
  const gains = found.map(({ budgets, drops }) => ({
    energy: budgets.energy,
    most: median(drops.get("most-rounds")!.map((price) => price.rounds)),
    over: rivals.map((name) => percentGain(drops.get("most-rounds")!, drops.get(name)!)),
  }));
  const series = rivals.map((name, i) => {
    const measured = gains.filter(({ over }) => Number.isFinite(over[i]!.value));
    const of = (figure: "value" | "low" | "high") => measured.map(({ over }) => over[i]![figure]);
    return {
      name: `over ${name}`,
      x: measured.map(({ energy }) => energy),
      y: of("value"),
      low: of("low"),
      high: of("high"),
    };
  });
  return {
    table: {
      title: `More rounds than the rivals at other energy budgets, ${where}, ${samplesOf(study)}`,
      header: ["energy budget (J)", "most-rounds, rounds", ...rivals.map((name) => `more than ${name} (%)`)],
      rows: gains.map(({ energy, most, over }) => [energy, most, ...over]),
    },
    figure: {
      file: `rounds-gain-k${study.config.network.clients}.svg`,
      title: `Rounds won by planning for the budgets, ${where}`,
      x: { label: "energy budget (J)", scale: "log" as const },
      y: { label: "more rounds (%)" },
      // Full power loses by so much that the others would not be seen beside it.
      series: series.filter(({ name }) => name !== "over full"),
    },
  };
}

function percentGain(a: readonly DropPrice[], b: readonly DropPrice[]) {
  const { value, low, high } = pairedGain(
    a.map((price) => price.rounds),
    b.map((price) => price.rounds),
    1,
  );
  return { value: 100 * value, low: 100 * low, high: 100 * high };
}
