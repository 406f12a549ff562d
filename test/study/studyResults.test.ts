import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { Config } from "../../src/config/config.js";
import { allocateTogether } from "../../src/federated/allocate.js";
import { priceRound, uploadProblem } from "../../src/federated/price.js";
import { createRadio } from "../../src/federated/radio.js";
import { powerMethod } from "../../src/power/index.js";
import { meanInterval } from "../../src/study/analysis/intervals.js";
import { summarizePart } from "../../src/study/analysis/summary.js";
import type { StudyPlan } from "../../src/study/plan/planForm.js";
import { layOutStudy } from "../../src/study/plan/studyPlan.js";
import { estimateJobs } from "../../src/study/run/estimate.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { crc32c } from "../../src/study/store/eventFile.js";
import { openFolderStore } from "../../src/study/store/folder.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { mergeFolders } from "../../src/study/store/merge.js";
import { exportPart } from "../../src/study/store/studyExports.js";
import { trainingSize } from "../../src/training/size.js";
import { temporaryFolder } from "./temporaryFolder.js";

const tiny = {
  base: "quick",
  set: {
    model: "softmax",
    "data.trainExamples": 300,
    "data.testExamples": 100,
    "network.clients": 4,
    "training.localEpochs": 1,
    rounds: 2,
  },
};
const pricing = {
  ...tiny,
  jobs: "pricing",
  axes: { power: ["most-rounds", "full"], M: { path: "network.accessPoints", values: [16, 9] } },
  seeds: "1..2",
  drops: 5,
  budgets: [{ energy: 0.02, latency: 0.45 }],
} as unknown as StudyPlan;
const training = {
  ...tiny,
  axes: { power: ["most-rounds", "full"], quantizer: ["emq", "identity"] },
  seeds: "1..3",
  drops: 2,
} as unknown as StudyPlan;

async function done(plan: StudyPlan, store = memoryStore()) {
  const layout = layOutStudy(plan);
  await runJobs(layout.jobs, { store, place: here() });
  return { layout, part: layout.parts[0]!, store };
}

async function exported(
  plan: StudyPlan,
  store: Awaited<ReturnType<typeof done>>["store"],
  table: "results" | "rounds" = "results",
) {
  const path = join(temporaryFolder(), "table.csv");
  await exportPart(layOutStudy(plan).parts[0]!, store, path, { format: "csv", table });
  return readFileSync(path, "utf8");
}

/** Seed, drop, joules, seconds and rounds of each drop, by what a single run goes through. */
function onePrice(config: Config, drops: number): number[][] {
  const { parameters, examplesPerClient } = trainingSize(config);
  const examples = new Float64Array(config.network.clients).fill(examplesPerClient);
  return Array.from({ length: drops }, (_, drop) => {
    const bits = new Float64Array(config.network.clients);
    stream(config.seed, "study", drop).fillUniform(bits, 1.05 * parameters, 1.3 * parameters);
    const work = { nominalBits: bits, wireBits: bits, examples };
    const radio = createRadio(config, { drop });
    const { allocation, problem } = allocateTogether(
      (asked) => powerMethod(config.power).allocate(asked),
      (power) => uploadProblem(config, radio.rates(1, { power }), work, parameters),
      { takesTurns: radio.suitsPowers === true },
    );
    const { energy, latency } = priceRound(problem, allocation.power);
    return [config.seed, drop, energy, latency, Math.min(0.02 / energy, 0.45 / latency)];
  });
}

describe("blocks of priced drops", () => {
  it("are the prices of single drops, bit for bit, in closed form and by simulation", async () => {
    for (const set of [{}, { "network.combining": "p-mmse", "network.realizations": 20 }]) {
      const plan = { ...pricing, set: { ...tiny.set, ...set } } as StudyPlan;
      const { part, store } = await done(plan);
      const rows = (await exported(plan, store)).split("\n").filter((line) => line.startsWith("most-rounds,16,"));
      const figures = rows.map((line) => line.split(",").slice(-6, -1).map(Number));
      expect(figures).toEqual(part.grid.seeds.flatMap((seed) => onePrice({ ...part.grid.cells[0]!.config, seed }, 5)));
      expect(figures).toHaveLength(10);
    }
  });

  it("are computed for those cases alone that a store has not", async () => {
    const store = memoryStore();
    await done({ ...pricing, axes: { ...(pricing as { axes: object }).axes, power: ["full"] } } as StudyPlan, store);
    const before = store.finished().size;
    const { layout } = await done(pricing, store);
    expect(before).toBe(4);
    expect(store.finished().size).toBe(8);
    expect(layout.jobs.every(({ yields }) => yields.every((key) => store.finished().has(key)))).toBe(true);
  });
});

describe("a summary", () => {
  it("averages what is not independent before it takes intervals, and pairs what it compares", async () => {
    const { part, store } = await done(training);
    const groups = await summarizePart(part, store, { by: ["power"] });
    expect(groups.map(({ labels, results, asked, failed }) => [labels.power, results, asked, failed])).toEqual([
      ["most-rounds", 12, 12, 0],
      ["full", 12, 12, 0],
    ]);
    const rows = (await exported(training, store))
      .trim()
      .split("\n")
      .map((line) => line.match(/("[^"]*"|[^,]*)(,|$)/g)!.map((cell) => cell.replace(/,$/, "")));
    const [header, ...body] = rows;
    const column = (name: string) => header!.indexOf(name);
    const energy = (power: string, seed: string) =>
      body
        .filter((row) => row[column("power")] === power && row[column("seed")] === seed)
        .map((row) => Number(row[column("energy")]));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const bySeed = (power: string) => ["1", "2", "3"].map((seed) => mean(energy(power, seed)));
    const found = groups[1]!.measures.energy!;
    const expected = meanInterval(bySeed("full"));
    expect(found.mean.mean).toBeCloseTo(expected.mean, 12);
    expect(found.mean.halfWidth).toBeCloseTo(expected.halfWidth!, 12);
    expect(found.mean.count).toBe(3);
    const differences = meanInterval(bySeed("full").map((value, i) => value - bySeed("most-rounds")[i]!));
    expect(found.difference!.mean).toBeCloseTo(differences.mean, 12);
    expect(found.difference!.halfWidth).toBeCloseTo(differences.halfWidth!, 12);
    expect(groups[0]!.measures.energy!.difference).toBeNull();
  });

  it("takes drops that are only priced as independent", async () => {
    const { part, store } = await done(pricing);
    const [group] = await summarizePart(part, store, { by: ["power"] });
    expect(group!.measures.rounds!.mean.count).toBe(10);
    expect(group!.asked).toBe(20);
  });

  it("tells what is missing", async () => {
    const store = memoryStore();
    const layout = layOutStudy(training);
    await runJobs(layout.jobs.slice(0, 2), { store, place: here() });
    const groups = await summarizePart(layout.parts[0]!, store, { by: ["quantizer"] });
    expect(groups.map(({ results, asked }) => results / asked)).toEqual([1 / 3, 1 / 3]);
    await expect(summarizePart(layout.parts[0]!, store, { by: ["quantiser"] })).rejects.toThrow(
      /--by: unknown axis "quantiser"; did you mean "quantizer"/,
    );
    await expect(summarizePart(layout.parts[0]!, store, { baseline: "ful" })).rejects.toThrow(
      /unknown label "ful"; did you mean "full"/,
    );
  });
});

describe("folders of one study", () => {
  it("merge to the bytes of one machine, whoever did what and twice", async () => {
    const layout = layOutStudy(training);
    const plan = { study: training } as never;
    const folders = ["a", "b"].map((name) => join(temporaryFolder(), name));
    for (const [i, folder] of folders.entries()) {
      const store = await openFolderStore(folder, { plan, writer: "same-name" });
      // The middle job is done by both.
      await runJobs(i === 0 ? layout.jobs.slice(0, 4) : layout.jobs.slice(3), { store, place: here() });
      await store.close();
    }
    const target = join(temporaryFolder(), "merged");
    expect(await mergeFolders(folders, target)).toMatchObject({ copied: 2, present: 0, failed: 0, findings: [] });
    expect(await mergeFolders(folders, target)).toMatchObject({ copied: 0, present: 2 });
    const merged = await openFolderStore(target, { resume: true });
    const { store } = await done(training);
    for (const table of ["results", "rounds"] as const)
      expect(await exported(training, merged, table)).toBe(await exported(training, store, table));
    await merged.close();
    const other = join(temporaryFolder(), "other");
    await (await openFolderStore(other, { plan: { study: pricing } as never, writer: "w" })).close();
    await expect(mergeFolders([folders[0]!, other], target)).rejects.toThrow(
      /other: holds results of another plan than .*study\.seeds is "1\.\.3" and "1\.\.2"/,
    );
  });
});

describe("an estimate", () => {
  it("is in proportion to what there is to do", async () => {
    const few = await estimateJobs(layOutStudy(pricing).jobs, here());
    const many = await estimateJobs(layOutStudy({ ...pricing, drops: 500 } as StudyPlan).jobs, here());
    expect(few).toMatchObject([{ kind: "priceBlock", jobs: 4, tried: 2 }]);
    // A line's head costs the same for five drops as for two hundred.
    expect(many[0]!.bytes / few[0]!.bytes).toBeGreaterThan(10);
    const { store, layout } = await done(training);
    const [estimate] = await estimateJobs(layout.jobs, here());
    expect(estimate).toMatchObject({ kind: "training", jobs: layout.jobs.length });
    expect(estimate!.seconds).toBeGreaterThan(0);
    expect(store.failed().size).toBe(0);
  });
});

it("event files have the checksum that TensorBoard checks", () => {
  // RFC 3720, B.4, and the check value of CRC-32C.
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});
