import type { PricingStudy } from "../study/plan/pricings.js";
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

const alphas = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

/** W */
const powerLimits = [0.01, 0.03, 0.1, 0.2];

/** Energy against latency, over α and over power limits. */
export const tradeoff: PricingExperiment = {
  name: "tradeoff",
  title: "Energy against latency",
  about:
    `No training, uploads as they were measured (${emqUploads.description}): what a round costs when the joint method weighs energy by α from 0 to 1, under several limits of the ` +
    "transmit power, beside the other methods.",
  studies: (scope) => scope.clients.flatMap((count) => powerLimits.map((limit) => studyOf(count, limit, scope))),
  conclude(scope, prices) {
    const results: PricingResults = { claims: [], tables: [], figures: [] };
    for (const count of scope.clients) {
      const where = pricedWhere(paperConfig(count, scope.sets));
      const curves = powerLimits.map((limit) => ({
        limit,
        points: prices(studyOf(count, limit, scope).name).map(medians),
      }));
      results.figures.push({
        file: `tradeoff-k${count}.svg`,
        title: `Energy against latency of a round over α and power limits, ${where}`,
        x: { label: "energy of a round (J)", scale: "log" },
        y: { label: "latency of a round (s)", scale: "log" },
        series: curves.map(({ limit, points }) => ({
          name: `${limit} W`,
          x: points.map(({ energy }) => energy),
          y: points.map(({ latency }) => latency),
        })),
      });
      results.tables.push({
        title: `Median cost of a round, ${where}, ${samplesOf(scope)}`,
        header: ["power limit (W)", "α", "energy (mJ)", "latency (ms)"],
        rows: curves.flatMap(({ limit, points }) =>
          points.map(({ energy, latency }, i) => [`${limit}`, String(alphas[i]), 1000 * energy, 1000 * latency]),
        ),
      });
    }
    return results;
  },
};

function studyOf(count: 20 | 40, limit: number, { seeds, drops, sets }: PricingScope): PricingStudy {
  const config = paperConfig(count, [...sets, `network.transmitPower=${limit}`]);
  const { energy, latency } = config.budgets;
  return {
    name: `tradeoff, K = ${count}, ${limit} W`,
    config,
    seeds,
    drops,
    bitsPerEntry: emqUploads.uploads,
    cases: alphas.map((alpha) => ({ power: { method: "joint", alpha }, budgets: { energy, latency } })),
  };
}
