import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/config/errors.js";
import { parseJson } from "../../src/config/json.js";

function problem(text: string): string {
  try {
    parseJson(text, "a.json");
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("accepted");
}

/** How many names its objects have together. */
const names = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce((sum: number, one) => sum + names(one), 0);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
};

describe("JSON of a file", () => {
  test.each([
    ["", "line 1, column 1: the file ends (expected: a value)"],
    ['{\n  "a": 1,\n}', 'line 3, column 1: } cannot stand here (expected: a name in "…")'],
    ["[1, 2", "line 1, column 6: the file ends (expected: a comma or ])"],
    ["[1 2]", "line 1, column 4: 2 cannot stand here (expected: a comma or ])"],
    ['{"ä😀": tru}', 'line 1, column 8: "tru" is no value (expected: a value)'],
    ["{a: 1}", 'line 1, column 2: "a" is no value (expected: a name in "…" or })'],
    ['{"a" 1}', "line 1, column 6: 1 cannot stand here (expected: :)"],
    ["[01]", 'line 1, column 2: "01" is no value (expected: a value or ])'],
    ["[NaN]", 'line 1, column 2: "NaN" is no value (expected: a value or ])'],
    ["{}\r\n\r\n{}", "line 3, column 1: { cannot stand here (expected: nothing more)"],
    [
      '["a\nb"]',
      "line 1, column 2: a text that does not end, or holds a sign that must be escaped (expected: a value or ])",
    ],
    ["// no\n{}", 'line 1, column 1: "//" is no value (expected: a value)'],
  ])("%j: where it is none", (text, message) => {
    expect(problem(text)).toBe(`a.json: this is not JSON: ${message}`);
  });

  test("nested without end is refused before it is read", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(problem(`\n${deep}`)).toBe("a.json: line 2, column 201: nested more than 200 levels deep");
    expect(parseJson(JSON.stringify(["[".repeat(300), '\\"['.repeat(300)]), "a.json")).toHaveLength(2);
  });

  test.each([
    ['{"a": 1, "a": 2}', '1, column 10: "a"'],
    ['{"b": {"a": 1},\n "c": [{"a": 1, "b": "a", "\\u0061": 2}]}', '2, column 27: "a"'],
    ['{"": 1, "x": [1, "y"], "": 3}', '1, column 24: ""'],
  ])("%j: a name twice is refused, as only one could count", (text, place) => {
    expect(problem(text)).toBe(`a.json: line ${place} is there twice; only one of them could count`);
  });

  test("a name may stand in several objects, and in texts", () => {
    const text = '{"a": {"a": 1}, "b": [{"a": "\\"a\\": {"}, {"a": "a"}, "a", "a"], "c,": "a"}';
    expect(parseJson(text, "a.json")).toEqual(JSON.parse(text));
  });

  test("a mark of the byte order is no part of it", () => {
    expect(parseJson("\uFEFF[1]", "a.json")).toEqual([1]);
  });

  test("what the language takes is taken, and what it refuses is refused with its place", () => {
    const edit = fc.record({
      at: fc.nat(60),
      cut: fc.nat(3),
      put: fc.constantFrom("", ",", "}", "]", '"', "\\", "e", "-", "0", ":", "\u0001", "\u0080", " ", "nul"),
    });
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.array(edit, { maxLength: 3 }), (json, edits) => {
        const text = edits.reduce((was, { at, cut, put }) => was.slice(0, at) + put + was.slice(at + cut), json);
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          expect(problem(text)).toMatch(/^a\.json: this is not JSON: line \d+, column \d+: /);
          return;
        }
        // Every name is followed by a colon, and nothing else outside a text is.
        const named = text.replace(/"(?:[^"\\]|\\.)*"/gs, "").split(":").length - 1;
        if (named > names(value)) expect(problem(text)).toMatch(/is there twice; only one of them could count$/);
        else expect(parseJson(text, "a.json")).toEqual(value);
      }),
      { numRuns: 3000 },
    );
  });
});
