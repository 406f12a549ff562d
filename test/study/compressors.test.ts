import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { compressors } from "../../src/papers/compressors.js";
import type { Scenario } from "../../src/papers/experiment.js";
import {
  allClaims,
  concludeReproduction,
  finalistsOf,
  planReproduction,
  screeningJobs,
} from "../../src/papers/reproduce.js";
import type { Scale } from "../../src/papers/scales.js";
import { quantizerNames } from "../../src/quantizers/index.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { lateAccuracy } from "../../src/study/analysis/outcomes.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { cellfed } from "../cli/spawn.js";
import { reproduceInStages } from "./stages.js";
import { temporaryFolder } from "./temporaryFolder.js";

const scenario: Scenario = {
  title: "tiny",
  preset: "quick",
  sets: [
    ...["data.trainExamples=80", "data.testExamples=40", "network.clients=2", "training.localEpochs=1"],
    ...["model=softmax", "budgets.energy=0.01", "budgets.latency=0.05"],
  ],
  seeds: [1, 2, 3],
  drops: 1,
};
const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [scenario],
};

const request = { scale: tiny, experiments: ["compressors"], sets: [] };

let made: ReturnType<typeof reproduceInStages>;
beforeAll(async () => {
  made = reproduceInStages(request);
  await made;
}, 120_000);

const labelsOf = (grid: number): string[] =>
  compressors.grids(scenario)[grid]!.plan.axes[0]!.variants.map(({ label }) => label);

it("compressors has every quantizer there is", () => {
  const tried = new Set(labelsOf(0).map((label) => label.split(":")[0]));
  expect([...tried].sort()).toEqual([...quantizerNames].sort());
  expect(labelsOf(0)).toEqual(expect.arrayContaining(labelsOf(1)));
});

it("compressors sends on who is the most accurate within each limit of bits, under seeds that nothing else sees", async () => {
  const { screened, finalists, plan, results } = await made;
  const [screening] = screened.training[0]!.scenarios[0]!.grids;
  expect(screening!.grid.seeds).toEqual([101, 102]);
  const [, finals, both] = plan.training[0]!.scenarios[0]!.grids;
  expect([finals!.grid.seeds, both!.grid.seeds]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  const [chosen] = [...finalists.values()];
  expect(finals!.grid.cells.map(({ labels }) => labels.quantizer)).toEqual(chosen);

  /** Mean over the seeds of the mean of the last five models, and of wire bits both ways; none where a run broke off. */
  const seen = screening!.grid.cells.flatMap(({ id, labels }) => {
    const own = [...results.runs.values()].filter(({ cell, seed }) => cell === id && seed > 100);
    if (own.length < 2 || own.some(({ ended }) => ended.by === "failed")) return [];
    const meanOf = (of: (run: (typeof own)[0]) => number) => (of(own[0]!) + of(own[1]!)) / 2;
    return [
      {
        label: labels.quantizer!,
        accuracy: meanOf((run) => lateAccuracy.measure(run)!),
        bits: meanOf(({ final }) => final.wireBitsPerEntry! + (final.downlinkWireBitsPerEntry ?? 0)),
      },
    ];
  });
  const expected = ["rate-distortion:bits=0.1", "induced:bits=0.1"];
  const taken = ["emq", "identity"];
  for (const limit of [0.125, 0.25, 0.5, 1]) {
    const left = seen.filter(({ label, bits }) => bits <= limit && !taken.includes(label));
    if (left.length === 0) continue;
    const best = Math.max(...left.map(({ accuracy }) => accuracy));
    const { label } = left.find(({ accuracy }) => accuracy === best)!;
    taken.push(label);
    expected.push(label);
  }
  expect(expected.length).toBeGreaterThan(2);
  expect(chosen).toEqual([...new Set([...expected, "emq", "identity"])]);
  const [places] = compressors.tables!(results.training[0]!.scenarios[0]!);
  expect(places!.rows.map(([, label]) => label)).toEqual(taken.slice(2));
}, 120_000);

it("compressors has nobody chosen as long as its screening is not whole", async () => {
  const plan = planReproduction(request);
  const store = memoryStore();
  expect((await finalistsOf(plan, store)).size).toBe(0);
  const jobs = screeningJobs(plan);
  expect(jobs).toHaveLength(2 * labelsOf(0).length);
  await runJobs(jobs.slice(0, -1), { store, place: here() });
  expect((await finalistsOf(plan, store)).size).toBe(0);
  expect(compressors.tables!({ ...plan.training[0]!.scenarios[0]!, runs: new Map() })).toHaveLength(1);
}, 120_000);

it("compressors holds each method against full precision, over bits, and those that went on with intervals", async () => {
  const { plan, results } = await made;
  const claims = allClaims(results);
  const labels = plan.training[0]!.scenarios[0]!.grids[1]!.grid.cells.map((cell) => cell.labels.quantizer!);
  const rivals = labels.filter(
    (label) => label.startsWith("induced:") && labels.includes(label.replace("induced", "eden")),
  );
  // Those but full precision, those with a rival at their bits, and four uplinks with two broadcasts each
  expect(claims).toHaveLength(labels.length - 1 + rivals.length + 8);
  const paper = claims.find(({ statement }) => statement.startsWith("emq at most a point"))!;
  expect([paper.published.value, paper.ours!.count]).toEqual([-1, 3]);

  const [shown] = compressors.figures!(results.training[0]!.scenarios[0]!);
  const full = shown!.series.find(({ name }) => name === "full precision")!;
  expect([full.x.length, full.y[0]]).toEqual([1, 0]);
  expect(full.x[0]).toBeGreaterThan(32); // and a header
  for (const { x } of shown!.series) expect([...x].sort((a, b) => a - b)).toEqual(x);
  const [distances] = compressors.intervals!(results.training[0]!.scenarios[0]!);
  // Of so few entries a header alone takes more than a tenth of a bit: those runs fail, and nothing is claimed of them.
  const without = ["identity", "rate-distortion:bits=0.1"];
  expect(distances!.rows.map(({ name }) => name)).toEqual(labels.filter((label) => !without.includes(label)));
  for (const { value, low, high } of distances!.rows) expect(low! <= value && value <= high!).toBe(true);
  // Those that went on have a bar through their point, as far as the other figure says; the screening's two seeds have none.
  const barred = shown!.series.flatMap(({ x, y, low = [], high = [] }) =>
    x.flatMap((_, i) => (Number.isFinite(low[i]) ? [{ value: y[i], low: low[i], high: high[i] }] : [])),
  );
  const [, nearby] = compressors.figures!(results.training[0]!.scenarios[0]!);
  const kept = nearby!.series.flatMap(({ x, y }) => x.map((at, i) => [at, y[i]!]));
  const within = shown!.series.flatMap(({ x, y }) => x.map((at, i) => [at, y[i]!])).filter(([, value]) => value! >= -4);
  expect(kept).toEqual(within);
  const byValue = (one: { value?: number }, other: { value?: number }) => one.value! - other.value!;
  const ends = distances!.rows.map(({ value, low, high }) => ({ value, low, high }));
  expect(barred.sort(byValue)).toEqual(expect.arrayContaining(ends));
  const { figures } = await reproductionSections(results);
  expect(figures.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      ...["compressors-frontier.svg", "compressors-distances.svg"],
      ...["compressors-both-ways.svg", "compressors-both-ways-distances.svg"],
    ]),
  );
}, 120_000);

it("compressors counts bits both ways: what is broadcast, what is sent back, or the model after the first round", async () => {
  const { plan, results } = await made;
  const [, table] = compressors.tables!(results.training[0]!.scenarios[0]!);
  const rows = new Map(table!.rows.map(([method, ...figures]) => [method, figures as number[]]));
  const totals = table!.rows.map((row) => row[4] as number);
  expect(totals).toEqual([...totals].sort((one, other) => one - other));
  for (const [, up, down, both] of rows.values()) expect(both).toBeCloseTo(up! + down!, 9);
  expect(rows.get("laq:bits=8")![2]).toBeCloseTo((32 * 29) / 30, 9);
  // Up 4 bits an entry, down what the sums of two clients take.
  expect(rows.get("thc")![2]).toBeLessThan(12);
  const [, , down] = rows.get("emq up, emq down")!;
  expect(down).toBeGreaterThan(0);
  expect(down).toBeLessThan(8);
  const server = plan.training[0]!.scenarios[0]!.grids[2]!.grid.cells.map(({ config }) => config.downlink);
  expect(new Set(server.map(({ quantizer }) => quantizer.name))).toEqual(
    new Set(["rate-distortion", "emq", "identity"]),
  );
}, 120_000);

it("compressors is the best at few bits, the paper's and full precision where a training takes long", async () => {
  const sets = scenario.sets.filter((set) => !set.startsWith("model="));
  const long: Scale = { ...tiny, scenarios: [{ ...scenario, sets, methods: "headlines", seeds: [1, 2] }] };
  const plan = planReproduction({ scale: long, experiments: ["compressors"], sets: [] });
  expect(plan.jobs).toHaveLength(12);
  const store = memoryStore();
  await runJobs(plan.jobs, { store, place: here() });
  const results = await concludeReproduction(plan, store);
  const statements = allClaims(results).map(({ statement, ours }) => [statement.split(" ")[0], ours?.count]);
  expect(statements).toEqual([
    ["induced:bits=0.1", 2],
    ["rate-distortion:bits=0.1", 2],
    ["eden:bits=0.1", 2],
    ["eden:bits=0.05", 2],
    ["emq", 2],
    // What is of less noise where both have no bias
    ["induced:bits=0.1", 2],
  ]);
  const { figures } = await reproductionSections(results);
  expect(figures.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["compressors-frontier.svg", "compressors-distances.svg"]),
  );
}, 120_000);

it("compressors chooses the same after a kill in the screening, and from the records that were shipped", async () => {
  const folder = temporaryFolder();
  const sets = [...scenario.sets.filter((set) => !set.startsWith("budgets")), "rounds=2"];
  const command = (out: string, ...more: string[]) => [
    ...["reproduce", "compressors", "--seeds", "1,2", "--workers", "1", "--out", join(folder, out)],
    ...sets.flatMap((set) => ["--set", set]),
    ...more,
  ];
  const textOf = (out: string, file: string) => readFileSync(join(folder, out, file), "utf8");
  await cellfed(command("whole"));
  const killed = await cellfed(command("killed"), {
    meanwhile: (child, said) => void (/^\d+\/106 /m.test(said) && child.kill("SIGTERM")),
  });
  expect(killed.stderr).not.toContain("106/106 ");
  await cellfed(command("killed", "--resume"));
  expect(textOf("killed", "claims.csv")).toBe(textOf("whole", "claims.csv"));
  const again = await cellfed(["reproduce", "--from", join(folder, "killed"), "--out", join(folder, "again")]);
  expect(again.status).toBe(0);
  for (const file of ["report.html", "claims.json"]) expect(textOf("again", file)).toBe(textOf("killed", file));
  expect(textOf("again", "report.html")).toContain(
    "Who went on: rate-distortion:bits=0.1, induced:bits=0.1, emq, identity",
  );
}, 120_000);
