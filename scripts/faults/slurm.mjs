// A real Slurm on this machine, set up in a folder of its own: an array of tasks, some killed, some requeued.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { cli, freePort, has, isRoot, sleep } from "./stage.mjs";

export function noSlurm() {
  if (!isRoot) return "needs root";
  const missing = ["slurmctld", "slurmd", "sbatch", "munged"].filter((program) => !has(program));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")} (Debian: slurm-wlm, munge)`;
}

export async function slurm(stage) {
  const cluster = await openCluster(join(stage.folder, "slurm"), stage);
  try {
    const command = join(stage.folder, "cellfed");
    writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${cli} "$@" --take-over 5s --grace 1s\n`);
    chmodSync(command, 0o755);
    const script = stage.start([
      ...["study", "script", "slurm", "plan.json", "--tasks", "8", "--time", "10m", "--out", "out"],
      ...["--command", command],
    ]);
    let text = "";
    script.child.stdout.on("data", (part) => {
      text += part;
    });
    await stage.finish(script);
    writeFileSync(join(stage.folder, "array.sh"), text);
    const array = cluster.ask("sbatch", "--parsable", "--chdir", stage.folder, join(stage.folder, "array.sh")).trim();
    await stage.underway();
    const hit = cluster.running(array).slice(0, 4);
    if (hit.length === 0) throw new Error("every task had ended before one could be killed");
    for (const task of hit) {
      const number = Number(task.split("_")[1]);
      if (number % 2 === 0) cluster.ask("scontrol", "requeue", task);
      else cluster.ask("scancel", "--signal=KILL", "--full", task);
    }
    await cluster.until(() => {
      // Slurm lets a task that is put back wait for two minutes, which nothing depends on
      for (const task of cluster.tasks(array, "PD"))
        cluster.ask("scontrol", "update", `JobId=${task}`, "StartTime=now");
      return cluster.ask("squeue", "-h", "-r").trim() === "";
    }, 240);
    // A task that was killed is not started again by Slurm: whoever is there took over; if nobody was, as users do, once more
    await stage.finish(stage.worker());
  } finally {
    await cluster.close();
  }
}

async function openCluster(folder, stage) {
  for (const name of ["state", "spool", "munge"]) mkdirSync(join(folder, name), { recursive: true });
  const host = hostname().split(".")[0];
  const [port, nodePort] = [await freePort(), await freePort()];
  const socket = join(folder, "munge", "socket");
  const key = join(folder, "munge", "key");
  writeFileSync(key, randomBytes(128), { mode: 0o400 });
  chmodSync(join(folder, "munge"), 0o755);
  const file = join(folder, "slurm.conf");
  writeFileSync(
    file,
    `ClusterName=faults
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmdPort=${nodePort}
AuthType=auth/munge
AuthInfo=socket=${socket}
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
MpiDefault=none
KillWait=2
MinJobAge=2
SchedulerParameters=sched_interval=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=${host} NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
`,
  );
  const env = { ...process.env, SLURM_CONF: file, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const daemons = [];
  const daemon = (program, ...words) => {
    const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    child.said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        child.said += text;
      });
    }
    daemons.unshift(child);
  };
  const mungeFiles = ["pid-file", "log-file", "seed-file"].map((name) => `--${name}=${join(folder, "munge", name)}`);
  daemon("munged", "--foreground", "--force", `--socket=${socket}`, `--key-file=${key}`, ...mungeFiles);
  await sleep(1);
  daemon("slurmctld", "-D", "-i");
  daemon("slurmd", "-D");
  const ask = (program, ...words) => {
    const { stdout, stderr, status } = spawnSync(program, words, { env, encoding: "utf8", cwd: stage.folder });
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  const cluster = {
    ask,
    running: (array) => cluster.tasks(array, "R"),
    tasks: (array, state) =>
      ask("squeue", "-h", "-r", "-t", state, "-o", "%i")
        .split("\n")
        .filter((id) => id.startsWith(`${array}_`)),
    async until(test, seconds = 60) {
      for (let waited = 0; waited < seconds; waited += 0.5) {
        try {
          if (test()) return;
        } catch {
          // it is not up yet
        }
        await sleep(0.5);
      }
      const said = daemons.map((one) => one.said.split("\n").slice(-5).join(" | ")).join(" || ");
      throw new Error(`Slurm: waited ${seconds} s in vain: ${said}`);
    },
    async close() {
      for (const child of daemons) {
        const ended = new Promise((done) => child.once("close", done));
        if (child.exitCode === null && child.signalCode === null) {
          child.kill("SIGKILL");
          await ended;
        }
      }
    },
  };
  try {
    await cluster.until(() => /idle/.test(ask("sinfo")));
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}
