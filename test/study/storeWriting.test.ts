import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { RunError } from "../../src/config/errors.js";
import { openFolderStore, readFolderStore } from "../../src/study/store/folder.js";
import { appender } from "../../src/study/store/journal.js";
import { encodeRecord } from "../../src/study/store/line.js";
import { stateOf } from "../../src/study/store/state.js";
import { contents, runOf } from "./storeRecords.js";
import { temporaryFolder } from "./temporaryFolder.js";

describe("a journal on a disk that fills up", () => {
  it("says so, and goes on on a line of its own once there is room", async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, "journal"));
    const path = join(directory, "journal", "a.jsonl");
    const file = await open(path, "ax");
    let room = Number.POSITIVE_INFINITY;
    const writer = appender(path, {
      async write(bytes: Buffer, at = 0) {
        const length = Math.min(bytes.length - (at as number), room);
        if (length === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        room -= length;
        return file.write(bytes, at as number, length);
      },
      datasync: () => file.datasync(),
      stat: () => file.stat(),
      close: () => file.close(),
    } as Parameters<typeof appender>[1]);
    const lines = Array.from({ length: 6 }, (_, number) => encodeRecord(runOf(number)));

    expect(await writer.append([lines[0]!])).toEqual({ offset: 0, line: 1 });
    room = lines[1]!.length + 80; // all of one line, and a part of the next
    await expect(writer.append([lines[1]!, lines[2]!])).rejects.toThrow(RunError);
    await expect(writer.append([lines[3]!])).rejects.toThrow(`${path}: results cannot be written (the disk is full)`);
    room = Number.POSITIVE_INFINITY;
    const place = await writer.append([lines[3]!, lines[4]!]);
    expect(await writer.append([lines[5]!])).toEqual({
      offset: place.offset + lines[3]!.length + lines[4]!.length,
      line: place.line + 2,
    });
    await writer.close();

    const text = readFileSync(path);
    expect(text.subarray(place.offset, place.offset + lines[3]!.length)).toEqual(lines[3]);
    expect(text.toString().split("\n")[place.line - 1]).toBe(lines[3]!.toString().trimEnd());
    const store = await readFolderStore(directory);
    expect([...store.finished()]).toEqual(["run0", "run1", "run3", "run4", "run5"]);
    expect(store.findings).toMatchObject([
      { kind: "damaged", where: "a.jsonl line 3", key: "run2", reason: "it is cut off" },
    ]);
    await store.close();
  });
});

describe("a folder that cannot be written to", () => {
  it("under /proc is bad input, and left alone", async () => {
    await expect(openFolderStore("/proc/study/deep", { plan: 1 })).rejects.toThrow(/^--out: cannot make a study in/);
  });
});

describe("a plan's file", () => {
  const plan = { base: "quick", seeds: [1, 2] };
  async function study(): Promise<string> {
    const directory = temporaryFolder();
    const store = await openFolderStore(directory, { plan });
    await store.add([runOf(1)]);
    await store.close();
    return directory;
  }

  it.each(['{"base":"quick","seeds":[1,3]}', '{"base":"qui', ""])(
    "that is damaged (%s) is told and mended",
    async (text) => {
      const directory = await study();
      const path = join(directory, "plan.json");
      writeFileSync(path, text);
      const reader = await readFolderStore(directory);
      expect(reader.plan).toEqual(plan);
      expect(reader.findings).toMatchObject([{ kind: "damaged", where: "plan.json", lost: false }]);
      await reader.close();
      await expect(openFolderStore(directory, { plan: { ...plan, base: "large" }, resume: true })).rejects.toThrow(
        'base is "quick" there and "large" here',
      );
      expect(readFileSync(path, "utf8")).toBe(text);
      await (await openFolderStore(directory, { plan, resume: true })).close();
      expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(plan);
    },
  );

  it("is written once where many begin at the same time", async () => {
    const directory = join(temporaryFolder(), "study");
    const stores = await Promise.all(Array.from({ length: 8 }, () => openFolderStore(directory, { plan })));
    await Promise.all(stores.map((store, i) => store.add([runOf(i)])));
    await Promise.all(stores.map((store) => store.close()));
    expect(readdirSync(directory).sort()).toEqual(["journal", "plan.json"]);
    const store = await readFolderStore(directory);
    expect(store.finished().size).toBe(8);
    await store.close();
  });
});

describe("the state of a half-done job", () => {
  it("is kept whole, read back, and taken away", async () => {
    const directory = temporaryFolder();
    const state = stateOf(directory, "job:1/é");
    expect(await state.read()).toBeUndefined();
    await state.write(Uint8Array.of(1, 2, 3));
    await state.write(Uint8Array.of(4));
    expect([...(await stateOf(directory, "job:1/é").read())!]).toEqual([4]);
    expect(readdirSync(join(directory, "state"))).toHaveLength(1);
    state.remove();
    expect(await state.read()).toBeUndefined();
    state.remove();
  });

  it("goes when its job is done, with what killed writers left behind", async () => {
    const store = await openFolderStore(temporaryFolder());
    for (const key of ["job:1/é", "job2"]) await store.state(key).write(Uint8Array.of(1));
    const folder = join(store.directory, "state");
    for (const [name, age] of [
      ["old", 7200],
      ["new", 0],
    ] as const) {
      const part = join(folder, `.job2.state.${name}.part`);
      writeFileSync(part, "");
      utimesSync(part, Date.now() / 1000 - age, Date.now() / 1000 - age);
    }
    writeFileSync(join(folder, "%zz.state"), "not ours");
    store.clean((key) => key === "job:1/é");
    expect(readdirSync(folder).sort()).toEqual(["%zz.state", ".job2.state.new.part", "job2.state"]);
    expect(await store.state("job2").read()).toBeDefined();
    expect(await store.discard()).toBe(true);
    expect(existsSync(join(store.directory, "journal"))).toBe(false);
  });
});

describe("several processes", () => {
  it("write to one folder, are killed, and nothing that was awaited is lost", { timeout: 60_000 }, async () => {
    const directory = join(temporaryFolder(), "study");
    const script = join(import.meta.dirname, "storeWriter.mjs");
    const run = (first: number) =>
      promisify(execFile)(process.execPath, [script, directory, `${first}`]).catch((error) => error) as Promise<{
        stdout: string;
        signal?: string;
      }>;
    const results = await Promise.all([0, 1000, 2000].map(run));
    const awaited = results.flatMap(({ stdout }) => stdout.trim().split("\n"));
    expect(results.map(({ signal }) => signal)).toEqual(["SIGKILL", "SIGKILL", "SIGKILL"]);
    expect(awaited.length).toBeGreaterThanOrEqual(60);
    const store = await readFolderStore(directory);
    const there = await contents(store);
    for (const key of awaited) expect(there.get(key)).toEqual(runOf(Number(key.slice(3))));
    expect(store.findings.filter(({ kind }) => kind !== "unfinished")).toEqual([]);
    await store.close();
  });
});
