import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerConfig } from "../../src/config/config.js";
import { serverDefaults } from "../../src/config/defaults.js";
import { createServer, serverRules } from "../../src/training/server.js";

const settings: Omit<ServerConfig, "rule"> = {
  learningRate: 0.3,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.99,
  tau: 1e-3,
  participation: 1,
};

/** Algorithm 2 of Reddi et al. (and Hsu et al.'s momentum) for one entry, in double precision, as the papers write it. */
function textbook(rule: ServerConfig["rule"], start: number, updates: number[]): number {
  const { learningRate, momentum, beta1, beta2, tau } = settings;
  let w = start;
  let m = 0;
  let v = tau ** 2;
  for (const delta of updates) {
    if (rule === "fedavg") {
      w += learningRate * delta;
      continue;
    }
    if (rule === "fedavgm") {
      m = momentum * m + delta;
      w += learningRate * m;
      continue;
    }
    m = beta1 * m + (1 - beta1) * delta;
    if (rule === "fedadagrad") v += delta ** 2;
    if (rule === "fedadam") v = beta2 * v + (1 - beta2) * delta ** 2;
    if (rule === "fedyogi") v -= (1 - beta2) * delta ** 2 * Math.sign(v - delta ** 2);
    w += (learningRate * m) / (Math.sqrt(v) + tau);
  }
  return w;
}

describe.each(serverRules)("%s", (rule) => {
  it("steps as its paper says", () => {
    // Away from the sign change of FedYogi, where float32 and double may fall on different sides.
    const update = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.array(update, { minLength: 1, maxLength: 6 }),
        (start, updates) => {
          const server = createServer({ ...settings, rule }, 1);
          const w = new Float32Array([start]);
          for (const delta of updates) server.apply(w, new Float32Array([delta]));
          // Six steps, each rounding w, m, v and Δ to float32 (2⁻²⁴ relative); |w| stays below 8, and the adaptive
          // quotient is at most 1/(1 − β2)^½ = 10 times as sensitive as its parts.
          expect(Math.abs(w[0]! - textbook(rule, start, updates))).toBeLessThan(6 * 8 * 10 * 2 ** -24);
        },
      ),
    );
  });
});

it("FedAvg at learning rate 1 adds the mean update, and no more", () => {
  const server = createServer({ ...serverDefaults("fedavg"), learningRate: 1 }, 3);
  const w = new Float32Array([1, 2, 3]);
  server.apply(w, new Float32Array([0.5, -2, 0]));
  expect([...w]).toEqual([1.5, 0, 3]);
});

it("names an unknown rule", () => {
  expect(() => createServer({ ...settings, rule: "fedadm" as ServerConfig["rule"] }, 1)).toThrow(
    /server.rule.*fedadm.*fedadam/,
  );
});
