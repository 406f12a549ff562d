import { describe, expect, it } from "vitest";
import { damages } from "./storeDamages.js";
import { fuzzStore } from "./storeFuzz.js";

describe("a damaged store", () => {
  it("loses the records that were damaged and nothing else", { timeout: 120_000 }, async () => {
    const { lost, records, damages: done } = await fuzzStore(250, 1);
    // The damages do damage, all of them, and most records survive them.
    expect([...done.keys()].sort()).toEqual(Object.keys(damages).sort());
    expect(lost).toBeGreaterThan(250);
    expect(lost).toBeLessThan(records / 3);
  });
});
