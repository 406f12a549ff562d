import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { root } from "../sources.js";

it("shards that are killed leave together what one machine leaves", () => {
  const args = ["scripts/simulate-shards.mjs", "1200", "6", "--kills", "10", "--seed", "3", "--json"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  const { failed, finished, ...result } = JSON.parse(stdout);
  expect(result).toMatchObject({ ok: true, jobs: 1200, shards: 6, kills: 10, missing: 0, same: true, conflicts: 0 });
  expect(finished + failed).toBe(1200);
  expect(status).toBe(0);
});
