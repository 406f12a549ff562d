import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { methodSets, methodText, parseMethod, parseMethods } from "../../src/config/grammar.js";
import { resolveConfig } from "../../src/parts/resolve.js";

describe("a method's name and settings", () => {
  it.each([
    ["emq", { name: "emq", settings: {} }],
    ["joint:alpha=0.3", { name: "joint", settings: { alpha: 0.3 } }],
    [
      "emq:digits=1:step=fractional:errorFeedback=true",
      { name: "emq", settings: { digits: 1, step: "fractional", errorFeedback: true } },
    ],
    [" top-q : fraction = 1e-2 ", { name: "top-q", settings: { fraction: 0.01 } }],
  ])("are read from %s", (text, method) => {
    expect(parseMethod(text)).toEqual(method);
  });

  it("come back as they went, and choose the method in a config", () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    fc.assert(
      fc.property(name, fc.dictionary(name, value, { noNullPrototype: true }), (method, settings) => {
        // −0 is written as 0
        const plain = Object.fromEntries(Object.entries(settings).map(([key, one]) => [key, one === 0 ? 0 : one]));
        expect(parseMethod(methodText({ name: method, settings: plain }))).toEqual({ name: method, settings: plain });
      }),
    );
    const sets = methodSets("power", parseMethod("joint:alpha=0.3"));
    expect(resolveConfig({ sets }).power).toEqual({ method: "joint", alpha: 0.3, batteries: false });
  });

  it.each([
    ["", '--power: "" has no name before its settings'],
    [":alpha=1", '--power: ":alpha=1" has no name before its settings'],
    ["joint:alpha", '--power: "alpha" in "joint:alpha" is not of the form key=value'],
    ["joint:alpha=", '--power: "alpha=" in "joint:alpha=" is not of the form key=value'],
    ["joint:=1", '--power: "=1" in "joint:=1" is not of the form key=value'],
    ["joint:alpha=1:alpha=0", '--power: "alpha" is given twice in "joint:alpha=1:alpha=0"'],
  ])("are refused where they say nothing: %j", (text, message) => {
    expect(() => parseMethod(text, "--power")).toThrow(message);
  });

  it("stand in lists, each once", () => {
    expect(parseMethods("emq,laq:bits=4").map(methodText)).toEqual(["emq", "laq:bits=4"]);
    expect(() => parseMethods("emq,,laq", "--quantizers")).toThrow('--quantizers: "emq,,laq" has an empty entry');
    expect(() => parseMethods(" ", "--quantizers")).toThrow("--quantizers: an empty list");
    expect(() => parseMethods("emq,emq", "--quantizers")).toThrow('--quantizers: "emq" is given twice');
  });

  it("may be called as objects' own, and change no prototype", () => {
    const { settings } = parseMethod("emq:__proto__=1");
    expect(Object.keys(settings)).toEqual(["__proto__"]);
    expect(() => resolveConfig({ sets: methodSets("quantizer", parseMethod("emq:__proto__=1")) })).toThrow(
      "quantizer.__proto__: unknown key",
    );
  });
});
