import { describe, expect, it } from "vitest";
import type { ServerConfig } from "../../src/config/config.js";
import { createServer, serverDefaults } from "../../src/training/server.js";

/** Three steps with the update (1, −0.5), in the formulas' own symbols; powers of two where exactness is asked. */
const updates = [1, -0.5];

function after(steps: number, config: ServerConfig): number[] {
  const server = createServer(config, 2);
  const w = Float32Array.of(0.25, 0.25);
  for (let step = 0; step < steps; step++) server.apply(w, Float32Array.from(updates));
  return [...w];
}

describe("server rules", () => {
  it("fedavg adds the mean update", () => {
    expect(after(3, serverDefaults("fedavg"))).toEqual([3.25, -1.25]);
    expect(after(1, { ...serverDefaults("fedavg"), learningRate: 0.5 })).toEqual([0.75, 0]);
  });

  it("fedavgm remembers: Δ, then (μ + 1)Δ, then (μ² + μ + 1)Δ", () => {
    const config = { ...serverDefaults("fedavgm"), momentum: 0.5 };
    expect(after(3, config)).toEqual([0.25 + 1 + 1.5 + 1.75, 0.25 - 0.5 - 0.75 - 0.875]);
  });

  it.each(["fedadagrad", "fedadam", "fedyogi"] as const)("%s follows Algorithm 2 of Reddi et al.", (rule) => {
    const config = { ...serverDefaults(rule), tau: 0.125, learningRate: 0.5, beta1: 0.75, beta2: 0.9 };
    const expected = updates.map((d) => {
      let [w, m, v] = [0.25, 0, config.tau ** 2];
      for (let step = 0; step < 3; step++) {
        const beta1 = rule === "fedadagrad" ? 0 : config.beta1;
        m = beta1 * m + (1 - beta1) * d;
        if (rule === "fedadagrad") v += d * d;
        if (rule === "fedadam") v = config.beta2 * v + (1 - config.beta2) * d * d;
        if (rule === "fedyogi") v += (1 - config.beta2) * d * d * (v < d * d ? 1 : -1);
        w += (config.learningRate * m) / (Math.sqrt(v) + config.tau);
      }
      return w;
    });
    after(3, config).forEach((w, i) => {
      expect(w).toBeCloseTo(expected[i]!, 5);
    });
  });

  it("are named when unknown", () => {
    expect(() => createServer({ ...serverDefaults("fedavg"), rule: "fedavrg" as "fedavg" }, 2)).toThrow(
      /server\.rule: unknown server rule "fedavrg"; did you mean "fedavg"/,
    );
  });
});
