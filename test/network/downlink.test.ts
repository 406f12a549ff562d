import { describe, expect, it } from "vitest";
import type { NetworkConfig } from "../../src/config/config.js";
import { ageingCorrelation } from "../../src/network/ageing.js";
import { type DownlinkSettings, downlinkRates } from "../../src/network/downlink.js";
import { createNetwork, type Network, prelog } from "../../src/network/index.js";
import { simulatedDownlink } from "../reference/downlink.js";
import { paperNetwork } from "./fixtures.js";

/** Ngo et al. 2017, (24), with N antennas and η_kl = 1 / (N Σ_j γ_jl): loop by loop. */
function ngoUnicast(network: Network, watts: number): number[] {
  const { clients: K, accessPoints: L, antennas: N, gain, pilotIndex, noisePower, pilots, transmitPower } = network;
  const pilotEnergy = (pilots * transmitPower) / noisePower;
  const rho = watts / noisePower;
  const clients = [...Array(K).keys()];
  const beta = (k: number, l: number) => gain[k * L + l]!;
  const together = (k: number, j: number) => pilotIndex[k] === pilotIndex[j];
  const gamma = (k: number, l: number) => {
    const sum = clients.filter((j) => together(j, k)).reduce((total, j) => total + beta(j, l), 0);
    return (pilotEnergy * beta(k, l) ** 2) / (pilotEnergy * sum + 1);
  };
  const eta = (l: number) => 1 / (N * clients.reduce((total, j) => total + gamma(j, l), 0));
  const overAccessPoints = (term: (l: number) => number) =>
    [...Array(L).keys()].reduce((total, l) => total + term(l), 0);
  return clients.map((k) => {
    const signal = rho * (N * overAccessPoints((l) => Math.sqrt(eta(l)) * gamma(k, l))) ** 2;
    let rest = 1;
    for (const j of clients) {
      rest += rho * N * overAccessPoints((l) => eta(l) * gamma(j, l) * beta(k, l));
      if (j === k || !together(j, k)) continue;
      rest += rho * (N * overAccessPoints((l) => (Math.sqrt(eta(l)) * gamma(j, l) * beta(k, l)) / beta(j, l))) ** 2;
    }
    return signal / rest;
  });
}

describe("unicast without power control", () => {
  it.each([1, 4])("is the closed form of Ngo et al. with %i antennas", (antennas) => {
    const network = createNetwork(paperNetwork({ clients: 12, accessPoints: 9, antennas, pilots: 5 }), { seed: 3 });
    const { sinr, rate, radiated, signals } = downlinkRates(network, {
      transmission: "unicast",
      transmitPower: 0.2,
      powerExponent: 1,
    });
    ngoUnicast(network, 0.2).forEach((expected, k) => {
      // Sums of some hundred rounded terms on either side
      expect(Math.abs(sinr[k]! / expected - 1)).toBeLessThan(1e-12);
      expect(rate[k]! / (network.bandwidth * prelog(network) * Math.log2(1 + expected))).toBeCloseTo(1, 12);
    });
    // All access points at full power, whomever it is for
    expect(radiated.reduce((total, watts) => total + watts, 0)).toBeCloseTo(9 * 0.2, 12);
    expect([...signals]).toEqual(Array(9).fill(12));
  });
});

it("is what docs/downlink.md computes by hand", () => {
  const network: Network = {
    ...{ accessPoints: 1, antennas: 4, clients: 1, area: 0, wrapAround: false, bandwidth: 20e6 },
    ...{ accessPointPositions: new Float64Array(0), clientPositions: new Float64Array(0) },
    ...{ gain: Float64Array.of(0.9), pilotIndex: Int32Array.of(0), serves: Uint8Array.of(1) },
    ...{ noisePower: 0.1, transmitPower: 0.1, coherence: 200, pilots: 10 },
  };
  for (const transmission of ["broadcast", "unicast"] as const) {
    const { sinr, rate } = downlinkRates(network, { transmission, transmitPower: 0.2, powerExponent: 0 });
    expect(sinr[0]).toBeCloseTo(6.48 / 2.8, 12);
    expect(rate[0]! / 1e6).toBeCloseTo(32.85, 2);
  }
});

it("leaves a client that no access point reaches without a rate", () => {
  const network = createNetwork(paperNetwork({ clients: 4, accessPoints: 4 }), { seed: 1 });
  network.gain.fill(0, 4, 8);
  for (const transmission of ["broadcast", "unicast"] as const) {
    const { rate } = downlinkRates(network, { transmission, transmitPower: 0.2, powerExponent: 1 });
    expect([...rate].map((one) => one > 0)).toEqual([true, false, true, true]);
  }
});

const small = { clients: 4, accessPoints: 4, antennas: 2, pilots: 2 } as const;
const channels: [string, Partial<NetworkConfig>][] = [
  ["without correlation", {}],
  ["in clusters", { clusters: "dcc" }],
  ["with correlation", { correlation: { model: "local-scattering", azimuthSpread: 15, elevationSpread: 15 } }],
  ["with lines of sight", { rician: { enabled: true, kFactor: 5 } }],
  [
    "that age",
    {
      ageing: { enabled: true, carrier: 2e9, sampleTime: 5e-6 },
      mobility: { model: "none", speed: 40, clock: "rounds", interval: 1 },
    },
  ],
];

describe.each(channels)("the closed form on channels %s is what a simulation counts", (_what, changes) => {
  it.each(["broadcast", "unicast"] as const)("%s", { timeout: 120_000 }, (transmission) => {
    const config = paperNetwork({ ...small, ...changes });
    const network = createNetwork(config, { seed: 8 });
    const correlation = ageingCorrelation(config, network.pilots);
    if (config.ageing.enabled) expect(correlation).toBeLessThan(0.9);
    const settings: DownlinkSettings = { transmission, transmitPower: 0.2, powerExponent: 0.5, correlation };
    const { sinr } = downlinkRates(network, settings);
    const simulated = simulatedDownlink(network, settings, 16_000);
    sinr.forEach((value, k) => {
      // Five standard errors by the jackknife over twenty parts: 1 in 10,000 by Student's distribution.
      expect(simulated.error[k]! / value).toBeLessThan(0.05);
      expect(Math.abs(simulated.sinr[k]! - value)).toBeLessThan(5 * simulated.error[k]!);
    });
  });
});
