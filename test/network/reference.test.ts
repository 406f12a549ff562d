import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { plainPartialMmse } from "../../bench/peers/plainRadio.js";
import {
  type ChannelFile,
  compareSchemes,
  createNetwork,
  importChannel,
  schemeNames,
} from "../../src/network/index.js";
import { paperNetwork } from "./fixtures.js";

const key = { seed: 1, round: 0, drop: 0 };
const closedForms = ["mr", "mr+n-lsfd"];

/** [scheme][k], bit/s/Hz */
type Efficiencies = Record<string, number[]>;

/** How a plain Monte Carlo program's values were made stands in the file's `about`. */
interface Plain {
  spectralEfficiency: Efficiencies;
  /** Standard deviation of one draw of 4000 realizations */
  deviation: Efficiencies;
}

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../reference/data/${name}.json`, import.meta.url), "utf8"));
}

const plain: Record<string, Plain> = read("plain-monte-carlo");

/** iid, correlated: the book's code package; the others: gains over 80 dB in clusters, more pilots than clients. */
describe.each(["iid-9x2-6", "correlated-9x4-6", "span-12x2-9", "random-6x3-3"])("the channel %s", (name) => {
  const file = read(name);
  const { spectralEfficiency: mean, deviation } = plain[name]!;
  const rates = compareSchemes(importChannel(file as ChannelFile), schemeNames, { realizations: 4000, key });
  const reference: Efficiencies | undefined = file.expected?.spectralEfficiency;

  it.each(closedForms)("%s in closed form", (scheme) => {
    rates[scheme]!.spectralEfficiency.forEach((value, k) => {
      for (const expected of [mean, ...(reference ? [reference] : [])])
        expect(Math.abs(value / expected[scheme]![k]! - 1)).toBeLessThan(1e-9);
    });
  });

  it.each(Object.keys(deviation))("%s by 4000 realizations", (scheme) => {
    const { spectralEfficiency, interval } = rates[scheme]!;
    spectralEfficiency.forEach((value, k) => {
      // The mean of the plain program is known to a tenth of a draw's deviation; ours spreads less than such a draw.
      const spread = 3 * deviation[scheme]![k]!;
      expect(Math.abs(value - mean[scheme]![k]!)).toBeLessThan(Math.max(0.01 * value, spread));
      // The book's values are one draw: 2 %, or what one draw may be off where that is more.
      const expected = (reference ?? mean)[scheme]![k]!;
      expect(Math.abs(value - expected)).toBeLessThan(Math.max(0.02 * value, spread));
      expect(interval[k]).toBeGreaterThan(0);
    });
  });
});

it("P-MMSE equals a plain program's that shares nothing with the kernels", () => {
  const config = paperNetwork({ clients: 7, accessPoints: 9, antennas: 2, pilots: 3, clusters: "dcc" });
  const network = createNetwork(config, { seed: 6 });
  const realizations = 6000;
  const { "p-mmse": ours } = compareSchemes(network, ["p-mmse"], { realizations, key });
  plainPartialMmse(network, realizations).forEach((value, k) => {
    // The interval is 1.96 deviations of plain sampling, which is what the other side does: two of it are 4 deviations.
    const share = 1 - network.pilots / network.coherence;
    expect(Math.abs(share * value - ours!.spectralEfficiency[k]!)).toBeLessThan(2.2 * ours!.interval[k]!);
  });
});
