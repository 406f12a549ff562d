import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { simulate } from "../../src/federated/simulate.js";
import { compare } from "../../src/index.js";
import { comparisonFigures } from "../../src/report/figures/comparisonFigures.js";
import { htmlReport, tableOf } from "../../src/report/pages/html.js";
import { comparisonColumns, comparisonNotes, comparisonRows } from "../../src/report/tables/comparison.js";
import { textTable } from "../../src/report/tables/table.js";
import { summarizeGrid } from "../../src/study/analysis/cells.js";
import { budgetAxis, fieldAxis, namedAxis } from "../../src/study/plan/axes.js";
import { baselineOf, type GridPlan, layOutGrid, runKey, traceJobs } from "../../src/study/plan/grid.js";
import { type GridProgress, runGrids } from "../../src/study/run/compare.js";
import { memoryStore, openStore } from "../../src/study/store/store.js";

const folder = mkdtempSync(join(tmpdir(), "cellfed-compare-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Small enough for a test, with every part of a real comparison in it. */
const tiny: Omit<GridPlan, "axes"> = {
  preset: "quick",
  sets: [
    "rounds=3",
    "data.trainExamples=300",
    "data.testExamples=100",
    "model=softmax",
    "training.localEpochs=1",
    "network.clients=4",
    "budgets.energy=0.05",
    "budgets.latency=1",
  ],
  seeds: [1, 2],
  drops: 2,
};

const twoByTwo = layOutGrid({
  ...tiny,
  axes: [namedAxis("quantizer", "emq,identity"), namedAxis("power", "min-max,full")],
});

describe("laying out a grid", () => {
  it("combines the axes and shares trainings", () => {
    expect(twoByTwo.cells.map((cell) => cell.id)).toEqual([
      "emq · min-max",
      "emq · full",
      "identity · min-max",
      "identity · full",
    ]);
    // Two quantizers under two seeds; each training is priced with two methods on two drops.
    const jobs = traceJobs([twoByTwo]);
    expect(jobs.map((job) => job.runs.length)).toEqual([4, 4, 4, 4]);
    expect(new Set(jobs.flatMap((job) => job.runs.map((run) => run.key))).size).toBe(16);
    // The same grid again asks for nothing new.
    expect(traceJobs([twoByTwo, twoByTwo])).toHaveLength(4);
  });

  it("takes budgets and any field as axes", () => {
    const grid = layOutGrid({
      ...tiny,
      axes: [budgetAxis(["energy=0.1,latency=none", "latency=2"]), fieldAxis("network.antennas=2,4")],
    });
    expect(
      grid.cells.map(({ config }) => [config.budgets.energy, config.budgets.latency, config.network.antennas]),
    ).toEqual([
      [0.1, null, 2],
      [0.1, null, 4],
      [0.05, 2, 2],
      [0.05, 2, 4],
    ]);
    expect(traceJobs([grid])).toHaveLength(2);
  });

  it("refuses what is asked for twice, however it is spelled, and names it", () => {
    expect(() => namedAxis("quantizer", "emq,identity,emq")).toThrow(/--quantizers: "emq" is given twice/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emq,emq:digits=0")] })).toThrow(
      /"emq" and "emq:digits=0" are the same configuration/,
    );
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "laq,laq:bits=4")] })).toThrow(
      /"laq" and "laq:bits=4" are the same configuration/,
    );
    expect(() => namedAxis("power", "full,")).toThrow(/--power: "full," has an empty entry/);
    expect(() => namedAxis("power", "joint:alpha")).toThrow(/"alpha" in "joint:alpha" is not of the form key=value/);
    expect(() => budgetAxis(["energy=-1"])).toThrow(/--budget: "energy=-1"/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emqq")] })).toThrow(/did you mean "emq"/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("power", "fulll")] })).toThrow(/did you mean "full"/);
    const budgets = [namedAxis("power", "full,min-max"), budgetAxis(["energy=1,latency=1", "energy=2,latency=1"])];
    for (const baseline of ["min-max · energy=2,latency=1", "energy=2,latency=1 · min-max"]) {
      const { labels } = layOutGrid({ ...tiny, axes: budgets, baseline }).baseline;
      expect(labels).toEqual({ power: "min-max", budget: "energy=2,latency=1" });
    }
    expect(() => layOutGrid({ ...tiny, baseline: "ful", axes: [namedAxis("power", "full")] })).toThrow(
      /--baseline: .*did you mean "full"/,
    );
    expect(() => layOutGrid({ ...tiny, drops: 0, axes: [] })).toThrow(/--drops/);
  });
});

it("the library's comparison refuses keys that it does not know", async () => {
  await expect(compare({ preset: "quick", quantizer: ["emq"] } as never)).rejects.toThrow(/did you mean "quantizers"/);
});

describe("differences", () => {
  const axes = [namedAxis("power", "full,min-max"), budgetAxis(["energy=1,latency=1", "energy=2,latency=1"])];
  const partners = (baseline?: string) => {
    const grid = layOutGrid({ ...tiny, axes, ...(baseline !== undefined && { baseline }) });
    return Object.fromEntries(grid.cells.map((cell) => [cell.id, baselineOf(grid, cell).id]));
  };

  it("are taken at equal budgets, unless the baseline names its own", () => {
    for (const baseline of [undefined, "full"]) {
      expect(partners(baseline)).toEqual({
        "full · energy=1,latency=1": "full · energy=1,latency=1",
        "full · energy=2,latency=1": "full · energy=2,latency=1",
        "min-max · energy=1,latency=1": "full · energy=1,latency=1",
        "min-max · energy=2,latency=1": "full · energy=2,latency=1",
      });
    }
    const fixed = "min-max · energy=2,latency=1";
    expect(new Set(Object.values(partners(fixed)))).toEqual(new Set([fixed]));
  });

  it("say so under the table", () => {
    const grid = layOutGrid({ ...tiny, axes });
    expect(comparisonNotes(grid, comparisonRows(grid, summarizeGrid(grid, new Map())))).toContainEqual(
      expect.stringContaining('Differences are taken from "full · the same budget"'),
    );
  });
});

describe("running a grid", () => {
  it("gives every cell what simulating it alone gives, on one worker or two", async () => {
    const store = await memoryStore();
    const two = await runGrids([twoByTwo], { workers: 2, store });
    store.close();
    const again = await memoryStore();
    const one = await runGrids([twoByTwo], { workers: 1, store: again });
    again.close();
    expect(two.failures).toEqual([]);
    expect(two.runs.size).toBe(16);
    for (const cell of twoByTwo.cells) {
      for (const seed of twoByTwo.seeds) {
        for (let drop = 0; drop < twoByTwo.drops; drop++) {
          const config = { ...cell.config, seed };
          const alone = await simulate(config, { drop });
          const run = two.runs.get(runKey({ config }, drop))!;
          expect(run.fingerprint).toEqual(alone.fingerprint);
          expect(run.final).toEqual(alone.final);
          expect(run.course.energy.slice(1)).toEqual(alone.rounds.map((round) => round.totals.energy));
          expect(one.runs.get(run.key)).toEqual(run);
        }
      }
    }
  }, 60_000);

  it("does the same in one thread, by the library's plain names", async () => {
    const { sets, seeds, drops } = tiny;
    const plan = {
      preset: "quick",
      sets: sets!,
      seeds,
      drops,
      quantizers: ["emq", "identity"],
      power: ["min-max", "full"],
    };
    const here = await compare(plan);
    const store = await memoryStore();
    const threads = await runGrids([twoByTwo], { workers: 2, store });
    store.close();
    expect(here.cells.map(({ id }) => id)).toEqual(twoByTwo.cells.map(({ id }) => id));
    expect(new Map(here.runs.map((run) => [run.key, run]))).toEqual(threads.runs);
    expect(here.cells[1]!.summary).toEqual(summarizeGrid(twoByTwo, threads.runs)[1]!.summary);
  }, 60_000);

  it("reports a cell that fails with its reason, and finishes the others", async () => {
    const grid = layOutGrid({
      ...tiny,
      drops: 1,
      axes: [namedAxis("optimizer", "adadelta,sgd:learningRate=1e38")],
    });
    const store = await memoryStore();
    const { runs } = await runGrids([grid], { workers: 2, store });
    store.close();
    const rows = comparisonRows(grid, summarizeGrid(grid, runs));
    expect(rows[0]!.summary!.runs).toBe(2);
    expect(rows[0]!.failure).toBeNull();
    expect(rows[1]!.summary).toBeNull();
    expect(rows[1]!.failure).toMatch(/round \d+, client \d+/);
    expect(textTable(rows, comparisonColumns(grid))).toMatch(/sgd.*failed/);
    expect(comparisonNotes(grid, rows).join("\n")).toMatch(/sgd:learningRate=1e38: failed: .*round/);
  }, 60_000);

  it("says which method, client and budget allow no round, and counts the untrained model", async () => {
    const grid = layOutGrid({
      ...tiny,
      drops: 1,
      axes: [namedAxis("power", "full,min-max"), budgetAxis(["energy=1e-9"])],
    });
    const store = await memoryStore();
    const { runs } = await runGrids([grid], { workers: 1, store });
    store.close();
    const rows = comparisonRows(grid, summarizeGrid(grid, runs));
    for (const { summary } of rows) {
      expect(summary!.rounds.mean).toBe(0);
      expect(summary!.accuracy!.mean).toBeGreaterThanOrEqual(0);
      expect(summary!.nominalBitsPerEntry).toBeNull();
    }
    const notes = comparisonNotes(grid, rows).join("\n");
    expect(notes).toMatch(/full: the budgets allow no round: .*energy.*1e-9 J \(full; client \d+ takes most/);
  }, 60_000);

  it("goes on from its database: what is there is not computed again, and the result is the same", async () => {
    const half = layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emq,identity")], seeds: [1] });
    const first = await openStore(join(folder, "resume"), false);
    await runGrids([half], { workers: 2, store: first });
    first.close();
    await expect(openStore(join(folder, "resume"), false)).rejects.toThrow(/--out: .*--resume/);

    const whole = layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emq,identity")], sets: tiny.sets! });
    const second = await openStore(join(folder, "resume"), true);
    const progress: GridProgress[] = [];
    const resumed = await runGrids([whole], { workers: 2, store: second, onProgress: (p) => progress.push(p) });
    // New drops and methods are priced on the training that is kept: no round is trained.
    const rounds = progress.length;
    const more = layOutGrid({ ...tiny, drops: 3, axes: [namedAxis("quantizer", "emq,identity")] });
    const trained: number[] = [];
    await runGrids([more], { workers: 1, store: second, onProgress: (p) => trained.push(p.job.round) });
    second.close();
    expect(rounds).toBeGreaterThan(0);
    expect(progress.every((p) => !p.job.name.includes("seed 1"))).toBe(true);
    expect(progress.at(-1)).toMatchObject({ jobs: 4, done: 4, failed: 0 });
    expect(trained.every((round) => round === 0)).toBe(true);

    const fresh = await memoryStore();
    const alone = await runGrids([whole], { workers: 1, store: fresh });
    fresh.close();
    expect(resumed.runs).toEqual(alone.runs);
  }, 60_000);

  it("exports what was asked for, under the names it was asked for by, and no bits where nothing was sent", async () => {
    const store = await memoryStore();
    const axes = (budgets: string[], quantizers: string) => [
      namedAxis("quantizer", quantizers),
      budgetAxis(budgets.map((joules) => `energy=${joules},latency=1`)),
    ];
    await runGrids([layOutGrid({ ...tiny, axes: axes(["0.05", "0.04"], "identity") })], { workers: 1, store });
    const grid = layOutGrid({ ...tiny, axes: axes(["0.05", "1e-12"], "identity,emq") });
    await runGrids([grid], { workers: 1, store });
    const file = join(folder, "asked.csv");
    await store.export(
      file,
      "runs",
      traceJobs([grid]).flatMap((job) => job.runs),
    );
    store.close();
    const [head, ...lines] = readFileSync(file, "utf8").trim().split("\n");
    const cells = lines.map((line) => line.match(/^\w+,"?([^",]+ · [^"]+?)"?,"\{/)?.[1]);
    expect(lines).toHaveLength(16);
    expect(new Set(cells)).toEqual(new Set(grid.cells.map(({ id }) => id)));
    expect(head).toMatch(/^key,cell,labels,seed,drop,ended,.*wire_saving,config_fingerprint,results_fingerprint$/);
    const poor = lines.filter((line) => line.includes("1e-12"));
    expect(poor).toHaveLength(8);
    for (const line of poor) expect(line).toMatch(/,0,0\.0,0\.0,,,,,\w{16},\w{16}$/);
  }, 60_000);

  it("reports bad input that shows late as a failure of its own, and refuses it at the start", async () => {
    const store = await memoryStore();
    const axes = (splits: string) => [namedAxis("split", splits)];
    const wrong = "shards:classesPerClient=11";
    await expect(
      runGrids([layOutGrid({ ...tiny, axes: axes(`${wrong},iid`) })], { workers: 1, store }),
    ).rejects.toThrow(/classesPerClient/);
    expect((await store.finished()).size).toBe(0);
    const late = layOutGrid({ ...tiny, axes: axes(`iid,${wrong}`) });
    const results = await runGrids([late], { workers: 1, store });
    store.close();
    expect(results.runs.size).toBe(4);
    expect(results.failures.map(({ keys }) => keys.length)).toEqual([2, 2]);
    expect(results.failures[0]!.reason).toMatch(/classesPerClient/);
  }, 60_000);

  it("draws figures and a page that needs nothing from elsewhere", async () => {
    const store = await memoryStore();
    const { runs } = await runGrids([twoByTwo], { workers: 2, store });
    const requests = traceJobs([twoByTwo]).flatMap((job) => job.runs);
    await store.export(join(folder, "runs.parquet"), "runs", requests);
    await store.export(join(folder, "rounds.csv"), "rounds", requests);
    store.close();
    const figures = await comparisonFigures(twoByTwo, runs);
    expect(figures.map(({ file }) => file)).toEqual([
      "accuracy-over-rounds.svg",
      "accuracy-over-latency.svg",
      "accuracy-over-energy.svg",
      "accuracy-against-budget.svg",
      "energy-latency-front.svg",
    ]);
    const rows = comparisonRows(twoByTwo, summarizeGrid(twoByTwo, runs));
    const page = htmlReport({
      title: "test",
      sections: [
        {
          heading: "all",
          content: [{ table: tableOf(rows, comparisonColumns(twoByTwo)) }, ...figures.map(({ svg }) => ({ svg }))],
        },
      ],
    });
    for (const { svg } of figures) expect(svg).not.toMatch(/NaN|Infinity/);
    // The SVG name space is a name, not an address that anything opens.
    const addresses = page.replaceAll("http://www.w3.org/2000/svg", "").match(/https?:|src=|@import|url\(/g);
    expect(addresses).toBeNull();
    for (const cell of twoByTwo.cells) expect(page).toContain(cell.labels.quantizer);
  }, 60_000);
});
