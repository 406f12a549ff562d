import { afterEach, describe, expect, it } from "vitest";
import { RunError } from "../../src/config/errors.js";
import type { Allocation, PowerMethod, UploadProblem } from "../../src/config/records.js";
import { allocatePower, compare, parseConfig, priceUpload, register, simulate } from "../../src/index.js";
import { unregisterAll } from "../../src/parts/plugins.js";
import { powerMethod } from "../../src/power/index.js";
import { fourClients } from "../power/problems.js";

/** Parts of the user's own may do anything: a run that they spoil ends as failed, with the reason, and keeps its rounds. */

const clients = 3;
const tiny = {
  rounds: 3,
  data: { trainExamples: 60, testExamples: 20 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients, accessPoints: 4 },
  power: { method: "full" },
  budgets: { energy: null, latency: null },
} as const;
const full = powerMethod({ method: "full" });

afterEach(unregisterAll);

/** Sound in the first round, and then not. */
function spoiling(answer: (right: Allocation, problem: UploadProblem) => unknown): PowerMethod {
  let asked = 0;
  return {
    name: "mine",
    allocate(problem) {
      const right = full.allocate(problem);
      return (asked++ === 0 ? right : answer(right, problem)) as Allocation;
    },
  };
}

function thrown(value: unknown): () => never {
  return () => {
    throw value;
  };
}

const change = (values: Float64Array, client: number, value: unknown) =>
  Array.from(values, (own, k) => (k === client ? value : own));

const answers: [what: string, answer: (right: Allocation, problem: UploadProblem) => unknown, reason: RegExp][] = [
  ["null", () => null, /^round 2: mine: gave null, which is no allocation/],
  ["nothing", () => undefined, /^round 2: mine: gave undefined, which is no allocation/],
  ["a number", () => 1, /^round 2: mine: gave 1, which is no allocation/],
  ["the powers alone", ({ power }) => [...power], /^round 2: mine: gave \[1,1,1\], which is no allocation/],
  ["a promise", async (right) => right, /^round 2: mine: gave a promise; allocate must answer at once/],
  ["a promise that fails", () => Promise.reject(new Error("late")), /^round 2: mine: gave a promise/],
  ["an error thrown", thrown(new Error("no idea")), /^round 2: mine: no idea$/],
  ["an error without a message", thrown(new TypeError()), /^round 2: mine: TypeError was thrown$/],
  ["a text thrown", thrown("boom"), /^round 2: mine: "boom" was thrown$/],
  ["null thrown", thrown(null), /^round 2: mine: null was thrown$/],
  ["nothing thrown", thrown(undefined), /^round 2: mine: undefined was thrown$/],
  ["a bad problem for another method", () => full.allocate({} as never), /^round 2: mine: rates/],
  ["no status", ({ status: _, ...rest }) => rest, /^round 2: mine: undefined is no status \(allowed: converged, /],
  ["another status", (right) => ({ ...right, status: "done" }), /^round 2: mine: unknown status "done"/],
  [
    "no iterations",
    ({ iterations: _, ...rest }) => rest,
    /^round 2: mine: iterations are undefined \(allowed: a whole/,
  ],
  ["NaN iterations", (right) => ({ ...right, iterations: Number.NaN }), /^round 2: mine: iterations are NaN/],
  [
    "a reason that is none",
    (right) => ({ ...right, status: "infeasible", reason: 7 }),
    /^round 2: mine: the reason is 7/,
  ],
  ["no powers", ({ power: _, ...rest }) => rest, /^round 2: mine: the powers are undefined, not one for each/],
  ["too few powers", (right) => ({ ...right, power: right.power.subarray(1) }), /^round 2: mine: the powers are 2 num/],
  ["a text of powers", (right) => ({ ...right, power: "111" }), /^round 2: mine: the powers are "111", not one/],
  ...[-1, 7, Number.NaN, "1", null, 1 + 2 ** -52].map((power): (typeof answers)[number] => [
    `a power of ${JSON.stringify(power)}`,
    (right) => ({ ...right, power: change(right.power, 1, power) }),
    new RegExp(
      `^round 2, client 1: mine: the power is ${JSON.stringify(power).replace("null", "(NaN|null)")}, which is`,
    ),
  ]),
  ...(["energy", "latency", "rate"] as const).flatMap((cost) =>
    [-1, 0, Number.NaN, Number.POSITIVE_INFINITY, "1"].map((value): (typeof answers)[number] => [
      `${cost} of ${value}`,
      (right) => ({ ...right, [cost]: change(right[cost], 2, value) }),
      new RegExp(
        `^round 2, client 2: mine: ${cost} is "?${value}"? .*, but at a power of 1 the rate model makes it [0-9.e-]+`,
      ),
    ]),
  ),
  [
    "no energy",
    ({ energy: _, ...rest }) => rest,
    /^round 2: mine: energy is undefined, not a number for each of the 3/,
  ],
  ["too many rates", (right) => ({ ...right, rate: [1, 1, 1, 1] }), /^round 2: mine: rate is 4 numbers/],
  [
    "a latency a millionth too small",
    (right) => ({ ...right, latency: right.latency.map((x) => x * (1 - 1e-6)) }),
    /^round 2, client 0: mine: latency is/,
  ],
  [
    "costs of other powers",
    (right) => ({ ...right, power: [0.5, 0.5, 0.5] }),
    /^round 2, client 0: mine: (latency|energy) is .* at a power of 0.5/,
  ],
];

describe("a power method of one's own", () => {
  it.each(answers)("that gives %s ends the run as failed", async (_, answer, reason) => {
    const { ended, rounds } = await simulate(tiny, { powerMethod: spoiling(answer) });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(reason);
    expect(rounds).toHaveLength(1);
  });

  it.each(answers.filter((_, i) => i % 3 === 0))("the same of a plugin's, by name: %s", async (_, answer, reason) => {
    register({ powerMethods: [{ name: "mine", create: () => spoiling(answer) }] });
    const { ended, rounds } = await simulate(parseConfig({ ...tiny, power: { method: "mine" } }));
    expect(ended).toMatchObject({ by: "failed", reason: expect.stringMatching(reason) });
    expect(rounds).toHaveLength(1);
    const { runs } = await compare({ file: { ...tiny, rounds: 2 }, power: ["mine", "full"] });
    expect(runs.map((run) => run.ended?.by)).toEqual(["failed", "rounds"]);
  });

  it("outside of a run throws the same", () => {
    register({
      powerMethods: [{ name: "mine", allocate: (problem) => ({ ...full.allocate(problem), energy: [-1] }) as never }],
    });
    expect(() => allocatePower(fourClients, { method: "mine" })).toThrow(RunError);
    expect(() => allocatePower(fourClients, { method: "mine" })).toThrow(
      /^mine: energy is 1 numbers, not a number for/,
    );
  });

  it("may answer with plain arrays, and with costs that are rounded otherwise", async () => {
    const own = spoiling((_, { rates, bits, circuitPower = 0 }) => {
      const power = [1, 1, 1];
      const rate = power.map((p, k) => {
        let others = rates.noise[k]!;
        for (let j = clients - 1; j >= 0; j--) others += rates.interference[k * clients + j]! * power[j]!;
        const ratio = (p * rates.signal[k]!) / (rates.selfInterference[k]! * p + others);
        return (rates.bandwidth * Math.log(1 + ratio)) / Math.log(2);
      });
      const latency = rate.map((r, k) => bits[k]! / r);
      const energy = latency.map((s) => rates.transmitPower * s + circuitPower * s);
      return { power, rate, latency, energy, status: "converged", iterations: 0 };
    });
    const billed = { ...tiny, budgets: { ...tiny.budgets, circuitPower: 0.07 } };
    const { rounds, ended } = await simulate(billed, { powerMethod: own });
    expect(ended.by).toBe("rounds");
    expect(rounds).toEqual((await simulate(billed)).rounds);
  });

  it("may leave out powers and costs where nothing serves everyone", async () => {
    const own = spoiling(() => ({ status: "infeasible", iterations: 3, reason: "too far away" }));
    const { rounds, ended } = await simulate(tiny, { powerMethod: own });
    expect(ended).toEqual({ by: "infeasible", reason: "mine: too far away" });
    expect(rounds).toHaveLength(1);
  });

  it("may be an object of a class", async () => {
    class Half implements PowerMethod {
      readonly name = "half";
      share = 0.5;
      allocate(problem: UploadProblem): Allocation {
        const power = problem.bits.map(() => this.share);
        return { power, ...priceUpload(problem, power), status: "converged", iterations: 0 };
      }
    }
    const { rounds, ended } = await simulate(tiny, { powerMethod: new Half() });
    expect(ended.by).toBe("rounds");
    expect([...rounds[2]!.perClient.power]).toEqual([0.5, 0.5, 0.5]);
  });

  it("can write into all that it is given, and into its answer afterwards, and nobody sees it", async () => {
    const answered: Float64Array[] = [];
    const own: PowerMethod = {
      name: "mine",
      allocate(problem, previous) {
        const right = full.allocate(problem);
        for (const power of answered) power.fill(Number.NaN);
        if (previous !== undefined) expect([...previous]).toEqual([1, 1, 1]);
        previous?.fill(-1);
        answered.push(right.power);
        const { rates } = problem;
        for (const array of [problem.bits, rates.signal, rates.selfInterference, rates.interference, rates.noise]) {
          array.fill(1e9);
        }
        Object.assign(rates, { bandwidth: 1e-9, transmitPower: 1e9, clients: 1 });
        Object.assign(problem.budgets!, { energy: 0, latency: 0 });
        Object.assign(problem, { computeLatency: 1e9, fixedEnergy: 1e9, circuitPower: 1e9 });
        return right;
      },
    };
    const { rounds } = await simulate(tiny, { powerMethod: own });
    expect(rounds).toEqual((await simulate(tiny)).rounds);
  });

  it.each<[unknown, RegExp]>([
    [null, /^powerMethod: null, which is no power method \(allowed: an object with allocate\(\)\)/],
    [7, /^powerMethod: 7, which is no power method/],
    ["full", /^powerMethod: "full", which is no power method/],
    [{ name: "mine" }, /^powerMethod: an object without allocate\(\)/],
    [full.allocate, /^powerMethod: a function, which is no power method/],
    [{ allocate: full.allocate }, /^powerMethod: its name is undefined \(allowed: a text\)/],
  ])("that is %j is refused before anything begins", async (own, message) => {
    await expect(simulate(tiny, { powerMethod: own as PowerMethod })).rejects.toThrow(message);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["nothing", () => undefined, /^power.method: "mine" makes undefined, which is no power method/],
    ["no method", () => ({ name: "mine" }), /^power.method: "mine" makes an object without allocate\(\)/],
    ["a promise", async () => full, /^power.method: "mine" makes a promise/],
    ["an error", thrown("boom"), /^power.method: "mine" cannot be made: "boom" was thrown/],
  ])("whose plugin makes %s is refused", (_, create, message) => {
    register({ powerMethods: [{ name: "mine", create: create as () => PowerMethod }] });
    expect(() => powerMethod({ method: "mine" })).toThrow(message);
  });
});
