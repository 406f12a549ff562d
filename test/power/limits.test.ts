import { describe, expect, it } from "vitest";
import { exp } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Allocation, Processors, UploadProblem } from "../../src/config/records.js";
import { allocatePower, parseProblem, priceUpload, totals } from "../../src/power/index.js";
import { roundProblem } from "./drops.js";
import { twoClients } from "./problems.js";

const cpu: Processors = {
  cyclesPerSample: Float64Array.of(1, 2),
  samples: Float64Array.of(30, 20),
  capacitance: Float64Array.of(0.1, 0.02),
  minimumFrequency: Float64Array.of(0.1, 0.1),
  maximumFrequency: Float64Array.of(3, 1.5),
};

/** J of each client and s of the round, computation included, straight from the formulas. */
function roundAt(problem: UploadProblem, power: ArrayLike<number>, frequency: ArrayLike<number> | undefined) {
  const { latency, energy } = priceUpload(problem, power);
  const seconds = [...latency];
  const joules = [...energy];
  for (let k = 0; k < joules.length && problem.cpu !== undefined; k++) {
    const work = problem.cpu.cyclesPerSample[k]! * problem.cpu.samples[k]!;
    seconds[k]! += work / frequency![k]!;
    joules[k]! += 0.5 * problem.cpu.capacitance[k]! * work * frequency![k]! ** 2;
  }
  return { seconds: Math.max(...seconds), joules };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** v of most rounds within budgets and batteries, as rounds. */
function roundsAt(problem: UploadProblem, power: ArrayLike<number>, frequency: ArrayLike<number> | undefined): number {
  const { budgets, batteries, computeLatency, fixedEnergy = 0 } = problem;
  const { seconds, joules } = roundAt(problem, power, frequency);
  const lives = joules.map((own, k) => (own > 0 ? batteries![k]! / own : Number.POSITIVE_INFINITY));
  return Math.min(
    budgets!.latency / (computeLatency + seconds),
    budgets!.energy / (fixedEnergy + sum(joules)),
    ...lives,
  );
}

/** The best that a zooming grid over ln p and ln f of two clients finds. */
function zoom(value: (power: number[], frequency: number[]) => number): number {
  const low = [-16, -16, Math.log(0.1), Math.log(0.1)];
  const high = [0, 0, Math.log(3), Math.log(1.5)];
  let at = low.map((least, i) => 0.5 * (least + high[i]!));
  let width = low.map((least, i) => 0.5 * (high[i]! - least));
  let best = Number.NEGATIVE_INFINITY;
  for (let turn = 0; turn < 60; turn++) {
    const center = at;
    const steps = [-1, -0.5, 0, 0.5, 1];
    for (const a of steps)
      for (const b of steps)
        for (const c of steps)
          for (const d of steps) {
            const x = [a, b, c, d].map((step, i) =>
              Math.min(high[i]!, Math.max(low[i]!, center[i]! + step * width[i]!)),
            );
            const found = value([exp(x[0]!), exp(x[1]!)], [exp(x[2]!), exp(x[3]!)]);
            if (found > best) [best, at] = [found, x];
          }
    width = width.map((half) => half * 0.75);
  }
  return best;
}

describe("most rounds with frequencies, within batteries that pay for both", () => {
  it.each([
    [[2000, 300], 1e4, 500, 0],
    [[300, 2000], 1e4, 500, 0.02],
    [[1e4, 700], 1e4, Number.POSITIVE_INFINITY, 0.3],
    [[500, 900], Number.POSITIVE_INFINITY, 500, 0],
    [[500, 900], Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0.1],
  ])(
    "batteries of %j J, budgets %d J and %d s, P_c = %d W: what a grid finds",
    (batteries, energy, latency, circuitPower) => {
      const problem: UploadProblem = {
        ...twoClients,
        ...{ cpu, circuitPower, budgets: { energy, latency }, batteries: Float64Array.from(batteries) },
      };
      const found = allocatePower(problem, { method: "most-rounds", batteries: true });
      expect([found.status, found.reason]).toEqual(["converged", undefined]);
      const rounds = roundsAt(problem, found.power, found.frequency);
      const best = zoom((power, frequency) => roundsAt(problem, power, frequency));
      expect(rounds / best).toBeGreaterThan(1 - 1e-7);
      // The grid ends with steps of 0.75^60 of where it began, which is nothing, if it has not lost its way.
      expect(rounds / best).toBeLessThan(1 + 0.02);
    },
  );

  it("is what it is without them where they are large, and fewer rounds fit to powers that know nothing of small ones", () => {
    for (let seed = 0; seed < 6; seed++) {
      const problem = withProcessors(seed, 8);
      const large = { ...problem, batteries: new Float64Array(8).fill(1e6) };
      const plain = allocatePower(problem, { method: "most-rounds" });
      const found = allocatePower(large, { method: "most-rounds", batteries: true });
      expect(totals(large, found).rounds / totals(problem, plain).rounds).toBeCloseTo(1, 7);
      const { joules } = roundAt(problem, plain.power, plain.frequency);
      // Two of them would be empty in half the rounds.
      const most = totals(problem, plain).rounds;
      const small = {
        ...problem,
        batteries: Float64Array.from(joules, (own, k) => own * most * (k < 2 ? 0.5 : 2)),
      };
      const kept = allocatePower(small, { method: "most-rounds", batteries: true });
      expect([seed, kept.status]).toEqual([seed, "converged"]);
      const rounds = roundsAt(small, kept.power, kept.frequency);
      expect(rounds).toBeGreaterThan(roundsAt(small, plain.power, plain.frequency) * 1.01);
      expect(bestNearby(small, kept, seed, (power, frequency) => roundsAt(small, power, frequency))).toBeLessThan(
        rounds * (1 + 2e-8),
      );
    }
  });

  it("names who has nothing to pay with", () => {
    const problem = { ...withProcessors(1, 3), batteries: Float64Array.of(1, 0, 1) };
    expect(allocatePower(problem, { method: "most-rounds", batteries: true })).toMatchObject({
      status: "infeasible",
      reason: "client 1 cannot send: an empty battery",
    });
  });
});

function withProcessors(seed: number, clients: number): UploadProblem {
  const random = stream(seed, "test", 91);
  const each = (value: () => number) => Float64Array.from({ length: clients }, value);
  return {
    ...roundProblem(seed, clients),
    cpu: {
      ...{ cyclesPerSample: each(() => 1e5), samples: each(() => 200 + 800 * random.uniform()) },
      ...{ capacitance: each(() => 2e-28), minimumFrequency: each(() => 1e8), maximumFrequency: each(() => 2e9) },
    },
  };
}

/** The best of points near to and far from an answer. */
function bestNearby(
  problem: UploadProblem,
  found: Allocation,
  seed: number,
  value: (power: Float64Array, frequency: Float64Array | undefined) => number,
): number {
  const random = stream(seed, "test", 92);
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < 200; i++) {
    const size = [2, 0.02, 1e-4][i % 3]!;
    const step = () => exp(size * (random.uniform() - 0.5));
    const power = found.power.map((p) => Math.min(1, p * step()));
    const frequency = found.frequency?.map((f, k) =>
      Math.min(problem.cpu!.maximumFrequency[k]!, Math.max(problem.cpu!.minimumFrequency[k]!, f * step())),
    );
    best = Math.max(best, value(power, frequency));
  }
  return best;
}

describe("joint within what each client may use", () => {
  const weightedAt = (problem: UploadProblem, alpha: number, reference: { energy: number; latency: number }) => {
    const allowed = problem.allowances!;
    return (power: ArrayLike<number>, frequency: ArrayLike<number> | undefined): number => {
      const { seconds, joules } = roundAt(problem, power, frequency);
      if (joules.some((own, k) => own > allowed[k]! * (1 + 1e-12))) return Number.NEGATIVE_INFINITY;
      return -(
        (alpha * (sum(joules) + (problem.fixedEnergy ?? 0))) / reference.energy +
        ((1 - alpha) * seconds) / reference.latency
      );
    };
  };
  /** By what energy and latency are measured: min–max powers at the highest frequencies. */
  const referenceOf = (problem: UploadProblem) => {
    const { power } = allocatePower(problem, { method: "min-max" });
    const { seconds, joules } = roundAt(problem, power, problem.cpu?.maximumFrequency);
    return { energy: sum(joules) + (problem.fixedEnergy ?? 0), latency: seconds };
  };

  it.each([
    [0.5, 0.02, [30, 8]],
    [0.1, 0, [12, 30]],
    [0.9, 0.1, [14, 11]],
  ])("alpha = %d, P_c = %d W, %j J, frequencies chosen: what a grid finds", (alpha, circuitPower, allowances) => {
    const problem: UploadProblem = { ...twoClients, cpu, circuitPower, allowances: Float64Array.from(allowances) };
    const value = weightedAt(problem, alpha, referenceOf(problem));
    const found = allocatePower(problem, { method: "joint", alpha, batteries: true });
    expect([found.status, found.reason]).toEqual(["converged", undefined]);
    const { joules } = roundAt(problem, found.power, found.frequency);
    joules.forEach((own, k) => {
      expect(own / allowances[k]!).toBeLessThan(1 + 2e-8);
    });
    const loose = { ...problem, allowances: problem.allowances!.map((own) => own * (1 + 2e-8)) };
    const own = weightedAt(loose, alpha, referenceOf(problem))(found.power, found.frequency);
    const best = zoom(value);
    expect(own / best).toBeLessThan(1 + 1e-6);
    expect(own / best).toBeGreaterThan(1 - 0.02);
  });

  it("keeps to limits that bind, with and without processors, and no point nearby that keeps to them is better", () => {
    for (let seed = 0; seed < 12; seed++) {
      const alpha = [0, 0.3, 0.5, 1][seed % 4]!;
      // At alpha = 1 without circuit power the least powers are best, where bounds are that the points nearby do not keep to.
      const circuitPower = seed % 3 === 0 && alpha < 1 ? 0 : 0.01;
      const problem = seed % 2 === 0 ? withProcessors(seed, 10) : { ...roundProblem(seed, 10), circuitPower };
      const plain = allocatePower(problem, { method: "joint", alpha });
      const before = roundAt(problem, plain.power, plain.frequency);
      // Least energy is what nobody can go below; above it there is room for limits.
      const frugal = allocatePower(problem, { method: "joint", alpha: 1 });
      const least = roundAt(problem, frugal.power, frugal.frequency).joules;
      const allowances = Float64Array.from(before.joules, (own, k) =>
        k % 3 === 0 ? Math.max(1.2 * least[k]!, 0.7 * own) : 1.5 * own,
      );
      const limited = { ...problem, allowances };
      const found = allocatePower(limited, { method: "joint", alpha, batteries: true });
      expect([seed, found.status, found.reason]).toEqual([seed, "converged", undefined]);
      const { joules } = roundAt(problem, found.power, found.frequency);
      joules.forEach((own, k) => {
        expect([seed, k, own / allowances[k]! < 1 + 2e-8]).toEqual([seed, k, true]);
      });
      const reference = referenceOf(problem);
      const loose = { ...limited, allowances: allowances.map((own) => own * (1 + 2e-8)) };
      const own = weightedAt(loose, alpha, reference)(found.power, found.frequency);
      expect(bestNearby(problem, found, seed, weightedAt(limited, alpha, reference))).toBeLessThan(own * (1 - 3e-8));
      // Without the setting it knows nothing of them.
      expect(allocatePower(limited, { method: "joint", alpha }).power).toEqual(plain.power);
    }
  });

  it("says that no powers keep to them where there are none, and by how much", () => {
    const problem = { ...withProcessors(3, 4), allowances: Float64Array.of(1, 1, 1e-9, 1) };
    for (const method of ["joint", "joint-computation"] as const) {
      const { status, reason } = allocatePower(problem, { method, batteries: true });
      expect([status, reason]).toEqual(["infeasible", expect.stringMatching(/what each client may use.*% more$/)]);
    }
    const empty = { ...problem, allowances: Float64Array.of(1, 1, 0, 1) };
    expect(allocatePower(empty, { method: "joint", batteries: true }).reason).toBe(
      "client 2 cannot send: an empty battery",
    );
  });

  it("is joint communication and computation's own limit where all are alike", () => {
    const problem = { ...withProcessors(5, 6), roundEnergy: 1 };
    const own = allocatePower({ ...problem, clientEnergy: 0.02 }, { method: "joint-computation" });
    const allowances = new Float64Array(6).fill(0.02);
    const each = allocatePower({ ...problem, allowances }, { method: "joint-computation", batteries: true });
    expect(each).toEqual(own);
    expect(allocatePower({ ...problem, allowances }, { method: "joint-computation" })).not.toEqual(own);
  });
});

it("a problem's file may have both, a number a client", () => {
  const file = {
    ...{
      signal: [2, 3],
      selfInterference: [3, 2],
      noise: [1, 1],
      interference: [
        [0, 1],
        [2, 0],
      ],
    },
    ...{ bandwidth: 20e6, transmitPower: 0.1, bits: [1e6, 1e6], budgets: { energy: 1, latency: 10 } },
  };
  const problem = parseProblem({ ...file, batteries: [1, 0.5], allowances: [0.1, 0.2] });
  expect([[...problem.batteries!], [...problem.allowances!]]).toEqual([
    [1, 0.5],
    [0.1, 0.2],
  ]);
  expect(() => parseProblem({ ...file, batteries: [1] })).toThrow("batteries: 1 entries where 2 are needed");
  expect(() => parseProblem({ ...file, allowances: [1, -1] })).toThrow("allowances[1]: -1");
});
