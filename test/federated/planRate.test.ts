import { describe, expect, it } from "vitest";
import { quantizersAt, resolutionLadder, stepForBits } from "../../src/federated/plan.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import type { StateStore } from "../../src/federated/state.js";
import { compare, freshContext } from "../../src/index.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { tiny } from "./tiny.js";

const planned = { ...tiny, plan: "joint-rate" } as const;

describe("planned bits", () => {
  it("are met by the step that a client takes for them", () => {
    const config = completeConfig(planned);
    // Heavy tails, as updates have them
    const update = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(12.9898 * i) ** 5 / (1 + (i % 17)));
    const bitsAt = (methods: ReturnType<typeof quantizersAt>) =>
      methods.map((method) => method.encode(update, freshContext())!.nominalBits);
    const bits = bitsAt(quantizersAt(config, resolutionLadder));
    for (let r = 1; r < bits.length; r++) {
      const target = Math.sqrt(bits[r - 1]! * bits[r]!);
      const step = stepForBits(target, resolutionLadder, bits);
      const [sent] = bitsAt(quantizersAt(config, [step]));
      // Between its neighbours on the ladder, and nearer to the target than either
      expect(Math.abs(Math.log(sent! / target))).toBeLessThan(0.5 * Math.log(bits[r]! / bits[r - 1]!));
    }
    expect(stepForBits(bits[2]!, resolutionLadder, bits).levels).toBeCloseTo(3, 12);
    expect(stepForBits(0, resolutionLadder, bits)).toBe(resolutionLadder[0]);
    expect(stepForBits(1e9, resolutionLadder, bits)).toBe(resolutionLadder.at(-1));
  });

  it("are few where every bit is dear, and many where bits cost nothing", async () => {
    const bitsAt = async (computeSeconds: number) => {
      const { rounds, parameters } = await simulate({
        ...planned,
        budgets: { energy: null, latency: 1000, compute: { latencyPer1250: (computeSeconds * 1250) / 75 } },
      });
      return rounds.map((round) => round.nominalBits / (4 * parameters));
    };
    const [dear, free] = [await bitsAt(1e-9), await bitsAt(10)];
    expect(free[0]).toBe(dear[0]);
    for (let round = 1; round < 4; round++) expect(free[round]).toBeGreaterThan(1.5 * dear[round]!);
  });

  it("are the same on worker threads and after an interruption, with frequencies chosen too", async () => {
    const cpu = { enabled: true, choose: true, cyclesPerSample: 1e5 };
    const input = { ...planned, budgets: { energy: 1, latency: 50, compute: { cpu } } };
    const whole = await simulate(input);
    expect(whole.rounds).toHaveLength(4);
    expect(await simulate(input, { executor: threadedExecutor(2) })).toEqual(whole);
    let kept: Uint8Array | undefined;
    const state: StateStore = {
      read: async () => kept,
      async write(bytes) {
        kept = bytes.slice();
      },
    };
    const stop = new AbortController();
    const onRound = ({ round }: { round: number }) => (round === 2 ? stop.abort() : undefined);
    await simulate(input, { state, stateInterval: 0, signal: stop.signal, onRound });
    expect((await simulate(input, { state })).fingerprint).toEqual(whole.fingerprint);
  });

  it("are a cell of a grid, under its name among the quantizers", async () => {
    const { cells } = await compare({
      preset: "quick",
      sets: ["rounds=2", "data.trainExamples=300", "data.testExamples=100", "model=softmax", "network.clients=4"],
      quantizers: ["emq", "joint-rate"],
      seeds: [1],
      drops: 1,
    });
    expect(cells.map(({ labels }) => labels.quantizer)).toEqual(["emq", "joint-rate"]);
    expect(cells.map(({ summary }) => summary?.runs)).toEqual([1, 1]);
  });

  it.each([
    [{ quantizer: "laq" }, 'quantizer.name: "laq" is not "emq", which plan.kind "joint-rate" needs'],
    [{ power: "full" }, 'power.method: "full" is not "most-rounds", which plan.kind "joint-rate" needs'],
    [
      { budgets: { energy: null, latency: null } },
      "budgets: neither an energy nor a latency budget is set, one of which",
    ],
    [{ quantizer: { name: "emq", errorFeedback: true } }, "quantizer.errorFeedback: true does not go with"],
  ] as const)("refuse what does not go with them: %j", (change, message) => {
    expect(() => completeConfig({ ...planned, ...change })).toThrow(message);
  });
});
