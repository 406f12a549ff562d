import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { parseConfig } from "../../src/parts/resolve.js";
import {
  aggregationWeights,
  type SelectionView,
  selectClients,
  selectionRules,
} from "../../src/system/selection/index.js";
import { inclusionProbabilities, sampleAt, systematicSample } from "../../src/system/selection/sampling.js";

const clients = 5;
const examples = [10, 20, 5, 40, 25];
const total = 100;
const updates = [3, -1, 7, 2, -4];
/** Σ_k (D_k/D) v_k */
const mean = updates.reduce((sum, v, k) => sum + (examples[k]! / total) * v, 0);

function view(round: number, given: Partial<SelectionView> = {}): SelectionView {
  return {
    ...{ round, clients, count: 2, available: [0, 1, 2, 3, 4], examples, lastRound: new Float64Array(clients) },
    ...{ random: stream(1, "participation", round), order: stream(1, "selection", 0, 1) },
    ...given,
  };
}

const section = (given: object) => parseConfig({ selection: given }).selection;
const chosen = (given: object, shown: SelectionView, explores = 1) =>
  selectClients(section(given), shown, explores).clients;

/** Every subset of some size of 0 … n − 1. */
function subsets(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((first) =>
    subsets(n, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

/** What the server's sum is for these participants. */
function sumOf(participants: readonly number[], probability: readonly number[], weights: "share" | "unbiased"): number {
  const counted = aggregationWeights(examples, { clients: participants, probability }, weights);
  return participants.reduce((sum, client, i) => sum + counted[i]! * updates[client]!, 0);
}

describe("unbiased weights", () => {
  // Rounding: some hundred sums of numbers below 30, each to 2⁻⁵³ of it
  const tolerance = 1e-12;

  it("have everybody's mean as expectation, over all subsets that a uniform draw can give", () => {
    for (let count = 1; count <= clients; count++) {
      const probability = new Array<number>(clients).fill(count / clients);
      const all = subsets(clients, count);
      const expected = all.reduce((sum, one) => sum + sumOf(one, probability, "unbiased") / all.length, 0);
      expect(Math.abs(expected - mean)).toBeLessThan(tolerance);
      // Shares of the participants alone do not, as their examples differ.
      const shares = all.reduce((sum, one) => sum + sumOf(one, probability, "share") / all.length, 0);
      if (count < clients) expect(Math.abs(shares - mean)).toBeGreaterThan(0.01);
    }
  });

  it("have it where a rule is biased and explores, over the rule's choice and all others", () => {
    const spectralEfficiency = [1, 5, 2, 4, 3];
    const given = { rule: "best-channel", exploration: 0.25, weights: "unbiased" };
    const shown = () => view(1, { spectralEfficiency });
    const { clients: best, probability } = selectClients(section(given), shown(), 1);
    expect(best).toEqual([1, 3]);
    const all = subsets(clients, 2);
    const drawn = all.reduce((sum, one) => sum + sumOf(one, probability, "unbiased") / all.length, 0);
    const expected = 0.75 * sumOf(best, probability, "unbiased") + 0.25 * drawn;
    expect(Math.abs(expected - mean)).toBeLessThan(tolerance);
    expect(all).toContainEqual(selectClients(section(given), shown(), 0.2).clients);
  });

  it("have it over a systematic sample: integrated over u, in any order", () => {
    const probability = inclusionProbabilities([1, 8, 2, 0.5, 3], 2);
    expect(probability[1]).toBe(1);
    expect(probability.reduce((a, b) => a + b)).toBeCloseTo(2, 14);
    for (const order of [
      [0, 1, 2, 3, 4],
      [3, 1, 4, 0, 2],
      [4, 2, 1, 3, 0],
    ]) {
      // The sample changes only where u passes a partial sum of the probabilities, modulo 1.
      const edges = order.map((_, i) => order.slice(0, i + 1).reduce((sum, k) => sum + probability[k]!, 0) % 1);
      const cuts = [0, ...edges, 1].sort((a, b) => a - b);
      let expected = 0;
      for (let i = 1; i < cuts.length; i++) {
        const [low, high] = [cuts[i - 1]!, cuts[i]!];
        if (high - low < 1e-13) continue;
        const sample = sampleAt(probability, order, (low + high) / 2);
        expect(sample.length).toBe(2);
        expected += (high - low) * sumOf(sample, probability, "unbiased");
      }
      expect(Math.abs(expected - mean)).toBeLessThan(tolerance);
    }
  });

  it("are refused where somebody has no chance, with the client and what would do", () => {
    const probability = [1, 1, 0, 1, 1];
    expect(() => aggregationWeights(examples, { clients: [0, 1], probability, round: 3 }, "unbiased")).toThrow(
      /round 3, client 2: .*selection\.exploration/,
    );
  });

  it("count of those only that could take part", () => {
    // D = 10 + 20 + 40, each with a chance of 2/3
    const probability = [2 / 3, 2 / 3, 0, 2 / 3, 0];
    const weights = aggregationWeights(examples, { clients: [0, 3], available: [0, 1, 3], probability }, "unbiased");
    expect(weights[0]).toBeCloseTo((10 / 70) * 1.5, 14);
    expect(weights[1]).toBeCloseTo((40 / 70) * 1.5, 14);
  });
});

describe("a rule", () => {
  it("random: as often as its chance says", () => {
    const counts = new Array<number>(clients).fill(0);
    const rounds = 4000;
    for (let round = 1; round <= rounds; round++) {
      for (const client of chosen({ rule: "random" }, view(round))) counts[client]!++;
    }
    // A mean of 1600, a deviation of √(4000 · 0.4 · 0.6) = 31: six of them
    for (const count of counts) expect(Math.abs(count - 1600)).toBeLessThan(6 * 31);
  });

  it("round-robin: everybody once before anybody twice, also where some cannot", () => {
    let memory: SelectionView["memory"];
    const seen: number[] = [];
    for (let round = 1; round <= 5; round++) {
      const one = selectClients(section({ rule: "round-robin" }), view(round, memory && { memory }), 1);
      memory = one.memory;
      seen.push(...one.clients);
    }
    for (let client = 0; client < clients; client++) expect(seen.filter((one) => one === client)).toHaveLength(2);
    const some = selectClients(section({ rule: "round-robin" }), view(9, { available: [2, 4] }), 1);
    expect(some.clients).toEqual([2, 4]);
  });

  it("best-channel: the largest spectral efficiencies, of equal ones the smaller number", () => {
    expect(chosen({ rule: "best-channel" }, view(1, { spectralEfficiency: [1, 2, 3, 2, 0] }))).toEqual([1, 2]);
  });

  it("proportional-fair: who was served gives way", () => {
    const spectralEfficiency = [4, 1, 1, 1, 1];
    const first = selectClients(section({ rule: "proportional-fair", window: 2 }), view(1, { spectralEfficiency }), 1);
    // r/T is K for all at first; by hand: T_0 = ½ · 4/5 + ½ · 4 = 2.4, of who did not take part T = ½ · 1/5 = 0.1
    expect(first.clients).toEqual([0, 1]);
    expect(first.memory!.mean![0]).toBeCloseTo(2.4, 14);
    expect(first.memory!.mean![2]).toBeCloseTo(0.1, 14);
    const shown = view(2, { spectralEfficiency, memory: first.memory! });
    expect(chosen({ rule: "proportional-fair", window: 2 }, shown)).toEqual([2, 3]);
  });

  it("energy-left: most joules", () => {
    expect(chosen({ rule: "energy-left" }, view(1, { energyLeft: [0.1, 0.5, 0.2, 0.4, 0] }))).toEqual([1, 3]);
  });

  it("update-norm: chances in proportion to examples and norm; the largest, where it does not draw", () => {
    const updateNorm = [1, 1, 1, 1, Number.NaN];
    const { probability } = selectClients(section({ rule: "update-norm" }), view(1, { updateNorm }), 1);
    // Sizes 10, 20, 5, 40 and, unknown, 40: M = 2 times each over 115
    [10, 20, 5, 40, 40].forEach((size, k) => {
      // No norm counts less than a tenth of the mean, 75/4
      expect(probability[k]).toBeCloseTo((2 * size) / 115, 14);
    });
    expect(chosen({ rule: "update-norm", draw: false }, view(1, { updateNorm }))).toEqual([3, 4]);
  });

  it("deadline: computation and upload in time, the fastest first; if nobody, what would do", () => {
    const shown = view(1, {
      ...{ computeSeconds: [0.01, 0.02, 0.5, 0.03, 0.04], spectralEfficiency: [1, 2, 9, 2, 2], bandwidth: 1e6 },
      bits: [1e5, 1e5, 1e5, Number.NaN, 1e5],
    });
    // 0.11, 0.07, 0.51, 0.08 (bits as the mean), 0.09 s
    expect(chosen({ rule: "deadline", seconds: 0.1 }, shown)).toEqual([1, 3]);
    expect(chosen({ rule: "deadline", seconds: 0.075 }, shown)).toEqual([1]);
    expect(() => chosen({ rule: "deadline", seconds: 0.05 }, shown)).toThrow(
      /round 1: selection rule deadline: nobody makes 0\.05 s: client 1 is fastest with 0\.0700 s/,
    );
  });

  it("of one's own is held to what a choice is", () => {
    for (const [answer, message] of [
      [{ clients: [7] }, /chose 7, which is no client/],
      [{ clients: [1, 1] }, /client 1: selection rule mine: chose it twice/],
      [{ clients: [] }, /chose nobody/],
      [{ clients: [1], probability: [0, 0, 1, 1, 1] }, /the probability is 0/],
      [Promise.resolve({ clients: [1] }), /promise/],
      [3, /no choice/],
    ] as const) {
      selectionRules.add({ name: "mine", select: () => answer as never });
      try {
        expect(() => chosen({ rule: "mine" }, view(1)), String(message)).toThrow(message);
      } finally {
        selectionRules.remove("mine");
      }
    }
  });
});

it("a systematic sample holds each as often as its probability says", () => {
  const probability = [0.9, 0.1, 0.5, 0.5, 1];
  const counts = new Array<number>(clients).fill(0);
  for (let i = 0; i < 4000; i++) for (const k of systematicSample(probability, stream(2, "test", i))) counts[k]!++;
  // At most √(4000 / 4) = 32 of deviation: six of them
  for (const [k, chance] of probability.entries()) {
    expect(Math.abs(counts[k]! - 4000 * chance)).toBeLessThanOrEqual(6 * 32);
  }
});
