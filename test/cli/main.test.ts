import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { cellfed, inFolder } from "./spawn.js";

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
    const dist = new URL("../../dist/", import.meta.url);
    const loaded = new Map<string, number>();
    const load = (file: URL): void => {
      if (loaded.has(file.href)) return;
      const code = readFileSync(file, "utf8");
      loaded.set(file.href, code.length);
      for (const [, path] of code.matchAll(/^import .*?from "(\.[^"]+)";$/gm)) load(new URL(path!, file));
    };
    load(new URL("cli.js", dist));
    const size = [...loaded.values()].reduce((sum, one) => sum + one, 0);
    expect(loaded.size).toBeGreaterThan(1);
    expect(size).toBeLessThan(80_000); // the schema's library alone is 190 KB
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
