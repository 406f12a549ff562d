import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { simulate } from "../../src/federated/simulate.js";
import { completeConfig } from "../../src/index.js";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { clientFactor, plateauFactor } from "../../src/quantizers/methods/schedule.js";

const v = new Float32Array(2000);
stream(9, "test").fillNormal(v);

describe("DAdaQuant", () => {
  it("doubles where the smoothed loss has stopped falling, and waits ten rounds before it does so again", () => {
    expect(plateauFactor({})).toBe(1);
    const falling = Array.from({ length: 40 }, (_, t) => 2 - t / 100);
    expect(plateauFactor({ losses: falling })).toBe(1);
    const flat = new Array<number>(41).fill(1);
    // Rounds 10, 20, 30 and 40 of a loss that does not move
    expect([10, 11, 20, 21, 41].map((rounds) => plateauFactor({ losses: flat.slice(0, rounds) }))).toEqual([
      1, 2, 2, 4, 16,
    ]);
    // A spike in a falling loss is smoothed away; after a plateau and a new fall nothing doubles.
    const spike = falling.map((loss, t) => (t === 25 ? loss + 0.05 : loss));
    expect(plateauFactor({ losses: spike })).toBe(1);
    expect(plateauFactor({ losses: [...flat.slice(0, 11), ...falling.map((loss) => loss / 4)] })).toBe(2);
  });

  it("gives clients with more data more, at the error that the same resolution for all would have", () => {
    const all = [0.5, 0.25, 0.15, 0.1];
    const factors = all.map((own) => clientFactor({ shares: { own, all } }));
    const error = all.reduce((sum, w, k) => sum + (w / factors[k]!) ** 2, 0);
    expect(error).toBeCloseTo(
      all.reduce((sum, w) => sum + w * w, 0),
      12,
    );
    expect(factors.reduce((a, b) => a + b, 0)).toBeLessThan(all.length);
    // No other resolutions of that error have a smaller sum: along any direction that keeps it the sum does not fall.
    for (const [i, j] of [
      [0, 1],
      [1, 3],
      [2, 3],
    ] as const) {
      const moved = factors.slice();
      moved[i]! *= 1.01;
      const rest = error - moved.reduce((sum, q, k) => sum + (k === j ? 0 : (all[k]! / q) ** 2), 0);
      moved[j] = all[j]! / Math.sqrt(rest);
      expect(moved.reduce((a, b) => a + b, 0)).toBeGreaterThan(factors.reduce((a, b) => a + b, 0));
    }
    expect(clientFactor({ shares: { own: 0.25, all: [0.25, 0.25, 0.25, 0.25] } })).toBeCloseTo(1, 12);
    expect(clientFactor({})).toBe(1);
  });

  it("moves the levels of a quantizer, within its limits", () => {
    const bits = (schedule: string, context: object) =>
      quantizer("qsgd", { levels: 4, schedule }).encode(v, { ...freshContext(), ...context })!.nominalBits - 32 * 4;
    const losses = new Array<number>(21).fill(1);
    expect(bits("plateau", {})).toBe(2000 * 4); // s = 4: a sign and ⌈log2 5⌉
    expect(bits("plateau", { losses })).toBe(2000 * 6); // s = 16
    const shares = { own: 0.8, all: [0.8, 0.1, 0.1] };
    // √(Σ w^⅔ / Σ w²) · 0.8^⅔ = √(1.2928/0.66) · 0.8618 = 1.2061: s = 19 of 16
    expect(bits("doubly-adaptive", { losses, shares })).toBe(2000 * 6);
    expect(bits("doubly-adaptive", { shares: { own: 0.1, all: shares.all } })).toBe(2000 * 2); // 0.30 · 4: s = 1
    expect(
      quantizer("uniform", { bits: 16, schedule: "plateau" }).encode(v, { ...freshContext(), losses })!.nominalBits,
    ).toBe(32 + 2000 * 16);
  });

  it("is told of losses and weights in a run, which AdaQuantFL's is not", async () => {
    const config = completeConfig({
      preset: "quick",
      rounds: 40,
      data: { trainExamples: 120, testExamples: 40 },
      network: { clients: 3 },
      // Steps too small to learn by: the loss goes up and down with who takes part, and the levels double
      server: { participation: 0.34 },
      training: { optimizer: { name: "sgd", learningRate: 1e-7 } },
      quantizer: { name: "qsgd", levels: 1, schedule: "plateau" },
      evaluation: { every: 40 },
    });
    const { rounds } = await simulate(config);
    const nominal = rounds.map((round) => round.nominalBits);
    expect(nominal[39]!).toBeGreaterThan(nominal[0]!);
    const constant = await simulate({ ...config, quantizer: { ...config.quantizer, schedule: "constant" } } as never);
    expect(constant.rounds[39]!.nominalBits).toBe(nominal[0]);
  });
});
