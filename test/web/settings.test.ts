import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/index.js";
import { nameOf } from "../../src/parts/catalog.js";
import { allFields } from "../../web/fields.js";
import {
  assignments,
  fromHash,
  laneNames,
  mostLanes,
  nameFields,
  type PageSettings,
  preset,
  toHash,
  withSetting,
} from "../../web/settings.js";

const { fields, preset: presetValues } = allFields();

describe("the page's settings", () => {
  it("offer only what the config knows, and all that the preset has", () => {
    const refused: string[] = [];
    for (const { path, options } of fields) {
      if (options === undefined || path.startsWith("network.deployment") || path === "data.split.kind") continue;
      for (const [value] of options) {
        try {
          resolveConfig({ preset, sets: [`${path}=${value}`] });
        } catch (error) {
          // A choice may need another setting beside it, but is never unknown
          if (/is not allowed|unknown/.test((error as Error).message)) refused.push((error as Error).message);
        }
      }
      if (presetValues[path] !== "") expect(options.map(([value]) => value)).toContain(presetValues[path]);
    }
    // Settings that belong to one part only are refused beside the preset's
    expect(refused.filter((message) => !/unknown (key|setting)/.test(message))).toEqual([]);
  });

  it("take a section's name alone for the field that names it, as the command line does", () => {
    expect(nameFields).toEqual(nameOf);
    const { lanes, problems } = fromHash("#quantizer=laq&power=full");
    expect(problems).toEqual([]);
    expect([...lanes[0]!]).toEqual([
      ["quantizer.name", "laq"],
      ["power.method", "full"],
    ]);
    expect(fromHash("#quantizer=laq&quantizer.name=emq").problems).toEqual([
      { path: "quantizer.name", message: 'given twice: "laq" and "emq"' },
    ]);
  });

  it("survive the address", () => {
    const paths = fields.map(({ path }) => path);
    const settings = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...paths), fc.oneof(fc.string(), fc.double().map(String))), {
        selector: ([path]) => path,
        maxLength: 8,
      })
      .map((entries) => new Map(entries.filter(([, value]) => !value.trimStart().startsWith("{"))));
    fc.assert(
      fc.property(settings, fc.array(settings, { minLength: 1, maxLength: mostLanes }), (all, lanes) => {
        const isMethod = (path: string) => /^(quantizer|power|training\.optimizer)\.|^network\.combining/.test(path);
        const page: PageSettings = {
          shared: new Map([...all].filter(([path]) => !isMethod(path))),
          lanes: lanes.map((own, i) => new Map([...own].filter(([path]) => i > 0 || isMethod(path)))),
        };
        const { problems, ...read } = fromHash(`#${toHash(page)}`);
        expect(problems).toEqual([]);
        expect(read).toEqual(page);
      }),
      { numRuns: 200, seed: 16 },
    );
  });

  it("refuse what no link of this page holds, in words", () => {
    expect(fromHash("#compare=9").problems[0]?.message).toContain("(allowed: 0 to 3 more runs)");
    expect(fromHash(`#seed=${"9".repeat(70_000)}`)).toMatchObject({ problems: [{ path: "link" }] });
    for (const hash of ["#__proto__.x=1", "#constructor=1", "#seed=<img src=x>", "#network.__proto__.clients=3"]) {
      const settings = fromHash(hash);
      expect(() => resolveConfig({ preset, sets: assignments(settings, 0) }), hash).toThrow(/seed|unknown key/);
    }
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it("never read a typing error as no limit", () => {
    for (const text of ["", "0,02", "1e", "abc"]) {
      const sets = assignments(fromHash(`#budgets.energy=${text}`), 0);
      expect(() => resolveConfig({ preset, sets }), text).toThrow("budgets.energy");
    }
    expect(resolveConfig({ preset, sets: assignments(fromHash("#budgets.energy=null"), 0) }).budgets.energy).toBeNull();
  });

  it("drop another part's settings when a part is named", () => {
    const emq = new Map([
      ["quantizer.name", "emq"],
      ["quantizer.digits", "1"],
      ["power.method", "full"],
    ]);
    expect([...withSetting(emq, "quantizer.name", "laq").keys()]).toEqual(["power.method", "quantizer.name"]);
    expect([...withSetting(emq, "quantizer.digits", undefined).keys()]).toEqual(["quantizer.name", "power.method"]);
  });

  it("name runs by what they differ in", () => {
    const label = (path: string, value: string) =>
      fields.find((one) => one.path === path)?.options?.find(([name]) => name === value)?.[1] ?? `${path} ${value}`;
    const names = (...lanes: [string, string][][]) =>
      laneNames(
        lanes.map((entries) => new Map(entries)),
        (path) => presetValues[path] ?? "",
        label,
      );
    expect(names([], [["quantizer.name", "identity"]])).toEqual(["EMQ", "full precision"]);
    expect(names([], [])).toEqual(["run (1)", "run (2)"]);
    expect(names([["quantizer.digits", "1"]], [])).toEqual(["quantizer.digits 1", "quantizer.digits 0"]);
    expect(names([])[0]).toMatch(/^EMQ, most rounds/);
  });
});
