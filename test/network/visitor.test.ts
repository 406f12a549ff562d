import { describe, expect, it } from "vitest";
import type { NetworkConfig } from "../../src/config/config.js";
import { InputError } from "../../src/config/errors.js";
import {
  closedFormRates,
  createNetwork,
  gainShares,
  type Network,
  prelog,
  spectralEfficiency,
  visitorEfficiency,
} from "../../src/network/index.js";
import { cooperationClusters } from "../../src/network/pilots.js";
import { gains } from "../../src/network/propagation.js";
import { paperNetwork } from "./fixtures.js";

/** Sums of some thousand positive numbers, in another order: each addition rounds by 2⁻⁵³ at most. */
const rounding = 4096 * 2 ** -53;

/** The last client's spectral efficiency by the engine. */
const last = (network: Network) => spectralEfficiency(closedFormRates(network), undefined, prelog(network)).at(-1)!;

const withoutShadowing: NetworkConfig["shadowing"] = { deviation: 0, correlation: "none", decorrelation: 9 };

describe("what one more client would have", () => {
  it.each<[string, Partial<NetworkConfig>]>([
    ["by default", {}],
    ["more pilots than clients", { pilots: 20 }],
    ["cooperation clusters", { clusters: "dcc" }],
    ["no wrapping", { wrapAround: false }],
    ["the three-slope path loss", { pathLoss: { ...paperNetwork().pathLoss, model: "three-slope" } }],
    [
      "one antenna, many access points",
      { antennas: 1, accessPoints: 64, deployment: { ...paperNetwork().deployment } },
    ],
  ])("is what a real one has: %s", (_, changes) => {
    const config = paperNetwork({ clients: 13, pilots: 5, shadowing: withoutShadowing, ...changes });
    for (let seed = 1; seed <= 5; seed++) {
      // One more client of the same stream stands where nobody stood
      const grown = createNetwork({ ...config, clients: config.clients + 1 }, { seed });
      const place = grown.clientPositions.slice(-2);
      const [value] = visitorEfficiency(createNetwork(config, { seed }), config, place);
      expect(Math.abs(value! - last(grown))).toBeLessThanOrEqual(rounding * last(grown));
    }
  });

  it("is that of the shadowed network that it comes to, at every place of a map", () => {
    const config = paperNetwork({ clients: 7, pilots: 3, clusters: "dcc" });
    const network = createNetwork(config, { seed: 4 });
    const places = Float64Array.from({ length: 2 * 36 }, (_, i) => 1000 * (((i * 7) % 36) / 36));
    const values = visitorEfficiency(network, config, places);
    for (let m = 0; m < 36; m++) {
      const own = gains(config, network.accessPointPositions, places.slice(2 * m, 2 * m + 2), new Float64Array(16));
      const master = own.indexOf(Math.max(...own));
      const load = [0, 0, 0];
      for (let k = 0; k < 7; k++) load[network.pilotIndex[k]!]! += network.gain[k * 16 + master]!;
      const gain = Float64Array.of(...network.gain, ...own);
      const pilotIndex = Int32Array.of(...network.pilotIndex, load.indexOf(Math.min(...load)));
      const serves = cooperationClusters(gain, pilotIndex, 16, 3);
      const real = last({ ...network, clients: 8, gain, pilotIndex, serves });
      expect(Math.abs(values[m]! - real)).toBeLessThanOrEqual(rounding * real);
    }
  });

  it("is refused where it has no meaning", () => {
    const config = paperNetwork({ clients: 2 });
    const network = createNetwork(config, { seed: 1 });
    const places = (given: unknown) => () => visitorEfficiency(network, config, given as Float64Array);
    expect(places([1, 2])).toThrow(InputError);
    expect(places(Float64Array.of(1, 2, 3))).toThrow(/places/);
    expect(places(Float64Array.of(1, Number.NaN))).toThrow("places[1]: NaN is not a finite number");
    expect(() =>
      visitorEfficiency({ ...network, accessPointPositions: new Float64Array() }, config, Float64Array.of(1, 2)),
    ).toThrow("network.accessPointPositions");
  });
});

describe("shares in the combined gain", () => {
  it("are the parts of the signal's amplitude, and of those who serve alone", () => {
    const config = paperNetwork({ clients: 12, clusters: "dcc", pilots: 4 });
    const network = createNetwork(config, { seed: 2 });
    const shares = gainShares(network);
    for (let k = 0; k < 12; k++) {
      const all = Math.sqrt(closedFormRates(network).signal[k]!);
      for (let l = 0; l < 16; l++) {
        if (network.serves[k * 16 + l] === 0) {
          expect(shares[k * 16 + l]).toBe(0);
          continue;
        }
        // The signal of this access point alone
        const alone = {
          ...network,
          serves: network.serves.map((s, i) => (Math.floor(i / 16) === k && i !== k * 16 + l ? 0 : s)),
        };
        const part = Math.sqrt(closedFormRates(alone).signal[k]!) / all;
        expect(Math.abs(shares[k * 16 + l]! - part)).toBeLessThanOrEqual(rounding * part);
      }
    }
  });

  it("add up to 1 with correlation and lines of sight too, and are those of the uncorrelated where there is none", () => {
    const config = paperNetwork({ clients: 5, antennas: 2, accessPoints: 9 });
    const plain = createNetwork(config, { seed: 3 });
    const identity = {
      re: new Float64Array(5 * 9 * 4).map((_, i) => (i % 4 === 0 || i % 4 === 3 ? 1 : 0)),
      im: new Float64Array(5 * 9 * 4),
    };
    const same = gainShares({ ...plain, correlation: identity });
    gainShares(plain).forEach((share, i) => {
      // Estimates are solved for there; their systems' condition is the pilots' signal over the noise
      expect(Math.abs(same[i]! - share)).toBeLessThanOrEqual(1e-9 * share);
    });
    const rician = createNetwork({ ...config, rician: { enabled: true, kFactor: 5 } }, { seed: 3 });
    const shares = gainShares(rician);
    for (let k = 0; k < 5; k++) {
      const sum = shares.subarray(9 * k, 9 * (k + 1)).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - 1)).toBeLessThanOrEqual(rounding);
    }
  });
});
