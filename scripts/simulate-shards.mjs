// Simulates a study of many short jobs on many shards that are killed at random: what they leave, put together, must be
// that of one machine, byte for byte.
//
//   node scripts/simulate-shards.mjs [jobs] [shards] [--kills n] [--seed n] [--json]
//
// A job is a training by its key, and what it gives is made up from that key in a millisecond: nothing is trained. Every
// shard writes a folder of its own. A kill ends its runner in the middle of its jobs and cuts off the end of its journal,
// as a machine leaves it that loses its power; then the shard begins again. All folders are merged, status and summary are
// timed, and the exports compared. Exits 1 where they differ, a job is missing or the folder is beyond a gigabyte.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { layOutStudy, runJobs, summarizePart } from "../dist/index.js";
import { exportPart, mergeFolders, openFolderStore, readFolderStore } from "../dist/node.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: "string" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [jobCount, shardCount] = [positionals[0] ?? "100000", positionals[1] ?? "100"].map(Number);
const kills = Number(options.kills ?? 2 * shardCount);
for (const [name, value] of Object.entries({ jobs: jobCount, shards: shardCount, kills, seed: Number(options.seed) })) {
  if (Number.isInteger(value) && value >= (name === "kills" ? 0 : 1)) continue;
  console.error(`simulate-shards: ${name}: ${value} is not allowed (allowed: a whole number)`);
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), "cellfed-shards-"));
const random = generator(Number(options.seed));
const points = Math.min(100, jobCount);
const plan = {
  axes: { rate: { path: "training.optimizer.learningRate", from: 0.01, to: 1, count: points, scale: "log" } },
  seeds: `1..${Math.ceil(jobCount / points)}`,
};

try {
  const begun = performance.now();
  const layout = layOutStudy(plan);
  const laidOut = seconds(begun);
  const alone = join(work, "alone");
  await perform(layout.jobs, alone);
  const shards = Array.from({ length: shardCount }, (_, shard) => ({
    folder: join(work, `shard-${shard}`),
    jobs: layout.jobs.filter((_, i) => i % shardCount === shard),
    kills: 0,
  }));
  for (let kill = 0; kill < kills; kill++) shards[Math.floor(random() * shards.length)].kills++;
  await Promise.all(shards.map(runShard));
  const shared = seconds(begun);

  const merged = join(work, "merged");
  const merging = performance.now();
  const { finished, failed, findings } = await mergeFolders(
    shards.map(({ folder }) => folder),
    merged,
  );
  const merge = seconds(merging);

  const looking = performance.now();
  const store = await readFolderStore(merged);
  const missing = layout.jobs.filter(({ yields }) =>
    yields.some((key) => !store.finished().has(key) && !store.failed().has(key)),
  );
  let timed = 0;
  for await (const _ of store.timings()) timed++;
  const status = seconds(looking);
  const summing = performance.now();
  const groups = await summarizePart(layout.parts[0], store);
  const summary = seconds(summing);
  const exports = [];
  for (const folder of [alone, merged]) {
    const one = await readFolderStore(folder);
    for (const table of ["results", "rounds"]) {
      const path = join(work, "table.csv");
      await exportPart(layout.parts[0], one, path, { format: "csv", table });
      exports.push(createHash("sha256").update(readFileSync(path)).digest("hex"));
    }
    await one.close();
  }
  await store.close();
  const same = exports[0] === exports[2] && exports[1] === exports[3];
  const bytes = sizeOf(merged);
  const conflicts = findings.filter(({ kind, lost }) => kind === "conflict" || lost === true).length;
  const ok = same && missing.length === 0 && conflicts === 0 && bytes < 1e9 && groups.length === points;
  const result = {
    ok,
    jobs: layout.jobs.length,
    shards: shardCount,
    kills,
    finished,
    failed,
    missing: missing.length,
    timed,
    same,
    conflicts,
    bytes,
  };
  const times = { layout: laidOut, performing: shared, merge, status, summary };
  if (options.json) console.log(JSON.stringify({ ...result, seconds: times }, null, 2));
  else {
    console.log(
      `${result.jobs} jobs on ${shardCount} shards, ${kills} kills: ${finished} records, ${failed} failed, ${missing.length} missing`,
    );
    console.log(
      `exports ${same ? "are those of one machine" : "DIFFER from those of one machine"}; ${conflicts} conflicts; ${(bytes / 1e6).toFixed(1)} MB`,
    );
    console.log(
      Object.entries(times)
        .map(([name, time]) => `${name} ${time.toFixed(2)} s`)
        .join(", "),
    );
  }
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Runs a shard to its end, with its kills on the way. */
async function runShard({ folder, jobs, kills: times }) {
  for (let kill = 0; kill < times; kill++) {
    await perform(jobs, folder, Math.floor(random() * jobs.length) + 1);
    const journals = join(folder, "journal");
    const last = readdirSync(journals).sort().at(-1);
    if (last === undefined) continue;
    const path = join(journals, last);
    truncateSync(path, Math.max(0, statSync(path).size - Math.floor(random() * 2000)));
  }
  await perform(jobs, folder);
}

/** @param most jobs after which the runner is ended */
async function perform(jobs, folder, most = Number.POSITIVE_INFINITY) {
  const store = await openFolderStore(folder, { plan: { study: plan }, resume: true });
  const stop = new AbortController();
  let performed = 0;
  const place = {
    slots: 2,
    async perform(job) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (performed++ >= most) stop.abort();
      if (stop.signal.aborted) throw new Error("killed");
      return resultOf(job);
    },
    async close() {},
  };
  await runJobs(jobs, { store, place, signal: stop.signal, leave: new Set(store.failed()) });
  await store.close();
}

/** What a job would give, from its key alone; one in a thousand fails, the same one everywhere. */
function resultOf(job) {
  const draw = generator(Number.parseInt(createHash("sha256").update(job.key).digest("hex").slice(0, 8), 16));
  if (draw() < 1e-3) throw new Error("the job fails wherever it is done");
  const { cells, runs, config } = job.payload;
  const rounds = 10;
  const list = () => Array.from({ length: rounds + 1 }, draw);
  const course = {
    accuracy: list(),
    loss: list(),
    energy: list(),
    latency: list(),
    nominal_bits: list(),
    wire_bits: list(),
  };
  const { cell, labels } = cells[runs[0].cell].names;
  const figures = {
    ended: "rounds",
    reason: "simulated",
    accuracy: draw(),
    test_loss: draw(),
    rounds,
    energy: draw(),
    latency: draw(),
  };
  const value = { cell, labels, trace: job.key, seed: config.seed, drop: runs[0].drop, ...figures, course };
  return [{ kind: "run", key: runs[0].key, value }];
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function seconds(from) {
  return (performance.now() - from) / 1000;
}

/** Uniform in [0, 1): mulberry32. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
