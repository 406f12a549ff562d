import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/index.js";
import { laneNames } from "../../web/names.js";
import { assignments, fromHash, methodFields, preset, presetValue, sharedFields, toHash } from "../../web/settings.js";

describe("the page's settings", () => {
  it("offers only what the config knows, and all that the preset has", () => {
    for (const field of [...sharedFields, ...methodFields]) {
      const values = field.options?.map(([value]) => value) ?? [presetValue(field.path)];
      for (const value of values) {
        expect(
          () => resolveConfig({ preset, sets: [`${field.path}=${value}`] }),
          `${field.path}=${value}`,
        ).not.toThrow();
      }
      // What the preset has must be on offer, or the form would show something else
      if (field.options !== undefined) expect(values).toContain(presetValue(field.path));
    }
  });

  it("offers every optimizer that the config knows", () => {
    const offered = methodFields.find(({ path }) => path === "training.optimizer.name")?.options?.map(([name]) => name);
    const message = (() => {
      try {
        resolveConfig({ preset, sets: ["training.optimizer.name=none"] });
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toContain(`(allowed: ${offered?.join(", ")})`);
  });

  it("survive the address", () => {
    const hash = "#seed=7&quantizer.digits=1&data.trainExamples=600&compare=1&second.quantizer.name=identity";
    const settings = fromHash(hash);
    expect(settings).toEqual({
      shared: new Map([
        ["seed", "7"],
        ["data.trainExamples", "600"],
      ]),
      first: new Map([["quantizer.digits", "1"]]),
      second: new Map([["quantizer.name", "identity"]]),
    });
    expect(fromHash(`#${toHash(settings)}`)).toEqual(settings);
    expect(toHash({ ...settings, shared: new Map([["seed", presetValue("seed")]]), second: undefined })).toBe(
      "quantizer.digits=1",
    );
  });

  it("take an empty budget for none", () => {
    const sets = assignments(new Map([["budgets.energy", ""]]), new Map());
    expect(resolveConfig({ preset, sets }).budgets.energy).toBeNull();
  });

  it("name two runs by what they differ in", () => {
    const shared = new Map<string, string>();
    const emq = new Map([["quantizer.name", "emq"]]);
    expect(laneNames({ shared, first: emq, second: new Map([["quantizer.name", "identity"]]) })).toEqual([
      "EMQ",
      "full precision",
    ]);
    expect(laneNames({ shared, first: emq, second: emq })).toEqual(["first run", "second run"]);
    expect(laneNames({ shared, first: new Map([["quantizer.digits", "1"]]), second: emq })).toEqual([
      "quantizer.digits 1",
      "quantizer.digits 0",
    ]);
    expect(laneNames({ shared, first: emq, second: undefined })[0]).toMatch(/^EMQ, most rounds/);
  });
});
