import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError, RunError, unknownName } from "../../config/errors.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { comparisonFigures } from "../../report/figures/comparisonFigures.js";
import { htmlReport, tableOf } from "../../report/pages/html.js";
import {
  type ComparisonRow,
  comparisonColumns,
  comparisonCsvColumns,
  comparisonNotes,
  comparisonRows,
} from "../../report/tables/comparison.js";
import { csv, textTable } from "../../report/tables/table.js";
import { summarizeGrid } from "../../study/analysis/cells.js";
import { type Grid, layOutGrid, traceJobs } from "../../study/plan/grid.js";
import { type GridProgress, type GridResults, runGrids } from "../../study/run/compare.js";
import { axesOf } from "../../study/run/compareInProcess.js";
import { memoryStore, openStore, type ResultsStore } from "../../study/store/store.js";
import { version } from "../../version.js";
import { undoFolder } from "../files/results.js";
import { configFrom } from "../files/source.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumber, wholeNumbers, workerCount } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";
import { clock, openProgress } from "../terminal/progress.js";

export interface CompareFlags {
  set?: string[];
  dataDir?: string;
  rounds?: string;
  quantizers?: string;
  power?: string;
  optimizers?: string;
  splits?: string;
  servers?: string;
  vary?: string[];
  budget?: string[];
  seeds: string;
  drops: string;
  baseline?: string;
  out: string | false | undefined;
  resume?: true;
  export?: string;
  workers?: string;
  json?: true;
}

/** Lays the grid out, runs it, and says and writes what came of it. */
export async function runComparison(source: string, flags: CompareFlags): Promise<void> {
  const format = exportFormat(flags.export);
  refuseSeeds(flags.set);
  const { config, name } = await configFrom(source, flags);
  const grid = layOutGrid({
    file: config,
    axes: axesOf({
      ...(flags.quantizers !== undefined && { quantizers: flags.quantizers.split(",") }),
      ...(flags.power !== undefined && { power: flags.power.split(",") }),
      ...(flags.optimizers !== undefined && { optimizers: flags.optimizers.split(",") }),
      ...(flags.splits !== undefined && { splits: flags.splits.split(",") }),
      ...(flags.servers !== undefined && { servers: flags.servers.split(",") }),
      ...(flags.vary !== undefined && { vary: flags.vary }),
      ...(flags.budget !== undefined && { budgets: flags.budget }),
    }),
    seeds: wholeNumbers("--seeds", flags.seeds),
    drops: wholeNumber("--drops", flags.drops, 1, 100_000),
    ...(flags.baseline !== undefined && { baseline: flags.baseline }),
  });
  const workers = workerCount(flags.workers);
  const hash = fingerprint([grid.cells.map((cell) => cell.config), grid.seeds, grid.drops, version]);
  const folder = flags.out === false ? undefined : (flags.out ?? `results/compare-${name}-${hash.slice(0, 8)}`);
  // A folder named after the grid can hold nothing but this grid's results.
  await withFolderStore(folder, flags.resume === true || flags.out === undefined, async (store) => {
    const results = await withProgress(`compare ${name}`, (onProgress) =>
      runGrids([grid], { workers, store, signal: interruption, onProgress }),
    );
    const rows = comparisonRows(grid, summarizeGrid(grid, results.runs));
    const notes = [...comparisonNotes(grid, rows), ...failureNotes(results)];
    if (folder !== undefined) await writeFolder(folder, { grid, results, rows, notes, name, format, store });
    if (flags.json)
      printJson({ ...jsonOf(grid, rows, notes), interrupted: results.interrupted, folder: folder ?? null });
    else {
      process.stdout.write(`${textTable(rows, comparisonColumns(grid))}\n`);
      for (const note of notes) say(note);
      if (folder !== undefined) process.stdout.write(`results  ${folder}\n`);
    }
    if (results.interrupted)
      say(`interrupted: what is finished is kept${folder ? `; go on with --out ${folder} --resume` : ""}`);
    else tellFailures(rows);
  });
}

/** Runs something under the progress bar of the whole grid. */
export async function withProgress<T>(
  label: string,
  run: (onProgress: (progress: GridProgress) => void) => Promise<T>,
): Promise<T> {
  const progress = await openProgress(label);
  let said = { done: -1, at: 0 };
  try {
    return await run(({ jobs, done, failed, share, secondsLeft, job }) => {
      const accuracy = job.accuracy === null ? "" : `, accuracy ${(100 * job.accuracy).toFixed(1)} %`;
      const left = secondsLeft === null ? "" : ` · ${clock(secondsLeft)} left`;
      const broken = failed > 0 ? ` (${failed} failed)` : "";
      const text = `${done}/${jobs} trainings${broken} · ${job.name}: round ${job.round}/${job.expected}${accuracy}${left}`;
      // Without a terminal a line is printed for every finished training, and in between now and then.
      const due = done !== said.done || performance.now() - said.at > 15_000;
      if (due) said = { done, at: performance.now() };
      progress.update(share, text, due ? text : null);
    });
  } finally {
    progress.stop();
  }
}

/**
 * Works on the store of a results folder, or on one in memory where nothing is kept. After bad input that is found
 * before anything was finished (names, flags, data that is not there) a new folder is taken away again.
 */
export async function withFolderStore<T>(
  folder: string | undefined,
  resume: boolean,
  use: (store: ResultsStore) => Promise<T>,
): Promise<T> {
  const undo = folder === undefined ? () => {} : undoFolder(folder);
  const store = await (folder === undefined ? memoryStore() : openStore(folder, resume));
  let empty = false;
  try {
    return await use(store);
  } catch (error) {
    empty = error instanceof InputError && (await store.finished()).size === 0;
    throw error;
  } finally {
    store.close();
    if (empty) undo();
  }
}

/** Writes a file below a folder, making the folders on the way. @throws RunError where it cannot */
export function writeBelow(folder: string, file: string, content: string): void {
  const path = join(folder, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (cause) {
    throw new RunError(`${path} cannot be written: ${(cause as Error).message}`, {}, { cause });
  }
}

/** csv or parquet. @throws InputError */
export function exportFormat(format = "csv"): "csv" | "parquet" {
  if (format !== "csv" && format !== "parquet") {
    throw new InputError("--export", unknownName("format", format, ["csv", "parquet"]));
  }
  return format;
}

/** @throws InputError for a seed among settings, which would be overruled without a word */
export function refuseSeeds(sets: readonly string[] = []): void {
  if (sets.some((text) => /^\s*seed\s*=/.test(text))) {
    throw new InputError("--set", "seed: every cell is run under the same seeds; give them as --seeds");
  }
}

export function failureNotes({ failures }: Pick<GridResults, "failures">): string[] {
  return failures.map(({ job, keys, reason }) => `${job}: ${keys.length} runs failed: ${reason}`);
}

/** The command line as it was typed, near enough to be typed again. */
export function commandLine(): string {
  const words = process.argv
    .slice(2)
    .map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  return `cellfed ${words.join(" ")}`;
}

export const versions = (): Record<string, string> => ({
  cellfed: version,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
});

async function writeFolder(
  folder: string,
  made: {
    grid: Grid;
    results: GridResults;
    rows: ComparisonRow[];
    notes: string[];
    name: string;
    format: "csv" | "parquet";
    store: ResultsStore;
  },
): Promise<void> {
  const { grid, results, rows, notes, name, format, store } = made;
  const figures = await comparisonFigures(grid, results.runs);
  const report = htmlReport({
    title: `cellfed compare: ${name}`,
    lead: `${grid.cells.length} cells, ${grid.seeds.length} seeds × ${grid.drops} drops, at equal budgets${results.interrupted ? "; broken off: not all of them are there" : ""}`,
    command: commandLine(),
    versions: versions(),
    fingerprint: resultsFingerprint(results),
    config: grid.baseline.config,
    sections: [
      {
        heading: "Comparison",
        content: [
          { table: tableOf(rows, comparisonColumns(grid)) },
          { markdown: notes.map((note) => `* ${note}`).join("\n") },
        ],
      },
      { heading: "Figures", content: figures.map(({ svg }) => ({ svg })) },
    ],
  });
  writeBelow(folder, "table.csv", csv(rows, comparisonCsvColumns(grid)));
  writeBelow(folder, "report.html", report);
  writeBelow(folder, "summary.json", `${JSON.stringify(jsonOf(grid, rows, notes), null, 2)}\n`);
  for (const { file, svg } of figures) writeBelow(folder, `figures/${file}`, svg);
  const requests = traceJobs([grid]).flatMap((job) => job.runs);
  await store.export(join(folder, `runs.${format}`), "runs", requests);
  await store.export(join(folder, `rounds.${format}`), "rounds", requests);
}

/** Of all runs' results, in the order of their keys. */
export function resultsFingerprint({ runs }: Pick<GridResults, "runs">): string {
  return fingerprint(
    [...runs].map(([key, run]) => [key, run.fingerprint.results]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  );
}

function jsonOf(grid: Grid, rows: readonly ComparisonRow[], notes: readonly string[]): object {
  return {
    command: commandLine(),
    versions: versions(),
    seeds: grid.seeds,
    drops: grid.drops,
    baseline: grid.baseline.id,
    cells: rows.map(({ labels, summary, failure }, i) => {
      const { cell: _cell, ...figures } = summary ?? {};
      return {
        id: grid.cells[i]!.id,
        labels,
        failure,
        ...(summary === null ? { failed: true } : figures),
        config: grid.cells[i]!.config,
      };
    }),
    notes,
  };
}

/** A comparison in which nothing could be learned is a failure; a cell that failed, if only in some runs, is one too. */
function tellFailures(rows: readonly ComparisonRow[]): void {
  const empty = rows.filter(({ summary }) => summary === null).length;
  const broken = rows.filter(({ summary }) => summary !== null && summary.runs < summary.asked).length;
  if (empty > 0 || broken > 0) {
    const parts = [...(empty > 0 ? [`${empty} failed`] : []), ...(broken > 0 ? [`${broken} failed in some runs`] : [])];
    say(`error: of ${rows.length} cells ${parts.join(", ")}`);
    process.exitCode = 1;
  } else if (rows.every(({ summary }) => summary!.rounds.mean === 0)) {
    say("error: the budgets allow no round in any cell");
    process.exitCode = 1;
  }
}
