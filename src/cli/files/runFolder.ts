import type { RoundRecord, RunResult } from "../../federated/result.js";
import { accuracyFigures } from "../../report/figures/figures.js";
import { clientColumns, roundColumns } from "../../report/tables/run.js";
import { type Column, csv } from "../../report/tables/table.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { version } from "../../version.js";
import type { ResultsFolder } from "./results.js";

/**
 * Fills a run's folder and puts it in its place: config.json (complete, can be run again), rounds.csv, clients.csv,
 * summary.json, figures/*.svg. Of several seeds the tables have a column `seed`, the summary the means.
 *
 * @param folder undefined where none was wanted
 * @returns where it is
 */
export async function writeRunFolder(
  folder: ResultsFolder | undefined,
  { name, runs, out, seconds }: { name: string; runs: readonly RunResult[]; out: string | undefined; seconds: number },
): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const [first] = runs;
  if (first === undefined) throw new Error("no runs to write");
  try {
    folder.write("config.json", json(first.config));
    folder.write("rounds.csv", roundsTable(runs));
    folder.write("clients.csv", clientsTable(runs));
    folder.write("summary.json", json(summary(runs, seconds)));
    const { quantizer, power } = first.config;
    for (const { file, svg } of await accuracyFigures([{ name: `${quantizer.name} · ${power.method}`, runs }])) {
      folder.write(`figures/${file}`, svg);
    }
    return folder.finish(out ?? `results/${name}-${first.fingerprint.results.slice(0, 8)}`);
  } catch (error) {
    folder.discard();
    throw error;
  }
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

function summary(runs: readonly RunResult[], seconds: number): object {
  const about = {
    versions: { cellfed: version, node: process.version, platform: `${process.platform} ${process.arch}` },
    wallSeconds: seconds,
  };
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

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
