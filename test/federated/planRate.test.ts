import { describe, expect, it } from "vitest";
import { resolutionEncoder } from "../../src/federated/resolutionEncoder.js";
import { quantizersAt, resolutionLadder, resolutionsOf, stepForBits } from "../../src/federated/resolutions.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { compare, freshContext, quantizer } from "../../src/index.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { interrupted } from "./states.js";
import { tiny } from "./tiny.js";

const planned = { ...tiny, plan: "joint-rate" } as const;

/** Four rounds, the same on threads and after an interruption. */
async function sameEverywhere(input: Parameters<typeof simulate>[0]) {
  const whole = await simulate(input);
  expect(whole.rounds).toHaveLength(4);
  expect(await simulate(input, { executor: threadedExecutor(2) })).toEqual(whole);
  expect((await interrupted(input)).resumed.fingerprint).toEqual(whole.fingerprint);
  return whole;
}

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
    await sameEverywhere(input);
  });

  describe("of rate-distortion", () => {
    const transformed = { ...planned, quantizer: { name: "rate-distortion", bits: 0.4 } } as const;
    const entries = 650;

    it("are targets around the configured one, chosen as they are and not by a curve", () => {
      const config = completeConfig(transformed);
      const { ladder, first, at } = resolutionsOf(config);
      expect(ladder.map(({ bits }) => bits)).toEqual([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]);
      expect(ladder[first]).toEqual({ bits: config.quantizer.bits });
      expect(at(0.3 * entries, [], entries)).toEqual({ bits: 0.3 });
      expect(at(1e9, [], entries)).toEqual({ bits: 16 });
    });

    it("are met by the packets that clients send for them", () => {
      const config = completeConfig(transformed);
      const update = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(12.9898 * i) ** 5 / (1 + (i % 17)));
      const encodeAt = resolutionEncoder(config);
      const { ladder, first: choice } = resolutionsOf(config);
      const context = freshContext();
      const whole = encodeAt(update, context, { ladder, choice });
      // The curve falls, and no rung is longer than its target.
      for (let r = 0; r < ladder.length; r++) {
        const bits = (ladder[r]!.bits as number) * update.length;
        expect(whole.measured!.bits[r]).toBeLessThanOrEqual(Math.max(bits, whole.measured!.bits[0]!));
        if (r > 0) expect(whole.measured!.error[r]).toBeLessThanOrEqual(whole.measured!.error[r - 1]!);
      }
      // What the encoder says it lost is what decoding loses, to the roundings of float32.
      const alone = quantizer("rate-distortion", { bits: 0.4 });
      const packet = alone.encode(update, freshContext())!;
      const decoded = new Float32Array(update.length);
      alone.decode(packet.bytes, decoded, freshContext());
      const lost = update.reduce((sum, v, i) => sum + (v - decoded[i]!) ** 2, 0);
      expect(packet.squaredError).toBeCloseTo(lost, 5 - Math.ceil(Math.log10(lost)));
      expect(whole.measured!.error[choice]).toBe(packet.squaredError);
      expect(whole.measured!.norm).toBeCloseTo(
        update.reduce((sum, v) => sum + v * v, 0),
        9,
      );
      // The second upload carries what the first lost; what is measured is of the update alone, and the same again.
      const target = 0.33 * update.length;
      const later = encodeAt(update, context, { ladder, choice, target });
      expect(later.measured).toEqual(whole.measured);
      expect(later.packet!.nominalBits).toBeLessThanOrEqual(target);
      expect(later.packet!.nominalBits).toBeGreaterThan(whole.measured!.bits[2]!); // 0.2 an entry
      // Below what stands around the code: the least packet.
      const shortest = encodeAt(update, context, { ladder, choice, target: 1 }).packet!;
      expect(shortest.nominalBits).toBeLessThan(800);
    });

    it("are few where every bit is dear, and many where bits cost nothing", async () => {
      const bitsAt = async (computeSeconds: number) => {
        const { rounds } = await simulate({
          ...transformed,
          model: { preset: "mlp" },
          budgets: { energy: null, latency: 1000, compute: { latencyPer1250: (computeSeconds * 1250) / 75 } },
        });
        return rounds.map((round) => round.nominalBits);
      };
      const [dear, free] = [await bitsAt(1e-9), await bitsAt(10)];
      expect(free[0]).toBe(dear[0]);
      for (let round = 1; round < 4; round++) expect(free[round]).toBeGreaterThan(1.5 * dear[round]!);
    });

    it.each(["joint-rate", "joint-resolution"] as const)(
      "are the same on worker threads and after an interruption: %s",
      async (plan) => {
        const input = { ...transformed, model: { preset: "mlp" }, plan, budgets: { energy: 1, latency: 50 } } as const;
        await sameEverywhere(input);
      },
    );

    it("refuse a target that somebody wrote and no packet meets", async () => {
      const input = {
        ...transformed,
        model: { preset: "mlp" },
      } as const;
      // With a memory and without one
      for (const own of [{}, { prediction: false, feedback: 0 }]) {
        const { ended, rounds } = await simulate({
          ...input,
          quantizer: { name: "rate-distortion", bits: 1e-4, ...own },
        });
        expect(rounds).toEqual([]);
        expect(ended).toMatchObject({
          by: "failed",
          reason: expect.stringMatching(
            /^round 1, client 0: rate-distortion: quantizer\.bits: 0\.0001 of each of 41802/,
          ),
        });
      }
    });
  });

  describe("of induced", () => {
    const unbiased = { ...planned, quantizer: { name: "induced", bits: 0.4 } } as const;

    it("are targets around the configured one, met by packets without memory", () => {
      const config = completeConfig(unbiased);
      const { ladder, first: choice, errors } = resolutionsOf(config);
      expect(ladder.map(({ bits }) => bits)).toEqual([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]);
      expect(errors).toBe("isotropic");
      const update = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(12.9898 * i) ** 5 / (1 + (i % 17)));
      const encodeAt = resolutionEncoder(config);
      const context = freshContext();
      const { packet, measured } = encodeAt(update, context, { ladder, choice });
      expect(context.memory.size).toBe(0);
      expect(measured!.bits[choice]).toBe(packet!.nominalBits);
      // What was measured is what the server decodes.
      const decoded = new Float32Array(update.length);
      quantizer("induced", { bits: 0.4 }).decode(packet!.bytes, decoded, context);
      const lost = update.reduce((sum, v, i) => sum + (v - decoded[i]!) ** 2, 0);
      expect(measured!.error[choice]).toBeCloseTo(lost, 9 - Math.ceil(Math.log10(lost)));
      const target = 0.6 * update.length;
      const later = encodeAt(update, context, { ladder, choice, target });
      expect(later.packet!.nominalBits).toBeLessThanOrEqual(target);
      expect(later.packet!.nominalBits).toBeGreaterThan(0.9 * target);
      // Between 0.4 and 0.8 bits, so is what is lost.
      expect(measured!.sent).toBe(measured!.error[choice]);
      expect(later.measured!.sent).toBeLessThan(measured!.error[choice]!);
      expect(later.measured!.sent).toBeGreaterThan(measured!.error[choice + 1]!);
    });

    it.each(["joint-rate", "joint-resolution"] as const)(
      "are the same on worker threads and after an interruption: %s",
      async (plan) => {
        const input = { ...unbiased, model: { preset: "mlp" }, plan, budgets: { energy: 1, latency: 50 } } as const;
        const { rounds } = await sameEverywhere(input);
        expect(new Set(rounds.map(({ nominalBits }) => nominalBits)).size).toBeGreaterThan(1);
      },
    );

    it("know what is lost on the way, and who stays away", async () => {
      const input = {
        ...unbiased,
        model: { preset: "mlp" },
        budgets: { energy: 1, latency: 50 },
        loss: { kind: "random", probability: 0.5 },
        server: { participation: 0.5 },
      } as const;
      const whole = await simulate(input);
      expect(whole.ended.by).toBe("rounds");
      expect((await interrupted(input)).resumed.fingerprint).toEqual(whole.fingerprint);
    });
  });

  it("are a cell of a grid, under its name among the quantizers", async () => {
    const { cells } = await compare({
      preset: "quick",
      sets: ["rounds=2", "data.trainExamples=300", "data.testExamples=100", "model=softmax", "network.clients=4"],
      quantizers: ["emq", "joint-rate", "joint-rate:of=rate-distortion:bits=1"],
      seeds: [1],
      drops: 1,
    });
    expect(cells.map(({ labels }) => labels.quantizer)).toEqual([
      "emq",
      "joint-rate",
      "joint-rate:of=rate-distortion:bits=1",
    ]);
    expect(cells.map(({ summary }) => summary?.runs)).toEqual([1, 1, 1]);
  });

  it.each([
    [
      { quantizer: "laq" },
      'quantizer.name: "laq" is not "emq", "rate-distortion" or "induced", one of which plan.kind "joint-rate" needs',
    ],
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
