import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError, RunError } from "../../src/config/errors.js";
import type { Finding, Store, StoreRecord } from "../../src/study/store/contract.js";
import { type FolderStore, openFolderStore, readFolderStore } from "../../src/study/store/folder.js";
import { encodeLine, encodeRecord } from "../../src/study/store/line.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { numerics } from "../../src/version.js";
import { all, contents, runOf } from "./storeRecords.js";
import { temporaryFolder } from "./temporaryFolder.js";

const plan = { base: "quick", seeds: [1, 2], axes: { quantizer: ["emq", "laq"] } };

describe.each(["memory", "folder"])("a store in a %s", (where) => {
  const open = () =>
    where === "memory" ? Promise.resolve(memoryStore()) : openFolderStore(join(temporaryFolder(), "study"));

  it("gives back what was added, as JSON has it", async () => {
    const store = await open();
    const failure: StoreRecord = { kind: "run", key: "broken", failure: 'no "power"', value: {} };
    await store.add([runOf(1), runOf(2), failure]);
    expect([...store.finished()]).toEqual(["run1", "run2"]);
    expect([...store.failed()]).toEqual(["broken"]);
    expect(await store.get("run1")).toEqual(runOf(1));
    expect(await store.get("broken")).toEqual(failure);
    expect(await store.get("nothing")).toBeUndefined();
    expect(store.keys("run")).toEqual(["run1", "run2"]);
    expect(store.keys("trace")).toEqual([]);
    expect(store.findings).toEqual([]);
    await store.close();
  });

  it("selects columns, in the order of the keys", async () => {
    const store = await open();
    await store.add([runOf(1), runOf(2), runOf(3)]);
    const selected = await all(store.select(["run3", "none", "run1"], ["seed", "labels"]));
    expect(selected.map(({ key, value }) => [key, value])).toEqual([
      ["run3", { seed: 3, labels: runOf(3).value.labels }],
      ["run1", { seed: 1, labels: runOf(1).value.labels }],
    ]);
    const [withCourse] = await all(store.select(["run2"], ["course"]));
    expect(withCourse!.value).toEqual({ course: runOf(2).value.course });
    await store.close();
  });

  it("takes what is finished rather than a failure, and the later of two failures", async () => {
    const store = await open();
    const failed = (reason: string): StoreRecord => ({ kind: "run", key: "run1", failure: reason, value: {} });
    await store.add([failed("first")]);
    await store.add([failed("second")]);
    expect((await store.get("run1"))?.failure).toBe("second");
    await store.add([runOf(1)]);
    await store.add([failed("third")]);
    expect(await store.get("run1")).toEqual(runOf(1));
    expect([store.finished().has("run1"), store.failed().has("run1")]).toEqual([true, false]);
    await store.close();
  });

  it("keeps times apart from results", async () => {
    const store = await open();
    const timing = (seconds: number): StoreRecord => ({ kind: "timing", key: "run1", value: { host: "a", seconds } });
    await store.add([timing(2), runOf(1), timing(1)]);
    expect(await store.get("run1")).toEqual(runOf(1));
    expect((await all(store.timings())).map(({ value }) => value.seconds).sort()).toEqual([1, 2]);
    expect([...store.finished()]).toEqual(["run1"]);
    await store.close();
  });

  it("takes typed arrays as lists, −0 as 0, and no number that is not finite", async () => {
    const store = await open();
    const value = { power: Float64Array.of(0.1, -0), of: { tiny: Float32Array.of(1) } };
    await store.add([{ kind: "rates", key: "a", value: value as never }]);
    expect((await store.get("a"))!.value).toEqual({ power: [0.1, 0], of: { tiny: [1] } });
    const infinite = {
      kind: "pricing",
      key: "b",
      value: { drops: [{ energy: 1 }, { energy: Number.POSITIVE_INFINITY }] },
    };
    await expect(store.add([runOf(5), infinite as StoreRecord])).rejects.toThrow(
      "pricing b: drops[1].energy is Infinity: a store holds finite numbers",
    );
    await expect(store.add([{ kind: "run", key: "größe", value: {} }])).rejects.toThrow("no key");
    expect([...store.finished()]).toEqual(["a"]);
    await store.close();
  });

  it("names two finished results that differ, unless only in what they are called", async () => {
    const store = await open();
    await store.add([runOf(1), runOf(2)]);
    await store.add([{ ...runOf(1), value: { ...runOf(1).value, cell: "another", labels: {} } }]);
    await store.add([{ ...runOf(2), value: { ...runOf(2).value, accuracy: 0.5 } }]);
    if ("directory" in store) {
      await store.close();
      const again = await readFolderStore(store.directory as string);
      expect(again.findings.map(({ kind, key }) => [kind, key])).toEqual([["conflict", "run2"]]);
      await again.close();
    } else {
      expect(store.findings.map(({ kind, key }) => [kind, key])).toEqual([["conflict", "run2"]]);
    }
  });

  const traceOf = (worths: readonly (number | null)[], parameters = 5): StoreRecord => ({
    kind: "trace",
    key: "training",
    value: {
      parameters,
      rounds: worths.map((worth, t) => ({ bits: [t, 2 * t], worth: worth && { accuracy: worth } })),
    },
  });
  const [short, long] = [traceOf([0.1, null, 0.3]), traceOf([0.1, null, null, 0.4])];

  it.each([
    ["before", short, long],
    ["after", long, short],
  ])(
    "keeps the longer of two of one training, put there %s the other, and calls that no conflict",
    async (_, ...two) => {
      const store = await open();
      for (const record of two) await store.add([record]);
      expect(await store.get("training")).toEqual(long);
      expect(store.findings).toEqual([]);
      await store.close();
      if (!("directory" in store)) return;
      const again = await readFolderStore(store.directory as string);
      expect(await again.get("training")).toEqual(long);
      expect(again.findings).toEqual([]);
      await again.close();
    },
  );

  it.each([traceOf([0.1, null, 0.3, null, null], 6), traceOf([0.2, null, 0.3, null, null])])(
    "names two of one training where one does not go on where the other ends (%o)",
    async (other) => {
      const store = await open();
      await store.add([short]);
      await store.add([other]);
      const found = "directory" in store ? await closed(store) : store.findings;
      expect(found.map(({ kind, key }) => [kind, key])).toEqual([["conflict", "training"]]);
    },
  );
});

async function closed(store: Store): Promise<readonly Finding[]> {
  await store.close();
  const again = await readFolderStore((store as FolderStore).directory);
  await again.close();
  return again.findings;
}

describe("a study's folder", () => {
  it("is there whole after it was closed, and is gone on with", async () => {
    const directory = join(temporaryFolder(), "deep", "study");
    const first = await openFolderStore(directory, { plan });
    await first.add([runOf(1), runOf(2)]);
    await first.close();
    expect(JSON.parse(readFileSync(join(directory, "plan.json"), "utf8"))).toEqual(plan);
    await expect(openFolderStore(directory, { plan })).rejects.toThrow(/add --resume/);
    const second = await openFolderStore(directory, { plan, resume: true });
    await second.add([runOf(3)]);
    await second.close();
    const third = await readFolderStore(directory);
    expect(await contents(third)).toEqual(new Map([1, 2, 3].map((n) => [`run${n}`, runOf(n)])));
    expect(third.findings).toEqual([]);
    expect(readdirSync(join(directory, "journal"))).toHaveLength(2);
    await third.close();
  });

  it("holds lines of JSON that can each be read alone", async () => {
    const directory = temporaryFolder();
    const store = await openFolderStore(directory, { plan, writer: "a" });
    await store.add([runOf(1)]);
    await store.close();
    const lines = readFileSync(join(directory, "journal", "a.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    const [header, run] = lines.map((line) => JSON.parse(line));
    expect(header.journal).toMatchObject({ format: "cellfed journal", version: 2, numerics, writer: "a", plan });
    expect(run).toMatchObject({ v: 2, numerics, kind: "run", key: "run1", run: { seed: 1 } });
    expect(run["run.course"]).toEqual(runOf(1).value.course);
  });

  it("is read while others write to it", async () => {
    const directory = temporaryFolder();
    const one = await openFolderStore(directory, { plan });
    const other = await openFolderStore(directory, { plan });
    const reader = await readFolderStore(directory);
    await one.add([runOf(1)]);
    await other.add([runOf(2)]);
    expect(reader.finished().size).toBe(0);
    await reader.refresh();
    expect([...reader.finished()].sort()).toEqual(["run1", "run2"]);
    await one.add([runOf(3)]);
    await reader.refresh();
    await other.refresh();
    expect(await reader.get("run3")).toEqual(runOf(3));
    expect(await other.get("run3")).toEqual(runOf(3));
    for (const store of [one, other, reader]) await store.close();
  });

  it("is read anew where a file was put in the place of another, and without those that cannot be read", async () => {
    const directory = temporaryFolder();
    const writer = await openFolderStore(directory, { plan, writer: "a" });
    await writer.add([runOf(1), runOf(2), runOf(3)]);
    await writer.close();
    const reader = await readFolderStore(directory);
    const path = join(directory, "journal", "a.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    rmSync(path);
    writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n`);
    expect(await reader.get("run1")).toEqual(runOf(1));
    mkdirSync(join(directory, "journal", "b.jsonl"));
    await reader.refresh();
    await reader.refresh();
    expect([...reader.finished()]).toEqual(["run1"]);
    expect(reader.findings).toMatchObject([
      { where: "b.jsonl line 1", lost: null, reason: expect.stringContaining("EISDIR") },
    ]);
    await reader.close();
  });

  it("serves nothing that was damaged after it was opened", async () => {
    const directory = temporaryFolder();
    const store = await openFolderStore(directory, { plan, writer: "a" });
    await store.add([runOf(1), runOf(2)]);
    const path = join(directory, "journal", "a.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"seed":1', '"seed":7'));
    expect(await all(store.select(["run1", "run2"], ["seed"]))).toMatchObject([{ key: "run2" }]);
    expect(store.findings).toMatchObject([{ kind: "damaged", where: "a.jsonl line 2", key: "run1", lost: true }]);
    expect([...store.finished()]).toEqual(["run2"]);
    await store.add([runOf(1)]);
    expect(await store.get("run1")).toEqual(runOf(1));
    await store.close();
  });

  it("writes what comes together in one go, and each is read back", async () => {
    const store = await openFolderStore(temporaryFolder());
    await Promise.all(Array.from({ length: 50 }, (_, n) => store.add([runOf(2 * n), runOf(2 * n + 1)])));
    for (const n of [0, 17, 99]) expect(await store.get(`run${n}`)).toEqual(runOf(n));
    await store.add([runOf(5)]);
    await store.close();
    const again = await readFolderStore(store.directory);
    expect(again.finished().size).toBe(100);
    const [journal] = readdirSync(join(store.directory, "journal"));
    expect(
      readFileSync(join(store.directory, "journal", journal!), "utf8")
        .trimEnd()
        .split("\n"),
    ).toHaveLength(101);
    await again.close();
  });

  it("takes what it made away again where nothing came of it", async () => {
    const parent = temporaryFolder();
    const store = await openFolderStore(join(parent, "a", "b"), { plan, writer: "w" });
    await store.add([{ kind: "run", key: "run1", failure: "no", value: {} }]);
    expect(await store.discard()).toBe(true);
    expect(readdirSync(parent)).toEqual([]);
    const kept = await openFolderStore(join(parent, "a"), { plan });
    await kept.add([runOf(1)]);
    expect(await kept.discard()).toBe(false);
    expect(existsSync(join(parent, "a", "plan.json"))).toBe(true);
  });
});

describe("what is refused", () => {
  async function study(): Promise<string> {
    const directory = join(temporaryFolder(), "study");
    const store = await openFolderStore(directory, { plan });
    await store.add([runOf(1)]);
    await store.close();
    return directory;
  }
  const listing = (directory: string) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "latin1")]);

  async function refusal(directory: string, options: Parameters<typeof openFolderStore>[1] = {}): Promise<string> {
    const before = listing(directory);
    const error = await openFolderStore(directory, { resume: true, ...options }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(listing(directory)).toEqual(before);
    return error.message;
  }

  it("another plan, with what differs", async () => {
    const directory = await study();
    const other = { ...plan, seeds: [1, 2, 3], axes: { quantizer: ["emq"], power: ["full"] } };
    expect(await refusal(directory, { plan: other })).toBe(
      `--out: ${directory} holds results of another plan: seeds is [1,2] there and [1,2,3] here; ` +
        'axes.quantizer is ["emq","laq"] there and ["emq"] here; axes.power is not set there and ["full"] here',
    );
    const sameOtherwise = { axes: plan.axes, seeds: plan.seeds, base: plan.base };
    await (await openFolderStore(directory, { resume: true, plan: sameOtherwise })).close();
  });

  it("a store of a newer format, of other numerics, of version 1", async () => {
    const newer = await study();
    writeFileSync(
      join(newer, "journal", "new.jsonl"),
      encodeLine('"kind":"journal","key":"n","journal":{}', { version: 3, numerics }),
    );
    expect(await refusal(newer)).toMatch(/new.jsonl is written in format 3, this version's is 2: a newer version/);
    const other = await study();
    writeFileSync(
      join(other, "journal", "o.jsonl"),
      encodeLine('"kind":"journal","key":"n","journal":{}', { version: 2, numerics: 1 }),
    );
    expect(await refusal(other)).toMatch(/o.jsonl has results of numerics 1, this version's is \d+: an older version/);
    await expect(readFolderStore(other)).rejects.toThrow(InputError);
    const first = temporaryFolder();
    writeFileSync(join(first, "results.duckdb"), "");
    expect(await refusal(first)).toMatch(/results of version 1/);
  });

  it("a folder of other things, a file, a folder that cannot be made, no study to read", async () => {
    const other = temporaryFolder();
    writeFileSync(join(other, "thesis.tex"), "");
    expect(await refusal(other)).toMatch(/holds other files \(thesis.tex\)/);
    const file = join(other, "thesis.tex");
    await expect(openFolderStore(file)).rejects.toThrow(InputError);
    await expect(openFolderStore(join(file, "study"))).rejects.toThrow(InputError);
    await expect(readFolderStore(join(other, "none"))).rejects.toThrow(/holds no study/);
  });

  it("two writers of one name", async () => {
    const directory = await study();
    const first = await openFolderStore(directory, { resume: true, writer: "node-1" });
    expect(await refusal(directory, { writer: "node-1" })).toMatch(/"node-1" has a journal already/);
    expect(await refusal(directory, { writer: "../up" })).toMatch(/no name of a writer/);
    await first.close();
  });

  it("one line of another version costs that line", async () => {
    const directory = await study();
    const lines = [
      encodeRecord(runOf(8), { version: 3, numerics }),
      encodeRecord(runOf(9), { version: 2, numerics: numerics + 1 }),
      encodeRecord(runOf(10)),
    ];
    writeFileSync(join(directory, "journal", "x.jsonl"), Buffer.concat(lines));
    const store = await readFolderStore(directory);
    expect([...store.finished()].sort()).toEqual(["run1", "run10"]);
    expect(store.findings.map(({ where, key, lost, reason }) => [where, key, lost, reason])).toEqual([
      ["x.jsonl line 1", "run8", true, "it is of format 3, this version's is 2"],
      ["x.jsonl line 2", "run9", true, `it is of numerics ${numerics + 1}, this version's is ${numerics}`],
    ]);
    await store.close();
  });

  it("a folder that was removed while it was written to", async () => {
    const directory = await study();
    const store = await openFolderStore(directory, { resume: true });
    await store.add([runOf(2)]);
    rmSync(directory, { recursive: true });
    await expect(store.add([runOf(3)])).rejects.toThrow(RunError);
    await expect(store.add([runOf(3)])).rejects.toThrow(
      /\.jsonl: results are lost: the file was removed while it was written to$/,
    );
    mkdirSync(directory);
    await store.close();
  });
});
