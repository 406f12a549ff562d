import type { DropPrice, PricingCase } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { gainClaim, type MeasuredClaim } from "./claims.js";
import type { ExperimentMap, ExperimentTable } from "./experiment.js";
import { medians, type PricingScope, paperConfig, samplesOf } from "./pricing.js";
import { emqUploads } from "./uploads.js";

/**
 * The companion's third headline: more rounds than joint communication and computation, both choosing every client's CPU
 * frequency with its power. The rival makes a round as fast as an energy limit of the round allows; the paper's
 * limit is not known to us. Given the energy that the budgets leave for each of the rounds that fit, it would be
 * most-rounds itself, so that all of the gain is a limit that does not suit the budgets: over it and the energy budget
 * the published figure is looked for.
 */

export const publishedComputationGain = 142;

/** 12,000 cycles an image are 15 ms an epoch of 1250 images at 1 GHz, as elsewhere; computing then takes about the energy of sending. */
const processor = [
  "budgets.compute.cpu.enabled=true",
  "budgets.compute.cpu.choose=true",
  "budgets.compute.cpu.cyclesPerSample=12000",
  "budgets.compute.cpu.capacitance=1e-29",
];
const nominalFrequency = 1e9;

/** What the rival's limit is taken from: the energy budget over so many rounds, its default. */
const plannedRounds = 40;

const rival = "joint communication and computation ([V])";

interface Computing {
  config: ReturnType<typeof paperConfig>;
  where: string;
}

function computingOf(count: 20 | 40, scope: PricingScope): Computing {
  const config = paperConfig(count, [...processor, ...scope.sets]);
  const { cpu } = config.budgets.compute;
  const images = (config.data.trainExamples || 50_000) / count;
  const cycles = cpu.cyclesPerSample * config.training.localEpochs * images;
  const milliseconds = Number(((1000 * cycles) / nominalFrequency).toPrecision(3));
  const range = [cpu.minimumFrequency, cpu.maximumFrequency].map((frequency) => frequency / 1e9).join(" to ");
  return {
    config,
    where: `K = ${count}, ℓ_c = ${milliseconds} ms at 1 GHz (${config.training.localEpochs} epochs of ${images} images), ${range} GHz to choose`,
  };
}

const jointly = (rounds: number): PricingCase["power"] => ({ method: "joint-computation", rounds });

/** Both methods at the preset's budgets and at half the energy. */
export function computationStudy(count: 20 | 40, scope: PricingScope): PricingStudy {
  const { config } = computingOf(count, scope);
  const { energy, latency } = config.budgets;
  return {
    name: `rounds, frequencies to choose, K = ${count}`,
    config,
    seeds: scope.seeds,
    drops: scope.drops,
    bitsPerEntry: emqUploads.uploads,
    cases: [1, 0.5].flatMap((share) => {
      const budgets = { energy: share * energy, latency };
      return [
        { power: { method: "most-rounds" }, budgets },
        { power: jointly(plannedRounds), budgets },
      ];
    }),
  };
}

export function computationClaims(
  count: 20 | 40,
  scope: PricingScope,
  prices: readonly DropPrice[][],
): { claims: MeasuredClaim[]; table: ExperimentTable } {
  const { where } = computingOf(count, scope);
  const study = computationStudy(count, scope);
  const pairs = [0, 2].map((first) => ({
    budgets: study.cases[first]!.budgets,
    own: prices[first]!,
    other: prices[first + 1]!,
  }));
  const roundsOf = (drops: readonly DropPrice[]) => drops.map(({ rounds }) => rounds);
  return {
    claims: pairs.map(({ budgets, own, other }) =>
      gainClaim(
        {
          source: "[O]",
          statement: `up to ${publishedComputationGain} % more rounds than ${rival}, here with a round's energy planned for ${plannedRounds} rounds`,
          form: "fair",
          where: `${where}, ${budgets.energy} J, ${budgets.latency} s`,
          published: { bound: "up to", value: publishedComputationGain },
        },
        { better: roundsOf(own), worse: roundsOf(other) },
        samplesOf(study),
      ),
    ),
    table: {
      title: `A round with powers and frequencies chosen together, ${where}, medians over ${samplesOf(study)}`,
      header: ["energy budget (J)", "method", "energy (mJ)", "latency (ms)", "rounds"],
      rows: pairs.flatMap(({ budgets, own, other }) =>
        (
          [
            ["most-rounds", own],
            [`joint-computation, ${plannedRounds} rounds`, other],
          ] as const
        ).map(([name, drops]) => {
          const { energy, latency } = medians(drops);
          const fit = Math.min(budgets.energy / energy, budgets.latency / latency);
          return [budgets.energy, name, 1000 * energy, 1000 * latency, fit];
        }),
      ),
    },
  };
}

/** Multiples of the preset's energy budget, and the rival's energy of a round, as shares of that budget */
const budgetFactors = [0.125, 0.18, 0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4];
const roundShares = [0.002, 0.0035, 0.006, 0.01, 0.0175, 0.03, 0.05, 0.09, 0.15];
const mostDrops = 50;

/** The rival's round depends on its limit alone: its rounds under any budget follow. */
export function computationMapStudy(count: 20 | 40, scope: PricingScope): PricingStudy {
  const { config } = computingOf(count, scope);
  const { energy, latency } = config.budgets;
  return {
    name: `maps, frequencies to choose, K = ${count}`,
    config,
    seeds: scope.seeds,
    drops: Math.min(scope.drops, mostDrops),
    bitsPerEntry: emqUploads.uploads,
    cases: [
      ...budgetFactors.map((factor) => ({
        power: { method: "most-rounds" } as const,
        budgets: { energy: factor * energy, latency },
      })),
      ...roundShares.map((share) => ({ power: jointly(1), budgets: { energy: share * energy, latency } })),
    ],
  };
}

/** Where over the energy budget and the rival's limit the published gain lies. */
export function computationMap(count: 20 | 40, scope: PricingScope, prices: readonly DropPrice[][]): ExperimentMap {
  const { config } = computingOf(count, scope);
  const { energy, latency } = config.budgets;
  const energies = budgetFactors.map((factor) => factor * energy);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return {
    file: `maps-rounds-joint-computation-k${count}.svg`,
    title: `More rounds than joint-computation (%), K = ${count}`,
    x: { label: `energy budget (J); ${latency} s, frequencies to choose`, values: energies },
    y: { label: "energy of a round that it is given (mJ)", values: roundShares.map((share) => 1000 * share * energy) },
    values: roundShares.map((_, row) =>
      energies.map((joules, column) => {
        const own = total(prices[column]!.map(({ rounds }) => rounds));
        const other = total(
          prices[budgetFactors.length + row]!.map((price) =>
            price.energy === null || price.latency === null
              ? 0
              : Math.min(joules / price.energy, latency / price.latency),
          ),
        );
        return other > 0 ? 100 * (own / other - 1) : null;
      }),
    ),
    unit: "more rounds (%)",
    contours: [{ value: publishedComputationGain, label: `published: ${publishedComputationGain} %` }],
    marks: [1, 0.5].map((share) => ({
      x: share * energy,
      y: (1000 * share * energy) / plannedRounds,
      label: `${share * energy} J, planned for ${plannedRounds} rounds`,
    })),
  };
}
