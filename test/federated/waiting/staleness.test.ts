import { expect, it } from "vitest";
import { stalenessWeight } from "../../../src/federated/waiting/staleness.js";

const settings = { kind: "polynomial", exponent: 0.5, threshold: 4, factor: 0.5 } as const;

it("counts fresh updates whole, whatever the rule", () => {
  for (const kind of ["constant", "polynomial", "hinge", "geometric"] as const)
    expect(stalenessWeight({ ...settings, kind }, 0)).toBe(1);
});

it("falls with age as each rule's source has it", () => {
  for (let tau = 1; tau < 40; tau++) {
    const of = (kind: "constant" | "polynomial" | "hinge" | "geometric") => stalenessWeight({ ...settings, kind }, tau);
    expect(of("constant")).toBe(1);
    expect(of("polynomial")).toBeCloseTo(1 / Math.sqrt(1 + tau), 14);
    expect(of("hinge")).toBeCloseTo(tau <= 4 ? 1 : 1 / (0.5 * (tau - 4) + 1), 14);
    expect(of("geometric")).toBe(2 ** -tau);
  }
});

it("comes to nothing, and not to less", () => {
  expect(stalenessWeight({ ...settings, kind: "geometric" }, 1e6)).toBe(0);
  expect(stalenessWeight({ ...settings, kind: "geometric", factor: 0 }, 1)).toBe(0);
  expect(stalenessWeight({ ...settings, exponent: 100 }, 1e6)).toBeGreaterThanOrEqual(0);
});
