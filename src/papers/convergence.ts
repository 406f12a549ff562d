import { log2 } from "../../bindings/math.js";
import { compareSchemes, createNetwork, type Rates } from "../network/index.js";
import { endsAt, studentInterval } from "../study/analysis/intervals.js";
import type { ExperimentTable } from "./experiment.js";
import { type PricingExperiment, type PricingScope, paperConfig } from "./pricing.js";

const receivers = ["mmse", "p-rzf", "l-mmse", "l-mmse+lsfd"];
const realizations = [8, 16, 32, 64, 128];
/** Independent sets of realizations of each size */
const sets = 16;
const wantedSlope = -0.5;

/** How fast simulated rates settle: a check of the radio, as every Monte Carlo mean's error falls. */
export const convergence: PricingExperiment = {
  name: "convergence",
  title: "Simulated rates over channel realizations",
  about:
    `A check of the radio. Rates of simulated receivers on one network of the paper's, from ${sets} independent sets of ` +
    "channel realizations of each size: how far a set strays from the mean of all of that size, relative, root mean square over clients. " +
    "The error of a mean falls as the root of the realizations, a slope of −1/2 in the figure; stratified ones may fall a little faster. The last column is how many of the " +
    "95 % intervals that come with the rates hold the mean of the largest sets.",
  studies: () => [],
  conclude(scope) {
    const found = measuredOf(scope);
    const [count] = scope.clients;
    return {
      claims: [],
      tables: [tableOf(found, count!)],
      figures: [
        {
          file: "convergence.svg",
          title: `Error of simulated rates, K = ${count}`,
          x: { label: "channel realizations", scale: "log" },
          y: { label: "relative error, root mean square", scale: "log" },
          series: [
            ...found.map(({ receiver, errors }) => ({ name: receiver, x: [...realizations], y: errors })),
            {
              name: "slope −1/2",
              x: [realizations[0]!, realizations.at(-1)!],
              y: [1, Math.sqrt(realizations[0]! / realizations.at(-1)!)].map((part) => part * found[0]!.errors[0]!),
            },
          ],
        },
      ],
    };
  },
};

interface Convergence {
  receiver: string;
  /** By the number of realizations */
  errors: number[];
  slope: ReturnType<typeof studentInterval>;
  /** Share of intervals that hold the mean */
  covered: number;
}

const known = new Map<string, Convergence[]>();

/** Seconds of work, which a report asks for more than once. */
function measuredOf(scope: PricingScope): Convergence[] {
  const key = JSON.stringify([scope.clients[0], scope.seeds[0], scope.sets]);
  const found = known.get(key) ?? receivers.map((receiver) => measure(receiver, scope));
  known.set(key, found);
  return found;
}

function measure(receiver: string, { clients, seeds, sets: settings }: PricingScope): Convergence {
  const config = paperConfig(clients[0]!, settings);
  const seed = seeds[0]!;
  const network = createNetwork(config.network, { seed });
  const rates = realizations.map((count) =>
    Array.from({ length: sets }, (_, set): Rates => {
      const key = { seed: seed + set, round: 0, drop: 0 };
      return compareSchemes(network, [receiver], { realizations: count, key, estimator: config.network.estimator })[
        receiver
      ]!;
    }),
  );
  const errors = rates.map((found) => spread(found));
  const means = meansOf(rates.at(-1)!);
  const held = rates
    .flat()
    .flatMap(({ spectralEfficiency, interval }) =>
      Array.from(spectralEfficiency, (rate, client) => (Math.abs(rate - means[client]!) <= interval[client]! ? 1 : 0)),
    );
  return {
    receiver,
    errors,
    slope: slopeOf(rates),
    covered: held.reduce((sum: number, one) => sum + one, 0) / held.length,
  };
}

/** The slope with its jackknife over the sets, whose numbers are independent across sizes too. */
function slopeOf(rates: readonly (readonly Rates[])[]): Convergence["slope"] {
  const slope = (without: number) =>
    slopeThrough(rates.map((found) => spread(found.filter((_, set) => set !== without))));
  const all = slope(-1);
  const parts = Array.from({ length: sets }, (_, set) => slope(set));
  const mean = parts.reduce((sum, one) => sum + one, 0) / sets;
  const squares = parts.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return studentInterval(all, sets, Math.sqrt(((sets - 1) / sets) * squares));
}

/** Of the logarithms, by least squares. */
function slopeThrough(errors: readonly number[]): number {
  const x = realizations.map((count) => log2(count));
  const y = errors.map((error) => log2(error));
  const [centerX, centerY] = [x, y].map((values) => values.reduce((sum, one) => sum + one, 0) / values.length);
  const products = x.reduce((sum, one, i) => sum + (one - centerX!) * (y[i]! - centerY!), 0);
  return products / x.reduce((sum, one) => sum + (one - centerX!) ** 2, 0);
}

/** Root mean square over clients of what a set strays from the sets' mean, relative. */
function spread(found: readonly Rates[]): number {
  const means = meansOf(found);
  let squares = 0;
  for (const { spectralEfficiency } of found) {
    means.forEach((mean, client) => {
      squares += (spectralEfficiency[client]! / mean - 1) ** 2;
    });
  }
  return Math.sqrt(squares / (found.length - 1) / means.length);
}

function meansOf(found: readonly Rates[]): number[] {
  return Array.from(
    found[0]!.spectralEfficiency,
    (_, client) => found.reduce((sum, { spectralEfficiency }) => sum + spectralEfficiency[client]!, 0) / found.length,
  );
}

function tableOf(found: readonly Convergence[], count: number): ExperimentTable {
  return {
    title: `Error of simulated rates over realizations, K = ${count}, ${sets} sets of each size (the slope of a mean is ${wantedSlope})`,
    header: ["receiver", ...realizations.map((size) => `${size}: error (%)`), "slope", "intervals that hold (%)"],
    rows: found.map(({ receiver, errors, slope, covered }) => [
      receiver,
      ...errors.map((error) => 100 * error),
      { value: slope.mean, ...endsAt(slope)! },
      100 * covered,
    ]),
  };
}
