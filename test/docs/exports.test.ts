import { afterEach, describe, expect, it } from "vitest";
import { unregisterAll } from "../../src/parts/index.js";
import { sources } from "../sources.js";
import { documentedFunctions, runExample } from "./examples.js";

/** Every exported function is documented, with an example that does what it says. */

const functions = documentedFunctions(sources("src", "bindings"));
afterEach(unregisterAll);

it("finds the functions", () => {
  expect(functions.length).toBeGreaterThan(70);
  expect(functions.filter(({ about }) => about === "").map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
});

describe.each(functions)("$name", ({ examples }) => {
  it("has an example, which runs", async () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) await runExample(example);
  });
});
