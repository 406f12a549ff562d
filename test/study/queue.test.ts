import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import type { Job } from "../../src/study/jobs/job.js";
import { departure } from "../../src/study/run/departure.js";
import { LostJob, type Place } from "../../src/study/run/place.js";
import { openQueue, parseQueue } from "../../src/study/run/queue/connection.js";
import { idOf, obstacle, requirements } from "../../src/study/run/queue/messages.js";
import { queuePlace } from "../../src/study/run/queue/place.js";
import { workForQueue } from "../../src/study/run/queue/worker.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";
import type { StoreRecord } from "../../src/study/store/record.js";
import { noRedis, type RedisServer, startRedis } from "./redisServer.js";

const jobOf = (number: number): Job => ({
  ...{ kind: "rates", key: `key${number}`, name: `job ${number}`, yields: [`key${number}`] },
  payload: { number },
});
const jobsTo = (count: number): Job[] => Array.from({ length: count }, (_, i) => jobOf(i));
const recordOf = ({ key, payload }: Job): StoreRecord => ({
  ...{ kind: "rates", key, value: { drop: (payload as { number: number }).number } },
});

type Performs = (job: Job, attempt: number, signal: AbortSignal | undefined) => Promise<StoreRecord[]>;

/** A place that performs as it is told, and counts. */
function placeOf(performs: Performs, slots = 2): Place & { performed: string[] } {
  const performed: string[] = [];
  return {
    ...{ slots, performed },
    perform(job, { signal }) {
      performed.push(job.key);
      return performs(job, performed.filter((key) => key === job.key).length, signal as AbortSignal | undefined);
    },
    close: async () => {},
  };
}

const study = { plan: "0123456789abcdef", name: "a study" };

describe("the address of a queue", () => {
  it("is printed without its password", () => {
    const { shown, options } = parseQueue("rediss://someone:s3cr%40t@example.org:6380/2");
    expect(shown).toBe("rediss://example.org:6380/2");
    expect(options).toMatchObject({
      username: "someone",
      password: "s3cr@t",
      db: 2,
      tls: { servername: "example.org" },
    });
  });

  it.each(["redis//host", "http://user:s3cret@host", "user:s3cret@host", "redis://:s3cret@host/first"])(
    "%s is refused",
    (text) => {
      const refused = () => parseQueue(text);
      expect(refused).toThrow(InputError);
      expect(refused).toThrow(/redis:\/\/\[user:password@\]host/);
      expect(refused).not.toThrow(/s3cret/);
    },
  );

  it("where nobody answers is named, with how to start a server", async () => {
    const asked = openQueue("redis://:s3cret@127.0.0.1:1");
    await expect(asked).rejects.toThrow(/127\.0\.0\.1:1 \(connection refused; tried 3 times\): start .*redis-server/);
    await expect(asked).rejects.not.toThrow(/s3cret/);
  });
});

describe("what a worker needs", () => {
  const mine = requirements([{ name: "mine.mjs", path: "/somewhere/mine.mjs", sum: "ab".repeat(32) }]);

  it("is the same version and numerics", () => {
    expect(obstacle(mine, mine)).toBeUndefined();
    expect(obstacle({ ...mine, numerics: 1 }, mine)?.message).toMatch(/numerics 1.*use the same/);
    expect(obstacle({ ...mine, cellfed: "0.0.1" }, mine)?.message).toMatch(/cellfed 0\.0\.1/);
  });

  it("are the study's plugins, under whatever name", () => {
    expect(obstacle(mine, requirements())?.message).toMatch(/needs mine\.mjs .*--plugin mine\.mjs/);
    const other = requirements([{ name: "mine.mjs", path: "", sum: "cd".repeat(32) }]);
    expect(obstacle(mine, other)?.message).toMatch(/is not that of the study/);
    expect(obstacle(mine, requirements([{ name: "x.mjs", path: "", sum: "ab".repeat(32) }]))).toBeUndefined();
  });

  it("finds a job under its key alone", () => {
    const keys = ["a:b", "a%3ab", "123", "123-", "%123", "%d123", "4f0c-1-0"];
    const ids = keys.map(idOf);
    for (const id of ids) expect(id).not.toMatch(/:|^\d+$/);
    expect(new Set(ids).size).toBe(keys.length);
  });
});

describe.skipIf(noRedis !== undefined)(`a queue${noRedis ? ` (${noRedis})` : ""}`, () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(() => server.remove());

  async function emptied() {
    const connection = await openQueue(server.url);
    await connection.redis.flushall();
    return connection;
  }

  /** Runs jobs through the queue with workers; both end by themselves. */
  async function through(jobs: readonly Job[], places: readonly Place[], more: { lock?: number } = {}) {
    const place = await queuePlace(await emptied(), { study, look: 0.5 });
    const store = memoryStore();
    const workers = places.map(async (one) => {
      const connection = await openQueue(server.url);
      const stay = departure();
      try {
        return await workForQueue(connection, { place: one, departure: stay, ...more });
      } finally {
        stay.release();
        await connection.close();
      }
    });
    const outcome = await runJobs(jobs, { store, place });
    await place.over();
    const counts = await Promise.all(workers);
    await place.close();
    return { outcome, store, counts };
  }

  it("brings all results back, whoever performs them", async () => {
    const places = [placeOf(async (job) => [recordOf(job)]), placeOf(async (job) => [recordOf(job)])];
    const { outcome, store, counts } = await through(jobsTo(60), places);
    expect(outcome.failures).toEqual([]);
    expect(store.finished().size).toBe(60);
    expect(counts[0]!.done + counts[1]!.done).toBe(60);
    expect(places.flatMap(({ performed }) => performed)).toHaveLength(60);
    expect(await store.get("key7")).toEqual(recordOf(jobOf(7)));
  });

  it("tries a crash three times more, and an error never again", async () => {
    const place = placeOf(async (job, attempt) => {
      const { number } = job.payload as { number: number };
      if (number === 1 && attempt <= 3) throw new LostJob("its worker thread was lost");
      if (number === 2) throw new LostJob("its worker thread was lost: out of memory");
      if (number === 3) throw new InputError("network.clients", "is too many");
      return [recordOf(job)];
    });
    const { outcome, store } = await through(jobsTo(5), [place]);
    const times = (number: number) => place.performed.filter((key) => key === `key${number}`).length;
    expect([0, 1, 2, 3, 4].map(times)).toEqual([1, 4, 4, 1, 1]);
    expect([...store.failed()].sort()).toEqual(["key2", "key3"]);
    const reasons = outcome.failures.map(({ reason }) => reason).sort();
    expect(reasons).toEqual(["its worker thread was lost: out of memory", "network.clients: is too many"]);
  });

  it("gives a worker's job to another when it says nothing any more", async () => {
    const place = await queuePlace(await emptied(), { study, look: 0.5 });
    // As a worker that was killed leaves it: taken, and never spoken of again
    const dead = await openQueue(server.url);
    const { Worker } = dead.packages.bullmq;
    const taken = new Worker("jobs", null, {
      ...{ connection: dead.another(), prefix: "cellfed", lockDuration: 1000, skipLockRenewal: true },
    });
    const store = memoryStore();
    const running = runJobs(jobsTo(3), { store, place });
    while ((await taken.getNextJob("dead")) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    const connection = await openQueue(server.url);
    const stay = departure();
    const worker = workForQueue(connection, {
      ...{ place: placeOf(async (job) => [recordOf(job)]), departure: stay, lock: 1 },
    });
    expect((await running).failures).toEqual([]);
    expect(store.finished().size).toBe(3);
    await place.over();
    expect(await worker).toEqual({ done: 3, failed: 0 });
    await Promise.all([taken.close(), connection.close(), place.close()]);
    await dead.close();
  });

  it("loses nothing with the server's memory", async () => {
    const connection = await emptied();
    const place = await queuePlace(connection, { study, look: 0.5 });
    const store = memoryStore();
    const far = await openQueue(server.url);
    const stay = departure();
    let performed = 0;
    const slow = placeOf(async (job) => {
      performed++;
      if (performed === 5) await server.stop().then(() => server.start({ kept: false }));
      if (performed === 12) await server.stop().then(() => server.start({ kept: true }));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [recordOf(job)];
    });
    const worker = workForQueue(far, { place: slow, departure: stay, lock: 2 });
    const { failures } = await runJobs(jobsTo(30), { store, place });
    expect(failures).toEqual([]);
    expect([...store.finished()].sort()).toEqual(
      jobsTo(30)
        .map(({ key }) => key)
        .sort(),
    );
    await place.over();
    await worker;
    await far.close();
    await place.close();
  }, 60_000);

  it("lets a worker go when the server has lost its memory and no coordinator is left to tell it again", async () => {
    const place = await queuePlace(await emptied(), { study, look: 0.5 });
    const far = await openQueue(server.url);
    const said: string[] = [];
    const here = placeOf(async (job) => [recordOf(job)]);
    const options = { place: here, silence: 1, say: (line: string) => said.push(line) };
    const worker = workForQueue(far, { ...options, departure: departure() });
    await runJobs(jobsTo(3), { store: memoryStore(), place });
    await place.close(); // without a word that the study is over
    await server.stop();
    await server.start({ kept: false });
    expect(await worker).toEqual({ done: 3, failed: 0 });
    expect(said.at(-1)).toMatch(/has forgotten its studies/);
    await far.close();
  });

  it("serves two who coordinate the same study", async () => {
    const places = await Promise.all([
      queuePlace(await emptied(), { study, look: 0.5 }),
      queuePlace(await openQueue(server.url), { study, look: 0.5 }),
    ]);
    const far = await openQueue(server.url);
    const here = placeOf(async (job) => [recordOf(job)]);
    const worker = workForQueue(far, { place: here, departure: departure() });
    const stores = [memoryStore(), memoryStore()];
    await Promise.all(places.map((place, i) => runJobs(jobsTo(40), { store: stores[i]!, place })));
    for (const store of stores) expect(store.finished().size).toBe(40);
    await places[0]!.over();
    await places[1]!.over();
    await worker;
    await Promise.all([far.close(), ...places.map((place) => place.close())]);
  });

  it("lets a worker leave: jobs under way are given back at once", async () => {
    const place = await queuePlace(await emptied(), { study, look: 0.5 });
    const store = memoryStore();
    const asked = new AbortController();
    const first = await openQueue(server.url);
    const leaving = departure({ asked: asked.signal, grace: 0.1 });
    let begun = 0;
    const hanging = placeOf((_job, _attempt, signal) => {
      begun++;
      if (begun === 2) asked.abort();
      return new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    const running = runJobs(jobsTo(4), { store, place });
    expect(await workForQueue(first, { place: hanging, departure: leaving })).toEqual({ done: 0, failed: 0 });
    leaving.release();
    await first.close();
    const second = await openQueue(server.url);
    const worker = workForQueue(second, { place: placeOf(async (job) => [recordOf(job)]), departure: departure() });
    const begunAt = performance.now();
    expect((await running).failures).toEqual([]);
    expect(performance.now() - begunAt).toBeLessThan(30_000); // the lock alone lasts twice as long
    await place.over();
    expect((await worker).done).toBe(4);
    await second.close();
    await place.close();
  });

  it("refuses a worker that lacks what the study needs, before it takes a job", async () => {
    const plugins = [{ name: "mine.mjs", path: "/mine.mjs", sum: "ab".repeat(32) }];
    const place = await queuePlace(await emptied(), { study, plugins, look: 0.5 });
    const far = await openQueue(server.url);
    const idle = placeOf(async (job) => [recordOf(job)]);
    const work = (more: object) => workForQueue(far, { place: idle, departure: departure(), ...more });
    await expect(work({})).rejects.toThrow(/--plugin: the study there needs mine\.mjs/);
    await expect(work({ plugins, plan: "another" })).rejects.toThrow(/another plan \(0123456789abcdef there, another/);
    expect(idle.performed).toEqual([]);
    await far.close();
    await place.close();
  });
});
