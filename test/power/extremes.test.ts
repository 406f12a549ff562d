import { describe, expect, it } from "vitest";
import { type Stream, stream } from "../../bindings/random.js";
import { InputError } from "../../src/config/errors.js";
import { allocatePower, parseProblem, powerMethodNames } from "../../src/power/index.js";

/** Zeros, and what lies at the ends of what is taken and beyond them. */
const ends = [0, 5e-324, 1e-300, 1e-79, 1e-60, 1e-40, 1e-30, 1e-15, 1e15, 1e30, 1e40, 1e60, 1e79, 1e300];

/** Of what is made of amounts. */
const madeEnds = [...ends, 1e-95, 1e95];

/** A problem file of one to four clients; each number may be one of the ends. */
function extremeProblem(random: Stream): Record<string, unknown> {
  const clients = 1 + random.integer(4);
  const any = (usual: number, of: readonly number[] = ends): number =>
    random.uniform() < 0.08 ? of[random.integer(of.length)]! : usual * (0.5 + random.uniform());
  const each = (usual: number): number[] => Array.from({ length: clients }, () => any(usual));
  const maybe = <T>(name: string, make: () => T): Record<string, T> =>
    random.uniform() < 0.35 ? { [name]: make() } : {};
  return {
    signal: each(1.5),
    selfInterference: each(0.3),
    interference: each(0).map((_, k) => each(0.4).map((value, j) => (j === k ? 0 : value))),
    noise: each(1),
    ...{ bandwidth: any(1e6), transmitPower: any(0.1), bits: each(8e5) },
    ...{ computeLatency: any(0.1, madeEnds), circuitPower: any(0.01), fixedEnergy: any(0.01, madeEnds) },
    budgets: { energy: random.uniform() < 0.3 ? null : any(100), latency: random.uniform() < 0.3 ? null : any(100) },
    ...maybe("roundEnergy", () => any(1)),
    ...maybe("batteries", () => each(10)),
    ...maybe("allowances", () => each(1)),
    ...maybe("cpu", () => ({
      ...{ cyclesPerSample: each(1e6), samples: each(1000), capacitance: each(1e-28) },
      ...{ minimumFrequency: each(1e7), maximumFrequency: each(1e9) },
    })),
  };
}

/** Those whose program may know of batteries. */
const withBatteries = (["most-rounds", "joint", "joint-computation"] as const).map((method) => ({
  ...{ method, batteries: true },
}));

describe("power problems of extreme numbers", () => {
  it("are refused by a field's name, or get powers from 0 to 1 and costs that are numbers, by every method", () => {
    const random = stream(7, "test", 0);
    let answered = 0;
    for (let i = 0; i < 2500; i++) {
      const file = extremeProblem(random);
      let problem: ReturnType<typeof parseProblem>;
      try {
        problem = parseProblem(file);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect(Object.keys(file)).toContain((error as InputError).path.replace(/^rates\./, "").split(/[.[]/)[0]);
        continue;
      }
      for (const method of [...powerMethodNames, ...withBatteries]) {
        const found = allocatePower(problem, typeof method === "string" ? { method } : method);
        const numbers = Object.values(found).flatMap((value) => (value instanceof Float64Array ? [...value] : []));
        const wrong = [...found.power].some((p) => !(p >= 0 && p <= 1)) || numbers.some(Number.isNaN);
        if (wrong) expect.fail(`${JSON.stringify(method)}, ${found.status}: ${JSON.stringify(file)}`);
        answered++;
      }
    }
    expect(answered).toBeGreaterThan(4000);
  });

  it("say who is not heard, and what is too strong or too large", () => {
    const file = {
      ...{ signal: [1, 1e-90], selfInterference: [0, 0], noise: [1, 1] },
      interference: [
        [0, 0],
        [0, 0],
      ],
      ...{ bandwidth: 1e6, transmitPower: 0.1, bits: [1e6, 1e6], roundEnergy: 1, budgets: { energy: 1, latency: 1 } },
    };
    for (const method of powerMethodNames) {
      const { status, reason } = allocatePower(parseProblem(file), { method });
      expect([method, status]).toEqual([method, "infeasible"]);
      expect(reason).toBe("client 1 cannot be served: a signal below 1e-80 of the noise");
    }
    const refused = (change: Record<string, unknown>) => () => parseProblem({ ...file, ...change });
    expect(refused({ signal: [1, 1e90] })).toThrow("signal[1]: 1e+90 beside noise of 1 (allowed: up to 1e+80 times");
    expect(refused({ transmitPower: 5e-324 })).toThrow(
      "transmitPower: 5e-324 is beyond what is computed with (allowed: 0, or 1e-40 to 1e+40)",
    );
    expect(refused({ circuitPower: 1e300 })).toThrow("circuitPower: 1e+300 is beyond");
  });

  it("no cycles take no time, at any frequency", () => {
    const problem = parseProblem({
      ...{ signal: [1], selfInterference: [0], interference: [[0]], noise: [1], bandwidth: 1e6, transmitPower: 0.1 },
      ...{ bits: [1e5], cpu: { cyclesPerSample: [0], samples: [100], capacitance: [1e-28], maximumFrequency: [1e9] } },
    });
    const { computeLatency, status } = allocatePower(problem, { method: "joint" });
    expect([status, computeLatency![0]]).toEqual(["converged", 0]);
  });
});
