import { InputError } from "../config/errors.js";
import type { DropPrice, PricingCase } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { computationMap, computationMapStudy } from "./computation.js";
import type { ExperimentMap, ExperimentTable } from "./experiment.js";
import { type PricingExperiment, type PricingResults, type PricingScope, paperConfig, samplesOf } from "./pricing.js";
import { setUpOf } from "./setup.js";
import { emqUploads } from "./uploads.js";

/**
 * Four settings decide how many more rounds one power method fits than another: the budgets E and T, the computation ℓ_c
 * and the size S of the uploads. Two numbers of them say it all. Costs of a round grow with S where ℓ_c grows with it, and
 * both methods' rounds grow with E where T does: so a gain depends on E/T, the power that the budgets allow in the mean,
 * and on ℓ_c/S. A plane of these two holds every published figure, wherever its paper's settings may lie.
 */

/** E/T, W, in about equal ratios */
const meanPowers = [0.004, 0.006, 0.009, 0.013, 0.02, 0.03, 0.04, 0.055, 0.075, 0.1, 0.15, 0.22, 0.33];
/** ℓ_c, ms, for each bit an entry of the mean upload */
const latenciesPerBit = [2, 4, 8, 16, 32, 64, 128, 256];

const rivals = [
  { method: "dinkelbach", name: "Dinkelbach", published: 62 },
  { method: "dinkelbach-one-step", name: "Dinkelbach cut after one step", published: 62 },
  { method: "sum-rate", name: "maximum sum rate", published: 93 },
] as const;

const mostDrops = 100;
const meanBits = meanOf(emqUploads.uploads.rounds.flat());

/** Where on the plane of all settings the companion's figures lie. */
export const maps: PricingExperiment = {
  name: "maps",
  title: "Where the published gains in rounds lie",
  about:
    "“Up to” is a maximum over settings that no source names. The gain of most-rounds over a rival depends on two numbers: " +
    "E/T, the energy budget over the latency budget, and ℓ_c/S, the computation of a round for each bit an entry of the " +
    "mean upload (scaling E and T, or ℓ_c and S, together changes no gain; so it is with circuit power, not with a " +
    `downlink). Each map has the contour of the published figure; the table reads it at settings of ours. Joint communication and computation ([V]) has a plane of its own, the energy budget over the energy that it is given for a round: with the energy that suits the budgets it is most-rounds itself. ${emqUploads.description}.`,
  studies: (scope) =>
    scope.clients.flatMap((count) => [
      ...latenciesPerBit.map((latency) => studyOf(count, latency, scope)),
      computationMapStudy(count, scope),
    ]),
  conclude(scope, prices) {
    const results: PricingResults = { claims: [], tables: [], figures: [], maps: [] };
    for (const count of scope.clients) {
      const studies = latenciesPerBit.map((latency) => studyOf(count, latency, scope));
      const found = studies.map((study) => prices(study.name));
      const gains = rivals.map((_, rival) => studies.map((study, i) => gainsOf(study, found[i]!, rival)));
      rivals.forEach((rival, i) => {
        results.maps!.push(mapOf(count, scope, rival, gains[i]!));
      });
      results.maps!.push(computationMap(count, scope, prices(computationMapStudy(count, scope).name)));
      results.tables.push(crossings(count, scope, gains));
    }
    return results;
  },
};

function studyOf(count: 20 | 40, latencyPerBit: number, scope: PricingScope): PricingStudy {
  const base = paperConfig(count, scope.sets);
  if (base.budgets.compute.cpu.enabled || base.budgets.downlink.enabled) {
    throw new InputError("--set", "maps: the plane has the computation of an epoch as an axis, and no downlink");
  }
  const { imagesPerClient, localEpochs } = setUpOf(base);
  const seconds = (latencyPerBit * meanBits) / 1000;
  const config = paperConfig(count, [
    ...scope.sets,
    `budgets.compute.latencyPer1250=${(seconds * 1250) / (imagesPerClient * localEpochs)}`,
  ]);
  const { latency } = config.budgets;
  const at = (method: PricingCase["power"]["method"], meanPower: number): PricingCase => ({
    power: { method },
    budgets: { energy: meanPower * latency, latency },
  });
  return {
    name: `maps, K = ${count}, ${latencyPerBit} ms a bit`,
    config,
    seeds: scope.seeds,
    drops: Math.min(scope.drops, mostDrops),
    bitsPerEntry: emqUploads.uploads,
    // Only the method that plans for the budgets has to be solved for each; the others' rounds follow.
    cases: [
      ...meanPowers.map((meanPower) => at("most-rounds", meanPower)),
      ...rivals.map(({ method }) => at(method, meanPowers[0]!)),
    ],
  };
}

/** More rounds than a rival, in percent, at each mean power; null where the rival has none at all. */
function gainsOf({ cases }: PricingStudy, prices: readonly DropPrice[][], rival: number): (number | null)[] {
  const others = prices[meanPowers.length + rival]!;
  return meanPowers.map((_, i) => {
    const { budgets } = cases[i]!;
    const own = sumOf(prices[i]!.map(({ rounds }) => rounds));
    const other = sumOf(others.map((price) => roundsAt(price, budgets)));
    return other > 0 ? 100 * (own / other - 1) : null;
  });
}

function roundsAt({ energy, latency }: DropPrice, budgets: PricingCase["budgets"]): number {
  return energy === null || latency === null ? 0 : Math.min(budgets.energy / energy, budgets.latency / latency);
}

function mapOf(
  count: 20 | 40,
  scope: PricingScope,
  { method, name, published }: (typeof rivals)[number],
  gains: readonly (readonly (number | null)[])[],
): ExperimentMap {
  return {
    file: `maps-rounds-${method}-k${count}.svg`,
    title: `More rounds than ${name} (%), K = ${count}`,
    x: { label: "energy budget / latency budget (W)", values: meanPowers },
    y: { label: "ℓ_c / mean upload (ms for a bit an entry)", values: latenciesPerBit },
    values: gains,
    unit: "more rounds (%)",
    contours: [{ value: published, label: `published: ${published} %` }],
    marks: marksOf(count, scope),
  };
}

/** The budgets of our figures with the paper's client, and with 20,000 images instead of 50,000. */
function marksOf(count: 20 | 40, scope: PricingScope): ExperimentMap["marks"] {
  return [50_000, 20_000].flatMap((images) => {
    const config = paperConfig(count, [...scope.sets, `data.trainExamples=${images}`]);
    const { energy, latency } = config.budgets;
    const milliseconds = 1000 * setUpOf(config).computeLatency;
    return [1, 0.5].map((share) => ({
      x: (share * energy) / latency,
      y: milliseconds / meanBits,
      label: `${share * energy} J, ${Number(milliseconds.toPrecision(3))} ms`,
    }));
  });
}

/** Computation of a round, ms, and bits an entry, at which the table reads the maps. */
const read = { computation: [30, 60, 75, 150], bits: [1.05, 1.4, 1.8] };

function crossings(
  count: 20 | 40,
  scope: PricingScope,
  gains: readonly (readonly (readonly (number | null)[])[])[],
): ExperimentTable {
  const { latency } = paperConfig(count, scope.sets).budgets;
  const samples = samplesOf({ seeds: scope.seeds, drops: Math.min(scope.drops, mostDrops) });
  return {
    title: `Energy budget (J) at which most-rounds gains what was published, K = ${count}, ${latency} s, ${samples}`,
    header: ["ℓ_c (ms)", "bits an entry", ...rivals.map(({ name, published }) => `${published} % over ${name}`)],
    rows: read.computation.flatMap((computation) =>
      read.bits.map((bits) => [
        String(computation),
        String(bits),
        ...rivals.map(({ published }, i) => {
          const meanPower = crossing(rowAt(gains[i]!, computation / bits), published);
          return meanPower === null ? "not on the map" : meanPower * latency;
        }),
      ]),
    ),
  };
}

/** The gains at each mean power for a value between two rows of the plane, linear between them. */
function rowAt(gains: readonly (readonly (number | null)[])[], latencyPerBit: number): (number | null)[] {
  const above = latenciesPerBit.findIndex((value) => value >= latencyPerBit);
  if (above < 0) return gains.at(-1)!.slice();
  if (above === 0) return gains[0]!.slice();
  const [low, high] = [latenciesPerBit[above - 1]!, latenciesPerBit[above]!];
  const share = (latencyPerBit - low) / (high - low);
  return gains[above]!.map((gain, i) => {
    const before = gains[above - 1]![i]!;
    return gain === null || before === null ? null : before + share * (gain - before);
  });
}

/** The largest mean power at which a gain is reached; more energy makes every gain smaller in the end. */
function crossing(row: readonly (number | null)[], wanted: number): number | null {
  for (let i = row.length - 1; i > 0; i--) {
    const [low, high] = [row[i - 1]!, row[i]!];
    if (low === null || high === null || low < wanted || high >= wanted) continue;
    const share = (low - wanted) / (low - high);
    return meanPowers[i - 1]! + share * (meanPowers[i]! - meanPowers[i - 1]!);
  }
  return null;
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
