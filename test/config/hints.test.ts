import { describe, expect, test } from "vitest";
import { unknownName } from "../../src/config/errors.js";
import { presetNames } from "../../src/config/presets.js";
import { createNetwork } from "../../src/network/index.js";
import { channelHint } from "../../src/parts/hints.js";
import { resolveConfig } from "../../src/parts/resolve.js";

const problem = (set: string): string => {
  try {
    resolveConfig({ sets: [set] });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("accepted");
};

describe("hints", () => {
  test.each([
    ["network.shadowing=4", "network.shadowing.deviation=4"],
    ["network.rician=true", "network.rician.enabled=true"],
    ["network.pathLoss=three-slope", "network.pathLoss.model=three-slope"],
    ["network.correlation=uncorrelated", "network.correlation.model=uncorrelated"],
    ["data.split=iid", undefined],
    ["budgets=3", "budgets.energy=3"],
  ])("%s: a section that is given a value", (set, meant) => {
    if (meant === undefined) expect(() => resolveConfig({ sets: [set] })).not.toThrow();
    else expect(problem(set)).toContain(`did you mean "${meant}"?`);
  });

  test("nothing is suggested that would be refused", () => {
    expect(problem("network.shadowing=many")).not.toContain("did you mean");
  });

  test("a channel that is no file may be a section's name", () => {
    expect(channelHint("rician")).toContain('did you mean "network.rician.enabled=true"?');
    expect(channelHint("channel.json")).toBeUndefined();
  });

  test("a name that is begun alike in several", () => {
    expect(unknownName("preset", "paper-cifar", presetNames)).toContain(
      'did you mean "paper-cifar10-k20" or "paper-cifar10-k40"?',
    );
    expect(unknownName("preset", "qick", presetNames)).toContain('did you mean "quick"?');
  });
});

describe("a height difference of 0, which the table allows", () => {
  test("is taken", () => {
    const { network, seed } = resolveConfig({ preset: "quick", sets: ["network.heightDifference=0"] });
    const { gain } = createNetwork(network, { seed });
    expect([...gain].every((one) => one > 0 && Number.isFinite(one))).toBe(true);
  });

  test("but not at no distance at all", () => {
    const sets = [
      "network.heightDifference=0",
      "network.clients=1",
      "network.accessPoints=1",
      "network.deployment.accessPoints=given",
      "network.deployment.clients=given",
      "network.deployment.accessPointPositions=[[5,5]]",
      "network.deployment.clientPositions=[[5,5]]",
    ];
    const { network, seed } = resolveConfig({ sets });
    expect(() => createNetwork(network, { seed })).toThrow(
      /^network\.heightDifference: 0, with client 0 at the place of/,
    );
  });
});
