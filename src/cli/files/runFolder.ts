import { type NamedArray, npzBytes } from "../../disk/npz.js";
import type { ResultsFolder } from "../../disk/results.js";
import { fingerprint } from "../../federated/fingerprint.js";
import type { RoundRecord, RunResult } from "../../federated/result.js";
import { drawingFiles, type Figure } from "../../report/figures/drawing.js";
import { accuracyFigures } from "../../report/figures/figures.js";
import { htmlReport } from "../../report/pages/html.js";
import { clientColumnsOf, methodName, roundColumnsOf, runFacts } from "../../report/tables/run.js";
import { seedsFacts } from "../../report/tables/seeds.js";
import { type Column, csv } from "../../report/tables/table.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { version } from "../../version.js";
import { versions } from "../terminal/study.js";
import { json } from "./keptResult.js";

/**
 * Writes a run's results: rounds.csv, clients.csv, figures/*.svg with their points as .csv, report.html, weights.npz, summary.json. Of several seeds the tables
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
  const name = `${quantizer.name} · ${power.method}`;
  const figures = await accuracyFigures([{ name, runs }], { caption: caption(runs) });
  for (const figure of figures) {
    for (const [path, content] of drawingFiles(`figures/${figure.file}`, figure)) folder.write(path, content);
  }
  folder.write("report.html", report(runs, figures));
  folder.write("summary.json", json(summary(runs)));
  folder.write("timing.json", json({ wallSeconds: seconds, resumed: folder.found !== "nothing" }));
}

/** What a figure on its own says of where it comes from, and what its band is. */
function caption(runs: readonly RunResult[]): string {
  const { config, fingerprint } = runs[0]!;
  const { data, network, training } = config;
  const what = `${methodName(config)}; ${data.name}, ${data.split.kind} split, ${network.clients} clients, ${training.localEpochs} local epochs`;
  const over =
    runs.length === 1
      ? `seed ${config.seed}`
      : `means over ${runs.length} seeds, bands: 95 % intervals of the mean (Student's t)`;
  return `${what}; ${over}; config ${fingerprint.config.slice(0, 8)}, cellfed ${version}.`;
}

/** The page that a run can be shown with; what it leaves out stands in the files beside it. */
function report(runs: readonly RunResult[], figures: readonly Figure[]): string {
  const configs = runs.map(({ config }) => config);
  const [first] = runs;
  const facts = runs.length === 1 ? runFacts(first!) : seedsFacts(runs);
  return htmlReport({
    title: `cellfed run: ${methodName(first!.config)}`,
    lead: runs.length === 1 ? `seed ${first!.config.seed}` : `${runs.length} seeds`,
    command: "cellfed run config.json",
    versions: versions(configs),
    fingerprint:
      runs.length === 1 ? first!.fingerprint.results : fingerprint(runs.map((run) => run.fingerprint.results)),
    config: first!.config,
    sections: [
      {
        heading: "Result",
        content: [
          { table: { columns: [{ label: "what" }, { label: "value" }], rows: facts.map((fact) => [...fact]) } },
        ],
      },
      { heading: "Figures", content: figures.map(({ svg }) => ({ svg })) },
    ],
  });
}

function roundsTable(runs: readonly RunResult[]): string {
  const rows = runs.flatMap((run) => run.rounds.map((record) => ({ seed: run.config.seed, record })));
  const columns = roundColumnsOf(rows.map(({ record }) => record)).map(({ label, value }) => ({
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
  return csv(rows, [
    ...seedColumn<(typeof rows)[number]>(runs),
    ...clientColumnsOf(runs.flatMap(({ rounds }) => rounds)),
  ]);
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
    const values = runs.map(({ final }) => final[key]).filter((value) => typeof value === "number");
    return values.length === 0 ? [] : [[key, meanInterval(values)] as const];
  });
  return { means: Object.fromEntries(means), runs: each, ...about };
}
