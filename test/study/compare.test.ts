import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/federated/fingerprint.js";
import type { pricedFields } from "../../src/federated/identity.js";
import { simulate } from "../../src/federated/simulate.js";
import { compare } from "../../src/index.js";
import { comparisonFigures } from "../../src/report/figures/comparisonFigures.js";
import { comparisonFiles, comparisonView } from "../../src/report/pages/comparison.js";
import { comparisonColumns, comparisonNotes, comparisonRows } from "../../src/report/tables/comparison.js";
import { textTable } from "../../src/report/tables/table.js";
import { summarizeGrid } from "../../src/study/analysis/cells.js";
import { resultOf } from "../../src/study/jobs/runRecord.js";
import { budgetAxis, namedAxis } from "../../src/study/plan/axes.js";
import { type Grid, layOutGrid } from "../../src/study/plan/grid.js";
import { roundsKey, runKey } from "../../src/study/plan/keys.js";
import { trainingJobs } from "../../src/study/plan/trainings.js";
import { gridRuns } from "../../src/study/run/compare.js";
import { here } from "../../src/study/run/here.js";
import type { Place } from "../../src/study/run/place.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { tiny, twoByTwo } from "./fixtures.js";

async function runsOf(grid: Grid, store = memoryStore()) {
  const outcome = await runJobs(trainingJobs([grid]), { store, place: here() });
  return { runs: await gridRuns([grid], store), ...outcome };
}

/** A place where nothing can be trained: there are no data. */
const untrained = here({
  load: () => {
    throw new Error("nothing is to be trained");
  },
});

describe("a comparison", () => {
  it("gives every cell what simulating it alone gives", async () => {
    const { runs, failures } = await runsOf(twoByTwo);
    expect(failures).toEqual([]);
    expect(runs.size).toBe(16);
    for (const cell of twoByTwo.cells) {
      for (const seed of twoByTwo.seeds) {
        for (let drop = 0; drop < twoByTwo.drops; drop++) {
          const alone = await simulate({ ...cell.config, seed }, { drop, initial: true });
          const run = runs.get(runKey(cell, seed, drop))!;
          expect(run.fingerprint).toEqual(alone.fingerprint);
          expect(run.final).toEqual(alone.final);
          expect(run.course.energy.slice(1)).toEqual(alone.rounds.map((round) => round.totals.energy));
          expect(run.course.accuracy).toEqual([
            alone.initial!.accuracy,
            ...alone.rounds.map((round) => round.accuracy),
          ]);
          expect([run.cell, run.labels, run.seed, run.drop]).toEqual([cell.id, cell.labels, seed, drop]);
        }
      }
    }
  }, 60_000);

  it("has all that is not learned priced for each cell on one training, as if each were alone", async () => {
    const ways: Record<(typeof pricedFields)[number], string[]> = {
      network: ["network.accessPoints=9"],
      power: ["power=full"],
      budgets: ["budgets.downlink.enabled=true"],
      devices: ["budgets.compute.cpu.enabled=true", "devices.frequency.distribution=log-normal"],
      aggregation: ["aggregation=access-points"],
      rounds: ["rounds=2"],
      evaluation: ["evaluation.every=2"],
    };
    const variants = [["plain", []] as const, ...Object.entries(ways)].map(([label, sets]) => ({ label, sets }));
    const grid = layOutGrid({ ...tiny, axes: [{ name: "way", variants }], seeds: [1], drops: 1 });
    const jobs = trainingJobs([grid]);
    expect(jobs).toHaveLength(1);
    const { runs, failures } = await runsOf(grid);
    expect(failures).toEqual([]);
    const found = new Set<string>();
    for (const cell of grid.cells) {
      const alone = await simulate({ ...cell.config, seed: 1 }, { initial: true });
      const run = runs.get(runKey(cell, 1, 0))!;
      expect([cell.id, run.fingerprint]).toEqual([cell.id, alone.fingerprint]);
      expect([cell.id, run.final]).toEqual([cell.id, alone.final]);
      expect(run.course.energy.slice(1)).toEqual(alone.rounds.map((round) => round.totals.energy));
      found.add(run.fingerprint.results);
    }
    // Each of them shows in the results, so that what is lost on the way would.
    expect(found.size).toBe(grid.cells.length);
  }, 60_000);

  it("keeps whole results where details are asked for", async () => {
    const store = memoryStore();
    const grid = layOutGrid({ ...tiny, axes: [], drops: 1 });
    await runJobs(trainingJobs([grid], { detail: true }), { store, place: here() });
    for (const seed of grid.seeds) {
      const alone = await simulate({ ...grid.baseline.config, seed }, { initial: true });
      const key = runKey(grid.baseline, seed, 0);
      expect(resultOf((await store.get(roundsKey(key)))!)).toEqual(JSON.parse(JSON.stringify(alone)));
      expect(store.finished().has(key)).toBe(true);
    }
    // What has the summaries alone still lacks the details, and trains nothing for them.
    const summaries = memoryStore();
    await runsOf(grid, summaries);
    const { failures } = await runJobs(trainingJobs([grid], { detail: true }), { store: summaries, place: untrained });
    expect(failures).toEqual([]);
    expect([...summaries.finished()].sort()).toEqual([...store.finished()].sort());
  }, 60_000);

  it("is the same by the library's plain names, and since the first version", async () => {
    const { sets, seeds, drops } = tiny;
    const plan = {
      preset: "quick",
      sets: sets!,
      seeds,
      drops,
      quantizers: ["emq", "identity"],
      power: ["min-max", "full"],
    };
    const { cells, runs } = await compare(plan);
    const alone = await runsOf(twoByTwo);
    expect(cells.map(({ id }) => id)).toEqual(twoByTwo.cells.map(({ id }) => id));
    expect(new Map(runs.map((run) => [run.key, run]))).toEqual(alone.runs);
    expect(cells[1]!.summary).toEqual(summarizeGrid(twoByTwo, alone.runs)[1]!.summary);
    const figures = runs.map(({ cell, seed, drop, ended, final, course }) => ({
      cell,
      seed,
      drop,
      ended,
      final,
      course,
    }));
    expect(fingerprint(figures)).toBe("94bff601d777da05");
  }, 60_000);

  it("goes on from its store: more drops and methods are priced on trainings that are kept", async () => {
    const store = memoryStore();
    const half = layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emq,identity")], seeds: [1] });
    await runsOf(half, store);
    const performed: string[] = [];
    const watched: Place = {
      ...untrained,
      perform(job, options) {
        performed.push(`${job.name}: ${options.wanted.size}`);
        return untrained.perform(job, options);
      },
    };
    const more = layOutGrid({
      ...tiny,
      drops: 3,
      seeds: [1],
      axes: [namedAxis("quantizer", "emq,identity"), namedAxis("power", "most-rounds,full")],
    });
    const { failures } = await runJobs(trainingJobs([more]), { store, place: watched });
    expect(failures).toEqual([]);
    expect(performed).toEqual(["emq, adadelta, iid, seed 1: 4", "identity, adadelta, iid, seed 1: 4"]);
    expect(await gridRuns([more], store)).toEqual((await runsOf(more)).runs);
  }, 60_000);

  it("reports a cell that fails with its reason, and finishes the others", async () => {
    const grid = layOutGrid({ ...tiny, drops: 1, axes: [namedAxis("optimizer", "adadelta,sgd:learningRate=1e38")] });
    const store = memoryStore();
    const { runs } = await runsOf(grid, store);
    const rows = comparisonRows(grid, summarizeGrid(grid, runs));
    expect(rows[0]!.summary!.runs).toBe(2);
    expect(rows[0]!.failure).toBeNull();
    expect(rows[1]!.summary).toBeNull();
    expect(rows[1]!.failure).toMatch(/round \d+, client \d+/);
    expect(textTable(rows, comparisonColumns(grid))).toMatch(/sgd.*failed/);
    expect(comparisonNotes(grid, rows).join("\n")).toMatch(/sgd:learningRate=1e38: failed: .*round/);
    // It counts as missing when the comparison goes on.
    expect(store.failed().size).toBe(2);
  }, 60_000);

  it("says which method, client and budget allow no round, and counts the untrained model", async () => {
    const grid = layOutGrid({
      ...tiny,
      drops: 1,
      axes: [namedAxis("power", "full,min-max"), budgetAxis(["energy=1e-9"])],
    });
    const { runs } = await runsOf(grid);
    const rows = comparisonRows(grid, summarizeGrid(grid, runs));
    for (const { summary } of rows) {
      expect(summary!.rounds.mean).toBe(0);
      expect(summary!.accuracy!.mean).toBeGreaterThanOrEqual(0);
      expect(summary!.nominalBitsPerEntry).toBeNull();
    }
    const notes = comparisonNotes(grid, rows).join("\n");
    expect(notes).toMatch(/full: the budgets allow no round: .*energy.*1e-9 J \(full; client \d+ takes most/);
  }, 60_000);

  it("reports bad input that shows late as a failure of its own, and refuses it at the start", async () => {
    const axes = (splits: string) => [namedAxis("split", splits)];
    const wrong = "shards:classesPerClient=11";
    const store = memoryStore();
    await expect(runsOf(layOutGrid({ ...tiny, axes: axes(`${wrong},iid`) }), store)).rejects.toThrow(
      /classesPerClient/,
    );
    expect(store.finished().size).toBe(0);
    const late = await runsOf(layOutGrid({ ...tiny, axes: axes(`iid,${wrong}`) }));
    expect(late.runs.size).toBe(4);
    expect(late.failures.map(({ wanted }) => wanted.size)).toEqual([2, 2]);
    expect(late.failures[0]!.reason).toMatch(/classesPerClient/);
  }, 60_000);

  it("is drawn, and shown on a page that needs nothing from elsewhere", async () => {
    const { runs } = await runsOf(twoByTwo);
    const figures = await comparisonFigures(twoByTwo, runs);
    expect(figures.map(({ file }) => file)).toEqual([
      "accuracy-over-rounds.svg",
      "accuracy-over-latency.svg",
      "accuracy-over-energy.svg",
      "accuracy-against-budget.svg",
      "energy-latency-front.svg",
    ]);
    for (const { svg } of figures) expect(svg).not.toMatch(/NaN|Infinity/);
    const about = { name: "test", command: "cellfed compare", versions: {}, interrupted: false };
    const files = await comparisonFiles(twoByTwo, runs, comparisonView(twoByTwo, runs, ["a note"]), about);
    expect([...files.keys()].filter((file) => !file.startsWith("figures/"))).toEqual([
      "table.csv",
      "summary.json",
      "report.html",
    ]);
    const page = files.get("report.html")!;
    // The SVG name space is a name, not an address that anything opens.
    expect(page.replaceAll("http://www.w3.org/2000/svg", "").match(/https?:|src=|@import|url\(/g)).toBeNull();
    for (const cell of twoByTwo.cells) expect(page).toContain(cell.labels.quantizer);
    expect(page).toContain("a note");
  }, 60_000);
});

describe("however a run ends, and however often it is looked at", () => {
  // All rounds, a part of them by either budget, none at all.
  const budgets = [
    "energy=none,latency=1",
    "latency=0.0035",
    "energy=0.0002,latency=none",
    "energy=0.00007",
    "energy=1e-9",
  ];

  it.each([1, 2, 7])("every = %i: a comparison says what simulating says", async (every) => {
    const grid = layOutGrid({
      ...tiny,
      sets: [...tiny.sets!, `evaluation.every=${every}`],
      seeds: [1],
      drops: 1,
      axes: [namedAxis("quantizer", "emq,identity,joint-resolution"), budgetAxis(budgets)],
    });
    const { runs } = await runsOf(grid);
    const endings = new Set<string>();
    for (const cell of grid.cells) {
      const alone = await simulate({ ...cell.config, seed: 1 });
      const { ended, final, fingerprint: found } = runs.get(runKey(cell, 1, 0))!;
      endings.add(`${ended.by} after ${final.rounds > 0 ? "some" : "no"} rounds`);
      expect({ ended, final, found }).toEqual({ ended: alone.ended, final: alone.final, found: alone.fingerprint });
    }
    expect([...endings].sort()).toEqual([
      "energy after no rounds",
      "energy after some rounds",
      "latency after some rounds",
      "rounds after some rounds",
    ]);
  });
});
