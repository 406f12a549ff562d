import { Command } from "commander";
import type { StudyRunOptions } from "../actions/studyRun.js";
import { withShared } from "./options.js";
import { scriptSubcommand, serveSubcommand, workSubcommand } from "./studyFar.js";

/** Every subcommand of `study`, in the order of the help; `run` is meant where none is named. */
const subcommands: readonly (() => Command)[] = [runSubcommand, workSubcommand, serveSubcommand, scriptSubcommand];

/** `cellfed study`: many jobs from a plan, run to the end whatever happens. */
export function studyCommand(): Command {
  const study = new Command("study")
    .description("run a plan of many jobs to its end, look at it, and take its results")
    .addHelpText(
      "after",
      `
Examples:
  cellfed study PLAN.json --dry-run            the grid, jobs, bytes and hours on this machine
  cellfed study PLAN.json --out DIR            run it; the same command again goes on
  cellfed study status DIR                     done, failed, rate, time left, from anywhere while it runs`,
    );
  for (const subcommand of subcommands) {
    const command = subcommand();
    study.addCommand(command, { isDefault: command.name() === "run" });
  }
  return study;
}

function runSubcommand(): Command {
  const command = new Command("run")
    .description("run a plan: the longest jobs first; the same command again goes on with what is there")
    .argument("<plan>", "the plan, a JSON file (`cellfed schema --plan` describes it)")
    .option("--dry-run", "tell the grid, the number of jobs, the bytes and the hours on this machine, and stop")
    .option("--yes", "run a study of more than 10000 trainings or 1000000 drops")
    .option("--stop-after <time>", "stop in order after this long, such as 90s, 30m or 8h; go on another time");
  return withShared(command, ["plugin", "dataDir", "out", "writer", "workers", "json"], {
    out: "the study's folder (default: results/study-NAME-HASH)",
  }).action(async (plan: string, options: StudyRunOptions) =>
    (await import("../actions/studyRun.js")).studyRun(plan, options),
  );
}
