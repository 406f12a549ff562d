import { describe, expect, it } from "vitest";
import type { PowerMethod } from "../../src/config/records.js";
import { holdToBatteries } from "../../src/federated/holdToBatteries.js";
import { priceRound } from "../../src/federated/price.js";
import { simulate } from "../../src/federated/simulate.js";
import { withinAllowances } from "../../src/federated/withinAllowances.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { allocatePower } from "../../src/power/index.js";
import { drawDevices } from "../../src/system/devices.js";
import { roundProblem } from "../power/drops.js";

const joint = { method: "joint", batteries: true } as const;

describe("who is left out where no powers keep everybody to its allowance", () => {
  const least = (problem: ReturnType<typeof roundProblem>) =>
    allocatePower(problem, { method: "joint", alpha: 1 }).energy;

  it("is nobody where some do, and the fewest in these cases: those that have not a tenth of what they need", () => {
    for (let seed = 0; seed < 8; seed++) {
      const problem = { ...roundProblem(seed, 8), circuitPower: seed % 2 === 0 ? 0 : 0.01 };
      const needed = least(problem);
      const poor = seed % 4;
      const allowances = needed.map((joules, k) => joules * (k < poor ? 0.1 : 3));
      const asked = { ...problem, allowances };
      const found = withinAllowances(asked, (own) => allocatePower(own, joint));
      expect([seed, found.status, found.power.every((p) => p > 0)]).toEqual([seed, "converged", true]);
      const { silent, problem: sent, power } = holdToBatteries(asked, found, allowances);
      expect(silent).toEqual(Array.from({ length: poor }, (_, k) => k));
      priceRound(sent, power).perClient.energy.forEach((joules, k) => {
        expect(joules).toBeLessThanOrEqual(allowances[k]! * (1 + 1e-12));
      });
      if (poor === 0) expect(found).toEqual(allocatePower(asked, joint));
    }
  });

  it("is everybody where nobody has anything, and none for want of a signal", () => {
    const problem = { ...roundProblem(1, 4), allowances: new Float64Array(4) };
    const found = withinAllowances(problem, (own) => allocatePower(own, joint));
    expect(holdToBatteries(problem, found, problem.allowances).silent).toEqual([0, 1, 2, 3]);
    const signal = problem.rates.signal.slice();
    signal[2] = 0;
    const deaf = { ...problem, rates: { ...problem.rates, signal }, allowances: new Float64Array(4).fill(1) };
    expect(withinAllowances(deaf, (own) => allocatePower(own, joint))).toMatchObject({
      status: "infeasible",
      reason: "client 2 cannot be served: zero signal",
    });
  });
});

it("leaves nobody out for a method that knows of no batteries: what it cannot serve ends the run", async () => {
  const sets = ["rounds=2", "data.trainExamples=200", "data.testExamples=60"];
  const battery = ["devices.battery.enabled=true", "devices.battery.joules=1e-5"];
  const config = resolveConfig({ preset: "quick", sets: [...sets, ...battery] });
  const powerMethod: PowerMethod = {
    name: "all or nobody",
    allocate(problem) {
      const found = allocatePower(problem, { method: "full" });
      return problem.bits.every((bits) => bits > 0) ? { ...found, status: "infeasible", reason: "not all" } : found;
    },
  };
  const { rounds, ended } = await simulate(config, { powerMethod });
  expect([rounds.length, ended.by, ended.reason]).toEqual([0, "infeasible", "all or nobody: not all"]);
});

describe("a run whose batteries pay for chosen frequencies too", () => {
  const sets = [
    ...["data.trainExamples=400", "data.testExamples=60", "training.optimizer=adadelta"],
    ...["budgets.energy=1", "budgets.latency=60", "devices.battery.enabled=true", "devices.battery.joules=0.0004"],
    ...["devices.battery.charge.distribution=log-normal", "devices.battery.charge.deviation=1"],
    ...["budgets.compute.cpu.enabled=true", "budgets.compute.cpu.choose=true"],
    ...["budgets.compute.cpu.cyclesPerSample=20000", "budgets.compute.cpu.capacitance=2e-28"],
  ];
  const run = (...own: string[]) => simulate(resolveConfig({ preset: "quick", sets: [...sets, ...own] }));
  /** Rounds until the first battery is empty */
  const together = ({ rounds }: Awaited<ReturnType<typeof run>>) =>
    rounds.filter(({ perClient }) => perClient.delivered!.every(Boolean)).length;
  const sent = ({ rounds }: Awaited<ReturnType<typeof run>>) =>
    rounds.reduce((count, { perClient }) => count + perClient.delivered!.filter(Boolean).length, 0);

  it("has everybody send for longer where the program of most rounds knows of them", async () => {
    const plain = await run("rounds=30", "power=most-rounds");
    const program = await run("rounds=30", "power=most-rounds", "power.batteries=true");
    expect(together(program)).toBeGreaterThan(1.2 * together(plain));
  });

  it("is made to last within the program of joint: no round takes more than a client's share of what is left", async () => {
    const program = await run("rounds=12", "power=joint", "power.batteries=true", "devices.battery.horizon=true");
    expect(program.rounds).toHaveLength(12);
    let before = drawDevices(program.config).charge;
    program.rounds.forEach(({ perClient }, t) => {
      const left = Float64Array.from(perClient.battery!);
      left.forEach((joules, k) => {
        expect(before[k]! - joules).toBeLessThanOrEqual((before[k]! / (12 - t)) * (1 + 1e-9));
      });
      before = left;
    });
    const plain = await run("rounds=12", "power=joint", "devices.battery.horizon=true");
    expect(sent(program)).toBeGreaterThan(sent(plain));
  });
});
