import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import type { Job } from "../../src/study/jobs/job.js";
import { attended } from "../../src/study/run/attended.js";
import { departure } from "../../src/study/run/departure.js";
import { LostJob, type Place } from "../../src/study/run/place.js";
import { blocksOf, parseShard, shardOf, workTogether } from "../../src/study/run/work.js";
import { openClaims, workersOf } from "../../src/study/store/claims.js";
import { openFolderStore } from "../../src/study/store/folder.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { temporaryFolder } from "./temporaryFolder.js";

const jobOf = (number: number, cost = 1): Job => ({
  ...{ kind: "rates", key: `key${number}`, name: `job ${number}`, yields: [`key${number}`], cost },
  payload: {},
});
const jobsTo = (count: number): Job[] => Array.from({ length: count }, (_, i) => jobOf(i, i % 7));

/** Performs at once, and counts. */
function placeOf(slots = 2, before: (job: Job) => Promise<void> | void = () => {}): Place & { performed: string[] } {
  const performed: string[] = [];
  return {
    ...{ slots, performed },
    async perform(job) {
      performed.push(job.key);
      await before(job);
      return [{ kind: "rates", key: job.key, value: { drop: 1 } }];
    },
    close: async () => {},
  };
}

describe("blocks and shards", () => {
  it("hold every job once, the longest first", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 40 }), (count, shards) => {
        const jobs = jobsTo(count);
        const whole = [...jobs].map(({ key }) => key).sort();
        const blocks = blocksOf(jobs);
        expect(blocks.length).toBeLessThanOrEqual(1024);
        expect(
          blocks
            .flat()
            .map(({ key }) => key)
            .sort(),
        ).toEqual(whole);
        const costs = blocks.flat().map(({ cost }) => cost!);
        expect(costs).toEqual([...costs].sort((a, b) => b - a));
        // In whatever order a machine lays the jobs out
        expect(blocksOf([...jobs].reverse())).toEqual(blocks);
        const all = Array.from({ length: shards }, (_, i) => shardOf(jobs, { shard: i + 1, shards }).flat());
        expect(
          all
            .flat()
            .map(({ key }) => key)
            .sort(),
        ).toEqual(whole);
        const sizes = all.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 8 },
    );
  });

  it("are named i/n", () => {
    expect(parseShard("3/100")).toEqual({ shard: 3, shards: 100 });
    for (const text of ["0/3", "4/3"])
      expect(() => parseShard(text)).toThrow(/--shard: \d\/3: there are shards 1 to 3/);
    for (const text of ["", "3", "1/0", "a/b", "1/2/3", "-1/2"]) expect(() => parseShard(text)).toThrow(InputError);
  });
});

describe("claims", () => {
  it("give a block to one only", () => {
    const directory = temporaryFolder();
    const workers = Array.from({ length: 5 }, (_, i) => openClaims(directory, { writer: `w${i}`, threads: 1 }));
    const taken = workers.map((claims) => {
      claims.look();
      return Array.from({ length: 20 }, (_, block) => claims.take(block));
    });
    for (let block = 0; block < 20; block++) {
      expect(taken.map((found) => found[block]).filter((found) => found !== undefined)).toEqual(["free"]);
    }
    expect(workersOf(directory).map(({ writer }) => writer)).toEqual(["w0", "w1", "w2", "w3", "w4"]);
  });

  it("of a worker that says nothing any more are taken over after a while, on the clock of whoever looks", () => {
    const directory = temporaryFolder();
    const open = (writer: string) => {
      const clock = { now: 1e6 * Math.random() };
      const claims = openClaims(directory, { writer, threads: 1, silence: 100, now: () => clock.now });
      const take = (block: number) => {
        claims.look();
        return claims.take(block);
      };
      return { clock, claims, take };
    };
    const [first, second, third] = [open("first"), open("second"), open("third")] as const;
    expect(first.take(0)).toBe("free");
    expect(second.take(0)).toBeUndefined();
    second.clock.now += 90;
    first.claims.beat(1);
    second.clock.now += 90;
    expect(second.take(0)).toBeUndefined(); // it gave a sign in between
    second.clock.now += 101;
    expect(second.take(0)).toBe("left");
    expect(third.take(0)).toBeUndefined(); // it is the second one's now
    second.claims.leave();
    expect(third.take(0)).toBe("left");
  });

  it("of a worker that never said who it is are taken over as well", () => {
    const directory = temporaryFolder();
    let now = 0;
    const claims = openClaims(directory, { writer: "one", threads: 1, silence: 10, now: () => now });
    claims.look();
    expect(claims.take(1)).toBe("free");
    writeFileSync(join(directory, "claims", "0.0"), ""); // killed between making the file and writing its name
    claims.look();
    expect(claims.take(0)).toBeUndefined();
    now = 11;
    claims.look();
    expect(claims.take(0)).toBe("left");
  });
});

describe("workers together", () => {
  async function worker(directory: string, jobs: readonly Job[], place: Place, going = departure()) {
    const store = await openFolderStore(directory, { resume: true, plan: "one" });
    const claims = openClaims(directory, { writer: store.writer, threads: 1, silence: 1 });
    try {
      const outcome = await workTogether({
        blocks: blocksOf(jobs),
        store,
        place,
        claims,
        departure: going,
        look: 0.05,
      });
      if (outcome.left === 0) claims.clear();
      return { ...outcome, finished: store.finished().size };
    } finally {
      claims.leave();
      await store.close();
    }
  }

  it("do every job once, see what the others did, and leave nothing lying about", async () => {
    const directory = temporaryFolder();
    const jobs = jobsTo(50);
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
    const places = [placeOf(2, slow), placeOf(1, slow), placeOf(3, slow)];
    const outcomes = await Promise.all(places.map((place) => worker(directory, jobs, place)));
    expect(places.flatMap(({ performed }) => performed).sort()).toEqual(jobs.map(({ key }) => key).sort());
    for (const { left, finished } of outcomes) expect({ left, finished }).toEqual({ left: 0, finished: 50 });
    expect(readdirSync(directory).sort()).toEqual(["journal", "plan.json"]);
  });

  it("take over from one that left, and from one that was lost", async () => {
    const directory = temporaryFolder();
    const jobs = jobsTo(6);
    const asked = new AbortController();
    const first = placeOf(1, () => asked.abort());
    const gone = await worker(directory, jobs, first, departure({ asked: asked.signal, grace: 5 }));
    expect(gone).toMatchObject({ done: 1, left: 5 });
    // As one that was killed on another machine leaves it
    mkClaim(directory, "0.1");
    const second = placeOf(1);
    expect(await worker(directory, jobs, second)).toMatchObject({ done: 5, left: 0 });
    expect(existsSync(join(directory, "claims"))).toBe(false);
  });

  it("leave failures as they are, and stop when the store does", async () => {
    const jobs = jobsTo(4);
    const store = memoryStore();
    await store.add([{ kind: "rates", key: "key2", failure: "it was so", value: {} }]);
    const place = placeOf(1);
    const outcome = await workTogether({
      blocks: shardOf(jobs, { shard: 1, shards: 1 }),
      store,
      place,
      departure: departure(),
    });
    expect(outcome).toMatchObject({ done: 3, left: 0 });
    expect(place.performed).not.toContain("key2");
    const full = { ...memoryStore(), add: () => Promise.reject(new Error("the disk is full")) };
    const broken = placeOf(2);
    await expect(
      workTogether({ blocks: blocksOf(jobsTo(20)), store: full, place: broken, departure: departure() }),
    ).rejects.toThrow(/disk is full/);
    expect(broken.performed.length).toBeLessThan(5);
  });
});

describe("a worker that comes and goes", () => {
  it("takes no more when its time is nearly up, and breaks off later", async () => {
    const going = departure({ time: 0.3, before: 0.15 });
    expect(going.reason()).toBeUndefined();
    await new Promise((resolve) => going.drain.addEventListener("abort", resolve));
    expect(going.reason()).toBe("time");
    expect(going.stop.aborted).toBe(false);
    await new Promise((resolve) => going.stop.addEventListener("abort", resolve));
    going.release();
  });

  it("gives up a job that says nothing", async () => {
    const hanging: Place = {
      slots: 1,
      perform: (_job, { signal }) =>
        new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted")))),
      close: async () => {},
    };
    const options = { wanted: new Set<string>(), onProgress: () => {} };
    await expect(attended(hanging, 0.05).perform(jobOf(1), options)).rejects.toThrow(LostJob);
    // What ends it from outside is not its own fault
    const stop = new AbortController();
    const ended = attended(hanging, 1000).perform(jobOf(1), { ...options, signal: stop.signal });
    stop.abort();
    await expect(ended).rejects.toThrow("aborted");
  });
});

function mkClaim(directory: string, name: string): void {
  writeFileSync(join(directory, "claims", name), "somebody-else\n");
}
