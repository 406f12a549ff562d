import { expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolve.js";
import { compare, simulate } from "../../src/index.js";

const sets = [
  "rounds=4",
  "data.trainExamples=300",
  "data.testExamples=100",
  "model=softmax",
  "training.localEpochs=1",
  "network.clients=4",
];

it("is a cell of a grid like any other, trained for each drop", async () => {
  const plan = { preset: "quick", sets, quantizers: ["emq", "joint-resolution"], seeds: [1], drops: 2 };
  const first = await compare(plan);
  expect(first.cells.map(({ summary }) => summary?.runs)).toEqual([2, 2]);
  const traces = first.runs.map((run) => run.trace);
  expect(new Set(traces).size).toBe(3);
  expect((await compare(plan)).runs).toEqual(first.runs);
});

it("chooses by the budgets: coarse steps where every bit is dear, fine ones where bits cost nothing", async () => {
  const bitsAt = async (computeSeconds: number) => {
    const config = resolveConfig({
      preset: "quick",
      sets: [
        ...sets,
        "plan=joint-resolution",
        "budgets.energy=null",
        "budgets.latency=1000",
        `budgets.compute.latencyPer1250=${(computeSeconds * 1250) / 75}`,
      ],
    });
    const { rounds, parameters } = await simulate(config);
    return rounds.map((round) => round.nominalBits / (4 * parameters));
  };
  const dear = await bitsAt(1e-9);
  const free = await bitsAt(10);
  // Nothing is known in the first round; from the second on the choice shows.
  expect(free[0]).toBe(dear[0]);
  for (let round = 1; round < 4; round++) expect(free[round]).toBeGreaterThan(1.5 * dear[round]!);
});
