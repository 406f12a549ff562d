import { Command } from "commander";
import type { StudyScriptOptions } from "../actions/studyScript.js";
import type { StudyServeOptions } from "../actions/studyServe.js";
import type { StudyWorkOptions } from "../actions/studyWork.js";
import { withShared } from "./options.js";

/** `cellfed study work`: one of the workers of a study that several machines share. */
export function workSubcommand(): Command {
  const command = new Command("work")
    .description("work on a study together with others, on this machine or any other, until it is done")
    .argument("[plan]", "the plan, the same for all; with --queue it may be left out")
    .option("--shard <i/n>", "a fixed share of the jobs, such as 3/100 (default: the next that nobody has)")
    .option("--queue <url>", "take jobs from a queue: redis://… or rediss://… (or $CELLFED_QUEUE, without --out)")
    .option("--time <time>", "how long it may run, such as 1h: a walltime (default: what Slurm says, else for ever)")
    .option("--stop-before <time>", "take no more jobs when so much of it is left", "60s")
    .option("--grace <time>", "what jobs under way are given on SIGTERM, before they are broken off", "20s")
    .option("--patience <time>", "break a job off that gives no sign of life for so long", "30m")
    .option("--take-over <time>", "take the jobs of a worker that gives no sign of life for so long", "2m")
    .option("--lock <time>", "with --queue: how long a job stays this worker's without a sign from it", "60s")
    .option("--stay", "with --queue: wait for further studies when all are over")
    .addHelpText(
      "after",
      "\nExit status: 0 nothing is left to do, 1 jobs failed, 75 its time is up and there is more to do.",
    );
  return withShared(command, ["plugin", "dataDir", "out", "writer", "workers"], {
    out: "the study's folder, which all workers see",
  }).action(async (plan: string | undefined, options: StudyWorkOptions) =>
    (await import("../actions/studyWork.js")).studyWork(plan, options),
  );
}

/** `cellfed study serve`: the one who hands a study's jobs out by a queue, and keeps what comes back. */
export function serveSubcommand(): Command {
  const command = new Command("serve")
    .description("hand a study's jobs out to workers by a queue, and keep what comes back")
    .argument("<plan>", "the plan, a JSON file")
    .option("--queue <url>", "redis://[user:password@]host[:port][/database], rediss:// with TLS (or $CELLFED_QUEUE)");
  return withShared(command, ["plugin", "dataDir", "out", "writer"], {
    out: "the study's folder; the same command again goes on",
  }).action(async (plan: string, options: StudyServeOptions) =>
    (await import("../actions/studyServe.js")).studyServe(plan, options),
  );
}

/** `cellfed study script`: what starts workers elsewhere. */
export function scriptSubcommand(): Command {
  const command = new Command("script")
    .description("print what starts a study's workers: a Slurm array job, GNU parallel over SSH, a Kubernetes job")
    .argument("<kind>", "slurm, parallel or kubernetes")
    .argument("<plan>", "the plan, a JSON file that all machines see")
    .option("--tasks <n>", "workers", "10")
    .option("--time <time>", "how long each may run at a time; it comes back if there is more to do", "1h")
    .option("--fixed", "give each a fixed share (--shard i/n) in place of the next jobs that nobody has")
    .option("--hosts <file>", "with parallel: the hosts, one a line", "hosts.txt")
    .option("--image <name>", "with kubernetes: an image with cellfed in it", "cellfed")
    .option("--claim <name>", "with kubernetes: the volume claim that holds the plan and the results", "cellfed")
    .option("--command <words>", "how cellfed is called there", "cellfed");
  return withShared(command, ["plugin", "dataDir", "out", "workers"], {
    out: "the study's folder, which all machines see",
    workers: "worker threads of each (default: 1)",
  }).action(async (kind: string, plan: string, options: StudyScriptOptions) =>
    (await import("../actions/studyScript.js")).studyScript(kind, plan, options),
  );
}
