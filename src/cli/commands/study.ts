import { Command } from "commander";
import type { StudyExportOptions } from "../actions/studyExport.js";
import type { StudyRunOptions } from "../actions/studyRun.js";
import type { StudyStatusOptions } from "../actions/studyStatus.js";
import type { StudySummaryOptions } from "../actions/studySummary.js";
import { withExamples, withShared } from "./options.js";
import { scriptSubcommand, serveSubcommand, workSubcommand } from "./studyFar.js";

/** Every subcommand of `study`, in the order of the help; `run` is meant where none is named. */
const subcommands: readonly (() => Command)[] = [
  runSubcommand,
  statusSubcommand,
  summarySubcommand,
  exportSubcommand,
  sqlSubcommand,
  reportSubcommand,
  retrySubcommand,
  mergeSubcommand,
  workSubcommand,
  serveSubcommand,
  scriptSubcommand,
];

/** `cellfed study`: many jobs from a plan, run to the end whatever happens. */
export function studyCommand(): Command {
  const study = new Command("study").description(
    "run a plan of many jobs to its end, look at it, and take its results",
  );
  withExamples(study, [
    ["cellfed study plan.json --dry-run", "the grid, jobs, bytes and hours on this machine"],
    ["cellfed study plan.json --out powers", "run it; the same command again goes on"],
    ["cellfed study status powers", "done, failed, rate, time left, from anywhere while it runs"],
    ["cellfed study summary powers --by power", "means, intervals, quantiles, paired differences"],
    ["cellfed study export powers --to powers.csv", "a row a result, a column an axis"],
  ]);
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
    .option(
      "--extend",
      "add to the study of the folder, whose plan this one has grown out of: seeds, drops, values more",
    )
    .option("--track <target>", "tell others of every result: a file of JSON lines, or tensorboard:DIR for event files")
    .option("--stop-after <time>", "stop in order after this long, such as 90s, 30m or 8h; go on another time");
  return withShared(command, ["plugin", "dataDir", "out", "resume", "writer", "workers", "json"], {
    out: "the study's folder (default: results/study-NAME-HASH)",
    resume: "go on with what the folder holds, as is done without it too",
  }).action(async (plan: string, options: StudyRunOptions) =>
    (await import("../actions/studyRun.js")).studyRun(plan, options),
  );
}

const folderArgument = ["<dir>", "the study's folder"] as const;

function statusSubcommand(): Command {
  const command = new Command("status")
    .description("tell what is done, failed and missing, the rate, the time left and who works")
    .argument(...folderArgument);
  return withShared(command, ["plugin", "json"]).action(async (folder: string, options: StudyStatusOptions) =>
    (await import("../actions/studyStatus.js")).studyStatus(folder, options),
  );
}

const partOption = ["--part <name>", "of a plan with several parts: which"] as const;

function summarySubcommand(): Command {
  const command = new Command("summary")
    .description("sum up: means with 95 % intervals, quantiles, paired differences from a baseline")
    .argument(...folderArgument)
    .option("--by <axes>", "axes to keep apart, such as quantizer,power (default: all that vary)")
    .option("--baseline <labels>", "the group that differences are taken from (default: the first)")
    .option(...partOption)
    .option("--csv", "print the table as CSV, with every digit");
  return withShared(command, ["plugin", "json"]).action(async (folder: string, options: StudySummaryOptions) =>
    (await import("../actions/studySummary.js")).studySummary(folder, options),
  );
}

function exportSubcommand(): Command {
  const command = new Command("export")
    .description(
      "write a table: a row a result with a column for each axis, sorted, the same bytes for the same results",
    )
    .argument(...folderArgument)
    .requiredOption("--to <file>", "the file")
    .option("--format <format>", "csv or parquet", "csv")
    .option("--table <name>", "results, rounds (the course of each training) or timings", "results")
    .option(...partOption);
  return withShared(command, ["plugin"]).action(async (folder: string, options: StudyExportOptions) =>
    (await import("../actions/studyExport.js")).studyExport(folder, options),
  );
}

function sqlSubcommand(): Command {
  const command = new Command("sql")
    .description("ask in SQL, through DuckDB where it is installed: views runs, rounds, traces, timings, prices, rates")
    .argument(...folderArgument)
    .argument("<query>", "such as 'select power, avg(rounds) from prices group by all'")
    .option("--csv", "print the rows as CSV");
  return withShared(command, ["plugin", "json"]).action(
    async (folder: string, query: string, options: { plugin?: string[]; json?: true; csv?: true }) =>
      (await import("../actions/studyExport.js")).studySql(folder, query, options),
  );
}

function reportSubcommand(): Command {
  const command = new Command("report").description("write report.html into the folder").argument(...folderArgument);
  return withShared(command, ["plugin"]).action(async (folder: string, options: { plugin?: string[] }) =>
    (await import("../actions/studyReport.js")).studyReport(folder, options),
  );
}

function retrySubcommand(): Command {
  const command = new Command("retry")
    .description("try the failed jobs again, and no others")
    .argument(...folderArgument)
    .option("--stop-after <time>", "stop in order after this long, such as 90s, 30m or 8h");
  return withShared(command, ["plugin", "dataDir", "writer", "workers", "json"]).action(
    async (folder: string, options: StudyRunOptions) =>
      (await import("../actions/studyRetry.js")).studyRetry(folder, options),
  );
}

function mergeSubcommand(): Command {
  const command = new Command("merge")
    .description("put the results of several folders of one study into one; the folders stay as they are")
    .argument("<dir...>", "the folders");
  return withShared(command, ["out", "json"], { out: "the folder that takes them, new or of the same study" }).action(
    async (folders: string[], options: { out?: string; json?: true }) =>
      (await import("../actions/studyMerge.js")).studyMerge(folders, options),
  );
}
