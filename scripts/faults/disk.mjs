// Faults of the disk: a small file system in memory (as root), limits of the shell.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cli, isRoot } from "./stage.mjs";

function mount(...words) {
  const { status, stderr } = spawnSync("mount", words, { encoding: "utf8" });
  return status === 0 ? undefined : stderr.trim() || "mount failed";
}

/** @returns why not, where it cannot be tried */
export function noMount(folder) {
  if (!isRoot) return "needs root";
  const reason = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
  if (reason === undefined) spawnSync("umount", ["-l", folder]);
  return reason;
}

async function onSmallDisk(stage, options, use) {
  const out = join(stage.folder, "out");
  mkdirSync(out);
  const reason = mount("-t", "tmpfs", "-o", options, "tmpfs", out);
  if (reason !== undefined) throw new Error(reason);
  try {
    return await use(out);
  } finally {
    stage.later = () => spawnSync("umount", ["-l", out]);
  }
}

/** It fills up; once there is room, the same command goes on. */
export const full = (stage) =>
  onSmallDisk(stage, "size=100k", async (out) => {
    const worker = stage.worker();
    await worker.ended;
    if (worker.status !== 1 || !/disk is full/.test(worker.said)) throw new Error(`${worker.status}: ${worker.said}`);
    mount("-o", "remount,size=64m", out);
    await stage.finish(stage.worker());
  });

export const readOnly = (stage) =>
  onSmallDisk(stage, "size=64m,ro", async (out) => {
    const worker = stage.worker();
    await worker.ended;
    if (worker.status === 0 || !/read-only/.test(worker.said)) throw new Error(`${worker.status}: ${worker.said}`);
    mount("-o", "remount,rw", out);
    await stage.finish(stage.worker());
  });

/** Files may not grow: as a quota ends them. */
export async function quota(stage) {
  const words = "study work plan.json --out out --workers 1";
  const worker = stage.start([], { shell: `ulimit -f 60; exec ${process.execPath} ${cli} ${words}` });
  await worker.ended;
  if (worker.status === 0) throw new Error(`it did not notice: ${worker.said}`);
  await stage.finish(stage.worker());
}
