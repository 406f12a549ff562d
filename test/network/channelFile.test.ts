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
  accessPoints: unknown;
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
      /channel\.gain: 1 entries instead of 2: shape \(1, 2\) instead of \(2, 2\) = \(clients, accessPoints\)/,
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
      "a trace that is not N",
      (c) => {
        c.correlation.re[1]![0] = [
          [3e-9, 1e-9],
          [1e-9, 3e-9],
        ];
      },
      /channel\.correlation\[1\]\[0\]: its trace is 6e-9 instead of 2/,
    ],
    [
      "a transposed array",
      (c) => {
        c.gain = [
          [1e-9, 2e-9],
          [3e-9, 4e-9],
          [3e-9, 4e-9],
        ];
      },
      /channel\.gain: 3 entries instead of 2: shape \(3, 2\)/,
    ],
    [
      "a correlation without its last axis",
      (c) => {
        c.correlation.re = [
          [[1, 2, 3, 4] as never, [1, 2, 3, 4] as never],
          [[1, 2, 3, 4] as never, [1, 2, 3, 4] as never],
        ];
      },
      /channel\.correlation\.re: shape \(2, 2, 4\) instead of \(2, 2, 2, 2\) = \(clients, accessPoints, antennas, antennas\)/,
    ],
    [
      "flat clusters that are too few",
      (c) => {
        c.serves = [1, 1, 1];
      },
      /channel\.serves: 3 entries instead of 2: shape \(3\) instead of \(2, 2\)/,
    ],
    [
      "a gain that no arithmetic holds",
      (c) => {
        c.gain = [
          [1e-9, 1e155],
          [3e-9, 4e-9],
        ];
      },
      /channel\.gain\[0\]\[1\]: 1e\+155 is too large \(allowed: 0 to 1e\+120\)/,
    ],
    [
      "access points beyond the limit",
      (c) => {
        c.accessPoints = 1e8;
      },
      /channel\.accessPoints: 100000000 is too large \(allowed: 1 to 10000\)/,
    ],
    [
      "pilots beyond the limit",
      (c) => {
        c.pilots = 1e15;
      },
      /channel\.pilots: 1000000000000000 is too large \(allowed: 1 to 1000000\)/,
    ],
    [
      "links beyond the limit",
      (c) => {
        c.clients = 10_000;
        c.accessPoints = 10_000;
      },
      /channel\.clients: 10000 clients with 10000 access points are 100000000 links/,
    ],
    [
      "a power beyond the range",
      (c) => {
        c.noisePower = 1e-200;
      },
      /channel\.transmitPower: 0\.1 W is 1e\+199 times the noise/,
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

  it("normalizes a correlation when asked, and leaves the gains as they are", () => {
    const right = channel();
    const scaled = channel();
    scaled.normalize = true;
    const times = (matrices: number[][][][]) =>
      matrices.map((links, k) => links.map((matrix, l) => matrix.map((row) => row.map((x) => x * 2 ** (k - 30 * l)))));
    scaled.correlation = { re: times(right.correlation.re), im: times(right.correlation.im) };
    expect(importChannel(scaled)).toEqual(importChannel(right));
    scaled.correlation.re[1]![1] = [
      [0, 0],
      [0, 0],
    ];
    expect(() => importChannel(scaled)).toThrow(/channel\.correlation\[1\]\[1\]: a trace of 0 cannot be made 2/);
    expect(() => importChannel({ ...channel(), normalize: 1 as never })).toThrow(/channel\.normalize: 1 is neither/);
  });

  it("asks for no trace of a link without gain, whose correlation nobody knows", () => {
    const c = channel();
    c.gain = [
      [0, 2e-9],
      [3e-9, 4e-9],
    ];
    for (const part of [c.correlation.re, c.correlation.im])
      part[0]![0] = [
        [0, 0],
        [0, 0],
      ];
    const network = importChannel(c);
    expect([...network.gain]).toEqual([0, 2e-9, 3e-9, 4e-9]);
    expect([...network.correlation!.re.subarray(0, 4)]).toEqual([1, 0, 0, 1]);
  });
});
