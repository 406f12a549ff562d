import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log, log1p } from "../../bindings/math.js";
import type { UploadProblem } from "../../src/config/records.js";
import { minimize } from "../../src/optimize/index.js";
import {
  allocateBatch,
  allocatePower,
  energyLatencyFront,
  powerMethodNames,
  priceUpload,
  totals,
} from "../../src/power/index.js";
import { roundProblem } from "./drops.js";
import { fourClients, randomProblem } from "./problems.js";

const seeds = fc.integer({ min: 0, max: 1e9 });

describe("on random rate models", () => {
  it("min-max finishes all clients together, somebody at full power", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { latency, power, status } = allocatePower(randomProblem(seed), { method: "min-max" });
        expect(status).toBe("converged");
        expect(Math.max(...latency) / Math.min(...latency) - 1).toBeLessThan(1e-11);
        expect(Math.max(...power)).toBe(1);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("no method finishes earlier than min-max, none fits more rounds than most-rounds, none is below the front", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.02, max: 0.98, noNaN: true }), (seed, alpha) => {
        const problem = randomProblem(seed);
        const least = totals(problem, allocatePower(problem, { method: "min-max" })).latency;
        const most = allocatePower(problem, { method: "most-rounds" });
        const joint = allocatePower(problem, { method: "joint", alpha });
        expect([most.status, joint.status]).toEqual(["converged", "converged"]);
        const { rounds } = totals(problem, most);
        const chosen = totals(problem, joint);
        for (const method of powerMethodNames) {
          const found = allocatePower(problem, { method, alpha: 0.3 });
          if (found.status === "infeasible") continue;
          expect([method, found.status]).toEqual([method, "converged"]);
          const other = totals(problem, found);
          expect(other.latency).toBeGreaterThan(least * (1 - 1e-9));
          expect(other.rounds).toBeLessThan(rounds * (1 + 1e-7));
          // Dominated would be: not later and not costlier, one of them by more than the tolerance.
          const better = other.latency < chosen.latency * (1 - 1e-6) || other.energy < chosen.energy * (1 - 1e-6);
          const worse = other.latency > chosen.latency * (1 + 1e-7) || other.energy > chosen.energy * (1 + 1e-7);
          expect([method, better && !worse]).toEqual([method, false]);
        }
      }),
      { numRuns: 120, seed: 2 },
    );
  });

  it("joint and most-rounds are what the general SQP finds with neither structure nor derivatives", () => {
    for (let seed = 0; seed < 25; seed++) {
      const problem = randomProblem(seed);
      const n = problem.rates.clients;
      const alpha = 0.3;
      const reference = allocatePower(problem, { method: "min-max" });
      const { energy: e0 } = totals(problem, reference);
      const l0 = Math.max(...reference.latency);
      const price = (x: Float64Array) => priceUpload(problem, x.slice(0, n).map(exp));
      const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
      const shared = {
        lower: [...new Array(n).fill(-16), Number.NEGATIVE_INFINITY],
        upper: [...new Array(n).fill(0), Number.POSITIVE_INFINITY],
        tolerance: 1e-7,
      };
      const generic = minimize({
        ...shared,
        start: [...reference.power.map(log), log(l0)],
        objective: (x) => log((alpha * sum(price(x).energy)) / e0 + ((1 - alpha) * exp(x[n]!)) / l0),
        inequality: {
          count: n,
          values: (x, out) => out.set(price(x).latency.map((latency) => x[n]! - log(latency))),
        },
      });
      const found = allocatePower(problem, { method: "joint", alpha });
      const value = log((alpha * sum(found.energy)) / e0 + ((1 - alpha) * Math.max(...found.latency)) / l0);
      expect([seed, generic.status]).toEqual([seed, "converged"]);
      expect(Math.abs(value - generic.value)).toBeLessThan(1e-7);

      const { budgets } = problem;
      const start = totals(problem, reference);
      const rounds = minimize({
        ...shared,
        start: [...reference.power.map(log), -log(start.rounds)],
        objective: (x) => x[n]!,
        inequality: {
          count: n + 1,
          values: (x, out) => {
            const { energy, latency } = price(x);
            for (let k = 0; k < n; k++) out[k] = x[n]! - log((problem.computeLatency + latency[k]!) / budgets!.latency);
            out[n] = x[n]! - log(sum(energy) / budgets!.energy);
          },
        },
      });
      expect([seed, rounds.status]).toEqual([seed, "converged"]);
      const mine = totals(problem, allocatePower(problem, { method: "most-rounds" })).rounds;
      expect(Math.abs(log(mine) + rounds.value)).toBeLessThan(1e-7);
    }
  });

  it("units change nothing", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = randomProblem(seed);
        const { rates, budgets } = problem;
        const [radio, joule, second, bit] = [1e-11, 1e3, 60, 1e-6];
        const scaled: UploadProblem = {
          rates: {
            ...rates,
            signal: rates.signal.map((v) => v * radio),
            selfInterference: rates.selfInterference.map((v) => v * radio),
            interference: rates.interference.map((v) => v * radio),
            noise: rates.noise.map((v) => v * radio),
            bandwidth: (rates.bandwidth * bit) / second,
            transmitPower: (rates.transmitPower * joule) / second,
          },
          bits: problem.bits.map((v) => v * bit),
          computeLatency: problem.computeLatency * second,
          budgets: { energy: budgets!.energy * joule, latency: budgets!.latency * second },
        };
        for (const method of powerMethodNames) {
          // Energy efficiency in the form of [S] adds 1 W to the transmit power, and so knows what a watt is.
          if (method.startsWith("dinkelbach")) continue;
          const plain = allocatePower(problem, { method });
          const other = allocatePower(scaled, { method });
          expect([method, other.status]).toEqual([method, plain.status]);
          if (plain.status !== "converged") continue;
          const a = totals(problem, plain);
          const b = totals(scaled, other);
          expect(Math.abs(b.latency / second / a.latency - 1)).toBeLessThan(1e-6);
          expect(Math.abs(b.energy / joule / a.energy - 1)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it("dinkelbach finds the largest ratio that least fixed points allow", () => {
    for (let seed = 0; seed < 12; seed++) {
      const problem = randomProblem(seed);
      const { power, status } = allocatePower(problem, { method: "dinkelbach" });
      expect([seed, status]).toEqual([seed, "converged"]);
      const ratio = leastRatio(problem, power);
      // Monotone iteration from 0 stays below every power vector that reaches z; so it tells whether there is one.
      expect(reachable(problem, ratio * (1 - 1e-6))).toBe(true);
      expect(reachable(problem, ratio * (1 + 1e-4))).toBe(false);
      const oneStep = leastRatio(problem, allocatePower(problem, { method: "dinkelbach-one-step" }).power);
      expect(oneStep).toBeLessThanOrEqual(ratio * (1 + 1e-9));
    }
  });
});

function spectral(problem: UploadProblem, power: ArrayLike<number>, k: number): number {
  const { rates } = problem;
  let d = rates.noise[k]! + rates.selfInterference[k]! * power[k]!;
  for (let j = 0; j < rates.clients; j++) d += rates.interference[k * rates.clients + j]! * power[j]!;
  return log1p((rates.signal[k]! * power[k]!) / d) / Math.LN2;
}

function leastRatio(problem: UploadProblem, power: Float64Array): number {
  return Math.min(...power.map((p, k) => spectral(problem, power, k) / (problem.rates.transmitPower * p + 1)));
}

function reachable({ rates }: UploadProblem, z: number): boolean {
  const n = rates.clients;
  let p = new Float64Array(n);
  for (let step = 0; step < 200000; step++) {
    const next = p.map((own, k) => {
      let d = rates.noise[k]! + rates.selfInterference[k]! * own;
      for (let j = 0; j < n; j++) d += rates.interference[k * n + j]! * p[j]!;
      return ((exp(z * (rates.transmitPower * own + 1) * Math.LN2) - 1) * d) / rates.signal[k]!;
    });
    if (next.some((value) => !(value <= 1))) return false;
    const moved = Math.max(...next.map((value, k) => (value - p[k]!) / value));
    p = next;
    if (moved < 1e-14) return true;
  }
  return true;
}

describe("the front", () => {
  it("falls from least latency to least energy", () => {
    for (const problem of [
      fourClients,
      roundProblem(2, 20),
      { ...roundProblem(2, 20), circuitPower: 0.02, fixedEnergy: 0.002 },
    ]) {
      const front = energyLatencyFront(problem, 17);
      expect(front.length).toBe(17);
      for (let i = 1; i < front.length; i++) {
        expect(front[i]!.energy).toBeLessThan(front[i - 1]!.energy * (1 + 1e-9));
        expect(front[i]!.latency).toBeGreaterThan(front[i - 1]!.latency * (1 - 1e-9));
      }
      const least = allocatePower(problem, { method: "min-max" });
      expect([...front[0]!.allocation.power]).toEqual([...least.power]);
    }
  });
});

describe("max sum rate", () => {
  it("is full power in the reference case", () => {
    const { power, rate } = allocatePower(fourClients, { method: "sum-rate" });
    expect([...power]).toEqual([1, 1, 1, 1]);
    expect(rate.reduce((sum, r) => sum + r, 0)).toBeCloseTo(6.387492741483, 11);
  });

  it("names whom it switches off and has no latency for them", () => {
    const problem = roundProblem(3, 20);
    const { status, reason, latency, power } = allocatePower(problem, { method: "sum-rate" });
    expect(status).toBe("infeasible");
    const silent = [...power.keys()].filter((k) => power[k] === 0);
    expect(silent.length).toBeGreaterThan(0);
    expect(reason).toContain(`clients ${silent.join(", ")} switched off`);
    for (const k of silent) expect(latency[k]).toBe(Number.POSITIVE_INFINITY);
  });

  it("is a local maximum: no small change of the powers adds rate", () => {
    for (let seed = 0; seed < 6; seed++) {
      const problem = randomProblem(seed + 50);
      const { power, rate, status } = allocatePower(problem, { method: "sum-rate" });
      if (status === "infeasible") continue;
      const sum = (rates: Float64Array): number => rates.reduce((total, r) => total + r, 0);
      for (let k = 0; k < power.length; k++) {
        for (const factor of [0.999, 1.001]) {
          const moved = Float64Array.from(power, (p, i) => (i === k ? Math.min(1, p * factor) : p));
          expect(sum(priceUpload(problem, moved).rate)).toBeLessThanOrEqual(sum(rate) * (1 + 1e-9));
        }
      }
    }
  });

  it("keeps a minimum rate for everyone, or names who would need more than full power", () => {
    const problem = roundProblem(3, 20);
    for (const minimumRate of [1e5, 5e6]) {
      const { status, rate } = allocatePower(problem, { method: "sum-rate", minimumRate });
      expect(status).toBe("converged");
      expect(Math.min(...rate)).toBeGreaterThan(minimumRate * (1 - 1e-6));
    }
    const best = Math.min(...allocatePower(problem, { method: "max-min" }).rate);
    expect(allocatePower(problem, { method: "sum-rate", minimumRate: best * 0.999 }).status).toBe("converged");
    const asked = allocatePower(problem, { method: "sum-rate", minimumRate: best * 1.001 });
    expect(asked.status).toBe("infeasible");
    expect(asked.reason).toMatch(/no powers give everyone .* client \d+ would need more than full power/);
  });
});

describe("every method", () => {
  it("names the client without signal, and leaves out those without bits", () => {
    const problem = roundProblem(1, 10);
    const deaf = { ...problem.rates, signal: problem.rates.signal.map((a, k) => (k === 7 ? 0 : a)) };
    const quiet = { ...problem, bits: problem.bits.map((b, k) => (k === 4 ? 0 : b)) };
    for (const method of powerMethodNames) {
      const { status, reason, latency } = allocatePower({ ...problem, rates: deaf }, { method });
      expect([method, status, reason]).toEqual([method, "infeasible", "client 7 cannot be served: zero signal"]);
      expect(latency[7]).toBe(Number.POSITIVE_INFINITY);
      const without = allocatePower(quiet, { method });
      expect([method, without.power[4], without.latency[4], without.energy[4]]).toEqual([method, 0, 0, 0]);
      const nobody = allocatePower({ ...problem, bits: new Float64Array(10) }, { method });
      expect([method, nobody.status, Math.max(...nobody.power)]).toEqual([method, "converged", 0]);
    }
  });

  it("gives the same powers in a batch as alone, to the bit", () => {
    const problems = [1, 2, 3, 4].map((seed) => roundProblem(seed, 10));
    for (const method of powerMethodNames) {
      const together = allocateBatch([...problems, ...problems], { method });
      problems.forEach((problem, i) => {
        const alone = allocatePower(problem, { method });
        expect([...together[i]!.power]).toEqual([...alone.power]);
        expect([...together[i + 4]!.power]).toEqual([...alone.power]);
      });
    }
  });

  it("refuses what no channel or budget is", () => {
    const change = (part: object): UploadProblem => ({ ...fourClients, ...part }) as UploadProblem;
    const rates = (part: object): UploadProblem => change({ rates: { ...fourClients.rates, ...part } });
    const cases: [UploadProblem, string][] = [
      [rates({ signal: Float64Array.of(1, 2, 3) }), "rates.signal: 3 entries where 4 are needed"],
      [rates({ noise: Float64Array.of(1, 0, 1, 1) }), "rates.noise[1]: 0 beside a positive signal"],
      [rates({ interference: new Float64Array(16).fill(1) }), "rates.interference[0][0]: 1 on the diagonal"],
      [rates({ bandwidth: -1 }), "rates.bandwidth: -1"],
      [change({ bits: Float64Array.of(1, 1, -1, 1) }), "bits[2]: -1"],
      [change({ budgets: { energy: 0, latency: 1 } }), "budgets.energy: 0"],
    ];
    for (const [problem, message] of cases) expect(() => allocatePower(problem, { method: "full" })).toThrow(message);
    expect(() => allocatePower(fourClients, { method: "most-rounds" })).toThrow("budgets: missing");
    expect(() => allocatePower(fourClients, { method: "joint", alpha: 1.5 })).toThrow("power.alpha: 1.5");
  });
});
