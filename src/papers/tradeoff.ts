import { quantile } from "../study/analysis/bootstrap.js";
import type { DropPrice } from "../study/jobs/pricing.js";
import type { PricingStudy } from "../study/plan/pricings.js";
import { gainClaim, type MeasuredClaim } from "./claims.js";
import type { ExperimentTable } from "./experiment.js";
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
const usualLimit = 0.1;

/** Energy against latency, over α and over power limits. */
export const tradeoff: PricingExperiment = {
  name: "tradeoff",
  title: "Energy against latency",
  about:
    `No training, uploads as they were measured (${emqUploads.description}): what a round costs when the joint method weighs ` +
    "energy by α from 0 to 1, under several limits of the transmit power. Intervals of the medians are by their ranks.",
  studies: (scope) => scope.clients.flatMap((count) => powerLimits.map((limit) => studyOf(count, limit, scope))),
  conclude(scope, prices) {
    const results: PricingResults = { claims: [], tables: [], figures: [] };
    for (const count of scope.clients) {
      const where = pricedWhere(paperConfig(count, scope.sets));
      const curves = powerLimits.map((limit) => ({
        limit,
        prices: prices(studyOf(count, limit, scope).name),
      }));
      results.figures.push({
        file: `tradeoff-k${count}.svg`,
        title: `Energy against latency of a round over α and power limits, ${where}`,
        x: { label: "energy of a round (J)", scale: "log" },
        y: { label: "latency of a round (s)", scale: "log" },
        series: curves.map(({ limit, prices }) => {
          const points = prices.map(medians);
          return {
            name: `${limit} W`,
            x: points.map(({ energy }) => energy),
            y: points.map(({ latency }) => latency),
          };
        }),
      });
      results.tables.push({
        title: `Median cost of a round, ${where}, ${samplesOf(scope)}`,
        header: ["power limit (W)", "α", "energy (mJ)", "latency (ms)"],
        rows: curves.flatMap(({ limit, prices }) =>
          prices.map((drops, i) => [
            `${limit}`,
            String(alphas[i]),
            medianOf(drops, "energy"),
            medianOf(drops, "latency"),
          ]),
        ),
      });
      results.claims.push(...claimsOf(curves, where, samplesOf(scope)));
    }
    return results;
  },
};

interface Curve {
  limit: number;
  /** By α, then by drop */
  prices: readonly (readonly DropPrice[])[];
}

/** What α and the power limit buy, in joules and in seconds. */
function claimsOf(curves: readonly Curve[], where: string, samples: string): MeasuredClaim[] {
  const costs = (limit: number, alpha: number, of: "energy" | "latency") =>
    curves.find((curve) => curve.limit === limit)!.prices[alphas.indexOf(alpha)]!.map((price) => price[of] ?? 0);
  const claim = (statement: string, better: number[], worse: number[]) =>
    gainClaim(
      { source: "ours", statement, form: "fair", where, published: { bound: "better", value: 0 } },
      { better, worse },
      samples,
    );
  const at = (alpha: number, of: "energy" | "latency") => costs(usualLimit, alpha, of);
  return [
    claim("the fastest round (α = 0) takes more energy than α = 0.5 does", at(0, "energy"), at(0.5, "energy")),
    claim("a round at α = 0.5 takes longer than the fastest (α = 0)", at(0.5, "latency"), at(0, "latency")),
    claim("a round at α = 0.9 takes longer than the fastest (α = 0)", at(0.9, "latency"), at(0, "latency")),
    claim(
      "half of the transmit power's limit, 0.1 W instead of 0.2, makes the fastest round (α = 0) longer",
      costs(0.1, 0, "latency"),
      costs(0.2, 0, "latency"),
    ),
  ];
}

/** In thousandths, with the 95 % interval by the ranks of the sorted drops: n/2 ± 1.96 √n / 2, none where these are not there. */
function medianOf(drops: readonly DropPrice[], of: "energy" | "latency"): ExperimentTable["rows"][number][number] {
  const sorted = Float64Array.from(drops, (price) => 1000 * (price[of] ?? Number.POSITIVE_INFINITY)).sort();
  const value = quantile(sorted, 0.5);
  const half = 0.98 * Math.sqrt(sorted.length);
  const [low, high] = [Math.floor(sorted.length / 2 - half), Math.ceil(sorted.length / 2 + half)];
  return low < 0 || high >= sorted.length ? value : { value, low: sorted[low]!, high: sorted[high]! };
}

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
