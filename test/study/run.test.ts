import { describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import type { Job } from "../../src/study/jobs/job.js";
import { LostJob, type PerformOptions, type Place } from "../../src/study/run/place.js";
import type { StudyProgress } from "../../src/study/run/progress.js";
import { runJobs } from "../../src/study/run/run.js";
import type { StoreRecord } from "../../src/study/store/contract.js";
import { memoryStore } from "../../src/study/store/memory.js";

const job = (key: string, more: Partial<Job> = {}): Job => ({
  kind: "pricing",
  key,
  name: `job ${key}`,
  yields: [key],
  payload: null,
  ...more,
});
const recordOf = (key: string): StoreRecord => ({ kind: "pricing", key, value: { of: key } });

/** A place where every job gives its records, unless something else is done for it. */
function place(special: Record<string, (options: PerformOptions) => Promise<StoreRecord[]>> = {}, slots = 1) {
  const performed: string[] = [];
  const here: Place = {
    slots,
    async perform({ key, yields }, options) {
      performed.push(key);
      const records = await (special[key]?.(options) ?? yields.map(recordOf));
      return records.filter((record) => options.wanted.has(record.key) || !yields.includes(record.key));
    },
    async close() {},
  };
  return { here, performed };
}

describe("the runner", () => {
  it("performs what the store has not, the longest first, and asks for no more than is missing", async () => {
    const store = memoryStore();
    await store.add([recordOf("a"), recordOf("b1")]);
    const wanted: string[][] = [];
    const two = job("b", { yields: ["b1", "b2"] });
    const { here, performed } = place({
      b: async (options) => {
        wanted.push([...options.wanted]);
        return [recordOf("b2")];
      },
    });
    const jobs = [job("a"), two, job("short", { cost: 1 }), job("long", { cost: 9 })];
    const outcome = await runJobs(jobs, { store, place: here });
    expect(outcome).toEqual({ failures: [], interrupted: false });
    expect(performed).toEqual(["long", "short", "b"]);
    expect(wanted).toEqual([["b2"]]);
    expect([...store.finished()].sort()).toEqual(["a", "b1", "b2", "long", "short"]);
    const again = place();
    await runJobs(jobs, { store, place: again.here });
    expect(again.performed).toEqual([]);
  });

  it("hands on what the store has under the job's own key, and where half-done work is kept until it is done", async () => {
    const store = memoryStore();
    await store.add([recordOf("training")]);
    const seen: unknown[] = [];
    const removed: string[] = [];
    const { here } = place({
      training: async ({ kept, state }) => {
        seen.push(kept?.value, await state!.read());
        return [recordOf("run")];
      },
      broken: async () => {
        throw new Error("no");
      },
    });
    const state = (key: string) => ({
      read: async () => new Uint8Array([7]),
      write: async () => {},
      remove: () => void removed.push(key),
    });
    await runJobs([job("training", { yields: ["run"] }), job("broken")], { store, place: here, state });
    expect(seen).toEqual([{ of: "training" }, new Uint8Array([7])]);
    expect(removed).toEqual(["training"]);
  });

  it("keeps a failure as a row, goes on with the others, and tries it again when it is resumed", async () => {
    const store = memoryStore();
    const broken = { bad: async () => Promise.reject(new Error("it broke")) };
    const jobs = [job("good"), job("bad"), job("other")];
    const told: StudyProgress[] = [];
    const { failures } = await runJobs(jobs, { store, place: place(broken).here, onProgress: (p) => told.push(p) });
    expect(failures).toMatchObject([{ job: { key: "bad" }, reason: "it broke" }]);
    expect(await store.get("bad")).toEqual({ kind: "pricing", key: "bad", failure: "it broke", value: {} });
    expect(told.at(-1)).toMatchObject({ jobs: 3, done: 3, failed: 1, share: 1 });
    const again = place();
    expect((await runJobs(jobs, { store, place: again.here })).failures).toEqual([]);
    expect(again.performed).toEqual(["bad"]);
    expect(await store.get("bad")).toEqual(recordOf("bad"));
  });

  it("tries again where a worker was lost, and gives up after the last try", async () => {
    let losses = 0;
    const lost = (times: number) => async () => {
      if (losses++ < times) throw new LostJob("its thread ended");
      return [recordOf("a")];
    };
    const once = memoryStore();
    expect((await runJobs([job("a")], { store: once, place: place({ a: lost(1) }).here })).failures).toEqual([]);
    expect(await once.get("a")).toEqual(recordOf("a"));
    losses = 0;
    const twice = memoryStore();
    const { failures } = await runJobs([job("a"), job("b")], { store: twice, place: place({ a: lost(2) }).here });
    expect(failures).toMatchObject([{ job: { key: "a" }, reason: "its thread ended" }]);
    expect([...twice.finished()]).toEqual(["b"]);
    losses = 0;
    const patient = await runJobs([job("a")], { store: memoryStore(), place: place({ a: lost(2) }).here, retries: 2 });
    expect(patient.failures).toEqual([]);
  });

  it("does not try again what would fail again", async () => {
    const { here, performed } = place({ a: async () => Promise.reject(new Error("always")) });
    await runJobs([job("a")], { store: memoryStore(), place: here, retries: 5 });
    expect(performed).toEqual(["a"]);
  });

  it("ends at bad input before anything is finished, and keeps it as a failure later", async () => {
    const bad = { bad: async () => Promise.reject(new InputError("data.split", "cannot be made")) };
    const early = memoryStore();
    const first = runJobs([job("bad"), job("good")], { store: early, place: place(bad).here });
    await expect(first).rejects.toThrow(InputError);
    expect(early.finished().size + early.failed().size).toBe(0);
    const late = memoryStore();
    const { failures } = await runJobs([job("good"), job("bad")], { store: late, place: place(bad).here });
    expect(failures.map(({ reason }) => reason)).toEqual(["data.split: cannot be made"]);
    const resumed = memoryStore();
    await resumed.add([recordOf("before")]);
    expect(
      (await runJobs([job("before"), job("bad")], { store: resumed, place: place(bad).here })).failures,
    ).toHaveLength(1);
  });

  it("breaks off what is under way when it is aborted, and keeps what is finished", async () => {
    const controller = new AbortController();
    const store = memoryStore();
    const hanging = (options: PerformOptions) =>
      new Promise<StoreRecord[]>((_, reject) => {
        options.signal!.addEventListener("abort", () => reject(new Error("broken off")));
        setTimeout(() => controller.abort(), 5);
      });
    const { here, performed } = place({ b: hanging, c: hanging }, 2);
    const outcome = await runJobs([job("a"), job("b"), job("c"), job("d")], {
      store,
      place: here,
      signal: controller.signal,
    });
    expect(outcome).toEqual({ failures: [], interrupted: true });
    expect(performed).toEqual(["a", "b", "c"]);
    expect([...store.finished()]).toEqual(["a"]);
    expect(store.failed().size).toBe(0);
    const none = place();
    const aborted = await runJobs([job("d")], { store, place: none.here, signal: AbortSignal.abort() });
    expect(aborted.interrupted).toBe(true);
    expect(none.performed).toEqual([]);
  });

  it("ends when the store cannot keep a record", async () => {
    const store = memoryStore();
    const full = { ...store, add: () => Promise.reject(new Error("the disk is full")) };
    const { here, performed } = place();
    const jobs = ["a", "b", "c", "d"].map((key) => job(key));
    await expect(runJobs(jobs, { store: full, place: here })).rejects.toThrow(/disk is full/);
    // One may be under way while the first is on its way to the disk.
    expect(performed).toEqual(["a", "b"]);
  });

  it("tells how far it is by the jobs' own steps and what they cost", async () => {
    const told: StudyProgress[] = [];
    const halfway = async ({ onProgress }: PerformOptions) => {
      onProgress({ done: 2, expected: 4, note: "half" });
      return [recordOf("long")];
    };
    const { here } = place({ long: halfway });
    const jobs = [job("long", { cost: 3 }), job("short", { cost: 1 })];
    await runJobs(jobs, { store: memoryStore(), place: here, onProgress: (p) => told.push(p) });
    expect(told.map(({ done, share }) => [done, share])).toEqual([
      [0, 0.375],
      [1, 0.75],
      [2, 1],
    ]);
    expect(told[0]!.job).toEqual({ name: "job long", done: 2, expected: 4, note: "half" });
    expect(told[0]!.secondsLeft).toBeGreaterThanOrEqual(0);
    expect(told.at(-1)!.secondsLeft).toBe(0);
  });

  it("records how long a job took, apart from its results", async () => {
    const store = memoryStore();
    await runJobs([job("a")], { store, place: place().here });
    const timings = [];
    for await (const timing of store.timings()) timings.push(timing);
    expect(timings).toMatchObject([{ kind: "timing", key: "a", value: { job: "pricing", name: "job a" } }]);
  });
});
