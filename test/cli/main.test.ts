import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { cellfed, inFolder } from "./spawn.js";

const dist = new URL("../../dist/", import.meta.url);

/** What a file of dist/ loads as it starts: the size of it, the packages in it, and what is not in the bundles. */
function loadedBy(entry: string): { size: number; packages: Set<string>; outside: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const outside = new Set<string>();
  let size = 0;
  const load = (file: URL): void => {
    if (files.has(file.href)) return;
    files.add(file.href);
    const code = readFileSync(file, "utf8");
    size += code.length;
    // Each module of a bundle has its path above it
    for (const [, name] of code.matchAll(/^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm)) packages.add(name!);
    for (const [, from, alone] of code.matchAll(/^(?:import|export) .*?from "([^"]+)";$|^import "([^"]+)";$/gm)) {
      const specifier = (from ?? alone)!;
      if (specifier.startsWith(".")) load(new URL(specifier, file));
      else outside.add(specifier);
    }
  };
  load(new URL(entry, dist));
  return { size, packages, outside };
}

describe("cellfed", () => {
  test.concurrent("tells its version", async () => {
    expect(await cellfed(["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  test.concurrent("without a command prints its help and fails", async () => {
    const { status, stdout, stderr } = await cellfed([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: cellfed");
  });

  test.concurrent("suggests the nearest command and option", async () => {
    const command = await cellfed(["rnu"]);
    expect(command.status).toBe(2);
    expect(command.stderr).toContain("unknown command 'rnu'\n(Did you mean run?)");
    const option = await cellfed(["schema", "--markdow"]);
    expect(option.status).toBe(2);
    expect(option.stderr).toContain("Did you mean --markdown?");
  });

  test.concurrent("--verbose shows where an error was thrown", async () => {
    const { status, stderr } = await cellfed(["run", "nowhere.json", "--verbose"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: InputError: nowhere\.json: there is no such file.*\n +at /);
    expect(stderr).toContain("caused by Error: ENOENT");
  });

  test.concurrent("starts without what only one command needs", () => {
    const { size, packages } = loadedBy("cli.js");
    expect([...packages].sort()).toEqual(["commander", "fastest-levenshtein"]);
    expect(size).toBeLessThan(200_000); // 125 KB of it are commander
  });

  test.concurrent("comes as bundles of which the library's reach no Node module and the threads' no command", () => {
    const library = loadedBy("index.js");
    expect(library.size).toBeGreaterThan(100_000);
    expect([...library.outside]).toEqual([]);
    expect([...loadedBy("node.js").outside].filter((name) => !name.startsWith("node:"))).toEqual([]);
    const { packages } = loadedBy("worker.js");
    expect(packages).toContain("zod");
    expect(packages).not.toContain("commander");
  });

  test.concurrent("bad input of a command that keeps its results from the beginning leaves no folder", async () => {
    await inFolder(async (folder) => {
      const unknown = await cellfed(["reproduce", "figure9"], { cwd: folder });
      expect(unknown.status).toBe(2);
      expect(unknown.stderr).toMatch(/^error: .*unknown experiment "figure9"/);
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  test.concurrent("schema prints a JSON Schema, or a table", async () => {
    const { status, stdout } = await cellfed(["schema"]);
    expect(status).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
    expect(schema.properties.network.properties.clients).toMatchObject({ type: "integer", minimum: 1 });
    expect((await cellfed(["schema", "--markdown"])).stdout).toContain("| `network.clients` | `20` |");
  });
});
