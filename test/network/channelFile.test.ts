import { describe, expect, it } from "vitest";
import { type ChannelFile, importChannel } from "../../src/network/index.js";

/** Copies that share no part. */
function separate<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** A channel of which a test spoils a part. */
interface Loose {
  gain: unknown;
  clients: unknown;
  pilots: unknown;
  pilotIndex?: unknown;
  serves?: unknown;
  noisePower: unknown;
  correlation: { re: number[][][][]; im: number[][][][] };
}

function channel(): ChannelFile & { correlation: { re: number[][][][]; im: number[][][][] } } {
  const block = (re: number[][]) => [
    [re, re],
    [re, re],
  ];
  return {
    accessPoints: 2,
    antennas: 2,
    clients: 2,
    bandwidth: 20e6,
    noisePower: 4e-13,
    transmitPower: 0.1,
    coherence: 200,
    pilots: 2,
    pilotIndex: [0, 1],
    serves: [
      [1, 1],
      [0, 1],
    ],
    gain: [
      [1e-9, 2e-9],
      [3e-9, 4e-9],
    ],
    correlation: {
      re: separate(
        block([
          [1, 0.5],
          [0.5, 1],
        ]),
      ),
      im: separate(
        block([
          [0, 0.25],
          [-0.25, 0],
        ]),
      ),
    },
  };
}

describe("importChannel", () => {
  it("takes nested and flat arrays alike", () => {
    const nested = importChannel(channel());
    const flat = importChannel({ ...channel(), gain: Float64Array.of(1e-9, 2e-9, 3e-9, 4e-9), serves: [1, 1, 0, 1] });
    expect(flat).toEqual(nested);
    expect(importChannel({ ...channel(), serves: "all" }).serves).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  it.each([
    [
      "a negative gain",
      (c) => {
        c.gain = [
          [1e-9, -2e-9],
          [3e-9, 4e-9],
        ];
      },
      /channel\.gain\[0\]\[1\]: -2e-9 is negative/,
    ],
    [
      "a missing row",
      (c) => {
        c.gain = [[1e-9, 2e-9]];
      },
      /channel\.gain: 1 entries instead of 2/,
    ],
    [
      "a short row",
      (c) => {
        c.gain = [[1e-9, 2e-9], [3e-9]];
      },
      /channel\.gain\[1\]: 1 entries instead of 2/,
    ],
    [
      "text",
      (c) => {
        c.gain = [
          [1e-9, 2e-9],
          [3e-9, "x"],
        ];
      },
      /channel\.gain\[1\]\[1\]: "x" is not a finite number/,
    ],
    [
      "no clients",
      (c) => {
        c.clients = 0;
      },
      /channel\.clients: 0 is not a whole number of at least 1/,
    ],
    [
      "too many pilots",
      (c) => {
        c.pilots = 200;
      },
      /channel\.pilots: 200 pilots leave no room/,
    ],
    [
      "a pilot out of range",
      (c) => {
        c.pilotIndex = [0, 2];
      },
      /channel\.pilotIndex\[1\]: 2 is not one of the pilots 0 … 1/,
    ],
    [
      "an unserved client",
      (c) => {
        c.serves = [
          [1, 1],
          [0, 0],
        ];
      },
      /channel\.serves\[1\]: no access point serves/,
    ],
    [
      "not Hermitian",
      (c) => {
        c.correlation.im[1]![0]![0]![1] = 0.3;
      },
      /channel\.correlation\[1\]\[0\]\[1\]\[0\].*not Hermitian/,
    ],
    [
      "not positive semidefinite",
      (c) => {
        c.correlation.re[0]![1] = [
          [1, 1.5],
          [1.5, 1],
        ];
      },
      /channel\.correlation\[0\]\[1\]: not positive semidefinite: pivot 1/,
    ],
    [
      "no noise power",
      (c) => {
        c.noisePower = undefined;
      },
      /channel\.noisePower: nothing is not a finite number/,
    ],
  ] as [string, (c: Loose) => void, RegExp][])("%s", (_, spoil, message) => {
    const c = channel();
    spoil(c);
    expect(() => importChannel(c)).toThrow(message);
  });

  it("takes a singular correlation matrix, which is positive semidefinite", () => {
    const c = channel();
    c.correlation.re[0]![0] = [
      [1, 1],
      [1, 1],
    ];
    c.correlation.im[0]![0] = [
      [0, 0],
      [0, 0],
    ];
    expect(importChannel(c).correlation!.re[1]).toBe(1);
  });
});
