import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/study/store/columns.js";
import { courseColumns, runColumns, runSummary, runValue } from "../../src/study/store/columns.js";
import type { Store, StoreRecord } from "../../src/study/store/contract.js";
import { exportRounds, exportRuns, exportTimings } from "../../src/study/store/exports.js";
import { openFolderStore } from "../../src/study/store/folder.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { querySql } from "../../src/study/store/sql.js";
import { temporaryFolder } from "./temporaryFolder.js";

function summary(quantizer: string, clients: number, seed: number, drop: number, rounds = 2): RunSummary {
  const list = (value: (round: number) => number) => Array.from({ length: rounds + 1 }, (_, round) => value(round));
  return {
    key: `${quantizer}-${clients}-${seed}-${drop}`.replace(/[^a-z0-9-]/g, "_"),
    trace: "t1",
    cell: `${quantizer} · ${clients}`,
    labels: { quantizer, "network.clients": `${clients}`, rounds: "8" },
    seed,
    drop,
    ended: { by: "energy", reason: 'the budget, "0.5 J",\nis used up' },
    final: {
      accuracy: 0.1 + seed / 3,
      testLoss: null,
      rounds,
      energy: 0.1 + 0.2,
      latency: 1e-7,
      nominalBitsPerEntry: 4,
      wireBitsPerEntry: 4.5,
      nominalSaving: 0.875,
      wireSaving: 0.85,
    },
    fingerprint: { version: 2, config: "c", results: "r" },
    course: {
      accuracy: list((round) => 0.1 * round),
      loss: [null, ...list((round) => round).slice(1)],
      energy: list((round) => round / 3),
      latency: list((round) => round),
      nominalBits: list((round) => round * 2 ** 40),
      wireBits: list((round) => round * 2 ** 41),
    },
  };
}

const record = (run: RunSummary): StoreRecord => ({ kind: "run", key: run.key, value: runValue(run) });
const runs = [
  summary("laq", 20, 1, 0),
  summary("emq", 100, 1, 1),
  summary("emq", 100, 1, 0),
  summary("emq", 20, 10, 0, 0),
  summary("emq", 20, 2, 0),
];

async function filled(of: readonly RunSummary[] = runs): Promise<Store> {
  const store = memoryStore();
  await store.add(of.map(record));
  return store;
}

describe("a run's columns", () => {
  it("give back the summary that they were made of", () => {
    for (const run of runs) expect(runSummary(record(run))).toEqual(run);
    const renamed = { cell: "other", labels: { a: "b" } };
    expect(runSummary(record(runs[0]!), renamed)).toEqual({ ...runs[0], ...renamed });
    expect(runSummary({ kind: "run", key: "x", failure: "no", value: {} })).toBeUndefined();
  });

  it("cover every figure of a summary", () => {
    const leaves = (value: object, path = ""): string[] =>
      Object.entries(value).flatMap(([name, inner]) =>
        typeof inner === "object" && inner !== null && !Array.isArray(inner)
          ? leaves(inner, `${path}${name}.`)
          : [path + name],
      );
    const { key: _key, cell: _cell, labels: _labels, ...figures } = runs[0]!;
    const declared = [...runColumns.map(({ field }) => field), ...courseColumns.map(({ field }) => `course.${field}`)];
    expect(leaves(figures).filter((field) => !declared.includes(field))).toEqual([]);
  });
});

describe("exports", () => {
  it("have a row a run, a column an axis, sorted by axes, seed and drop", async () => {
    const path = join(temporaryFolder(), "made", "runs.csv");
    await exportRuns(await filled(), runs, path, "csv");
    const text = readFileSync(path, "utf8");
    const [header, first] = text.split("\n");
    expect(header).toBe(
      "key,cell,quantizer,network.clients,axis_rounds,seed,drop,ended,reason,accuracy,test_loss,rounds,energy,latency," +
        "nominal_bits_per_entry,wire_bits_per_entry,nominal_saving,wire_saving,downlink_nominal_bits_per_entry," +
        "downlink_wire_bits_per_entry,fingerprint_version,config_fingerprint,results_fingerprint",
    );
    expect(first).toBe('emq-20-2-0,emq · 20,emq,20,8,2,0,energy,"the budget, ""0.5 J"",');
    expect(text.match(/^(emq|laq)-[^,]+/gm)).toEqual([
      "emq-20-2-0",
      "emq-20-10-0",
      "emq-100-1-0",
      "emq-100-1-1",
      "laq-20-1-0",
    ]);
    // What the run without a round sent is nothing, not 0 a entry.
    expect(text).toContain('is used up",3.4333333333333336,,0,0.30000000000000004,1e-7,,,,,,,2,c,r\n');
  });

  it("are the same bytes whatever the order in which results came, and whatever else is in the store", async () => {
    const folder = temporaryFolder();
    const other = await filled([...runs].reverse());
    await other.add([record(summary("qsgd", 1, 1, 1)), { kind: "timing", key: "x", value: { seconds: 3 } }]);
    for (const format of ["csv", "parquet"] as const) {
      for (const [name, write] of Object.entries({ runs: exportRuns, rounds: exportRounds })) {
        const [one, two] = ["one", "two"].map((which) => join(folder, `${name}-${which}.${format}`));
        await write(await filled(), runs, one!, format);
        await write(other, [...runs].reverse(), two!, format);
        expect(readFileSync(one!).equals(readFileSync(two!))).toBe(true);
      }
    }
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("by keys go by the names of the store", async () => {
    const path = join(temporaryFolder(), "runs.csv");
    const store = await filled();
    await exportRuns(store, store.keys("run"), path, "csv");
    expect(readFileSync(path, "utf8").split("\n")[0]).toMatch(/^key,cell,network.clients,quantizer,axis_rounds,seed,/);
    await exportRuns(store, [{ key: runs[0]!.key, cell: "mine", labels: { a: "b" } }, { key: "none" }], path, "csv");
    expect(readFileSync(path, "utf8").split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^key,cell,a,seed,/),
      expect.stringMatching(/^laq-20-1-0,mine,b,1,0,/),
    ]);
  });

  it("write Parquet that reads back the same", async () => {
    const folder = temporaryFolder();
    const store = await filled();
    await store.add([{ kind: "run", key: "broken", failure: "no memory", value: {} }]);
    const asked = [...runs, { key: "broken", cell: "emq", labels: {}, seed: 3, drop: 0 }];
    await exportRuns(store, asked, join(folder, "runs.parquet"), "parquet");
    await exportRounds(store, asked, join(folder, "rounds.parquet"), "parquet");
    const read = async (name: string) => parquetReadObjects({ file: await asyncBufferFromFile(join(folder, name)) });
    const rows = await read("runs.parquet");
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatchObject({
      key: "broken",
      cell: "emq",
      seed: 3n,
      ended: "failed",
      reason: "no memory",
      energy: null,
    });
    expect(rows[1]).toMatchObject({
      key: "emq-20-2-0",
      quantizer: "emq",
      energy: 0.1 + 0.2,
      latency: 1e-7,
      rounds: 2n,
    });
    const rounds = await read("rounds.parquet");
    expect(rounds).toHaveLength(4 * 3 + 1);
    expect(rounds[2]).toMatchObject({ seed: 2n, round: 2n, energy: 2 / 3, test_loss: 2, wire_bits: 2 ** 42 });
    expect(rounds[0]).toMatchObject({ round: 0n, accuracy: 0, test_loss: null });
  });

  it("of nothing are a header", async () => {
    const folder = temporaryFolder();
    await exportRounds(memoryStore(), [], join(folder, "rounds.csv"), "csv");
    expect(readFileSync(join(folder, "rounds.csv"), "utf8")).toMatch(/^cell,seed,drop,round,[^\n]+\n$/);
    await exportRuns(memoryStore(), ["none"], join(folder, "runs.parquet"), "parquet");
    const file = await asyncBufferFromFile(join(folder, "runs.parquet"));
    expect(await parquetReadObjects({ file })).toEqual([]);
  });

  it("have times and hosts in a table of their own", async () => {
    const folder = temporaryFolder();
    const store = await openFolderStore(join(folder, "study"), { writer: "w1" });
    await store.add([{ kind: "timing", key: "job1", value: { job: "training", name: "emq, seed 1", seconds: 1.5 } }]);
    await exportTimings(store, join(folder, "timings.csv"), "csv");
    const [header, row] = readFileSync(join(folder, "timings.csv"), "utf8").split("\n");
    expect(header).toBe("key,job,name,seconds,host,writer");
    expect(row).toMatch(/^job1,training,"emq, seed 1",1.5,[^,]+,w1$/);
    await store.close();
  });

  it("refuse a place where no file can be", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await expect(exportRuns(await filled(), runs, join(file, "runs.csv"), "csv")).rejects.toThrow(/cannot be written/);
  });
});

describe("SQL", () => {
  it("sees runs, rounds, traces and timings while they are added to", async () => {
    const directory = join(temporaryFolder(), "study");
    const store = await openFolderStore(directory, { writer: "w" });
    await store.add([
      ...runs.map(record),
      { kind: "trace", key: "t1", value: { parameters: 10, rounds: [{ bits: [1, 2] }] } },
      { kind: "timing", key: "t1", value: { job: "training", name: "n", seconds: 2 } },
    ]);
    const rows = async (sql: string) => (await querySql(directory, sql)).rows;
    expect(
      await rows("select quantizer, count(*)::int as n, avg(energy) as j from runs group by all order by all"),
    ).toEqual([
      { quantizer: "emq", n: 4, j: 0.1 + 0.2 },
      { quantizer: "laq", n: 1, j: 0.1 + 0.2 },
    ]);
    expect(await rows("select max(round)::int as r, count(*)::int as n from rounds where seed = 2")).toEqual([
      { r: 2, n: 3 },
    ]);
    expect(await rows("select seconds from timings")).toEqual([{ seconds: 2 }]);
    expect(await rows("select trace->>'parameters' as d, rounds->>'$[0].bits[1]' as b from traces")).toEqual([
      { d: "10", b: "2" },
    ]);
    await expect(rows("select nonsense from runs")).rejects.toThrow(/^sql: /);
    await store.close();

    // A damaged line that is still JSON is not taken for a result, and a failure that was made good is gone.
    const journal = join(directory, "journal", "w.jsonl");
    writeFileSync(
      journal,
      readFileSync(journal, "utf8").replace(
        '"key":"laq-20-1-0","run":{"cell":"laq',
        '"key":"laq-20-1-0","run":{"cell":"LAQ',
      ),
    );
    expect(await rows("select count(*)::int as n from runs where cell like 'LAQ%' or quantizer = 'laq'")).toEqual([
      { n: 0 },
    ]);
    expect(await rows("select count(*)::int as n from runs")).toEqual([{ n: 4 }]);
  });
});
