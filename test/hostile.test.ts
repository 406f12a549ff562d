import { expect, it } from "vitest";
import { fileKinds, tryHostile } from "./hostile/index.js";

it("files of any shape are refused by name, or of use", async () => {
  const { counts, faults } = await tryHostile(400, 12);
  expect(faults).toEqual([]);
  expect(Object.keys(counts)).toEqual(["config", "problem", "channel", "partition", "plan", "trace"]);
  for (const { refused, used } of Object.values(counts)) {
    expect(refused).toBeGreaterThan(100);
    expect(used).toBeGreaterThan(10);
  }
  expect(Object.keys(fileKinds)).toHaveLength(6);
}, 60_000);
