import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { reproduceCommand } from "../../src/cli/commands/reproduce.js";
import type { Scenario } from "../../src/papers/experiment.js";
import { chooseExperiments, experimentNames } from "../../src/papers/index.js";
import { openExperiments } from "../../src/papers/open/index.js";
import { gradientKinds, measureGradients } from "../../src/papers/open/syntheticGradients.js";
import { allClaims, concludeReproduction, planReproduction, planTunings } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale } from "../../src/papers/scales.js";
import { sentenceOf } from "../../src/papers/verdicts.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { trainingSize } from "../../src/training/size.js";
import { cellfed } from "../cli/spawn.js";
import { temporaryFolder } from "./temporaryFolder.js";

const scenario: Scenario = {
  title: "tiny",
  preset: "quick",
  sets: [
    ...["data.split=dirichlet", "data.split.alpha=0.4", "data.trainExamples=400", "data.testExamples=50", "rounds=2"],
    ...["network.clients=4", "training.localEpochs=1", "budgets.energy=0.002", "budgets.latency=0.2"],
  ],
  seeds: [1, 2, 3, 4],
  drops: 1,
  evidence: "confirmatory",
};
const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [scenario],
};

async function reproduce(name: string) {
  const plan = planReproduction({ scale: tiny, experiments: [name], sets: [] });
  const store = memoryStore();
  const { failures } = await runJobs(plan.jobs, { store, place: here() });
  expect(failures).toEqual([]);
  return concludeReproduction(plan, store);
}

describe("what the papers leave open", () => {
  it("is asked for by one name or by each, on three seeds at most", () => {
    const names = openExperiments.map(({ name }) => name);
    expect(chooseExperiments(["open"]).training.map(({ name }) => name)).toEqual(names);
    expect(experimentNames).toEqual(expect.arrayContaining([...names, "open"]));
    const help = reproduceCommand().helpInformation();
    for (const name of experimentNames) expect(help).toMatch(new RegExp(`\\b${name}\\b`));
    for (const experiment of openExperiments) {
      for (const { plan } of experiment.grids(scenario)) expect(plan.seeds).toEqual([1, 2, 3]);
    }
  });

  it.each(["thresholds", "radio", "networks", "tasks", "switches"])(
    "%s: each difference has an interval, a row of the figure and a sentence, and settles nothing",
    async (name) => {
      const results = await reproduce(name);
      const claims = allClaims(results);
      expect(claims.length).toBeGreaterThan(1);
      for (const claim of claims) {
        expect(claim.ours, claim.statement).not.toBeNull();
        expect(claim.ours!.count).toBe(3);
        expect([claim.evidence, claim.adjusted]).toEqual(["exploratory", null]);
        expect(sentenceOf(claim)).toMatch(/^ours, fair, .*ℓ_c = .* better than .*Exploratory \(3 seeds × 1 drop\)/);
      }
      expect(new Set(claims.map(sentenceOf)).size).toBe(claims.length);
      const { figures } = await reproductionSections(results);
      const differences = figures.find(({ file }) => file === `${name}-differences.svg`)!;
      const rows = openExperiments.find((one) => one.name === name)!.intervals!(results.training[0]!.scenarios[0]!);
      expect(rows[0]!.rows).toHaveLength(claims.length);
      for (const { name: row } of rows[0]!.rows) expect(differences.svg).toContain(row);
      expect(new Set(figures.map(({ file }) => file)).size).toBe(figures.length);
    },
    120_000,
  );

  it("pays for the same trainings over every radio", () => {
    const { jobs } = planReproduction({ scale: tiny, experiments: ["radio"], sets: [] });
    expect(jobs).toHaveLength(3);
    expect(jobs.flatMap(({ yields }) => yields)).toHaveLength(3 * 8);
  });

  it("chooses for servers and optimizers by held-out images, with those of the comparison of optimizers", () => {
    const request = { scale: tiny, sets: [] };
    const servers = planTunings({ ...request, experiments: ["servers"] });
    expect(servers.map(({ candidates, seeds }) => candidates.length * seeds.length)).toEqual(new Array(6).fill(8));
    const [own, known] = ["adadelta", "optimizers"].map((name) => planTunings({ ...request, experiments: [name] }));
    const all = new Map(known!.map((tuning) => [tuning.name, tuning]));
    for (const tuning of own!) expect(tuning).toEqual(all.get(tuning.name));
  });

  it("scales budgets and computation with a network, so that a round takes the same share of them", () => {
    const own = resolveConfig({ preset: scenario.preset, sets: [...scenario.sets] });
    const { parameters } = trainingSize(own);
    for (const name of ["networks", "tasks"]) {
      for (const { plan } of openExperiments.find((one) => one.name === name)!.grids(scenario)) {
        const { preset, sets } = plan;
        const { data, budgets, ...config } = resolveConfig({ preset: preset!, sets: [...sets!] });
        expect(data.trainExamples).toBe(80);
        const ratio = trainingSize({ ...config, data, budgets }).parameters / parameters;
        // Budgets have four digits.
        const close = (value: number, wanted: number) => expect(Math.abs(value / wanted - 1)).toBeLessThan(6e-4);
        close(budgets.energy!, 0.5 * ratio * own.budgets.energy!);
        close(budgets.latency!, 0.5 * ratio * own.budgets.latency!);
        close(budgets.compute.latencyPer1250 * 80, ratio * own.budgets.compute.latencyPer1250 * 400);
      }
    }
  });
});

describe("EMQ on synthetic gradients", () => {
  it.each(gradientKinds)("%s: a higher threshold loses more and sends less", (kind) => {
    for (const digits of [0, 1]) {
      const at = [0, 0.1, 0.3, 0.5].map((threshold) => measureGradients(kind, { digits, threshold }));
      for (let i = 1; i < at.length; i++) {
        expect(at[i]!.error.mean).toBeGreaterThanOrEqual(at[i - 1]!.error.mean);
        expect(at[i]!.nominalBits.mean).toBeLessThanOrEqual(at[i - 1]!.nominalBits.mean);
      }
      // All entries cost a bit, and the sign, the largest and its exponent a little more.
      expect(at.at(-1)!.nominalBits.mean).toBeGreaterThan(1);
      expect(at[0]!.error.halfWidth).toBeGreaterThan(0);
    }
    const [coarse, fine] = [0, 1].map((digits) => measureGradients(kind, { digits, threshold: 0 }));
    expect(fine!.error.mean).toBeLessThan(coarse!.error.mean);
    expect(fine!.nominalBits.mean).toBeGreaterThan(coarse!.nominalBits.mean);
  });
});

function idx(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x800 + shape.length);
  for (const [i, n] of shape.entries()) view.setUint32(4 + 4 * i, n);
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

/** Images that differ, in Fashion-MNIST's format: [count, 28, 28] and a label each. */
function fashion(part: string, count: number): Record<string, Uint8Array> {
  const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7 + Math.floor(i / 784) * 13) % 251);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return {
    [`fashion-mnist/${part}-images-idx3-ubyte`]: idx([count, 28, 28], pixels),
    [`fashion-mnist/${part}-labels-idx1-ubyte`]: idx([count], labels),
  };
}

/** CIFAR-100's records: a coarse label, a fine one, three planes. */
function cifar100(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 3074 }, (_, i) => {
    const [image, at] = [Math.floor(i / 3074), i % 3074];
    return at === 0 ? image % 20 : at === 1 ? image % 100 : (i * 11 + image * 5) % 253;
  });
}

function write(root: string, files: Record<string, Uint8Array>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
}

describe("other data sets", () => {
  const few = ["rounds=1", "model=softmax", "data.trainExamples=200", "data.testExamples=100"];
  const command = (directory: string, out: string) => [
    ...["reproduce", "data-sets", "--scale", "reduced", "--seeds", "1,2", "--drops", "1", "--workers", "1"],
    ...["--data-dir", directory, "--out", out, ...few.flatMap((set) => ["--set", set])],
  ];

  const notesIn = (folder: string) => JSON.parse(readFileSync(join(folder, "study.json"), "utf8")).notes;

  it("are compared where their files are, and left out with a note where they are not", async () => {
    expect(
      chooseScale("reduced").scenarios.filter(({ experiments }) => experiments?.includes("data-sets")),
    ).toHaveLength(2);
    const directory = temporaryFolder();
    write(directory, { ...fashion("train", 240), ...fashion("t10k", 120) });
    const one = await cellfed([...command(directory, join(directory, "one")), "--json"]);
    expect([one.status, one.stderr]).toEqual([0, expect.any(String)]);
    const said = JSON.parse(one.stdout);
    expect(notesIn(said.folder)).toEqual([expect.stringMatching(/^left out: CIFAR-100.*cifar/i)]);
    expect(said.claims.map(({ where }: { where: string }) => where)).toEqual(
      new Array(3).fill(expect.stringMatching(/^Fashion-MNIST, Dirichlet 0.4, K = 20, ℓ_c = /)),
    );
    for (const { ours } of said.claims) expect(ours.count).toBe(2);
    write(directory, { "cifar-100-binary/train.bin": cifar100(240), "cifar-100-binary/test.bin": cifar100(120) });
    const two = JSON.parse((await cellfed([...command(directory, join(directory, "two")), "--json"])).stdout);
    expect([notesIn(two.folder), two.claims.length]).toEqual([[], 6]);
  }, 120_000);

  it("are refused where there is none of them", async () => {
    const directory = temporaryFolder();
    const none = await cellfed(command(directory, join(directory, "out")));
    expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(/fashion/i)]);
  }, 60_000);
});

it("rates settle as a mean does: the error falls by the root of the realizations, or faster", () => {
  const [experiment] = chooseExperiments(["convergence"]).pricing;
  expect(experiment!.studies({ drops: 1, seeds: [1], clients: [20], sets: [] })).toEqual([]);
  const scope = {
    drops: 1,
    seeds: [3],
    clients: [20] as const,
    sets: ["network.accessPoints=4", "network.antennas=2"],
  };
  const { tables, figures } = experiment!.conclude(scope, () => []);
  const slopes = tables[0]!.rows.map((row) => row.at(-2) as { value: number; low: number; high: number });
  expect(slopes).toHaveLength(4);
  for (const { value, low, high } of slopes) {
    expect(low).toBeLessThan(-0.5);
    expect(value).toBeGreaterThan(-1);
    expect(high).toBeGreaterThan(value);
  }
  expect(figures[0]!.series.at(-1)!.name).toBe("slope −1/2");
}, 60_000);
