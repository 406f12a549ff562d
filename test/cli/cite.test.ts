import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cellfed, inFolder } from "./spawn.js";

const small = "--set data.trainExamples=100 --set data.testExamples=20 --rounds 1".split(" ");

it("prints the paragraph and its entries, or one of them", async () => {
  const { status, stdout } = await cellfed(["cite", "paper-mnist", "--quantizer", "laq:bits=8"]);
  expect(status).toBe(0);
  expect(stdout).toContain("K = 20");
  expect(stdout).toContain("[sun2019communication] (bits 8");
  expect(stdout).toContain("@inproceedings{sun2019communication,");
  const json = JSON.parse(
    (await cellfed(["cite", "paper-mnist", "--quantizer", "laq:bits=8", "--format", "json"])).stdout,
  );
  expect(stdout).toBe(`${json.text}\n\n${json.bibtex}\n`);
  const latex = await cellfed(["cite", "paper-mnist", "--quantizer", "laq:bits=8", "--format", "latex"]);
  expect(latex.stdout).toBe(`${json.latex}\n`);
  expect(latex.stdout).toContain("$K = 20$");
  expect(latex.stdout).toContain("\\cite{sun2019communication}");
});

it("of a results folder says which seeds and what engine", async () => {
  await inFolder(async (folder) => {
    await cellfed(["run", "quick", ...small, "--seeds", "2..3", "--out", "r"], { cwd: folder });
    const { stdout } = await cellfed(["cite", "r/config.json"], { cwd: folder });
    expect(stdout).toContain("the seeds 2, 3");
    expect(stdout).toContain(`Node ${process.version}`);
    // A folder's summary that is another program's is none
    writeFileSync(join(folder, "summary.json"), '"hello"');
    writeFileSync(join(folder, "mine.json"), '{ "preset": "quick", "seed": 7 }');
    expect((await cellfed(["cite", "mine.json"], { cwd: folder })).stdout).toContain("the seed 7");
  });
}, 60_000);

it("refuses what it does not know", async () => {
  const wrong = await cellfed(["cite", "quik"]);
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean "quick"')]);
  const both = await cellfed(["cite", "--seed", "1", "--seeds", "1..2"]);
  expect([both.status, both.stderr]).toEqual([2, expect.stringContaining("--seeds")]);
  expect((await cellfed(["cite", "--format", "word"])).status).toBe(2);
});
