import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import {
  type ChannelFile,
  compareSchemes,
  importChannel,
  schemeNames,
  sinr,
  spectralEfficiency,
} from "../../src/network/index.js";

/**
 * Channels of any shape: valid ones of a few links, one to three of whose parts are replaced by what does not belong
 * there. Whatever comes of it is an `InputError` that begins with the path and is short, or rates of at least 0.
 */

const size = fc.integer({ min: 1, max: 4 });
const extreme = fc.constantFrom(
  ...[0, -0, 5e-324, 1e-310, 1e-160, 1e-100, 1e-30, 1e-9, 1, 2, 1e8, 1e15, 1e30, 1e60, 1e100, 1e121, 1e155, 1e308],
);
const gain = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 1e-14, max: 1e-6, noNaN: true }) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: extreme },
);

const deep = (levels: number, key?: string) => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = key === undefined ? [value] : { [key]: value };
  return value;
};
const odd = fc.oneof(
  extreme,
  extreme.map((x) => -x),
  fc.constantFrom<unknown>(
    ...[
      null,
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      "",
      "all",
      "dcc",
      "7",
      "x".repeat(10_000),
      1.5,
      1n,
    ],
    ...[[], {}, [[]], [[[]]], { length: 4 }, { length: 1e9 }, new Uint8Array(4), new DataView(new ArrayBuffer(8))],
    ...[new Date(0), Symbol("x"), () => 1, new Float64Array(16), [Number.NaN], [[1, 2], [3]], { re: 1, im: 2 }],
  ),
  fc.constant(deep(20_000)),
  fc.constant(deep(20_000, "correlation")),
  fc.array(fc.array(gain, { maxLength: 5 }), { maxLength: 5 }),
  fc.array(gain, { maxLength: 20 }),
);

const channel = fc.tuple(size, size, size, size).chain(([clients, accessPoints, antennas, pilots]) => {
  const identity = Array.from({ length: clients * accessPoints * antennas * antennas }, (_, i) =>
    (i % (antennas * antennas)) % (antennas + 1) === 0 ? 1 : 0,
  );
  return fc.record(
    {
      clients: fc.constant(clients),
      accessPoints: fc.constant(accessPoints),
      antennas: fc.constant(antennas),
      pilots: fc.constant(pilots),
      coherence: fc.integer({ min: 5, max: 200 }),
      bandwidth: fc.constant(20e6),
      noisePower: fc.oneof({ weight: 5, arbitrary: fc.constant(4e-13) }, extreme),
      transmitPower: fc.oneof({ weight: 5, arbitrary: fc.constant(0.1) }, extreme),
      gain: fc.array(fc.array(gain, { minLength: accessPoints, maxLength: accessPoints }), {
        minLength: clients,
        maxLength: clients,
      }),
      pilotIndex: fc.array(fc.integer({ min: 0, max: pilots - 1 }), { minLength: clients, maxLength: clients }),
      serves: fc.oneof(
        fc.constantFrom("all", "dcc"),
        fc.array(fc.integer({ min: 0, max: 1 }), {
          minLength: clients * accessPoints,
          maxLength: clients * accessPoints,
        }),
      ),
      correlation: fc.constant({ re: identity, im: identity.map(() => 0) }),
      normalize: fc.boolean(),
    },
    {
      requiredKeys: [
        "clients",
        "accessPoints",
        "antennas",
        "pilots",
        "coherence",
        "bandwidth",
        "noisePower",
        "transmitPower",
        "gain",
      ],
    },
  );
});
const names = [
  "clients",
  "accessPoints",
  "antennas",
  "pilots",
  "coherence",
  "bandwidth",
  "noisePower",
  "transmitPower",
];
const field = fc.constantFrom(
  ...names,
  "gain",
  "gain",
  "pilotIndex",
  "serves",
  "correlation",
  "correlation",
  "normalize",
);

function refusedOr(run: () => void, path: RegExp): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(path);
    expect(error.message.length).toBeLessThan(500);
  }
}

describe("hostile channels", () => {
  it("are refused with the field, or rated", () => {
    let rated = 0;
    fc.assert(
      fc.property(channel, fc.array(fc.tuple(field, odd), { maxLength: 3 }), (file, changes) => {
        const spoilt: Record<string, unknown> = { ...file };
        for (const [name, value] of changes) spoilt[name] = value;
        refusedOr(() => {
          const network = importChannel(spoilt as unknown as ChannelFile);
          refusedOr(() => {
            const rates = compareSchemes(network, schemeNames, {
              realizations: 4,
              key: { seed: 1, round: 0, drop: 0 },
            });
            for (const name of schemeNames)
              for (const rate of rates[name]!.spectralEfficiency)
                if (!(rate >= 0 && rate < 1000)) throw new Error(`${name}: a rate of ${rate}`);
            rated++;
          }, /^network\./);
        }, /^channel/);
      }),
      { numRuns: 3000, seed: 12 },
    );
    expect(rated).toBeGreaterThan(300);
  }, 60_000);
});

describe("sinr and spectralEfficiency", () => {
  const model = {
    clients: 2,
    ...{ signal: Float64Array.of(1, 2), selfInterference: Float64Array.of(0.1, 0.1), noise: Float64Array.of(1, 1) },
    interference: Float64Array.of(0, 1, 1, 0),
    ...{ bandwidth: 1e6, transmitPower: 0.1 },
  };

  it.each([
    ["too few", [1], /^power: 1 coefficients for 2 clients/],
    ["too many", [1, 1, 1], /^power: 3 coefficients for 2 clients/],
    ["NaN", [1, Number.NaN], /^power\[1\]: NaN is not a power coefficient \(allowed: 0 to 1\)/],
    ["5", [5, 1], /^power\[0\]: 5 is not a power coefficient/],
    ["negative", [-1, 1], /^power\[0\]: -1 is not/],
    ["text", ["1", 1], /^power\[0\]: "1" is not/],
    ["a number", 1, /^power: 1 coefficients for 2/],
    ["null", null, /^power: null coefficients/],
  ])("refuse powers: %s", (_, power, message) => {
    expect(() => sinr(model, power as never)).toThrow(message);
    expect(() => spectralEfficiency(model, power as never)).toThrow(message);
  });

  it.each([
    [undefined, /^rates: nothing is not a rate model/],
    [null, /^rates: null is not a rate model/],
    [{ ...model, clients: 3 }, /^rates\.signal: 2 numbers instead of 3/],
    [{ ...model, interference: model.signal }, /^rates\.interference: 2 numbers instead of 4/],
    [
      { ...model, noise: Float64Array.of(1, Number.NaN) },
      /^rates\.noise\[1\]: NaN is not a finite number of at least 0/,
    ],
    [
      {
        ...model,
        noise: Float64Array.of(1, 0),
        selfInterference: new Float64Array(2),
        interference: new Float64Array(4),
      },
      /^rates\.noise\[1\]: 0, and no interference/,
    ],
  ])("refuse models %#", (rates, message) => {
    expect(() => spectralEfficiency(rates as never)).toThrow(message);
  });

  it("give a client without signal and noise 0", () => {
    const silent = {
      ...model,
      signal: Float64Array.of(0, 2),
      noise: Float64Array.of(0, 1),
      selfInterference: new Float64Array(2),
      interference: new Float64Array(4),
    };
    expect([...sinr(silent)]).toEqual([0, 2]);
    expect([...sinr(model, [0, 1])]).toEqual([0, 2 / 1.1]);
  });
});
