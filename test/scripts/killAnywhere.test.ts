import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inFolder } from "../cli/spawn.js";
import { root } from "../sources.js";

/** A command of half a second that counts to ten, keeps each step, and has the fault that FAULT names. */
const pretended = `
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
const fault = process.env.FAULT;
if (process.argv.includes("--help")) {
  console.log(fault === "no resume" ? "  --out <dir>" : "  --resume  go on");
  process.exit();
}
if (fault === "refuses" && process.argv.includes("--resume")) {
  console.error("error: what is there cannot be read");
  process.exit(2);
}
mkdirSync("out/state", { recursive: true });
const scratch = ".scratch-" + process.pid;
if (fault === "untidy") writeFileSync(scratch, "");
const state = "out/state/step";
const from = existsSync(state) ? Number(readFileSync(state, "utf8")) : 0;
for (let step = from; step < 10; step++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  writeFileSync(state, String(step + 1));
}
rmSync(scratch, { force: true });
writeFileSync("out/table.csv", fault === "forgetful" ? String(10 - from) : "10");
writeFileSync("out/summary.json", JSON.stringify({ wallSeconds: 10 - from, command: process.argv.slice(2).join(" ") }));
`;

function kill(fault: string) {
  return inFolder(async (folder) => {
    const cli = join(folder, "pretended.mjs");
    writeFileSync(cli, pretended);
    const args = ["scripts/kill-anywhere.mjs", "2", "--seed", "11", "--commands", "run", "--cli", cli];
    const env = { ...process.env, FAULT: fault };
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
    return { status, stdout };
  });
}

describe("killing at random moments", () => {
  it("is content with what goes on where it was, whatever the times and the command line", async () => {
    const { status, stdout } = await kill("none");
    expect(stdout).toMatch(/2 kills, 0 failures \(seed 11\)/);
    expect(status).toBe(0);
  });

  it.each([
    ["forgetful", /run: after kills at [\d.]+ s.*: table\.csv differs/],
    ["untidy", /left lying about: \.scratch-\d+/],
    ["refuses", /ended, status 2: error: what is there cannot be read/],
    ["no resume", /run: cellfed run has no --resume/],
  ])("finds one that is: %s", async (fault, message) => {
    const { status, stdout } = await kill(fault);
    expect(stdout).toMatch(message);
    expect(status).toBe(1);
  });
});
