// Tries faults of many machines on a small study: what is there in the end must be that of an undisturbed run, with
// nothing lost and nothing twice.
//
//   node scripts/faults.mjs [times] [--kinds killed,hangs] [--seed n] [--keep]
//
// Every kind is tried so many times (1 unless given). Prints one line a kind and exits 1 when anything differs, fails
// or hangs; a kind that cannot be tried here is skipped, with the reason.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as disk from "./faults/disk.mjs";
import * as queue from "./faults/queue.mjs";
import * as shared from "./faults/shared.mjs";
import { noSlurm, slurm } from "./faults/slurm.mjs";
import { generator, openStage, resultsOf, workFolder } from "./faults/stage.mjs";

const { work, remove } = workFolder();
const noMount = () => disk.noMount(work);
const never = () => undefined;

/** Each with why it cannot be tried here, if so. */
const kinds = {
  "workers killed": [shared.killed, never],
  "asked to leave": [shared.asked, never],
  "time is up": [shared.walltime, never],
  "shard killed": [shared.shards, never],
  "worker stands still": [shared.still, never],
  "job hangs": [shared.hangs, never],
  "thread exits": [shared.exits, never],
  "out of memory": [shared.outOfMemory, never],
  "clocks disagree": [shared.clocks, never],
  "plan changed": [shared.planChanged, never],
  "old version": [shared.oldVersion, never],
  "folder deleted": [shared.folderDeleted, never],
  "disk full": [disk.full, noMount],
  "read-only": [disk.readOnly, noMount],
  quota: [disk.quota, never],
  "coordinator killed": [queue.coordinatorKilled, queue.noRedis],
  "queue's workers killed": [queue.workersKilled, queue.noRedis],
  "queue's worker asked": [queue.workerAsked, queue.noRedis],
  "Redis restarted": [queue.redisRestarted, queue.noRedis],
  "Redis emptied": [queue.redisEmptied, queue.noRedis],
  "network cut": [queue.networkCut, queue.noRedis],
  "two coordinators": [queue.twoCoordinators, queue.noRedis],
  "plugin missing": [queue.misfits, queue.noRedis],
  "Slurm tasks killed": [slurm, noSlurm],
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kinds: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    keep: { type: "boolean", default: false },
  },
});
const times = Number(positionals[0] ?? 1);
const names = options.kinds?.split(",").map((name) => name.trim()) ?? Object.keys(kinds);
const unknown = names.find((name) => !(name in kinds));
if (!Number.isInteger(times) || times < 1 || unknown !== undefined) {
  console.error(
    `faults: ${unknown ?? positionals[0]} is not allowed (times: a number from 1; kinds: ${Object.keys(kinds).join(", ")})`,
  );
  process.exit(2);
}

const random = generator(Number(options.seed));
const whole = openStage(work, "whole", random);
await whole.finish(whole.worker());
const expected = await resultsOf(join(whole.folder, "out"));
console.error(`${times} of each kind, seed ${options.seed}; ${expected.count} records undisturbed`);

async function attempt(name, fault) {
  const stage = openStage(work, name.replace(/\W+/g, "-"), random);
  try {
    await fault(stage);
    for (const out of ["out", ...(stage.also ?? [])]) {
      const found = await resultsOf(join(stage.folder, out));
      if (found.conflicts.length > 0) return `conflicts: ${JSON.stringify(found.conflicts.slice(0, 2))}`;
      if (found.failed.length > 0) return `failed: ${found.failed.slice(0, 3).join(", ")}`;
      if (found.count !== expected.count) return `${found.count} records, not ${expected.count}`;
      if (found.hash !== expected.hash) return "results differ";
    }
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    await stage.close();
    stage.later?.();
    if (!options.keep) rmSync(stage.folder, { recursive: true, force: true });
  }
}

let tried = 0;
const failures = [];
for (const name of names) {
  const [fault, obstacle] = kinds[name];
  const reason = obstacle();
  if (reason !== undefined) {
    console.log(`${name.padEnd(24)} skipped: ${reason}`);
    continue;
  }
  const started = performance.now();
  const before = failures.length;
  for (let time = 0; time < times; time++) {
    const failure = await attempt(name, fault);
    tried++;
    if (failure !== undefined) failures.push(`${name}: ${failure}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${name.padEnd(24)} ${times} tried, ${failures.length - before} failed (${seconds} s)`);
}
for (const failure of failures) console.log(failure);
console.log(`${tried} faults, ${failures.length} failures (seed ${options.seed})`);
if (options.keep) console.log(`kept: ${work}`);
else remove();
process.exit(failures.length > 0 ? 1 : 0);
