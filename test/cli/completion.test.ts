import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { quantizerNames } from "../../src/index.js";
import { cellfed, inFolder } from "./spawn.js";

const found = (name: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${name}`]);
    return true;
  } catch {
    return false;
  }
};

it.each([
  [["cellfed", "do"], ["doctor"]],
  [["cellfed", "data", "fe"], ["fetch"]],
  [["cellfed", "data", "fetch", "--mi"], ["--mirror"]],
  [
    ["cellfed", "run", "paper-c"],
    ["paper-cifar10-k20", "paper-cifar10-k40"],
  ],
  [["cellfed", "run", "quick", "--quantizer", ""], quantizerNames],
  [["cellfed", "run", "quick", "--log-format", "j"], ["json"]],
])("bash completes %j", async (words, expected) => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "script"), (await cellfed(["completion", "bash"])).stdout);
    const quoted = words.map((word) => `"${word}"`).join(" ");
    const line = `source ./script; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _cellfed; echo "\${COMPREPLY[@]}"`;
    const said = execFileSync("bash", ["-c", line], { cwd: folder, encoding: "utf8" });
    expect(said.trim().split(" ")).toEqual(expected);
  });
});

it.each(["zsh", "fish"].map((shell) => [shell, found(shell) ? "and is parsed" : "not parsed: there is none here"]))(
  "%s has a script, %s",
  async (shell) => {
    const { status, stdout } = await cellfed(["completion", shell!]);
    expect(status).toBe(0);
    for (const word of ["doctor", "--quantizer", "paper-mnist"]) {
      expect(stdout).toContain(shell === "fish" && word.startsWith("--") ? `-l ${word.slice(2)}` : word);
    }
    if (found(shell!)) execFileSync(shell!, ["-n"], { input: stdout });
  },
);

it("refuses another shell", async () => {
  const { status, stderr } = await cellfed(["completion", "tcsh"]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("bash, zsh, fish")]);
});
