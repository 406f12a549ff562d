import { expect, it } from "vitest";
import { compressorCosts } from "../../src/papers/compressorCosts.js";
import { allClaims, concludeReproduction, planReproduction } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale } from "../../src/papers/scales.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { lateAccuracy } from "../../src/study/analysis/outcomes.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";

const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [
    {
      title: "tiny",
      preset: "quick",
      sets: [
        ...["data.trainExamples=400", "data.testExamples=200", "network.clients=2", "training.localEpochs=1"],
        ...["budgets.energy=0.01", "budgets.latency=0.05"],
      ],
      seeds: [1, 2],
      drops: 2,
    },
  ],
};

it("compressor-costs holds joules and seconds to an accuracy against the paper's, and says what never came to it", async () => {
  const plan = planReproduction({ scale: tiny, experiments: ["compressor-costs"], sets: [] });
  const store = memoryStore();
  await runJobs(plan.jobs, { store, place: here() });
  const results = await concludeReproduction(plan, store);
  const scenario = results.training[0]!.scenarios[0]!;
  const [{ grid }] = scenario.grids as [(typeof scenario.grids)[0]];
  const runOf = (label: string, seed: number, drop: number) =>
    [...results.runs.values()].find((run) => run.cell === label && run.seed === seed && run.drop === drop)!;
  // Rounds ended every run, no budget did; of so few entries a header alone takes more than a fiftieth of a bit.
  const broken = ["induced:bits=0.02"];
  for (const run of results.runs.values()) expect(run.ended.by).toBe(broken.includes(run.cell) ? "failed" : "rounds");

  /** Said again, run by run: the first round whose mean of the last five tested models is at the level. */
  const roundOf = (label: string, seed: number, share: number): number | null => {
    const level = share * lateAccuracy.measure(runOf("identity", seed, 0))!;
    const tested = runOf(label, seed, 0).course.accuracy.slice(1) as number[];
    const at = tested.findIndex((_, i) => {
      const late = tested.slice(Math.max(0, i - 4), i + 1);
      return late.reduce((sum, value) => sum + value, 0) / late.length >= level;
    });
    return at < 0 ? null : at + 1;
  };
  const tables = compressorCosts.tables!(scenario);
  const labels = grid.cells.map(({ labels }) => labels.quantizer!);
  [0.8, 0.95].forEach((share, i) => {
    expect(tables[i]!.rows.map(([name]) => name)).toEqual(labels);
    for (const [name, reached, rounds] of tables[i]!.rows) {
      if (broken.includes(name as string)) {
        expect([reached, rounds]).toEqual(["broke off", null]);
        continue;
      }
      const found = grid.seeds.flatMap((seed) => roundOf(name as string, seed, share) ?? []);
      expect(reached).toBe(found.length === 0 ? "never" : `under ${found.length} of 2 seeds`);
      if (found.length === 0) expect(rounds).toBe("more than 60");
      else {
        const mean = found.reduce((sum, round) => sum + round, 0) / found.length;
        expect(typeof rounds === "number" ? rounds : (rounds as { value: number }).value).toBeCloseTo(mean, 12);
      }
    }
  });
  // Full precision comes to a share of its own accuracy by definition, and with 32 bits costs more than the paper's.
  const full = tables[1]!.rows.find(([name]) => name === "identity")!;
  expect(full[1]).toBe("under 2 of 2 seeds");

  const claims = allClaims(results);
  expect(claims).toHaveLength(24);
  for (const { statement, ours } of claims) {
    const [label, unit] = [statement.split(" ")[0]!, statement.includes("joules") ? "energy" : "latency"] as const;
    const share = statement.includes("80 %") ? 0.8 : 0.95;
    const saved = grid.seeds.flatMap((seed) => {
      const [own, other] = [roundOf(label, seed, share), roundOf("emq", seed, share)];
      if (own === null || other === null) return [];
      const each = [0, 1].map((drop) => {
        const [mine, theirs] = [label, "emq"].map((one) => runOf(one, seed, drop).course[unit]);
        return 1 - mine![own]! / theirs![other]!;
      });
      return [(each[0]! + each[1]!) / 2];
    });
    if (saved.length === 0) expect(ours).toBeNull();
    else expect(ours!.mean).toBeCloseTo((100 * saved.reduce((sum, one) => sum + one, 0)) / saved.length, 9);
  }
  const { sections, figures } = await reproductionSections(results);
  expect(sections.map(({ heading }) => heading)).toContain("Joules and seconds to an accuracy");
  const shown = [...compressorCosts.intervals!(scenario), ...compressorCosts.figures!(scenario)];
  expect(shown.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["compressor-costs-joules.svg", "compressor-costs-seconds.svg"]),
  );
  // A line ends where some seed did not come to the level.
  for (const { name, x } of compressorCosts.figures!(scenario)[0]!.series) {
    const reached = grid.seeds.every((seed) => roundOf(name, seed, x.at(-1)! / 100) !== null);
    expect(reached).toBe(true);
    const next = (x.at(-1)! + 5) / 100;
    if (next <= 1) expect(grid.seeds.every((seed) => roundOf(name, seed, next) !== null)).toBe(false);
  }
  expect(figures.map(({ file }) => file)).toEqual(expect.arrayContaining(shown.map(({ file }) => file)));
}, 120_000);

it("compressor-costs is made with 20 and with 40 clients at the reduced scale", () => {
  const plan = planReproduction({
    scale: chooseScale("reduced"),
    experiments: ["compressor-costs"],
    sets: ["data.directory=/data"],
  });
  const configs = plan.training[0]!.scenarios.map(({ grids }) => grids[0]!.grid);
  expect(configs.map(({ cells, seeds }) => [cells[0]!.config.network.clients, seeds.length])).toEqual([
    [20, 5],
    [40, 5],
  ]);
  expect(plan.jobs).toHaveLength(8 * 5 * 2);
});
