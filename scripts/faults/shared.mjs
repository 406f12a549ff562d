// Faults of workers that share a folder.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "./stage.mjs";

/** Several workers; each is killed at a random moment and another comes in its place, so often. */
export async function killed(stage, { kills = 3 } = {}) {
  const workers = [stage.worker(), stage.worker()];
  for (let kill = 0; kill < kills; kill++) {
    await stage.underway((0.9 * kill) / kills, (0.9 * (kill + 1)) / kills);
    await workers.shift().kill();
    workers.push(stage.worker());
  }
  for (const worker of workers) await stage.finish(worker);
  return kills;
}

/** As Slurm and Kubernetes ask to leave: SIGTERM, then another comes. */
export async function asked(stage) {
  const first = stage.worker();
  await stage.underway();
  await first.kill("SIGTERM");
  if (first.status !== 143 && first.status !== 0) throw new Error(`SIGTERM: ended with ${first.status}: ${first.said}`);
  await stage.finish(stage.worker());
}

/** Its time is up again and again. */
export async function walltime(stage) {
  for (let turn = 0; turn < 100; turn++) {
    const worker = stage.worker(["--time", "3s", "--stop-before", "1.5s"]);
    await worker.ended;
    if (worker.status === 0) return;
    if (worker.status !== 75) throw new Error(`ended with ${worker.status}: ${worker.said}`);
  }
  throw new Error("no end");
}

/** Fixed shards, one of them killed and started again. */
export async function shards(stage) {
  const shard = (i) => stage.worker(["--shard", `${i}/3`]);
  const workers = [shard(1), shard(2), shard(3)];
  await stage.underway();
  await workers[1].kill();
  workers[1] = shard(2);
  for (const worker of workers) await stage.finish(worker);
}

/** A process that stands still is taken over from; when it wakes up, it does no harm. */
export async function still(stage) {
  const first = stage.worker();
  await stage.underway();
  first.kill("SIGSTOP");
  await stage.finish(stage.worker());
  first.kill("SIGCONT");
  await stage.finish(first);
}

const misbehaving = (fault, more = [], env = {}) =>
  async function misbehave(stage) {
    const mark = join(stage.folder, "mark");
    const worker = stage.worker(more, { env: { CELLFED_FAULT: fault, CELLFED_FAULT_MARK: mark, ...env } });
    await stage.finish(worker);
    readFileSync(mark); // the fault came
    rmSync(mark);
  };
export const hangs = misbehaving("hang", ["--patience", "2s"]);
export const exits = misbehaving("exit");
export const outOfMemory = misbehaving("memory", [], { NODE_OPTIONS: "--max-old-space-size=96" });

/** A day before and a day after. */
export async function clocks(stage) {
  const shifted = (days) => {
    const file = join(stage.folder, `clock${days}.mjs`);
    writeFileSync(file, `const now = Date.now; Date.now = () => now() + ${days * 86_400_000};\n`);
    return stage.worker([], { env: { NODE_OPTIONS: `--import=file://${file}` } });
  };
  const workers = [shifted(-1), shifted(1)];
  await stage.underway();
  await workers[0].kill();
  await stage.finish(workers[1]);
}

/** Another plan in the same file: who comes later is refused, who is there goes on. */
export async function planChanged(stage) {
  const first = stage.worker();
  await stage.underway();
  const path = join(stage.folder, "plan.json");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace('"rounds": 30', '"rounds": 31'));
  const other = stage.worker();
  await other.ended;
  if (other.status !== 2 || !/another plan/.test(other.said))
    throw new Error(`not refused: ${other.status} ${other.said}`);
  await stage.finish(first);
  writeFileSync(path, text);
  await stage.finish(stage.worker());
}

/** A journal of other numerics: nobody mixes them. */
export async function oldVersion(stage) {
  const first = stage.worker();
  await stage.underway();
  await first.kill();
  const folder = join(stage.folder, "out", "journal");
  const [name] = readdirSync(folder);
  const [header] = readFileSync(join(folder, name), "utf8").split("\n");
  const text = header.slice(0, header.lastIndexOf(',"check"')).replaceAll(/"numerics":\d+/g, '"numerics":1');
  const old = join(folder, "old.jsonl");
  writeFileSync(old, `${text},"check":"${crc32(text).toString(16).padStart(8, "0")}"}\n`);
  const worker = stage.worker();
  await worker.ended;
  if (worker.status !== 2 || !/numerics/.test(worker.said))
    throw new Error(`not refused: ${worker.status} ${worker.said}`);
  rmSync(old);
  await stage.finish(stage.worker());
}

function crc32(text) {
  let sum = ~0;
  for (const byte of Buffer.from(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** The folder is deleted under way: said at once, and everything is done anew. */
export async function folderDeleted(stage) {
  const worker = stage.worker();
  await stage.underway();
  await removeUnderway(join(stage.folder, "out"));
  await worker.ended;
  if (worker.status === 0) throw new Error("it did not notice");
  rmSync(join(stage.folder, "out"), { recursive: true, force: true });
  await stage.finish(stage.worker());
}

/** Deletes a folder that a worker still writes to: a file that comes while the others go asks for another try. */
async function removeUnderway(folder) {
  for (let tries = 1; ; tries++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "ENOTEMPTY" || tries === 100) throw error;
      await sleep(0.02);
    }
  }
}
