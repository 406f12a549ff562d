import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cellfed, type Outcome } from "../cli/spawn.js";

const folder = mkdtempSync(join(tmpdir(), "cellfed-compare-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = [
  "compare",
  "quick",
  ...["rounds=3", "data.trainExamples=300", "data.testExamples=100", "model=softmax", "training.localEpochs=1"].flatMap(
    (set) => ["--set", set],
  ),
  ...["--set", "network.clients=4", "--quantizers", "emq,identity", "--power", "min-max,full"],
  ...["--seeds", "1..3", "--drops", "2", "--json"],
];

/** @param until kills the process, as a power cut would, when it has said this on stderr */
function run(words: readonly string[], until?: RegExp): Promise<Outcome> {
  return cellfed(words, {
    cwd: folder,
    meanwhile(child, stderr) {
      if (until?.test(stderr)) child.kill("SIGKILL");
    },
  });
}

/** What does not depend on the folder or the command line. */
function cells(stdout: string): unknown {
  const { cells } = JSON.parse(stdout) as { cells: unknown };
  return cells;
}

describe("cellfed compare", () => {
  it("survives being killed: it goes on where it was, to the same bytes", async () => {
    const killed = await run([...tiny, "--workers", "1", "--out", "cut"], /[1-5]\/6 ·/);
    expect(killed.status).toBeNull();
    expect(existsSync(join(folder, "cut/plan.json"))).toBe(true);
    expect(existsSync(join(folder, "cut/report.html"))).toBe(false);

    const refused = await run([...tiny, "--out", "cut"]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/--out: .*--resume/);
    expect(refused.stderr).not.toMatch(/\n\s+at /);
    const other = await run([...tiny, "--vary", "rounds=3,4", "--out", "cut", "--resume"]);
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(/vary/);

    const resumed = await run([...tiny, "--workers", "2", "--out", "cut", "--resume"]);
    expect(resumed.stderr).not.toMatch(/error/);
    expect(resumed.status).toBe(0);
    // What the first process had finished is counted as done from the start.
    expect(resumed.stderr).not.toMatch(/^0\/6 ·/m);
    const whole = await run([...tiny, "--out", "whole", "--writer", "me"]);
    expect(cells(resumed.stdout)).toEqual(cells(whole.stdout));
    for (const file of ["table.csv", "runs.csv", "rounds.csv", "summary.json", "figures/accuracy-over-energy.svg"]) {
      expect(readFileSync(join(folder, "cut", file)).equals(readFileSync(join(folder, "whole", file)))).toBe(true);
    }
    expect(readdirSync(join(folder, "whole/journal"))).toEqual(["me.jsonl"]);
    expect(readdirSync(join(folder, "cut"))).not.toContain("state");
    const taken = await run([...tiny, "--out", "whole", "--writer", "me", "--resume"]);
    expect([taken.status, taken.stderr]).toEqual([2, expect.stringMatching(/--writer: "me"/)]);

    const page = readFileSync(join(folder, "cut/report.html"), "utf8");
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|src=|@import|url\(/);
    expect(page).toContain("--resume");
    // 4 cells × 3 seeds × 2 drops, and a line of labels
    expect(readFileSync(join(folder, "cut/runs.csv"), "utf8").trim().split("\n")).toHaveLength(25);
  }, 60_000);

  it("refuses a grid that cannot be meant, before anything is written", async () => {
    const cases: [string[], RegExp][] = [
      [["--quantizers", "emq,emq"], /--quantizers: "emq" is given twice/],
      [["--power", "min-max,ful"], /power.method: .*did you mean "full"/],
      [["--vary", "network.client=4,5"], /network.client: .*did you mean "network.clients"/],
      [["--baseline", "nobody", "--power", "full"], /--baseline: unknown variant "nobody"/],
      [["--baseline", "full"], /--baseline: "full", but nothing is varied/],
      [["--vary", "seed=1,2"], /--vary: seed: .*--seeds/],
      [["--set", "seed=7"], /--set: seed: .*--seeds/],
      // These show only when the data are read or shared out, with the database open already.
      [["--set", "data.name=mnist", "--data-dir", "nowhere"], /data.directory: there is no folder/],
      [["--set", "data.split.kind=shards", "--set", "data.split.classesPerClient=11"], /classesPerClient: 11/],
    ];
    const outcomes = await Promise.all(
      // A parent each: who comes second into a common one has not made it, and leaves it standing.
      cases.map(([words], i) => run(["compare", "quick", ...words, "--out", `bad-${i}/results`])),
    );
    outcomes.forEach(({ status, stdout, stderr }, i) => {
      expect(stderr).toMatch(cases[i]![1]);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect([status, stdout]).toEqual([2, ""]);
    });
    expect(readdirSync(folder).filter((name) => name.startsWith("bad"))).toEqual([]);
    const unkept = await run(["compare", "quick", "--no-out", "--resume"]);
    expect([unkept.status, unkept.stderr]).toEqual([2, expect.stringMatching(/--resume: nothing is kept/)]);
  }, 60_000);

  it("ends with status 1 when a cell fails, with the others' figures", async () => {
    const { status, stdout, stderr } = await run([
      ...tiny.slice(0, -1),
      "--optimizers",
      "sgd,sgd:learningRate=1e38",
      "--no-out",
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/not finite|diverged/);
    expect(stderr).toMatch(/error: of 8 cells 4 failed/);
    expect(stdout).toMatch(/^emq +min-max +sgd +\d/m);
    expect(stdout).toMatch(/failed$/m);
  }, 60_000);
});
