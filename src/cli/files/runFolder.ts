import { type NamedArray, npzBytes } from "../../disk/npz.js";
import type { ResultsFolder } from "../../disk/results.js";
import type { RoundRecord, RunResult } from "../../federated/result.js";
import { accuracyFigures } from "../../report/figures/figures.js";
import { clientColumns, roundColumns } from "../../report/tables/run.js";
import { type Column, csv } from "../../report/tables/table.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { versions } from "../terminal/study.js";
import { json } from "./keptResult.js";

/**
 * Writes a run's results: rounds.csv, clients.csv, figures/*.svg, weights.npz, summary.json. Of several seeds the tables
 * have a column `seed`, the summary the means. All of this is the same bytes however often the run was broken off and
 * gone on with; timing.json, of the last time, is not.
 */
export async function writeRun(
  folder: ResultsFolder,
  { runs, seconds, weights }: { runs: readonly RunResult[]; seconds: number; weights?: readonly NamedArray[] },
): Promise<void> {
  const { quantizer, power } = runs[0]!.config;
  folder.write("rounds.csv", roundsTable(runs));
  folder.write("clients.csv", clientsTable(runs));
  if (weights !== undefined) folder.write("weights.npz", npzBytes(weights));
  for (const { file, svg } of await accuracyFigures([{ name: `${quantizer.name} · ${power.method}`, runs }])) {
    folder.write(`figures/${file}`, svg);
  }
  folder.write("summary.json", json(summary(runs)));
  folder.write("timing.json", json({ wallSeconds: seconds, resumed: folder.found !== "nothing" }));
}

function roundsTable(runs: readonly RunResult[]): string {
  const rows = runs.flatMap((run) => run.rounds.map((record) => ({ seed: run.config.seed, record })));
  const columns = roundColumns.map(({ label, value }) => ({
    label,
    value: ({ record }: { record: RoundRecord }) => value(record),
  }));
  return csv(rows, [...seedColumn<(typeof rows)[number]>(runs), ...columns]);
}

function clientsTable(runs: readonly RunResult[]): string {
  const rows = runs.flatMap((run) =>
    run.rounds.flatMap((record) =>
      record.perClient.power.map((_, client) => ({ seed: run.config.seed, record, client })),
    ),
  );
  return csv(rows, [...seedColumn<(typeof rows)[number]>(runs), ...clientColumns]);
}

function seedColumn<Row extends { seed: number }>(runs: readonly RunResult[]): Column<Row>[] {
  return runs.length > 1 ? [{ label: "seed", value: ({ seed }) => seed }] : [];
}

function summary(runs: readonly RunResult[]): object {
  const about = { versions: versions(runs.map(({ config }) => config)) };
  const each = runs.map(({ config, parameters, ended, final, fingerprint }) => ({
    seed: config.seed,
    parameters,
    ended,
    final,
    fingerprint,
  }));
  if (each.length === 1) return { ...each[0], ...about };
  const keys = Object.keys(runs[0]!.final) as (keyof RunResult["final"])[];
  const means = keys.flatMap((key) => {
    const values = runs.map(({ final }) => final[key]).filter((value) => value !== null);
    return values.length === 0 ? [] : [[key, meanInterval(values)] as const];
  });
  return { means: Object.fromEntries(means), runs: each, ...about };
}
