import { Piscina } from "piscina";
import { afterEach, describe, expect, it, vi } from "vitest";
import { InputError, RunError } from "../../src/config/errors.js";
import { describe as describeError, revive } from "../../src/config/failure.js";
import type { Dataset } from "../../src/config/records.js";
import { createDataset } from "../../src/data/index.js";
import { performJob } from "../../src/study/jobs/index.js";
import type { Job } from "../../src/study/jobs/job.js";
import { gridOf } from "../../src/study/plan/plan.js";
import { trainingJobs } from "../../src/study/plan/trainings.js";
import { datasetExchange } from "../../src/study/run/exchange.js";
import { here } from "../../src/study/run/here.js";
import type { Place } from "../../src/study/run/place.js";
import { runJobs } from "../../src/study/run/run.js";
import { threads } from "../../src/study/run/threads.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { tiny } from "./fixtures.js";

const jobsOf = (more: string[] = [], quantizers = ["emq", "identity"]): Job[] =>
  trainingJobs([gridOf({ preset: "quick", sets: [...tiny.sets!, ...more], quantizers, seeds: [1, 2], drops: 2 })]);

/** Everything that performing some jobs leaves, but for the times. */
async function recordsOf(jobs: readonly Job[], place: Place): Promise<unknown[]> {
  const store = memoryStore();
  try {
    const { failures } = await runJobs(jobs, { store, place });
    const keys = [...store.finished(), ...store.failed()].sort();
    const records: unknown[] = [failures.map(({ job, reason }) => [job.key, reason]).sort()];
    for await (const record of store.select(keys)) records.push(record);
    return records;
  } finally {
    await place.close();
  }
}

describe("places", () => {
  it("give the same records: this thread, one worker, two", async () => {
    // One training breaks off, one cannot even begin.
    const jobs = [
      ...jobsOf(),
      ...jobsOf(["training.optimizer=sgd", "training.optimizer.learningRate=1e38"]),
      ...jobsOf(["data.split=shards", "data.split.classesPerClient=11"]),
    ];
    const alone = await recordsOf(jobs, here());
    expect(alone.length).toBeGreaterThan(jobs.length);
    expect(JSON.stringify(alone)).toMatch(/classesPerClient/);
    expect(JSON.stringify(alone)).toMatch(/"failure":"round \d/);
    expect(await recordsOf(jobs, threads(1))).toEqual(alone);
    expect(await recordsOf(jobs, threads(2))).toEqual(alone);
  }, 60_000);

  it("take records that they can go on from", async () => {
    const [job] = jobsOf();
    for (const place of [here(), threads(1)]) {
      const perform = (wanted: readonly string[], more: object = {}) =>
        place.perform(job!, { wanted: new Set(wanted), onProgress: () => {}, ...more });
      const [trace, ...runs] = await perform(job!.yields);
      expect(trace!.kind).toBe("trace");
      const last = job!.yields.at(-1)!;
      const again = await perform([last], { kept: trace });
      expect(again.slice(1)).toEqual(runs.filter(({ key }) => key === last));
      await place.close();
    }
  }, 60_000);

  it("keep half-done work, and go on from it to the same records", async () => {
    const jobOf = (rounds: number) =>
      jobsOf([
        `rounds=${rounds}`,
        "model=small-cnn",
        "data.trainExamples=2000",
        "budgets.energy=null",
        "budgets.latency=null",
      ])[0]!;
    const place = threads(1);
    const kept: Uint8Array[] = [];
    let reads = 0;
    let reached = 0;
    const controller = new AbortController();
    const state = {
      async read() {
        reads++;
        return kept.at(-1);
      },
      async write(bytes: Uint8Array) {
        kept.push(bytes);
        controller.abort();
      },
    };
    const perform = (job: Job, where: Place, more: object = {}) =>
      where.perform(job, {
        wanted: new Set(job.yields),
        onProgress: ({ done }) => {
          reached = Math.max(reached, done);
        },
        ...more,
      });
    await expect(perform(jobOf(100_000), place, { state, signal: controller.signal })).rejects.toThrow();
    expect(kept).toHaveLength(1);
    // However many rounds are paid for, it is the same training.
    const longer = jobOf(reached + 2);
    const resumed = await perform(longer, place, { state });
    expect(reads).toBe(2);
    expect(resumed).toEqual(await perform(longer, here()));
    await place.close();
  }, 120_000);

  it("end a job that is broken off", async () => {
    const [job] = jobsOf(["rounds=100000", "budgets.energy=null", "budgets.latency=null"]);
    for (const place of [here(), threads(1)]) {
      const controller = new AbortController();
      const options = { wanted: new Set(job!.yields), onProgress: () => controller.abort(), signal: controller.signal };
      await expect(place.perform(job!, options)).rejects.toThrow();
      await place.close();
    }
  }, 60_000);

  it("perform a job of a kind that they do not know by refusing it", () => {
    const unknown = { kind: "traning", key: "a", name: "a", yields: ["a"], payload: null } as never;
    expect(() => performJob(unknown, { wanted: new Set() } as never)).toThrow(/did you mean "training"/);
  });
});

describe("a lost thread", () => {
  afterEach(() => vi.restoreAllMocks());

  it("costs its job one more try, and no other", async () => {
    const pools = new Set<Piscina>();
    const run = Piscina.prototype.run;
    vi.spyOn(Piscina.prototype, "run").mockImplementation(function (this: Piscina, ...given) {
      pools.add(this);
      return run.apply(this, given);
    });
    const jobs = jobsOf();
    const place = threads(2);
    const store = memoryStore();
    let killed = 0;
    const { failures } = await runJobs(jobs, {
      store,
      place,
      onProgress() {
        if (killed++ === 0) void [...pools][0]!.threads[0]!.terminate();
      },
    });
    await place.close();
    expect(killed).toBeGreaterThan(0);
    expect(failures).toEqual([]);
    expect(jobs.flatMap(({ yields }) => yields).every((key) => store.finished().has(key))).toBe(true);
    // Without another try it is a row like any other failure.
    pools.clear();
    killed = 0;
    const once = threads(1);
    const outcome = await runJobs(jobs, {
      store: memoryStore(),
      place: once,
      retries: 0,
      onProgress() {
        if (killed++ === 0) void [...pools][0]!.threads[0]!.terminate();
      },
    });
    await once.close();
    expect(outcome.failures.map(({ reason }) => reason)).toEqual([expect.stringMatching(/worker thread was lost/)]);
  }, 60_000);
});

describe("data sets on several threads", () => {
  const dataset = createDataset({ name: "glyphs", trainExamples: 10, testExamples: 10, channels: 0 } as never, 1);
  const answersOf = () => {
    const exchange = datasetExchange<string>(2);
    const said: [who: string, made: Dataset | null][] = [];
    const want = (key: string, who: string) => exchange.want(key, who, (made) => said.push([who, made]));
    return { exchange, said, want };
  };

  it("are made by who asks first, and waited for by the others", () => {
    const { exchange, said, want } = answersOf();
    want("a", "one");
    want("a", "two");
    expect(said).toEqual([["one", null]]);
    exchange.made("a", dataset);
    want("a", "three");
    expect(said.slice(1)).toEqual([
      ["two", dataset],
      ["three", dataset],
    ]);
  });

  it("are made by the next where the first fails or is gone", () => {
    const { exchange, said, want } = answersOf();
    want("a", "one");
    want("a", "two");
    want("a", "three");
    exchange.made("a", null);
    expect(said.at(-1)).toEqual(["two", null]);
    exchange.lost("two");
    expect(said.at(-1)).toEqual(["three", null]);
    exchange.lost("three");
    want("a", "four");
    expect(said.at(-1)).toEqual(["four", null]);
  });

  it("are forgotten when many others were asked for since", () => {
    const { exchange, said, want } = answersOf();
    for (const key of ["a", "b", "a", "c"]) {
      want(key, key);
      exchange.made(key, dataset);
    }
    said.length = 0;
    for (const key of ["a", "c", "b"]) want(key, key);
    expect(said.map(([key, made]) => [key, made !== null])).toEqual([
      ["a", true],
      ["c", true],
      ["b", false],
    ]);
  });
});

it("errors come through with their class", () => {
  for (const error of [
    new InputError("a.b", "is wrong"),
    new RunError("broke", { round: 3 }),
    new TypeError("other"),
  ]) {
    const revived = revive(structuredClone(describeError(error)));
    expect(revived.message).toBe(error.message);
    expect(revived.stack).toBe(error.stack);
    expect(revived instanceof InputError).toBe(error instanceof InputError);
    expect(revived instanceof RunError).toBe(error instanceof RunError);
  }
  expect(revive(describeError("a word")).message).toBe("a word");
});
