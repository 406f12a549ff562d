import { describe, expect, it } from "vitest";
import { planRound } from "../../src/federated/plan.js";
import { uploadProblem } from "../../src/federated/price.js";
import { createRadio } from "../../src/federated/radio.js";
import { resolutionLadder, resolutionsOf } from "../../src/federated/resolutions.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { compare } from "../../src/index.js";
import { powerMethod } from "../../src/power/index.js";
import { quantizer } from "../../src/quantizers/index.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { tiny } from "./tiny.js";

const joint = { ...tiny, plan: { kind: "joint-resolution" } } as const;

describe("planned resolutions", () => {
  it("are a cell of a grid like any other, trained for each drop", async () => {
    const sets = ["rounds=4", "data.trainExamples=300", "data.testExamples=100", "model=softmax"];
    const plan = {
      preset: "quick",
      sets: [...sets, "training.localEpochs=1", "network.clients=4"],
      quantizers: ["emq", "joint-resolution"],
      seeds: [1],
      drops: 2,
    };
    const first = await compare(plan);
    expect(first.cells.map(({ summary }) => summary?.runs)).toEqual([2, 2]);
    expect(new Set(first.runs.map((run) => run.trace)).size).toBe(3);
    for (const drop of [0, 1]) {
      const run = first.runs.find(({ cell, drop: of }) => cell === "joint-resolution" && of === drop)!;
      expect((await simulate(joint, { drop })).fingerprint).toEqual(run.fingerprint);
    }
  });

  it("are coarse where every bit is dear, and fine where bits cost nothing", async () => {
    const bitsAt = async (computeSeconds: number) => {
      const { rounds, parameters } = await simulate({
        ...joint,
        budgets: { energy: null, latency: 1000, compute: { latencyPer1250: (computeSeconds * 1250) / 75 } },
      });
      return rounds.map((round) => round.nominalBits / (4 * parameters));
    };
    const dear = await bitsAt(1e-9);
    const free = await bitsAt(10);
    // Nothing is known in the first round; from the second on the choice shows.
    expect(free[0]).toBe(dear[0]);
    for (let round = 1; round < 4; round++) expect(free[round]).toBeGreaterThan(1.5 * dear[round]!);
  });

  it("are the same on worker threads, where the clients measure", async () => {
    const threaded = await simulate(joint, { executor: threadedExecutor(2) });
    expect(threaded).toEqual(await simulate(joint));
    expect(threaded.fingerprint).not.toEqual((await simulate(tiny)).fingerprint);
  });

  it("are chosen by circuit power and fixed energy too", async () => {
    const budgets = { energy: 0.02, latency: 1000 };
    const bits = async (more: object) =>
      (await simulate({ ...joint, budgets: { ...budgets, ...more } })).rounds.map((round) => round.nominalBits);
    const [plain, fixed] = await Promise.all([
      bits({}),
      // Beside so much energy that no power changes, bits cost nothing.
      bits({ downlink: { enabled: true, rate: 1e6, power: 0.01 } }),
    ]);
    expect(fixed[0]).toBe(plain[0]);
    expect(fixed[1]).toBeGreaterThan(plain[1]!);
  });

  it("need EMQ, the most-rounds powers and a budget", async () => {
    const refused: [object, RegExp][] = [
      [
        { quantizer: { name: "laq" } },
        /^quantizer\.name: "laq" is not "emq", "rate-distortion" or "induced", one of which plan\.kind "joint-resolution" needs/,
      ],
      [{ power: { method: "full" } }, /^power\.method: "full" is not "most-rounds", which plan\.kind/],
      [{ quantizer: { errorFeedback: true } }, /^quantizer\.errorFeedback: true does not go with plan\.kind/],
      [{ quantizer: { schedule: "loss" } }, /^quantizer\.schedule: "loss" does not go with plan\.kind/],
      [{ budgets: { energy: null, latency: null } }, /^budgets: neither an energy nor a latency budget is set/],
    ];
    for (const [change, message] of refused) {
      expect(() => completeConfig({ ...joint, ...change } as never)).toThrow(message);
    }
    await expect(simulate(joint, { quantizer: quantizer("emq") })).rejects.toThrow(
      /^quantizer: was passed as an object/,
    );
    const own = { powerMethod: powerMethod({ method: "full" }) };
    await expect(simulate(joint, own)).rejects.toThrow(/^powerMethod: was passed as an object/);
  });
});

describe("a plan", () => {
  const config = completeConfig(joint);
  const radio = createRadio(config);
  const view = { config, quantizer: quantizer("emq"), radio, weights: new Float64Array(4).fill(0.25) };

  it("is a function of what it is shown, not of how often or in which order it is made", () => {
    const problem = uploadProblem(
      config,
      radio.rates(1),
      { nominalBits: [9, 9, 9, 9].map((bits) => 1e4 * bits), wireBits: [], examples: [75, 75, 75, 75] },
      1000,
    );
    const first = planRound({ ...view, round: 1 });
    expect([...first.resolutions!.choice]).toEqual([2, 2, 2, 2]);
    const count = resolutionLadder.length;
    const measured = (signal: number) => ({
      bits: Float64Array.from({ length: 4 * count }, (_, i) => 1e4 * (1 + (i % count))),
      error: Float64Array.from({ length: 4 * count }, (_, i) => 4 ** -(i % count)),
      norms: new Float64Array(4).fill(4),
      signal,
    });
    const planned = (signal: number) =>
      planRound({ ...view, round: 2, last: { problem, plan: first, measurements: measured(signal) } }).resolutions!
        .choice;
    const [weak, strong] = [planned(0.1), planned(1e6)];
    expect([...strong]).toEqual([0, 0, 0, 0]);
    expect(Math.min(...weak)).toBeGreaterThan(0);
    expect(planned(0.1)).toEqual(weak);
    // An update that vanished says nothing: the choice stays.
    expect(planned(0)).toEqual(first.resolutions!.choice);
  });

  it("takes what rate–distortion loses for a share of what all have in common, however large the decoded update is", () => {
    const input = { ...tiny, quantizer: { name: "rate-distortion", bits: 0.4 }, plan: "joint-rate" } as const;
    const chosen = (rounding: "nearest" | "stochastic", signal: number) => {
      const config = completeConfig({ ...input, quantizer: { ...input.quantizer, rounding } });
      const { ladder, errors } = resolutionsOf(config);
      expect(errors).toBe(rounding === "nearest" ? "common" : "independent");
      const own = { ...view, config, quantizer: quantizer("rate-distortion") };
      const sent = { nominalBits: [9e4, 9e4, 9e4, 9e4], wireBits: [], examples: [75, 75, 75, 75] };
      const problem = uploadProblem(config, radio.rates(1), sent, 1000);
      const measurements = {
        bits: Float64Array.from({ length: 4 * ladder.length }, (_, i) => 1e4 * 2 ** (i % ladder.length)),
        // Of ‖v‖² = 4 a half is lost by the coarsest.
        error: Float64Array.from({ length: 4 * ladder.length }, (_, i) => 2 * 1.6 ** -(i % ladder.length)),
        norms: new Float64Array(4).fill(4),
        signal,
      };
      const last = { problem, plan: planRound({ ...own, round: 1 }), measurements };
      return [...planRound({ ...own, round: 2, last }).resolutions!.target!];
    };
    expect(chosen("nearest", 1)).toEqual(chosen("nearest", 1e6));
    // Independent errors beside a large update are worth no bits.
    const [common] = chosen("nearest", 1e6);
    const [independent] = chosen("stochastic", 1e6);
    expect(common).toBeGreaterThan(1.2 * independent!);
  });

  it("charges noise that goes into all directions by how the loss bends there", () => {
    const input = { ...tiny, quantizer: { name: "induced", bits: 0.4 }, plan: "joint-rate" } as const;
    const config = completeConfig(input);
    const { ladder } = resolutionsOf(config);
    const own = { ...view, config, quantizer: quantizer("induced") };
    const sent = { nominalBits: [9e4, 9e4, 9e4, 9e4], wireBits: [], examples: [75, 75, 75, 75] };
    const problem = uploadProblem(config, radio.rates(1), sent, 1000);
    const error = Float64Array.from({ length: 4 * ladder.length }, (_, i) => 40 * 2 ** -(i % ladder.length));
    const each = (value: number) => new Float64Array(4).fill(value);
    const chosen = ({ signal = 3, along = 2, mean = 1e-3, norm = 4 }) => {
      const measurements = {
        bits: Float64Array.from({ length: 4 * ladder.length }, (_, i) => 1e4 * 2 ** (i % ladder.length)),
        ...{ error, norms: each(norm), signal, isotropic: { sent: each(8), along: each(along), mean: each(mean) } },
      };
      const last = { problem, plan: planRound({ ...own, round: 1 }), measurements };
      return planRound({ ...own, round: 2, last }).resolutions!.target![0]!;
    };
    const usual = chosen({});
    expect(usual).toBeLessThan(0.5 * chosen({ mean: 2 }));
    // The share of the two counts, and an update that is larger than the noise
    expect(chosen({ along: 200, mean: 0.1 })).toBeCloseTo(usual, 6);
    expect(chosen({ signal: 30, mean: 1 })).toBeLessThan(chosen({ signal: 3, mean: 1 }));
    // 3 − 4 · 8/16 = 1 is what updates of 4 at right angles have: no less is taken.
    expect(chosen({ signal: 2, mean: 0.1 })).toBe(chosen({ signal: 3, mean: 0.1 }));
    // Noise costs no more than along the update, never nothing, and all of it where nothing is known.
    expect(chosen({ mean: 9 })).toBe(chosen({ mean: 2 }));
    for (const along of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(chosen({ along })).toBe(chosen({ mean: 2 }));
    expect(chosen({ mean: Number.NaN })).toBe(chosen({ mean: 2 }));
    expect(chosen({ mean: -1 })).toBe(chosen({ mean: 0 }));
    expect(chosen({ mean: 0 })).toBe(chosen({ mean: 2e-4 }));
  });

  it("asks nothing of clients where nothing is planned", () => {
    const fixed = completeConfig(tiny);
    expect(planRound({ ...view, config: fixed, round: 1 })).toEqual({});
    const aware = quantizer("mixed-resolution", { channelAware: true });
    const plan = planRound({ ...view, config: fixed, quantizer: aware, round: 1 });
    expect(plan.spectralEfficiency).toHaveLength(4);
  });
});
