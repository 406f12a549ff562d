import { describe, expect, it } from "vitest";
import * as library from "../../src/index.js";
import { InputError, PacketError, RunError } from "../../src/index.js";
import * as node from "../../src/node.js";
import { type Entry, type Wrong, wrongValues } from "./entries.js";
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

describe.each(Object.entries(table).filter(([, { data }]) => data === undefined))("%s", (_, entry) => {
  const { arguments: list = [], refused = [] } = entry;

  it("refuses what is wrong, with the path", async () => {
    const wrong: string[] = [];
    for (const [i, { path, accepts }] of list.entries()) {
      for (const [what, value] of Object.entries(wrongValues)) {
        const given = list.map(({ good }, j) => (j === i ? value : good));
        if (accepts.includes(what as Wrong)) continue;
        const problem = told(await outcomeOf(entry, given), path);
        if (problem !== "") wrong.push(`argument ${i} (${path}), ${what}: ${problem}`);
      }
    }
    for (const [what, given, path] of refused) {
      const problem = told(await outcomeOf(entry, given), path);
      if (problem !== "") wrong.push(`${what}: ${problem}`);
    }
    expect(wrong.join("\n")).toBe("");
  });
});
