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

describe.each(["iid-9x2-6", "correlated-9x4-6"])("the book's code package on %s", (name) => {
  const file = JSON.parse(readFileSync(new URL(`../reference/data/${name}.json`, import.meta.url), "utf8"));
  const expected: Record<string, number[]> = file.expected.spectralEfficiency;
  const network = importChannel(file as ChannelFile);
  const rates = compareSchemes(network, schemeNames, { realizations: 4000, key: { seed: 1, round: 0, drop: 0 } });

  it.each(["mr", "mr+n-lsfd"])("%s in closed form", (scheme) => {
    rates[scheme]!.spectralEfficiency.forEach((value, k) => {
      expect(Math.abs(value / expected[scheme]![k]! - 1)).toBeLessThan(1e-9);
    });
  });

  it.each(Object.keys(expected).filter((scheme) => !scheme.startsWith("mr") || scheme === "mr-centralized"))(
    "%s by 4000 realizations",
    (scheme) => {
      const { spectralEfficiency, interval } = rates[scheme]!;
      spectralEfficiency.forEach((value, k) => {
        // Both sides are estimates of the same spread: three deviations of a difference are 3√2/1.96 intervals. A client
        // whose rate is nearly nothing (0.08 bit/s/Hz) has more than 2 % of that; all others must keep to 2 %.
        const bound = Math.max(0.02 * expected[scheme]![k]!, value < 0.5 ? 2.17 * interval[k]! : 0);
        expect(Math.abs(value - expected[scheme]![k]!)).toBeLessThan(bound);
        expect(interval[k]).toBeGreaterThan(0);
      });
    },
  );
});

it("P-MMSE equals a plain program's that shares nothing with the kernels", () => {
  const config = paperNetwork({ clients: 7, accessPoints: 9, antennas: 2, pilots: 3, clusters: "dcc" });
  const network = createNetwork(config, { seed: 6 });
  const realizations = 6000;
  const { "p-mmse": ours } = compareSchemes(network, ["p-mmse"], { realizations, key: { seed: 1, round: 0, drop: 0 } });
  plainPartialMmse(network, realizations).forEach((value, k) => {
    // The interval is 1.96 deviations of plain sampling, which is what the other side does: two of it are 4 deviations.
    const share = 1 - network.pilots / network.coherence;
    expect(Math.abs(share * value - ours!.spectralEfficiency[k]!)).toBeLessThan(2.2 * ours!.interval[k]!);
  });
});
