import { describe, expect, it } from "vitest";
import { atan2, cos, exp, expm1, log, log1p, log2, log10, pow, sin, tanh } from "../../bindings/math.js";
import {
  closedFormDrops,
  closedFormRates,
  compareSchemes,
  createNetwork,
  type Network,
  rateModel,
  schemeNames,
  spectralEfficiency,
} from "../../src/network/index.js";
import { gains } from "../../src/network/propagation.js";
import { paperNetwork } from "./fixtures.js";

const key = { seed: 1, round: 0, drop: 0 };
const scattering = { model: "local-scattering", azimuthSpread: 5, elevationSpread: 5 } as const;
const sizes = { clients: 5, accessPoints: 4, antennas: 2, pilots: 3 };
const kinds: Record<string, Partial<ReturnType<typeof paperNetwork>>> = {
  uncorrelated: {},
  correlated: { correlation: scattering },
  Rician: { rician: { enabled: true, kFactor: 3 } },
  "line of sight alone": { rician: { enabled: true, kFactor: 4000 } },
  clusters: { clusters: "dcc" },
};
const estimators = ["mmse", "ls", "element-wise-mmse"] as const;

/** Which links are blocked: of 5 clients and 4 access points */
const blocked: Record<string, (client: number, accessPoint: number) => boolean> = {
  "one link": (k, l) => k === 0 && l === 1,
  "a client whom nobody hears": (k) => k === 1,
  "an access point that hears nobody": (_, l) => l === 0,
  "every third link": (k, l) => (k * 4 + l) % 3 === 0,
  everything: () => true,
};

function withGain(network: Network, gain: number, where: (client: number, accessPoint: number) => boolean): Network {
  const L = network.accessPoints;
  return { ...network, gain: network.gain.map((beta, i) => (where(Math.floor(i / L), i % L) ? gain : beta)) };
}

describe.each(Object.keys(kinds))("gains of 0, %s", (kind) => {
  const network = createNetwork(paperNetwork({ ...sizes, ...kinds[kind] }), { seed: 1 });

  it.each(estimators)("give every receiver the rates of small gains, %s", (estimator) => {
    for (const [name, where] of Object.entries(blocked))
      for (const correlation of [1, 0.9]) {
        const rates = (gain: number) =>
          compareSchemes(withGain(network, gain, where), schemeNames, {
            realizations: 20,
            key,
            estimator,
            correlation,
          });
        const small = rates(1e-30);
        for (const none of [0, 5e-324, 1e-310, 1e-160]) {
          const zero = rates(none);
          for (const scheme of schemeNames)
            zero[scheme]!.spectralEfficiency.forEach((rate, k) => {
              const limit = small[scheme]!.spectralEfficiency[k]!;
              expect(rate, `${scheme}, ${name}, client ${k}`).toBeGreaterThanOrEqual(0);
              // Least squares hears noise there, in directions that are as likely the other way round: other draws.
              const draws = kind === "correlated" && estimator === "ls" ? small[scheme]!.interval[k]! : 0;
              expect(Math.abs(rate - limit), `${scheme}, ${name}, client ${k}`).toBeLessThan(
                1e-8 * (limit + 1e-6) + draws,
              );
              expect(zero[scheme]!.interval[k]).toBeGreaterThanOrEqual(0);
            });
        }
      }
  });

  it.each(schemeNames)("give a rate model, %s", (combining) => {
    for (const where of Object.values(blocked))
      for (const estimator of estimators) {
        const config = { ...paperNetwork(), combining, estimator, realizations: 10 };
        const se = spectralEfficiency(rateModel(withGain(network, 0, where), config, { seed: 1 }));
        for (let k = 0; k < sizes.clients; k++) {
          expect(se[k]).toBeGreaterThanOrEqual(0);
          if (where(k, 0) && where(k, 1) && where(k, 2) && where(k, 3)) expect(se[k]).toBe(0);
        }
      }
  });
});

describe("strong channels", () => {
  const network = createNetwork(paperNetwork(sizes), { seed: 1 });
  /** The strongest link's gain so many times the noise. */
  const scaled = (snr: number): Network => {
    const by = snr / (Math.max(...network.gain) * (network.transmitPower / network.noisePower));
    return { ...network, gain: network.gain.map((beta) => beta * by) };
  };

  it("up to the limit are rated, in step with their strength", () => {
    for (const estimator of estimators) {
      const rates = [1e10, 1e11, 1e12].map((snr) =>
        compareSchemes(scaled(snr), schemeNames, { realizations: 20, key, estimator }),
      );
      for (const scheme of schemeNames)
        for (let k = 0; k < sizes.clients; k++) {
          const [a, b, c] = rates.map((one) => one[scheme]!.spectralEfficiency[k]!) as [number, number, number];
          // Without noise every tenfold gain adds as much as the last: nothing, or log2 10.
          expect(Math.abs(c - 2 * b + a), `${estimator}, ${scheme}, client ${k}`).toBeLessThan(0.01);
        }
    }
  });

  it("beyond it are refused with the link, what they come to and the limit", () => {
    expect(() => compareSchemes(scaled(1e14), ["mmse"], { realizations: 10, key })).toThrow(
      /^network\.gain\[\d\]\[\d\]: \S+ is too strong .* add up to \S+ times the noise, and above 10000000000000 /,
    );
  });

  it.each([1e155, 1e308, Number.POSITIVE_INFINITY, Number.NaN, -1])("a gain of %s is refused by every way", (gain) => {
    const loud = withGain(network, gain, (k, l) => k === 1 && l === 2);
    expect(() => closedFormRates(loud)).toThrow(/^network\.gain/);
    for (const name of schemeNames)
      expect(() => compareSchemes(loud, [name], { realizations: 10, key })).toThrow(/^network\.gain/);
  });

  it("in closed form hold as far as float64 does, and every tenfold gain tells nothing more", () => {
    const limit = spectralEfficiency(closedFormRates(scaled(1e20)));
    for (const snr of [1e30, 1e60, 1e100])
      spectralEfficiency(closedFormRates(scaled(snr))).forEach((rate, k) => {
        expect(Math.abs(rate / limit[k]! - 1)).toBeLessThan(1e-9);
      });
  });

  const pathLoss = paperNetwork().pathLoss;
  it("of a config are refused under the name of what makes them", () => {
    const refused = (changes: Partial<ReturnType<typeof paperNetwork>>, message: RegExp) => {
      const config = paperNetwork({ ...sizes, ...changes });
      expect(() => createNetwork(config, { seed: 1 })).toThrow(message);
      expect(() => closedFormDrops(config, { seed: 1, first: 0, count: 3 })).toThrow(message);
    };
    refused({ pathLoss: { ...pathLoss, intercept: 3200 } }, /^network\.pathLoss\.intercept: 3200 dB makes gain\[0\]/);
    refused(
      { pathLoss: { ...pathLoss, model: "three-slope", threeSlopeLoss: -2000 } },
      /^network\.pathLoss\.threeSlopeLoss: -2000 dB/,
    );
    refused(
      { shadowing: { deviation: 4000, correlation: "none", decorrelation: 9 } },
      /^network\.shadowing\.deviation: 4000 dB/,
    );
    const place = Array.from({ length: 5 }, () => [10, 10] as const);
    refused(
      {
        heightDifference: 0,
        deployment: {
          ...{ accessPoints: "given", clients: "given", jitter: 0 },
          accessPointPositions: place.slice(0, 4),
          clientPositions: place,
        },
      },
      /^network\.heightDifference: 0, with client/,
    );
  });

  it("path gains of ±250 dB and shadowing of 400 dB are right or refused", () => {
    const of = (changes: Partial<ReturnType<typeof paperNetwork>>, seed: number) =>
      createNetwork(paperNetwork({ ...sizes, ...changes }), { seed });
    for (const intercept of [-3200, -400, -250, 250])
      for (let seed = 0; seed < 5; seed++)
        for (const deviation of [4, 400]) {
          const shadowing = { deviation, correlation: "none", decorrelation: 9 } as const;
          let drop: Network;
          try {
            drop = of({ pathLoss: { ...pathLoss, intercept }, shadowing }, seed);
          } catch (error) {
            expect((error as Error).message).toMatch(/^network\.(pathLoss\.intercept|shadowing\.deviation): /);
            continue;
          }
          for (const rate of spectralEfficiency(closedFormRates(drop))) expect(rate).toBeGreaterThanOrEqual(0);
          for (const scheme of schemeNames) {
            try {
              const rates = compareSchemes(drop, [scheme], { realizations: 4, key })[scheme]!;
              for (const rate of rates.spectralEfficiency) expect(rate).toBeGreaterThanOrEqual(0);
            } catch (error) {
              expect((error as Error).message).toMatch(/^network\.gain\[\d\]\[\d\]: \S+ is too strong/);
            }
          }
        }
  });
});

describe("elementary functions over all of float64", () => {
  const special = [
    ...[
      0,
      5e-324,
      1e-310,
      2.2250738585072014e-308,
      1e-300,
      1e-155,
      1e-20,
      1e-8,
      0.1,
      0.5,
      1 - 2 ** -53,
      1,
      1 + 2 ** -52,
    ],
    ...[1.5, 2, 3, 10, 36.7, 100, 699.9, 700, 709.78, 709.79, 745, 746, 1e5, 1e8, 2 ** 53, 1e22, 1e155, 1e300],
    ...[Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN],
  ];
  const all = [...special, ...special.map((x) => -x)];
  const near = (a: number, b: number) =>
    Object.is(a, b) || Math.abs(a - b) <= 1e-15 * Math.abs(b) || Math.abs(a - b) <= 1e-323;

  it.each(Object.entries({ exp, expm1, log, log1p, log2, log10, sin, cos, tanh }))("%s", (name, ours) => {
    const theirs = Math[name as "exp"];
    for (const x of all) expect(near(ours(x), theirs(x)), `${x}: ${ours(x)}`).toBe(true);
  });

  it.each(Object.entries({ pow, atan2 }))("%s", (name, ours) => {
    const theirs = Math[name as "pow"];
    for (const x of all)
      for (const y of all) expect(near(ours(x, y), theirs(x, y)), `${x}, ${y}: ${ours(x, y)}`).toBe(true);
  });

  it("on two lanes: the gains of links from 10^-330 to 10^310", () => {
    const base = paperNetwork({ accessPoints: 3, clients: 1, wrapAround: false, heightDifference: 0 });
    const accessPoints = Float64Array.of(1, 0, 10, 0, 100, 0);
    for (let intercept = -3300; intercept <= 3100; intercept += 12.5) {
      const config = { ...base, pathLoss: { ...base.pathLoss, intercept, slope: 20 } };
      const found = gains(config, accessPoints, new Float64Array(2), new Float64Array(3));
      found.forEach((gain, l) => {
        const expected = 10 ** ((intercept - 20 * l) / 10);
        const off = Math.abs(gain - expected);
        expect(gain === expected || off <= 1e-12 * expected || off <= 1e-322, `${intercept} dB, ${l}: ${gain}`).toBe(
          true,
        );
      });
    }
    // Where an access point and a client stand at one place, there is no gain.
    expect(() => gains(base, accessPoints, Float64Array.of(10, 0), new Float64Array(3))).toThrow(
      /^network\.heightDifference: 0, with client 0 at the place of access point 1/,
    );
  });
});
