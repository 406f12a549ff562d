import { describe, expect, it } from "vitest";
import { parseTrace } from "../../src/federated/learningTrace.js";
import { priceRound, uploadProblem } from "../../src/federated/price.js";
import { priceTrace } from "../../src/federated/priceTrace.js";
import { createRadio } from "../../src/federated/radio.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { powerMethod } from "../../src/power/index.js";

const rows = `round,client,bits,examples,computeSeconds,accuracy
1,7,1e5,100,,0.2
1,9,2e5,200,,0.2
2,9,1e5,,0.5,
2,7,0,,0.25,
3,7,1e5,100,,0.4
`;
const history = {
  losses_distributed: [
    [1, 2],
    [2, 1],
  ],
  metrics_centralized: {
    accuracy: [
      [0, 0.1],
      [1, 0.4],
      [2, 0.5],
    ],
  },
};
const lifted = resolveConfig({
  preset: "quick",
  sets: ["network.clients=2", "budgets.energy=null", "budgets.latency=null"],
});

describe("a trace", () => {
  it("is read from CSV, from JSON rows, and from a history", () => {
    const trace = parseTrace(rows, "t.csv");
    expect(trace.clients).toEqual(["7", "9"]);
    expect(trace.rounds.map(({ accuracy }) => accuracy)).toEqual([0.2, null, 0.4]);
    expect(trace.rounds[1]!.clients).toEqual([
      { client: 1, bits: 1e5, examples: 0, computeSeconds: 0.5 },
      { client: 0, bits: 0, examples: 0, computeSeconds: 0.25 },
    ]);
    const json = trace.rounds.flatMap(({ round, accuracy, clients }) =>
      clients.map(({ client, ...work }) => ({ round, client: trace.clients[client], accuracy, ...work })),
    );
    expect(parseTrace(JSON.stringify(json), "t.json")).toEqual(trace);
    const flower = parseTrace(JSON.stringify(history), "h.json", { clients: 3, bits: 8, examples: 5 });
    expect(flower.rounds.map(({ round, accuracy, clients }) => [round, accuracy, clients.length])).toEqual([
      [1, 0.4, 3],
      [2, 0.5, 3],
    ]);
  });

  it.each([
    ["round,client,bitz\n1,1,1\n", /^t line 1: unknown column "bitz"; did you mean "bits"\?/],
    ["round,client,bits\n1,1\n", /^t line 2: 2 cells under 3 columns/],
    ["round,client,bits\n1,1,-5\n", /^t row 1: bits is "-5" \(allowed: a number of at least 0\)/],
    ["round,client,bits\n0,1,5\n", /^t row 1: round is "0"/],
    ["round,client,bits\n1,,5\n", /^t row 1: client is ""/],
    ["round,client,bits\n1,1,5\n1,1,5\n", /^t row 2: client 1 is in round 1 twice/],
    ["round,client,bits,accuracy\n1,1,5,0.1\n1,2,5,0.2\n", /^t row 2: accuracy is 0\.2, but 0\.1 elsewhere in round 1/],
    ["round,client,bits,accuracy\n1,1,5,61\n", /^t row 1: accuracy is 61 \(allowed: a share from 0 to 1\)/],
    ["round,client,bits\n", /^t: has no rows/],
    ["{", /^t: this is not JSON/],
    ["[null]", /^t row 1: is null \(allowed: an object with round, client, bits/],
    ['[{"round":1,"bits":5}]', /^t row 1: client is missing/],
    ["{}", /^t: holds neither rows of round, client/],
    [JSON.stringify(history), /^--bits: t is a history, which does not say what clients sent/],
  ])("refuses %j", (text, message) => {
    expect(() => parseTrace(text, "t")).toThrow(message);
  });
});

describe("the price of a trace", () => {
  it("is that of its uploads round by round, with the computation that it tells", () => {
    const { rounds, ended, accuracy } = priceTrace(
      parseTrace(rows, "t"),
      { ...lifted, seed: 3 },
      { drop: 1, parameters: 10 },
    );
    const rates = createRadio({ ...lifted, seed: 3 }, { drop: 1 }).rates(1);
    const priceOf = (bits: number[], examples: number[], seconds?: number) => {
      const problem = uploadProblem(lifted, rates, { nominalBits: bits, wireBits: bits, examples }, 10);
      if (seconds !== undefined) problem.computeLatency = seconds;
      return priceRound(problem, powerMethod(lifted.power).allocate(problem).power);
    };
    const expected = [priceOf([1e5, 2e5], [100, 200]), priceOf([0, 1e5], [0, 0], 0.5), priceOf([1e5, 0], [100, 0])];
    for (const [i, { energy, latency }] of expected.entries()) {
      // A warm start of the same problem may end a rounding apart.
      expect(rounds[i]!.energy / energy).toBeCloseTo(1, 9);
      expect(rounds[i]!.latency / latency).toBeCloseTo(1, 9);
    }
    expect(rounds[2]!.totals.latency).toBeCloseTo(
      rounds.reduce((sum, { latency }) => sum + latency, 0),
      12,
    );
    expect([ended.by, accuracy]).toEqual(["rounds", 0.4]);
  });

  it("ends where a budget ends, with the accuracy that was reached", () => {
    const trace = parseTrace(rows, "t");
    const [first, second] = priceTrace(trace, lifted, { parameters: 10 }).rounds;
    const limited = { ...lifted, budgets: { ...lifted.budgets, latency: first!.latency + second!.latency / 2 } };
    const { rounds, ended, accuracy } = priceTrace(trace, limited, { parameters: 10 });
    expect([rounds.length, ended.by, accuracy]).toEqual([1, "latency", 0.2]);
    const one = resolveConfig({ preset: "quick", sets: ["network.clients=1"] });
    expect(() => priceTrace(trace, one, { parameters: 10 })).toThrow(
      /^network\.clients: 1, but the trace has 2 clients/,
    );
  });
});
