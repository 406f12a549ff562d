import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { cellfed } from "./spawn.js";

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

  test.concurrent("schema prints a JSON Schema, or a table", async () => {
    const { status, stdout } = await cellfed(["schema"]);
    expect(status).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
    expect(schema.properties.network.properties.clients).toMatchObject({ type: "integer", minimum: 1 });
    expect((await cellfed(["schema", "--markdown"])).stdout).toContain("| `network.clients` | `20` |");
  });
});
