import { expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { priceRound, uploadProblem } from "../../src/federated/price.js";
import { createRadio, firstRadios } from "../../src/federated/radio.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { powerMethod } from "../../src/power/index.js";
import type { JobContext } from "../../src/study/jobs/job.js";
import { type DropPrice, pricing } from "../../src/study/jobs/pricing.js";
import { drawDevices } from "../../src/system/devices.js";
import { trainingSize } from "../../src/training/size.js";

const config = resolveConfig({ preset: "quick" });
const cases = ["most-rounds", "joint", "dinkelbach"].map((method) => ({
  power: { method },
  budgets: { energy: 0.5, latency: 5 },
}));

async function priced(first: number, count: number, context: Partial<JobContext> = {}): Promise<DropPrice[][]> {
  const payload = { config, drops: { first, count }, bitsPerEntry: [1.05, 1.3] as const, cases };
  const job = { kind: "pricing", key: "key", name: "drops", yields: ["key"], payload } as const;
  const [record] = await pricing(job, { wanted: new Set(["key"]), ...context } as JobContext);
  return record!.value.prices as unknown as DropPrice[][];
}

it("a drop's price does not depend on the drops beside it, to the bit", async () => {
  const together = await priced(0, 300);
  for (const [first, count] of [
    [0, 1],
    [7, 3],
    [290, 10],
  ] as const)
    expect(await priced(first, count)).toEqual(together.map((prices) => prices.slice(first, first + count)));
  expect(together.map((prices) => prices.map(({ drop }) => drop))).toEqual(
    cases.map(() => Array.from({ length: 300 }, (_, drop) => drop)),
  );
});

it.each([
  [[]],
  [["network.clients=7", "budgets.circuitPower=0.1"]],
  [["network.clients=5", "budgets.compute.cpu.enabled=true", "budgets.compute.cpu.choose=true"]],
])("many drops cost what each costs by itself, to the bit: %o", async (sets) => {
  const changed = resolveConfig({ preset: "quick", sets });
  const { parameters, examplesPerClient } = trainingSize(changed);
  const clients = changed.network.clients;
  const one = { power: { method: "most-rounds" }, budgets: { energy: 0.5, latency: 5 } };
  const payload = { config: changed, drops: { first: 3, count: 4 }, bitsPerEntry: [1.05, 1.3] as const, cases: [one] };
  const job = { kind: "pricing", key: "key", name: "drops", yields: ["key"], payload } as const;
  const [record] = await pricing(job, { wanted: new Set(["key"]) } as unknown as JobContext);
  const [prices] = record!.value.prices as unknown as DropPrice[][];
  for (const { drop, energy, latency } of prices!) {
    const bits = new Float64Array(clients);
    stream(changed.seed, "study", drop).fillUniform(bits, 1.05 * parameters, 1.3 * parameters);
    const work = { nominalBits: bits, wireBits: bits, examples: new Float64Array(clients).fill(examplesPerClient) };
    const billed = { budgets: { ...changed.budgets, ...one.budgets } };
    const problem = uploadProblem(billed, createRadio(changed, { drop }).rates(1), work, parameters, {
      devices: drawDevices(changed),
    });
    const { power, frequency } = powerMethod(one.power).allocate(problem);
    const round = priceRound(problem, power, frequency);
    expect([energy, latency]).toEqual([round.energy, round.latency]);
  }
});

it("is broken off between two batches of drops", async () => {
  const controller = new AbortController();
  const done: number[] = [];
  const onProgress: JobContext["onProgress"] = (progress) => {
    done.push(progress.done);
    controller.abort();
  };
  await expect(priced(0, 100_000, { signal: controller.signal, onProgress })).rejects.toThrow();
  expect(done.length).toBe(1);
  expect(done[0]).toBeLessThan(1000);
});

it.each([
  [["network.clients=12"]],
  [["network.combining=mmse", "network.realizations=10", "network.clients=5"]],
  [["network.mobility.model=straight", "network.clients=5"]],
  [["network.correlation.model=local-scattering", "network.clients=5"]],
])("the rates of many drops are those of each drop's radio: %o", (sets) => {
  const changed = resolveConfig({ preset: "quick", sets });
  const many = [...firstRadios(changed)({ first: 2, count: 3 })];
  expect(many).toHaveLength(3);
  for (const [i, radio] of many.entries()) {
    const one = createRadio(changed, { drop: 2 + i });
    expect(radio.rates(1)).toEqual(one.rates(1));
    expect(radio.suitsPowers === true).toBe(one.suitsPowers);
  }
});
