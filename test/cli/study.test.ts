import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../sources.js";
import { cellfed, type Outcome } from "./spawn.js";

const folder = mkdtempSync(join(tmpdir(), "cellfed-study-command-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (words: readonly string[], until?: RegExp): Promise<Outcome> =>
  cellfed(words, {
    cwd: folder,
    meanwhile(child, stderr) {
      if (until?.test(stderr)) child.kill("SIGKILL");
    },
  });
const study = (...words: string[]) => run(["study", ...words]);
const json = async (...words: string[]) => JSON.parse((await study(...words, "--json")).stdout);
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const plan = (file: string, value: object) => writeFileSync(join(folder, file), JSON.stringify(value));

const set = {
  model: "softmax",
  "data.trainExamples": 300,
  "data.testExamples": 100,
  "network.clients": 4,
  "training.localEpochs": 1,
  rounds: 4,
};
const small = {
  set,
  axes: { quantizer: ["emq", "identity"], power: ["most-rounds", "full"] },
  seeds: "1..4",
  drops: 2,
};

beforeAll(async () => {
  plan("small.json", small);
  plan("prices.json", { set, jobs: "pricing", axes: { power: ["most-rounds", "full"] }, drops: 900 });
  plan("rates.json", {
    jobs: "rates",
    axes: { K: { path: "network.clients", values: [4, 5] } },
    receivers: ["mr", "p-mmse"],
    realizations: 20,
    drops: 3,
  });
  plan("quantizers.json", { jobs: "quantizers", axes: { quantizer: ["emq", "laq"] }, measures: ["inputs"] });
  expect((await study("small.json", "--out", "whole", "--workers", "2")).status).toBe(0);
});

describe("cellfed study", () => {
  it("tells what it would take, and takes nothing", async () => {
    const { stdout, status } = await study("small.json", "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /study: training, 4 points × 4 seeds × 2 drops\n {2}quantizer: emq, identity\n {2}power: most-rounds, full\n/,
    );
    expect(stdout).toMatch(
      /8 jobs of kind training: .* \(\d tried\)\n32 results of 8 jobs, [\d.]+ kB: .* on this machine/,
    );
    const { kinds, seconds, bytes } = await json("prices.json", "--dry-run");
    expect(kinds).toMatchObject([{ kind: "priceBlock", jobs: 2 }]);
    expect(seconds).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(2 * 900 * 30);
    expect(existsSync(join(folder, "results"))).toBe(false);
  });

  it("tells of workers that have finished nothing yet", async () => {
    const sign = { host: hostname(), process: process.pid, began: "", threads: 2, done: 0, beat: 3, left: false };
    cpSync(join(folder, "whole"), join(folder, "joined"), { recursive: true });
    mkdirSync(join(folder, "joined", "workers"));
    const write = (writer: string, more: object) =>
      writeFileSync(
        join(folder, "joined", "workers", `${writer}.json`),
        JSON.stringify({ ...sign, ...more, writer, start: "2026-01-01T00:00:00Z" }),
      );
    write("elsewhere", { host: "another-machine" });
    write("gone", { left: true });
    const { workers } = await json("status", "joined");
    expect(workers.slice(1)).toMatchObject([
      { writer: "elsewhere", host: "another-machine", jobs: 0, working: true, last: null },
      { writer: "gone", jobs: 0, working: false, last: null },
    ]);
    expect((await study("status", "joined")).stdout).toMatch(/elsewhere .* none yet +works/);
  });

  it("goes on after a kill by the same command, to the same exports", async () => {
    const words = ["study", "small.json", "--out", "cut", "--workers", "1"];
    expect((await run(words, /\b[2-6]\/8 jobs/)).status).toBeNull();
    const half = await json("status", "cut");
    expect(half.done).toBeGreaterThan(0);
    expect(half.missing).toBeGreaterThan(0);
    expect((await run(words)).status).toBe(0);
    expect(await json("status", "cut")).toMatchObject({
      jobs: 8,
      done: 8,
      failed: 0,
      missing: 0,
      halfDone: 0,
      secondsLeft: 0,
    });
    for (const table of ["results", "rounds"]) {
      for (const of of ["cut", "whole"])
        expect((await study("export", of, "--table", table, "--to", `${of}-${table}.csv`)).status).toBe(0);
      expect(read(`cut-${table}.csv`)).toBe(read(`whole-${table}.csv`));
    }
    expect(read("whole-results.csv")).toMatch(/^key,cell,quantizer,power,seed,drop,ended,/);
    expect(read("whole-results.csv").trim().split("\n")).toHaveLength(33);
  });

  it("adds to a folder what its plan has got more, and nothing that it has already", async () => {
    plan("grown.json", { ...small, seeds: "1..5", axes: { ...small.axes, power: ["full", "min-max", "most-rounds"] } });
    cpSync(join(folder, "whole"), join(folder, "grown"), { recursive: true });
    const refused = await study("grown.json", "--out", "grown");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /holds results of another plan, which has 32 of the 60 results of this one: .*seeds.*--extend/s,
    );
    const journals = () => readdirSync(join(folder, "grown", "journal"));
    expect(journals()).toEqual(readdirSync(join(folder, "whole", "journal")));

    const before = journals();
    const { stderr, stdout, status } = await study("grown.json", "--out", "grown", "--extend", "--workers", "2");
    expect([status, stdout]).toEqual([0, expect.stringContaining("10 of 10 jobs done")]);
    expect(stderr).toMatch(
      /grown gets 28 results more beside the 32 of its plan: .*seeds is "1..4" there and "1..5" here/,
    );
    const [added] = journals().filter((file) => !before.includes(file));
    const keysIn = (file: string) =>
      [...read(`grown/journal/${file}`).matchAll(/"kind":"run","key":"([^"]+)"/g)].map(([, key]) => key!);
    expect(keysIn(added!)).toHaveLength(28);
    expect(new Set([...keysIn(added!), ...before.flatMap(keysIn)]).size).toBe(60);

    expect(await json("status", "grown")).toMatchObject({ jobs: 10, done: 10, missing: 0 });
    expect((await study("grown.json", "--out", "grown")).status).toBe(0);
    expect((await study("grown.json", "--out", "at-once", "--workers", "2")).status).toBe(0);
    for (const of of ["grown", "at-once"]) expect((await study("export", of, "--to", `${of}.csv`)).status).toBe(0);
    expect(read("grown.csv")).toBe(read("at-once.csv"));
  });

  it.each([
    ["a seed less", { ...small, seeds: "2..9" }, /8 of the 32 results of lessened are not in this plan.*seeds/s],
    ["drops fewer", { ...small, drops: 1 }, /16 of the 32 results of lessened are not in this plan.*drops/s],
    ["another base", { ...small, set: { ...set, rounds: 5 } }, /32 of the 32 results of lessened are not in this plan/],
  ])("does not add a plan with %s", async (_, lessened, reason) => {
    plan("lessened.json", lessened);
    cpSync(join(folder, "whole"), join(folder, "lessened"), { recursive: true });
    const { stderr, status } = await study("lessened.json", "--out", "lessened", "--extend");
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--extend: only adds to a study/)]);
    expect(stderr).toMatch(reason);
    expect(read("lessened/plan.json")).toBe(read("whole/plan.json"));
  });

  it("stops in order after a time, and tells how to go on", async () => {
    plan("long.json", { ...small, set: { ...set, rounds: 400, "data.trainExamples": 4000 }, seeds: "1..40" });
    const { stderr, stdout, status } = await study(
      "long.json",
      "--out",
      "long",
      "--stop-after",
      "1s",
      "--workers",
      "1",
    );
    expect(stderr).toMatch(/its time is up: what is finished is kept\ngo on with: cellfed study long\.json --out long/);
    expect(stdout).toMatch(/of 80 jobs done\nresults {2}long\n/);
    expect(status).toBe(0);
  });

  it("tells its progress as JSON, and trackers of every result", async () => {
    const words = ["--out", "logged", "--log-format", "json", "--track", "stream.jsonl", "--workers", "1"];
    const { stderr } = await study("small.json", ...words);
    const events = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: "begin", study: "small" });
    expect(events.at(-2)).toMatchObject({ event: "progress", jobs: 8, done: 8, failed: 0 });
    const lines = read("stream.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ event }) => event === "run")).toHaveLength(32);
    expect(lines.find(({ event }) => event === "run").labels).toEqual({ quantizer: "emq", power: "most-rounds" });
    expect(lines.filter(({ event }) => event === "round").length).toBeGreaterThan(32);
    await study("small.json", "--out", "boards", "--track", "tensorboard:board", "--workers", "2");
    const runs = readdirSync(join(folder, "board"));
    expect(runs).toHaveLength(32);
    const [file] = readdirSync(join(folder, "board", runs[0]!));
    const bytes = readFileSync(join(folder, "board", runs[0]!, file!));
    expect(bytes.readBigUInt64LE()).toBe(24n); // wall time, and brain.Event:2
    expect(bytes.includes("final/accuracy")).toBe(true);
  });

  it("sums up, asks in SQL and reports", async () => {
    const { groups } = await json("summary", "whole", "--by", "power");
    expect(groups).toMatchObject([
      { labels: { power: "most-rounds" }, results: 16, asked: 16 },
      {
        labels: { power: "full" },
        results: 16,
        measures: { energy: { mean: { count: 4 }, difference: { count: 4 } } },
      },
    ]);
    expect((await study("summary", "whole", "--by", "power")).stdout).toMatch(
      /energy \(J\)\npower +results +mean +± +5 % +median +95 % +vs\. baseline\n/,
    );
    expect((await study("summary", "whole", "--csv")).stdout).toMatch(
      /^quantizer,power,results,asked,failed,accuracy_mean,/,
    );
    const rows = await json(
      "sql",
      "whole",
      "select power, count(*)::int as n, avg(energy) as energy from runs group by all order by all desc",
    );
    expect(rows).toMatchObject([
      { power: "most-rounds", n: 16 },
      { power: "full", n: 16 },
    ]);
    expect(rows[0].energy).toBeCloseTo(groups[0].measures.energy.mean.mean, 12);
    expect((await study("report", "whole")).stdout).toBe("whole/report.html\n");
    expect(read("whole/report.html")).toContain("<title>cellfed compare: whole</title>");
  });

  it("prices, rates and measures without training", async () => {
    for (const name of ["prices", "rates", "quantizers"]) {
      const { status, stderr } = await study(`${name}.json`, "--out", name, "--workers", "2");
      expect([status, stderr.match(/error.*/)?.[0]]).toEqual([0, undefined]);
      expect((await study("export", name, "--to", `${name}.csv`)).status).toBe(0);
    }
    expect(read("prices.csv").trim().split("\n")).toHaveLength(1801);
    expect(read("prices.csv")).toMatch(/^power,seed,drop,energy,latency,rounds,reason\nfull,1,0,/);
    expect(read("rates.csv")).toMatch(
      /^K,receiver,seed,drop,mean_spectral_efficiency,least_spectral_efficiency,reason\n4,mr,1,0,/,
    );
    expect(read("rates.csv").trim().split("\n")).toHaveLength(13);
    expect(read("quantizers.csv")).toMatch(/^quantizer,measure,seed,drop,nominalBits,/);
    const [row] = await json(
      "sql",
      "prices",
      "select count(*)::int as n, max(\"drop\")::int as last from prices where power = 'full'",
    );
    expect(row).toEqual({ n: 900, last: 899 });
    expect((await study("report", "rates")).status).toBe(0);
    expect(read("rates/report.html")).toContain("mean spectral efficiency (bit/s/Hz)");
  });

  it("leaves failures as they are until they are tried again", async () => {
    writeFileSync(
      join(folder, "moody.mjs"),
      `import { existsSync } from "node:fs";
       export default { powerMethods: [{ name: "moody", create: () => ({ allocate({ rates, bits }) {
         if (!existsSync(${JSON.stringify(join(folder, "mended"))})) throw new Error("not today");
         return { power: new Float64Array(rates.clients), status: "infeasible", iterations: 0, reason: "never" };
       } }) }] };`,
    );
    plan("moody.json", { ...small, plugins: ["moody.mjs"], axes: { power: ["moody", "full"] } });
    const words = ["moody.json", "--out", "moody", "--workers", "1"];
    const { status, stdout, stderr } = await study(...words);
    expect(status).toBe(1);
    expect(stdout).toBe("0 of 4 jobs done, 4 failed\nresults  moody\n");
    expect(stderr).toMatch(/to try them again: cellfed study retry moody/);
    const { reasons } = await json("status", "moody");
    expect(reasons).toMatchObject([{ reason: expect.stringMatching(/moody: not today/), jobs: 4 }]);
    const before = readdirSync(join(folder, "moody/journal")).length;
    expect((await study(...words)).status).toBe(1);
    expect(readdirSync(join(folder, "moody/journal"))).toHaveLength(before);
    mkdirSync(join(folder, "mended"));
    expect((await study("retry", "moody")).stdout).toMatch(/^4 of 4 jobs done\n/);
  });

  it("merges folders of one plan, and says what differs in another", async () => {
    expect((await study("merge", "cut", "logged", "--out", "merged")).stdout).toMatch(
      /\d journals copied, 0 were there; 40 records, 0 failed/,
    );
    await study("export", "merged", "--to", "merged.csv");
    expect(read("merged.csv")).toBe(read("whole-results.csv"));
    plan("other.json", { ...small, drops: 3 });
    const { status, stderr } = await study("other.json", "--out", "whole");
    expect([status, stderr]).toEqual([
      2,
      "error: --out: whole holds results of another plan, which has 32 of the 48 results of this one: study.drops is 2 there and 3 here; --extend goes on with this one\n",
    ]);
    expect((await study("merge", "whole", "prices", "--out", "mixed")).stderr).toMatch(
      /^error: prices: holds results of another plan than whole: /,
    );
  });

  it.each([
    [
      ["there-is-none.json"],
      /^error: there-is-none\.json: there is no such file \(allowed: a JSON file with a study's plan/,
    ],
    [
      ["small.json", "--stop-after", "soon"],
      /^error: --stop-after: "soon" is not allowed \(allowed: a time such as 90s/,
    ],
    [["status", "nowhere"], /^error: DIR: nowhere holds no study/],
    [["export", "whole", "--to", "x.csv", "--format", "xls"], /^error: --format: unknown format "xls"/],
    [["export", "prices", "--to", "x.csv", "--table", "rounds"], /^error: --table: "rounds" is a table of trainings/],
    [["summary", "whole", "--by", "quantiser"], /^error: --by: unknown axis "quantiser"; did you mean "quantizer"/],
    [["summary", "whole", "--part", "two"], /^error: --part: unknown part "two"/],
    [["sql", "whole", "selec 1"], /^error: sql: /],
    [["merge", "whole"], /^error: --out: name the folder/],
  ])("refuses %j", async (words, message) => {
    const { status, stderr, stdout } = await study(...words);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it("wants a large one to be meant", async () => {
    plan("large.json", { ...small, seeds: "1..6000" });
    expect((await study("large.json", "--out", "large")).stderr).toMatch(
      /^error: --yes: the plan has 12000 trainings, more than 10000 trainings or 1000000 points/,
    );
    expect(existsSync(join(folder, "large"))).toBe(false);
  });
});

describe("cellfed compare --plan", () => {
  it("writes what it would do, as a study that gives the same runs", async () => {
    const sets = Object.entries(set).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
    const words = [
      "compare",
      "quick",
      ...sets,
      "--quantizers",
      "emq,identity",
      "--power",
      "most-rounds,full",
      "--seeds",
      "1..4",
      "--drops",
      "2",
    ];
    expect((await run([...words, "--plan", "written.json"])).stdout).toBe(
      "written.json  8 jobs: cellfed study written.json --out DIR\n",
    );
    await study("written.json", "--out", "written", "--workers", "2");
    await study("export", "written", "--to", "written.csv");
    expect(read("written.csv")).toBe(read("whole-results.csv"));
  });
});

describe("cellfed price", () => {
  it("tells what somebody's rounds cost, and how far budgets reach", async () => {
    const example = join(root, "examples/flower-history.json");
    const words = [
      "price",
      "--trace",
      example,
      "--clients",
      "10",
      "--bits",
      "8e6",
      "--examples",
      "100",
      "--drops",
      "3",
    ];
    const options = ["--power", "most-rounds,full", "--budget", "energy=3,latency=20", "--rounds-to", "priced.csv"];
    const { stdout, status } = await run([...words, ...options, "--json"]);
    expect(status).toBe(0);
    const { cells, rounds, clients } = JSON.parse(stdout);
    expect([clients, rounds]).toEqual([10, 10]);
    expect(cells.map(({ cell }: { cell: string }) => cell)).toEqual(["most-rounds", "full"]);
    expect(cells[0].rounds.mean).toBeGreaterThanOrEqual(cells[1].rounds.mean);
    const lines = read("priced.csv").trim().split("\n");
    expect(lines[0]).toBe("cell,seed,drop,round,energy,latency,total_energy,total_latency,accuracy");
    expect(lines.length - 1).toBe(Math.round(3 * (cells[0].rounds.mean + cells[1].rounds.mean)));
    const { stderr } = await run(["price", "--trace", example, "--bits", "8e6"]);
    expect(stderr).toMatch(/^error: --clients: a history does not say how many clients there are/);
  });
});
