import { describe, expect, it } from "vitest";
import * as library from "../../src/index.js";
import { InputError, PacketError, RunError } from "../../src/index.js";
import * as node from "../../src/node.js";
import { argument, type Entry, emq, model, packet, problem, update, type Wrong, wrongValues } from "./entries.js";
import { table } from "./table.js";

/** Whatever a caller without types gives, each export tells with an error of the project's, and the argument's path. */

async function outcomeOf(entry: Entry, given: readonly unknown[]): Promise<unknown> {
  try {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("it takes long")), 2000).unref());
    await Promise.race([entry.call!(...(given as never[])), late]);
    return "accepted";
  } catch (error) {
    return error;
  }
}

function told(outcome: unknown, path: string): string {
  if (outcome === "accepted") return "it was accepted";
  if (outcome instanceof PacketError || outcome instanceof RunError) return "";
  if (!(outcome instanceof InputError))
    return `a foreign error: ${(outcome as Error)?.stack?.split("\n").slice(0, 3).join(" ") ?? outcome}`;
  return path.split("|").some((begin) => String(outcome.path).startsWith(begin))
    ? ""
    : `the path is "${outcome.path}", not "${path}": ${outcome.message}`;
}

it("has an entry for every export, and none besides", () => {
  const exported = [...Object.keys(library), ...Object.keys(node)].sort();
  expect(Object.keys(table).sort()).toEqual(exported);
  for (const [name, value] of Object.entries({ ...library, ...node })) {
    const isClass = typeof value === "function" && value.prototype instanceof Error;
    expect([name, table[name]!.data === undefined]).toEqual([name, typeof value === "function" && !isClass]);
  }
});

async function expectRefusals({ arguments: list = [], refused = [], ...entry }: Entry): Promise<void> {
  const wrong: string[] = [];
  const look = async (what: string, given: readonly unknown[], path: string) => {
    const found = told(await outcomeOf(entry, given), path);
    if (found !== "") wrong.push(`${what}: ${found}`);
  };
  for (const [i, { path, accepts }] of list.entries()) {
    for (const [what, value] of Object.entries(wrongValues)) {
      if (accepts.includes(what as Wrong)) continue;
      const given = list.map(({ good }, j) => (j === i ? value : good));
      await look(`argument ${i} (${path}), ${what}`, given, path);
    }
  }
  for (const [what, given, path] of refused) await look(what, given, path);
  expect(wrong.join("\n")).toBe("");
}

describe.each(Object.entries(table).filter(([, { data }]) => data === undefined))("%s", (_, entry) => {
  it("refuses what is wrong, with the path", () => expectRefusals(entry));
});

const context = library.freshContext();
const optimizer = library.createOptimizer("sgd", {}, 2);
const numbers = library.stream(1, "test");
const made: [what: string, entry: Entry][] = [
  [
    "a quantizer's encode",
    { call: emq.encode, arguments: [argument("update", update), argument("context", context, "object")] },
  ],
  [
    "a quantizer's decode",
    {
      call: emq.decode,
      arguments: [argument("bytes", packet), argument("into", new Float32Array(4)), argument("context", context)],
      refused: [["an array of another length", [packet, new Float32Array(3), context], ""]],
    },
  ],
  [
    "a model's forward",
    {
      call: model.forward,
      arguments: [argument("x", [1, 2]), argument("batch|x", 1)],
      refused: [["too few values", [[1], 1], "x"]],
    },
  ],
  [
    "a model's lossAndGradient",
    {
      call: model.lossAndGradient,
      arguments: [argument("x", [1, 2]), argument("labels", [0]), argument("batch|x", 1)],
    },
  ],
  [
    "a model's evaluate",
    { call: model.evaluate, arguments: [argument("x", [1, 2]), argument("labels", [0]), argument("batch|x", 1)] },
  ],
  [
    "an optimizer's step",
    {
      call: optimizer.step,
      arguments: [argument("parameters", new Float32Array(2)), argument("gradient", new Float32Array(2))],
      refused: [["parameters of another length", [new Float32Array(1), new Float32Array(2)], "optimizer"]],
    },
  ],
  ["a stream's integer", { call: numbers.integer, arguments: [argument("n", 3, "number")] }],
  ["a stream's shuffle", { call: numbers.shuffle, arguments: [argument("items", [1, 2], "list")] }],
  ["a stream's fillNormal", { call: numbers.fillNormal, arguments: [argument("out", new Float64Array(2), "list")] }],
  ["a stream's fillUniform", { call: numbers.fillUniform, arguments: [argument("out", new Float64Array(2), "list")] }],
  [
    "a power method's allocate",
    { call: library.powerMethod({ method: "full" }).allocate, arguments: [argument("", problem)] },
  ],
];

describe.each(made)("%s", (_, entry) => {
  it("refuses what is wrong, with the path", () => expectRefusals(entry));
});
