import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.js";
import { RunError } from "../../src/config/errors.js";
import type { PowerMethod, Quantizer } from "../../src/config/records.js";
import type { AccountRequest } from "../../src/federated/account.js";
import { type Executor, inProcessExecutor } from "../../src/federated/executor.js";
import type { KeptTrace } from "../../src/federated/keptTrace.js";
import type { RunResult } from "../../src/federated/result.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateTogether, type TogetherOptions } from "../../src/federated/together.js";
import { compare } from "../../src/index.js";
import { powerMethod } from "../../src/power/index.js";
import { quantizer } from "../../src/quantizers/index.js";

/**
 * However a run ends and however it is computed, its figures and its fingerprint are the same. The truth that they are
 * held against is what the model is worth after each round of a run that is evaluated after every one.
 */

const tiny = completeConfig({
  preset: "quick",
  rounds: 7,
  data: { trainExamples: 400, testExamples: 200 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 4 },
  // Powers, and so costs, that do not depend on the budgets
  power: { method: "full" },
  budgets: { energy: null, latency: 1000 },
});
const joint: Config = {
  ...tiny,
  plan: { kind: "joint-resolution" },
  power: { ...tiny.power, method: "most-rounds", batteries: false },
};
/** With time enough for everything, powers are those of the least energy. */
const frugal: Config = { ...joint, budgets: { ...joint.budgets, energy: 1e-3, latency: 1e6 } };

/** Runs by their config: what costs and models are compared with is computed once. */
const known = new Map<Config, Promise<RunResult>>();
function costsOf(config: Config): Promise<RunResult> {
  const costs = known.get(config) ?? simulate(config, { initial: true });
  known.set(config, costs);
  return costs;
}

/** One way to end, made anew for every computation of the run. */
interface Way {
  config?(base: Config, costs: RunResult): Config;
  options?(): Pick<TogetherOptions, "executor" | "signal" | "observers" | "quantizer">;
  account?(): Pick<AccountRequest, "powerMethod">;
  by: RunResult["ended"]["by"];
  rounds: number;
}

const budgeted = (budgets: (costs: RunResult) => object) => (base: Config, costs: RunResult) => ({
  ...base,
  budgets: { ...base.budgets, ...budgets(costs) },
});

const ways: Record<string, Way> = {
  "all rounds": { by: "rounds", rounds: 7 },
  energy: {
    config: budgeted(({ rounds }) => ({ energy: rounds[4]!.totals.energy * 1.001 })),
    by: "energy",
    rounds: 5,
  },
  latency: {
    config: budgeted(({ rounds }) => ({ energy: null, latency: rounds[4]!.totals.latency * 1.001 })),
    by: "latency",
    rounds: 5,
  },
  "no round fits": {
    config: budgeted(({ rounds }) => ({ energy: null, latency: rounds[0]!.totals.latency * 0.5 })),
    by: "latency",
    rounds: 0,
  },
  "a stop": { options: stoppedAfter(5), by: "stopped", rounds: 5 },
  "a client that fails": { options: () => ({ executor: failingIn(6) }), by: "failed", rounds: 5 },
};

/** Those that parts of one's own bring about; a plan that chooses does without these. */
const ownWays: Record<string, Way> = {
  "powers that serve not everyone": { account: () => ({ powerMethod: servingFor(5) }), by: "infeasible", rounds: 5 },
  "a sum that is not finite": { options: () => ({ quantizer: finiteUntil(6) }), by: "failed", rounds: 5 },
};

function stoppedAfter(round: number): NonNullable<Way["options"]> {
  return () => {
    const controller = new AbortController();
    const onRound = (record: { round: number }) => {
      if (record.round === round) controller.abort();
    };
    return { signal: controller.signal, observers: [{ onRound }] };
  };
}

function failingIn(round: number): Executor {
  const inner = inProcessExecutor();
  return {
    ...inner,
    async run(parameters, tasks, receive) {
      if (tasks[0]!.round === round) throw new RunError("no gradient", { round, client: 1 });
      return inner.run(parameters, tasks, receive);
    },
  };
}

function servingFor(rounds: number): PowerMethod {
  const full = powerMethod({ method: "full" });
  let asked = 0;
  return {
    name: "tired",
    allocate: (problem) => ({ ...full.allocate(problem), ...(asked++ >= rounds && { status: "infeasible" }) }),
  };
}

function finiteUntil(round: number): Quantizer {
  const emq = quantizer("emq");
  return {
    ...emq,
    decode(bytes, into, context) {
      emq.decode(bytes, into, context);
      if (context.round === round) into[0] = Number.POSITIVE_INFINITY;
    },
  };
}

/** The run by every face: alone; beside others that end sooner or later; priced again on what these left. */
async function faces(config: Config, way: Way): Promise<Record<string, RunResult>> {
  const request = () => ({ config, ...way.account?.() });
  const options = () => ({ initial: true, ...way.options?.() });
  const alone = await simulate(config, { ...options(), ...way.account?.() });
  const kept = async (trace: KeptTrace) =>
    (await simulateTogether(config, [request()], { ...options(), kept: JSON.parse(JSON.stringify(trace)) }))
      .results[0]!;
  const own = await simulateTogether(config, [request()], options());
  const found: Record<string, RunResult> = { alone, "priced again": await kept(own.trace) };
  if (config.plan.kind !== "fixed") return found;
  const others = [
    { config: { ...tiny, rounds: 3, evaluation: { ...tiny.evaluation, every: 2 } } },
    { config: { ...tiny, rounds: 7, evaluation: { ...tiny.evaluation, every: 5 } }, drop: 1 },
  ];
  const together = await simulateTogether(config, [others[0]!, request(), others[1]!], options());
  const short = await simulateTogether(config, [others[0]!], { quantizer: options().quantizer! });
  found["between others"] = together.results[1]!;
  found["on what others left"] = await kept(together.trace);
  found["on what fell short"] = await kept(short.trace);
  return found;
}

function check(result: RunResult, truth: RunResult, { by, rounds }: Way, every: number): void {
  expect(result.ended.by).toBe(by);
  expect(result.rounds).toHaveLength(rounds);
  for (const [i, record] of result.rounds.entries()) {
    const shown = (i + 1) % every === 0 || i + 1 === rounds;
    expect(record.accuracy).toBe(shown ? truth.rounds[i]!.accuracy : null);
    expect(record.testLoss).toBe(shown ? truth.rounds[i]!.testLoss : null);
  }
  expect(result.initial).toEqual(truth.initial);
  const { accuracy, testLoss } = rounds === 0 ? truth.initial! : truth.rounds[rounds - 1]!;
  expect(result.final).toMatchObject({ accuracy, testLoss, rounds });
}

describe.each([1, 3, 4, 7])("evaluated every %i rounds", (every) => {
  const all = { ...ways, ...ownWays };
  it.each(Object.keys(all))("a run ended by %s is the same everywhere", async (name) => {
    const way = all[name as keyof typeof all]!;
    const truth = await costsOf(tiny);
    const config = { ...(way.config?.(tiny, truth) ?? tiny), evaluation: { ...tiny.evaluation, every } };
    const found = await faces(config, way);
    for (const result of Object.values(found)) check(result, truth, way, every);
    const [first, ...rest] = Object.values(found);
    for (const result of rest) expect(result).toEqual(first);
  });

  it.each(Object.keys(ways))("and so is one with planned resolutions, ended by %s", async (name) => {
    const way = ways[name]!;
    // The plan looks at the budgets, so the truth is a run of the same ones; they are set by what its first plan costs.
    const base = name === "energy" ? frugal : joint;
    const config = way.config?.(base, await costsOf(base)) ?? base;
    const truth = await simulate(config, { initial: true, ...way.options?.() });
    const found = await faces(
      { ...config, evaluation: { ...tiny.evaluation, every } },
      { ...way, rounds: truth.rounds.length },
    );
    for (const result of Object.values(found)) {
      check(result, truth, { ...way, rounds: truth.rounds.length }, every);
      expect(result).toEqual(found.alone);
    }
    if (way.rounds > 0) expect(truth.rounds.length).toBeGreaterThan(0);
  });
});

it("comparisons show the last model, however seldom it is evaluated", async () => {
  const sets = ["data.trainExamples=600", "data.testExamples=300", "budgets.latency=0.05", "evaluation.every=4"];
  const { runs } = await compare({ preset: "quick", sets, quantizers: ["emq"] });
  expect(runs[0]!.final.accuracy).toBeCloseTo(0.5667, 4);
  const alone = await simulate({
    preset: "quick",
    data: { trainExamples: 600, testExamples: 300 },
    budgets: { latency: 0.05 },
    evaluation: { ...tiny.evaluation, every: 4 },
  });
  expect(runs[0]!.fingerprint).toEqual(alone.fingerprint);
  expect(runs[0]!.final).toEqual(alone.final);
});

describe("a kept training", () => {
  it("is trained on where it is too short, and not at all where it is long enough", async () => {
    const accounts = [{ config: tiny }];
    const short = await simulateTogether({ ...tiny, rounds: 3 }, [{ config: { ...tiny, rounds: 3 } }]);
    const full = await simulateTogether(tiny, accounts, { kept: short.trace });
    const again = await simulateTogether(tiny, accounts, {
      kept: full.trace,
      executor: failingIn(1),
      dataset: () => Promise.reject(new Error("not needed")),
    });
    expect([short.trained, full.trained, again.trained]).toEqual([true, true, false]);
    expect(again.results).toEqual(full.results);
    expect(full.results[0]).toEqual(await simulate(tiny));
  });

  it("evaluates a model once, however many accounts end there", async () => {
    let evaluations = 0;
    const inner = inProcessExecutor();
    const executor: Executor = {
      ...inner,
      evaluate(parameters) {
        evaluations++;
        return inner.evaluate(parameters);
      },
    };
    const seldom = { ...tiny, evaluation: { ...tiny.evaluation, every: 100 } };
    const rounds = [2, 2, 4, 4, 4].map((rounds) => ({ config: { ...seldom, rounds } }));
    await simulateTogether(seldom, rounds, { executor, initial: false });
    expect(evaluations).toBe(2);
  });

  it("refuses accounts of another training, with the field", async () => {
    const other = { ...tiny, training: { ...tiny.training, localEpochs: 2 } };
    await expect(simulateTogether(tiny, [{ config: tiny }, { config: other }])).rejects.toThrow(
      /accounts\[1\]: .*training\.localEpochs is 1 there, 2 here/,
    );
    const drops = [{ config: joint }, { config: joint, drop: 1 }];
    await expect(simulateTogether(joint, drops)).rejects.toThrow(/accounts\[1\]: .*drop is 0 there, 1 here/);
  });
});
