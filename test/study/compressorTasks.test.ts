import { expect, it } from "vitest";
import { compressorTasks } from "../../src/papers/compressorTasks.js";
import { allClaims, planReproduction, planTunings } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale } from "../../src/papers/scales.js";
import { families } from "../../src/papers/zoo.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { trainingSize } from "../../src/training/size.js";
import { reproduceInStages } from "./stages.js";

const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [
    {
      title: "tiny",
      preset: "quick",
      sets: [
        ...["data.trainExamples=80", "data.testExamples=40", "network.clients=2", "training.localEpochs=1"],
        ...["budgets.energy=0.01", "budgets.latency=0.05", "rounds=3"],
      ],
      seeds: [1, 2, 3],
      drops: 1,
    },
  ],
};

it("compressor-tasks has every family, chosen where there is something to choose, and ours and the best four others go on", async () => {
  const request = { scale: tiny, experiments: ["compressor-tasks"], sets: [] };
  const tunings = planTunings(request);
  expect(tunings.map(({ name }) => name)).toEqual(
    families.filter(({ members }) => members.length > 1).map(({ name }) => `resolution of ${name}`),
  );
  const { plan, finalists, results } = await reproduceInStages(request);
  const [all, finals] = plan.training[0]!.scenarios[0]!.grids.map(({ grid }) => grid);
  expect(all!.cells).toHaveLength(families.length);
  expect([all!.seeds, finals!.seeds]).toEqual([
    [101, 102],
    [1, 2, 3],
  ]);
  for (const { config } of all!.cells) expect(config.budgets.bits).toBe("wire");
  const claims = allClaims(results);
  const own = ["induced", "rate-distortion"];
  const rivals = finals!.cells.map(({ labels }) => labels.compressor!).filter((name) => !own.includes(name));
  const pairs = [[own[0], own[1]], ...own.flatMap((better) => rivals.map((worse) => [better, worse]))];
  const statementOf = ([better, worse]: (string | undefined)[]) =>
    `${better} better than ${worse} at equal joules and seconds, wire bits billed`;
  expect(claims.map(({ statement }) => statement).sort()).toEqual(pairs.map(statementOf).sort());
  for (const { ours } of claims) expect(ours!.count).toBe(3);
  const [table] = compressorTasks.tables!(results.training[0]!.scenarios[0]!);
  expect(table!.rows.map(([name]) => name).sort()).toEqual(families.map(({ name }) => name).sort());
  const accuracies = table!.rows.map((row) => row[2] as number);
  expect(accuracies).toEqual([...accuracies].sort((one, other) => other - one));
  const references = ["EMQ, decade", "full precision"];
  const chosen = [...finalists.values()][0]!;
  expect(table!.rows.flatMap((row) => (row[5] === "yes" ? [row[0]] : [])).sort()).toEqual([...chosen].sort());
  expect(chosen).toEqual(expect.arrayContaining([...own, ...references]));
  const others = table!.rows.filter(([name]) => ![...own, ...references].includes(name as string));
  const fourth = others[3]![2] as number;
  for (const [name, , value] of others) {
    const goesOn = chosen.includes(name as string);
    expect(goesOn ? (value as number) >= fourth : (value as number) <= fourth).toBe(true);
  }
  expect(chosen).toHaveLength(own.length + 4 + references.length);
  expect(finals!.cells.map(({ labels }) => labels.compressor).sort()).toEqual([...chosen].sort());
  expect(accuracies.every((value) => value >= 0 && value <= 100)).toBe(true);
  const { figures } = await reproductionSections(results);
  const leads = figures.find(({ file }) => file === "compressor-tasks-leads.svg")!;
  const drawn = pairs.filter(([, worse]) => !references.includes(worse!));
  for (const [better, worse] of drawn) expect(leads.svg).toContain(`${better} over ${worse}`);
  for (const name of references) expect(leads.svg).not.toContain(`over ${name}`);
  // 29 curves are no picture: all families stand in a table.
  expect(figures.filter(({ file }) => file.startsWith("compressor-tasks-1-"))).toEqual([]);
}, 120_000);

it("compressor-tasks claims nothing over networks that the budgets let train no round", async () => {
  const [scenario] = tiny.scenarios;
  // A round of full precision takes more joules than these, one at a twentieth of a bit far fewer.
  const sets = scenario!.sets.map((set) => (set.startsWith("budgets.energy") ? "budgets.energy=1e-5" : set));
  const scale = { ...tiny, scenarios: [{ ...scenario!, sets, seeds: [1, 2] }] };
  const { results } = await reproduceInStages({ scale, experiments: ["compressor-tasks"], sets: [] });
  const of = (label: string) =>
    allClaims(results).filter(({ statement }) => statement.includes(`better than ${label} `));
  expect(of("full precision").map(({ ours, late, reach }) => [ours, late, reach])).toEqual([
    [null, null, null],
    [null, null, null],
  ]);
  for (const { statement } of of("full precision")) {
    expect(statement).toMatch(/ \(full precision: no round was trained\)$/);
  }
  expect(of("rate-distortion").map(({ ours }) => ours?.count)).toEqual([2]);
}, 120_000);

it("compressor-tasks takes files for the tasks that have some, and gives all as many rounds to send so much", () => {
  const scale = chooseScale("reduced");
  const plan = planReproduction({
    scale,
    experiments: ["compressor-tasks"],
    sets: ["data.directory=/data"],
    seeds: [1],
  });
  const { scenarios } = plan.training[0]!;
  const configs = scenarios.map(({ grids }) => grids[0]!.grid.cells[0]!.config);
  expect(configs.map(({ data }) => [data.name, data.directory === "/data"])).toEqual([
    ["cifar10", true],
    ["cifar10", true],
    ["mnist", true],
    ["glyphs", false],
    ["corpus", false],
  ]);
  const shares = configs.map((config) => {
    const { parameters, examplesPerClient } = trainingSize(config);
    const { energy, latency, compute } = config.budgets;
    const computing = (compute.latencyPer1250 * examplesPerClient) / 1250;
    return [energy! / parameters, latency! / parameters, computing / parameters];
  });
  // Budgets are given in four digits.
  for (const share of shares) {
    for (const [i, value] of share.entries()) expect(value / shares[0]![i]!).toBeCloseTo(1, 3);
  }
});

it("compressor-tasks takes a scenario's own budgets where it names no scarce ones", () => {
  const [scenario] = chooseScale("quick").scenarios;
  const { preset, sets } = scenario!;
  const [grid] = compressorTasks.grids(scenario!);
  const [own, taken] = [sets, grid!.plan.sets!].map((some) => resolveConfig({ preset, sets: [...some] }).budgets);
  expect([taken!.energy, taken!.latency]).toEqual([own!.energy, own!.latency]);
});
