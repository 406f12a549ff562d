import { expect, it } from "vitest";
import { resolveConfig } from "../../src/parts/resolve.js";
import { rateColumns, rateNotes, rateRows, ratesText } from "../../src/report/tables/rates.js";
import { csv } from "../../src/report/tables/table.js";
import { type RatesPlan, ratesJobs } from "../../src/study/jobs/rates.js";
import { rateDrops } from "../../src/study/run/rates.js";
import { memoryStore } from "../../src/study/store/memory.js";

const { network, seed } = resolveConfig({ preset: "quick" });
const plan: RatesPlan = { network, seed, schemes: ["mr"], realizations: 20 };

it("a drop's record is known by what it depends on, however the drops are cut into jobs", () => {
  const [few, many] = [6, 2000].map((drops) => ratesJobs({ ...plan, drops }));
  expect(few!.map(({ payload }) => payload.drops.length)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(many!.length).toBeLessThan(200);
  const keys = many!.flatMap(({ yields }) => yields);
  expect(new Set(keys).size).toBe(2000);
  expect(keys.slice(0, 6)).toEqual(few!.flatMap(({ yields }) => yields));
  for (const other of [{ seed: 2 }, { schemes: ["mr+n-lsfd"] }, { realizations: 21 }])
    expect(ratesJobs({ ...plan, ...other })[0]!.yields).not.toEqual(few![0]!.yields);
});

it("only drops that the store has not are rated, and the results are the same", async () => {
  const store = memoryStore();
  const whole = await rateDrops({ ...plan, drops: 130 });
  await rateDrops({ ...plan, drops: 5 }, { store });
  const before = store.finished().size;
  const names: string[] = [];
  const again = await rateDrops({ ...plan, drops: 130 }, { store, onProgress: ({ job }) => names.push(job.name) });
  expect([before, store.finished().size]).toEqual([5, 130]);
  expect(again).toEqual(whole);
  expect(names).not.toContain("drops 0 to 2");
});

it("is broken off between two drops, and gives those that are done", async () => {
  const controller = new AbortController();
  const { drops, interrupted } = await rateDrops(
    { ...plan, drops: 50 },
    { signal: controller.signal, onProgress: ({ done }) => done === 3 && controller.abort() },
  );
  expect(interrupted).toBe(true);
  expect(drops.map(({ drop }) => drop)).toEqual([0, 1, 2]);
});

it("a rate that has no value is null in the store, – in tables, and told of", async () => {
  const store = memoryStore();
  const [first] = ratesJobs({ ...plan, drops: 1 }).flatMap(({ yields }) => yields);
  const rates = { mr: { spectralEfficiency: [null, 1.5], interval: [null, 0] } };
  await store.add([{ kind: "rates", key: first!, value: { drop: 0, rates } }]);
  const { drops } = await rateDrops({ ...plan, drops: 1 }, { store });
  expect(drops[0]!.rates.mr!.spectralEfficiency).toEqual([Number.NaN, 1.5]);
  expect(ratesText(drops, ["mr"])).toMatch(/^mr +1\.500 +1\.500 +1\.500 +1\.500$/m);
  expect(csv(rateRows(drops, ["mr"]), rateColumns(drops, ["mr"], false))).toBe("client,mr\n0,\n1,1.5\n");
  expect(rateNotes(drops, ["mr"])).toEqual([expect.stringContaining("mr: 1 of 2 clients have no finite rate")]);
});
