import { expect, it } from "vitest";
import { allocatePower, powerMethodNames } from "../../src/power/index.js";
import { roundProblem } from "./drops.js";
import { fourClients, randomProblem } from "./problems.js";

/** FNV-1a over the bytes of all powers, of three drops, ten random models and a small case. */
function hashOf(method: string, part: object): string {
  const budgets = { energy: 10, latency: 10 };
  const problems = [
    ...[roundProblem(1, 5), roundProblem(2, 20), roundProblem(3, 40)],
    ...Array.from({ length: 10 }, (_, seed) => randomProblem(seed)),
    { ...fourClients, budgets },
  ];
  let hash = 2166136261;
  for (const problem of problems) {
    for (const alpha of [0.2, 1]) {
      const { power } = allocatePower({ ...problem, ...part }, { method, alpha });
      for (const byte of new Uint8Array(power.buffer, power.byteOffset, power.byteLength))
        hash = Math.imul(hash ^ byte, 16777619);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** As a problem without a place for circuit power has them. */
const before: Record<string, string> = {
  joint: "d32fd50b",
  "most-rounds": "5501d6e9",
  "joint-computation": "6520f6c9",
  "min-max": "d295b9cd",
  dinkelbach: "e0563ab1",
  "dinkelbach-one-step": "04dcadf5",
  "sum-rate": "bd52cfb9",
  "max-min": "c75490e9",
  full: "6a87ab65",
  fractional: "a82993f5",
  coordinate: "bd957920",
};

it.each(powerMethodNames)("%s: without circuit power and fixed energy the powers are the bits they were", (method) => {
  expect(hashOf(method, {})).toBe(before[method]);
  expect(hashOf(method, { circuitPower: 0, fixedEnergy: 0 })).toBe(before[method]);
});
