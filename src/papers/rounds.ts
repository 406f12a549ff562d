import type { Config } from "../config/config.js";
import { resolveConfig } from "../config/resolve.js";
import { median, pairedGain } from "../study/analysis/bootstrap.js";
import { type DropPrice, priceRounds, type RoundsStudy } from "../study/jobs/pricing.js";
import { type Claim, verdictOf } from "./claims.js";
import type { ExperimentFigure, ExperimentTable } from "./experiment.js";

/** What an experiment without training finds. */
export interface PricingResults {
  claims: Claim[];
  tables: ExperimentTable[];
  figures: ExperimentFigure[];
}

/** An experiment that only prices synthetic uploads: S_k ~ U(1.05, 1.3) bits an entry of the paper's network. */
export interface PricingExperiment {
  name: string;
  title: string;
  about: string;
  run(options: { drops: number; clients: readonly (20 | 40)[]; onStep?(): Promise<void> }): Promise<PricingResults>;
}

const methods: RoundsStudy["methods"] = [
  { label: "most-rounds", method: "most-rounds" },
  { label: "joint α = 0.5", method: "joint", alpha: 0.5 },
  { label: "min-max", method: "min-max" },
  { label: "dinkelbach", method: "dinkelbach" },
  { label: "dinkelbach-one-step", method: "dinkelbach-one-step" },
  { label: "max-min", method: "max-min" },
  { label: "full", method: "full" },
  { label: "sum-rate", method: "sum-rate" },
];

/** Energy budgets, as multiples of the paper's, at which the companion's "up to" is looked for. */
const energyFactors = [0.1, 0.2, 0.5, 1, 2, 5];

/** Rounds that fit into the budgets: the companion paper's headline. */
export const rounds: PricingExperiment = {
  name: "rounds",
  title: "Rounds within the budgets",
  about:
    "No training: uploads of 1.05 to 1.3 bits an entry (what EMQ makes of the paper's network) are priced on independent " +
    "drops. As published: Dinkelbach's iteration cut after one step, and full power for max-sum rate. Fair: both " +
    "solved to the end. A drop in which a method leaves a client without a rate counts as no round.",
  async run({ drops, clients, onStep }) {
    const results: PricingResults = { claims: [], tables: [], figures: [] };
    for (const count of clients) {
      const study = studyOf(count, drops, methods);
      const prices = priceRounds(study);
      await onStep?.();
      results.tables.push(costTable(study, prices));
      results.claims.push(...claimsOf(study, prices));
      // The papers' budgets let the round's computation decide; half the energy lets the powers.
      const tight = { ...study, budgets: { ...study.budgets, energy: study.budgets.energy / 2 } };
      results.claims.push(...claimsOf(tight, priceRounds(tight)));
      await onStep?.();
      const sweep = await budgetSweep(study, onStep);
      results.tables.push(sweep.table);
      results.figures.push(sweep.figure);
    }
    return results;
  },
};

/** Energy against latency, over α and over power limits: the paper's third experiment. */
export const tradeoff: PricingExperiment = {
  name: "tradeoff",
  title: "Energy against latency",
  about:
    "No training: what a round costs when the joint method weighs energy by α from 0 to 1, under several limits of the " +
    "transmit power, beside the other methods.",
  async run({ drops, clients, onStep }) {
    const results: PricingResults = { claims: [], tables: [], figures: [] };
    const alphas = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
    for (const count of clients) {
      const series: ExperimentFigure["series"][number][] = [];
      const rows: string[][] = [];
      for (const limit of [0.01, 0.03, 0.1, 0.2]) {
        const study = studyOf(
          count,
          drops,
          alphas.map((alpha) => ({ label: String(alpha), method: "joint" as const, alpha })),
          limit,
        );
        const prices = priceRounds(study);
        await onStep?.();
        const points = alphas.map((alpha) => medians(prices.get(String(alpha))!));
        series.push({
          name: `${limit} W`,
          x: points.map(({ energy }) => energy),
          y: points.map(({ latency }) => latency),
        });
        points.forEach(({ energy, latency }, i) => {
          rows.push([`${limit}`, String(alphas[i]), fixed(1000 * energy), fixed(1000 * latency)]);
        });
      }
      results.figures.push({
        file: `tradeoff-k${count}.svg`,
        title: `Energy against latency of a round over α and power limits, K = ${count}`,
        x: { label: "energy of a round (J)", scale: "log" },
        y: { label: "latency of a round (s)", scale: "log" },
        series,
      });
      results.tables.push({
        title: `Median cost of a round, K = ${count}, ${drops} drops`,
        header: ["power limit (W)", "α", "energy (mJ)", "latency (ms)"],
        rows,
      });
    }
    return results;
  },
};

export const pricingExperiments: readonly PricingExperiment[] = [rounds, tradeoff];

function studyOf(clients: 20 | 40, drops: number, which: RoundsStudy["methods"], transmitPower?: number): RoundsStudy {
  const config: Config = resolveConfig({ preset: clients === 20 ? "paper-cifar10-k20" : "paper-cifar10-k40" });
  return {
    network: { ...config.network, ...(transmitPower !== undefined && { transmitPower }) },
    seed: 1,
    drops,
    bitsPerEntry: [1.05, 1.3],
    parameters: 462_410,
    computeLatency: 0.075,
    budgets: { energy: config.budgets.energy!, latency: config.budgets.latency! },
    methods: which,
  };
}

function costTable(study: RoundsStudy, prices: Map<string, DropPrice[]>): ExperimentTable {
  return {
    title: `A round and how many fit, K = ${study.network.clients}, ${study.budgets.energy} J and ${study.budgets.latency} s, medians over ${study.drops} drops`,
    header: ["method", "energy (mJ)", "latency (ms)", "rounds", "drops not served"],
    rows: [...prices].map(([label, drops]) => {
      const { energy, latency } = medians(drops);
      return [
        label,
        fixed(1000 * energy),
        fixed(1000 * latency),
        fixed(median(drops.map((price) => price.rounds))),
        String(drops.filter((price) => price.reason !== undefined).length),
      ];
    }),
  };
}

function claimsOf(study: RoundsStudy, prices: Map<string, DropPrice[]>): Claim[] {
  const of = (label: string) => prices.get(label)!.map((price) => price.rounds);
  return (
    [
      ["as published", "dinkelbach-one-step", "Dinkelbach", 62],
      ["as published", "full", "max-sum rate", 93],
      ["fair", "dinkelbach", "Dinkelbach", 62],
      ["fair", "sum-rate", "max-sum rate", 93],
    ] as const
  ).map(([form, method, name, percent]) => {
    const published = { bound: "up to", value: percent } as const;
    const ours = percentGain(of("most-rounds"), of(method));
    return {
      source: "[O]",
      statement: `up to ${percent} % more rounds than ${name} (here: ${method})`,
      form,
      where: `K = ${study.network.clients}, ${study.budgets.energy} J, ${study.budgets.latency} s`,
      unit: "percent",
      published,
      ours,
      verdict: verdictOf(published, ours),
      samples: `${study.drops} drops`,
    };
  });
}

/** Only the method that plans for the budgets has to be solved again for each. */
async function budgetSweep(study: RoundsStudy, onStep?: () => Promise<void>) {
  const rivals = ["min-max", "dinkelbach", "dinkelbach-one-step", "full"];
  const fewer = { ...study, drops: Math.min(study.drops, 50) };
  const header = ["energy budget (J)", "most-rounds, rounds", ...rivals.map((name) => `more than ${name} (%)`)];
  const rows: string[][] = [];
  const gains = rivals.map((name) => ({
    name: `over ${name}`,
    x: [] as number[],
    y: [] as number[],
    low: [] as number[],
    high: [] as number[],
  }));
  for (const factor of energyFactors) {
    const budgets = { ...study.budgets, energy: study.budgets.energy * factor };
    const prices = priceRounds({
      ...fewer,
      budgets,
      methods: study.methods.filter(({ label }) => label === "most-rounds" || rivals.includes(label)),
    });
    await onStep?.();
    const most = prices.get("most-rounds")!.map((price) => price.rounds);
    const cells = rivals.map((name, i) => {
      const gain = percentGain(
        most,
        prices.get(name)!.map((price) => price.rounds),
      );
      if (Number.isFinite(gain.value)) {
        gains[i]!.x.push(budgets.energy);
        gains[i]!.y.push(gain.value);
        gains[i]!.low.push(gain.low);
        gains[i]!.high.push(gain.high);
      }
      return `${fixed(gain.value)} [${fixed(gain.low)}, ${fixed(gain.high)}]`;
    });
    rows.push([fixed(budgets.energy), fixed(median(most)), ...cells]);
  }
  const where = `K = ${study.network.clients}, ${study.budgets.latency} s`;
  return {
    table: {
      title: `More rounds than the rivals at other energy budgets, ${where}, ${fewer.drops} drops`,
      header,
      rows,
    },
    figure: {
      file: `rounds-gain-k${study.network.clients}.svg`,
      title: `Rounds won by planning for the budgets, ${where}`,
      x: { label: "energy budget (J)", scale: "log" as const },
      y: { label: "more rounds (%)" },
      // Full power loses by so much that the others would not be seen beside it.
      series: gains.filter(({ name }) => name !== "over full"),
    },
  };
}

function percentGain(a: readonly number[], b: readonly number[]) {
  const { value, low, high } = pairedGain(a, b, 1);
  return { value: 100 * value, low: 100 * low, high: 100 * high };
}

function medians(prices: readonly DropPrice[]): { energy: number; latency: number } {
  return { energy: median(prices.map(({ energy }) => energy)), latency: median(prices.map(({ latency }) => latency)) };
}

function fixed(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : "∞";
  if (Math.abs(value) < 1e-6) return "0";
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
