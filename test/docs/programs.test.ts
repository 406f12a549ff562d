import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { cli } from "../cli/spawn.js";
import { runExample } from "./examples.js";

/** The programs of examples/, run as they are, but for where they keep what they keep. */

const folder = new URL("../../examples/", import.meta.url);
const programs = readdirSync(folder).filter((name) => name.endsWith(".ts"));

it("finds the programs", () => expect(programs.length).toBeGreaterThan(7));

it.each(programs)("%s runs and prints", { timeout: 120_000 }, async (name) => {
  const text = readFileSync(new URL(name, folder), "utf8");
  expect(text).toMatch(/^\/\/ \S.*\n/); // the question that it answers
  const lines = await runExample(withoutImports(text).replace('const folder = "results/study";\n', ""));
  expect(lines.length).toBeGreaterThan(0);
});

/** What programs import from the library is in scope already. */
function withoutImports(text: string): string {
  const rest = text.replaceAll(/^import [^;]*? from "cellfed(\/node)?";\n/gm, "");
  expect(rest).not.toMatch(/^import /m);
  return rest;
}

const python = ["/usr/bin/python3", "python3"].find((name) => {
  try {
    execFileSync(name, ["-c", ""]);
    return true;
  } catch {
    return false;
  }
});

it.skipIf(python === undefined)(`from_python.py runs (with ${python ?? "no Python: none found"})`, () => {
  const path = new URL("from_python.py", folder).pathname;
  const env = { ...process.env, CELLFED: `'${process.execPath}' '${cli}'` };
  const said = execFileSync(python!, [path], { env, encoding: "utf8" }).trim().split("\n");
  expect(said.at(-1)).toBe("all 2 rounds done");
});
