import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/config.js";
import { InputError, RunError } from "../../config/errors.js";
import type { ResultsFolder } from "../../disk/results.js";
import type { RunResult } from "../../federated/result.js";
import { seedsFacts } from "../../report/tables/seeds.js";
import { factTable, formatNumber } from "../../report/tables/table.js";
import { resultOf } from "../../study/jobs/runRecord.js";
import { layOutGrid } from "../../study/plan/grid.js";
import { roundsKey, runKey } from "../../study/plan/keys.js";
import { trainingJobs } from "../../study/plan/trainings.js";
import { runJobs } from "../../study/run/run.js";
import { openFolder, sayInterrupted } from "../files/folder.js";
import { json, openKeptResult } from "../files/keptResult.js";
import { writeAndShow } from "../files/outputs.js";
import { configFrom, hashOf } from "../files/source.js";
import { storeIn, withStudy } from "../files/study.js";
import { resumingLine } from "../terminal/commandLine.js";
import { wholeNumbers, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import type { RunOptions } from "./run.js";

/** @throws RunError always: where no seed was finished there may yet be rounds that can be gone on with */
function endWithout(folder: ResultsFolder | undefined, interrupted: boolean): never {
  const jobs = folder && join(folder.state, "jobs");
  const half = jobs !== undefined && existsSync(jobs) && readdirSync(jobs).length > 0;
  if (!half) folder?.discard();
  const why = interrupted ? "interrupted before a seed was finished" : "no seed was finished";
  if (!half) throw new RunError(`${why}: nothing is kept`);
  throw new RunError(`${why}: the rounds that are done are kept; go on with: ${resumingLine()}`);
}

/** The same config under several seeds: a study of one cell, whose results are tables with means. */
export async function runSeeds(source: string, options: RunOptions & { seeds: string }): Promise<void> {
  if (options.seed !== undefined) throw new InputError("--seeds", "cannot be given together with --seed");
  if (options.capture !== undefined) throw new InputError("--capture", "cannot be given together with --seeds");
  const seeds = wholeNumbers("--seeds", options.seeds);
  const asked = await configFrom(source, options);
  const { config, plugins } = asked;
  if (config.network.channel !== undefined)
    throw new InputError("--seeds", "network.channel is one network, whatever the seed: give --seed");
  const workers = Math.min(workerCount(options.workers), seeds.length);
  const plan = { ...asked.plan, seeds };
  const folder = openFolder(
    options,
    { path: `results/${asked.name}-seeds-${hashOf(plan)}`, byDefault: "plan" },
    { command: "run --seeds", ...plan },
    { "config.json": json({ ...config, seed: seeds[0] }) },
  );
  const begun = performance.now();
  const { runs, interrupted } = await withStudy(
    { label: asked.name, workers, plugins, ...(await storeIn(folder)) },
    async (study) => {
      const grid = layOutGrid({ file: config, axes: [], seeds, drops: 1 });
      const outcome = await runJobs(trainingJobs([grid], { detail: true }), study);
      const keys = seeds.map((seed) => roundsKey(runKey(grid.baseline, seed, 0)));
      const found: RunResult[] = [];
      for await (const record of study.store.select(keys)) {
        const result = resultOf(record);
        if (result !== undefined) found.push(result);
      }
      return { runs: found, ...outcome };
    },
  );
  if (runs.length === 0) endWithout(folder, interrupted);
  let seconds = (performance.now() - begun) / 1000;
  if (folder?.found === "finished") seconds = (await openKeptResult(folder, say).read())?.seconds ?? seconds;
  const write = async (open: ResultsFolder): Promise<void> => {
    if (open.found === "finished") return;
    const { writeRun } = await import("../files/runFolder.js"); // draws figures
    await writeRun(open, { runs, seconds });
    if (runs.length === seeds.length && runs.every(({ ended }) => ended.by !== "failed")) {
      await openKeptResult(open, say).write({ runs: [], seconds });
      open.finish();
    }
  };
  await writeAndShow(folder, write, (open) => {
    if (options.json) return printJson({ runs, folder: open?.path ?? null });
    const facts = [...seedsFacts(runs), ["wall time", `${formatNumber(seconds, 1)} s`] as const];
    print(`${factTable(open === undefined ? facts : [...facts, ["results", open.path]])}\n`);
  });
  if (interrupted) sayInterrupted(`: ${runs.length} of ${seeds.length} seeds were finished and are kept`, folder);
  for (const { config: ran, ended } of runs) {
    if (ended.by !== "failed") continue;
    say(`error: seed ${(ran as Config).seed}: ${ended.reason}`);
    process.exitCode = 1;
  }
}
