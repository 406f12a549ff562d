import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scripts } from "../../src/cli/files/clusterScripts.js";
import { readFolderStore } from "../../src/study/store/folder.js";
import { cellfed, inFolder } from "./spawn.js";

const plan = {
  base: "quick",
  set: { rounds: 3, "data.trainExamples": 300, "data.testExamples": 60, model: "softmax", "network.clients": 4 },
  axes: { quantizer: ["emq", "identity"] },
  seeds: "1..3",
};

function inStudy<T>(work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
    return work(folder);
  });
}

async function recordsOf(folder: string): Promise<unknown[]> {
  const store = await readFolderStore(folder);
  const records: unknown[] = [];
  for await (const record of store.select([...store.finished()].sort())) records.push(record);
  await store.close();
  return records;
}

const settings = {
  ...{ name: "plan", plan: "it's a plan.json", out: "a folder", tasks: 8, seconds: 5400, threads: 2, fixed: false },
  ...{ more: ["--plugin", "mine.mjs"], hosts: "hosts.txt", image: "cellfed", claim: "cellfed", command: "cellfed" },
};

describe("scripts that start workers", () => {
  it.each(["slurm", "parallel"] as const)("%s is bash, whatever files are called", (kind) => {
    for (const fixed of [false, true]) {
      const text = scripts[kind]({ ...settings, fixed });
      expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    }
  });

  it("slurm runs a task with its number, passes SIGTERM on, and comes back when there is more to do", () =>
    inFolder(async (folder) => {
      const run = (status: number) => {
        const worker = `#!/bin/sh\nprintf '%s\\n' "$@" > words\nexit ${status}\n`;
        writeFileSync(join(folder, "worker"), worker, { mode: 0o755 });
        writeFileSync(join(folder, "scontrol"), '#!/bin/sh\necho "$@" > requeued\n', { mode: 0o755 });
        const text = scripts.slurm({ ...settings, fixed: true, command: "./worker" });
        const env = { PATH: `${folder}:${process.env.PATH}`, SLURM_ARRAY_TASK_ID: "3", SLURM_JOB_ID: "17" };
        return spawnSync("bash", ["-c", text], { cwd: folder, env, encoding: "utf8" });
      };
      expect(run(0).status).toBe(0);
      expect(readdirSync(folder)).not.toContain("requeued");
      expect(readFileSync(join(folder, "words"), "utf8").trim().split("\n")).toEqual([
        ...["study", "work", "it's a plan.json", "--out", "a folder", "--shard", "3/8", "--plugin", "mine.mjs"],
        ...["--workers", "2", "--time", "5400s"],
      ]);
      expect(run(75).status).toBe(75);
      expect(readFileSync(join(folder, "requeued"), "utf8").trim()).toBe("requeue 17");
    }));

  it("kubernetes counts shards from 1", () => {
    const text = scripts.kubernetes({ ...settings, fixed: true });
    const args = /^ +args: (\[.*\])$/m.exec(text)![1]!;
    const [shell] = JSON.parse(args) as [string];
    const said = spawnSync("sh", ["-c", shell.replace("exec cellfed", "printf '%s\\n'")], {
      ...{ encoding: "utf8", env: { PATH: process.env.PATH, JOB_COMPLETION_INDEX: "0" } },
    });
    expect(said.stdout.split("\n").slice(0, 7)).toEqual([
      ...["study", "work", "it's a plan.json", "--out", "a folder", "--shard", "1/8"],
    ]);
  });
});

describe("study work", { timeout: 120_000 }, () => {
  it("gives the same records by claims and by shards", () =>
    inStudy(async (folder) => {
      const work = (out: string, more: string[] = []) =>
        cellfed(["study", "work", "plan.json", "--out", out, "--workers", "1", ...more], { cwd: folder });
      expect(await work("one")).toMatchObject({ status: 0, stdout: "6 jobs done here, 0 left\n" });
      const together = await Promise.all([work("two"), work("two")]);
      expect(together.map(({ status }) => status)).toEqual([0, 0]);
      for (const shard of ["1/2", "2/2"])
        expect(await work("three", ["--shard", shard])).toMatchObject({
          status: 0,
          stdout: "3 jobs done here, 0 left\n",
        });
      const whole = await recordsOf(join(folder, "one"));
      expect(whole.length).toBeGreaterThan(6);
      for (const out of ["two", "three"]) expect(await recordsOf(join(folder, out))).toEqual(whole);
      expect(readdirSync(join(folder, "two")).sort()).toEqual(["journal", "plan.json"]);
      expect(await work("one")).toMatchObject({ status: 0, stdout: "0 jobs done here, 0 left\n" });
    }));

  it.each<[string, string[], RegExp]>([
    [
      "a shard that there is not",
      ["plan.json", "--out", "out", "--shard", "9/8"],
      /--shard: 9\/8: there are shards 1 to 8/,
    ],
    ["no folder", ["plan.json"], /--out: is missing/],
    ["no plan", ["--out", "out"], /PLAN\.json: is missing/],
    ["a queue and a folder", ["--out", "out", "--queue", "redis://localhost"], /--out: has no effect with --queue/],
    ["a queue that is none", ["--queue", "amqp://me:s3cret@there"], /--queue: "amqp:\/\/…" is no address/],
    ["a queue where nobody answers", ["--queue", "redis://me:s3cret@127.0.0.1:1"], /nobody answers at redis:\/\/127/],
    ["a time that is none", ["plan.json", "--out", "out", "--grace", "soon"], /--grace: "soon" is not allowed/],
  ])("refuses %s", (_what, words, message) =>
    inStudy(async (folder) => {
      const { status, stdout, stderr } = await cellfed(["study", "work", ...words], { cwd: folder });
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/s3cret/);
      expect(readdirSync(folder)).toEqual(["plan.json"]);
    }),
  );
});
