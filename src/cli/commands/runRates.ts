import { basename } from "node:path";
import { InputError } from "../../config/errors.js";
import { ageingCorrelation, compareSchemes, createNetwork, type Network, schemeNames } from "../../network/index.js";
import { cdfFigure } from "../../report/figures/charts.js";
import { dropFigure } from "../../report/figures/drop.js";
import { type Column, csv, textTable } from "../../report/tables/table.js";
import { readChannel } from "../files/channel.js";
import { openResults, openResultsBelow } from "../files/results.js";
import { configFrom } from "../files/source.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";
import type { RatesOptions } from "./rates.js";

/** What `reference/README.md`'s cases list: each combiner with the fading weights that go with it. */
const usual = schemeNames.filter((name) => !["l-mmse+n-lsfd", "lp-mmse+lsfd", "mr+lsfd"].includes(name));

interface Outcome {
  /** [scheme]: of every client of every drop */
  efficiency: Map<string, { value: number[]; interval: number[] }>;
  /** The first drop, for the map */
  first: Network;
  drops: number;
}

export async function runRates(source: string | undefined, options: RatesOptions): Promise<void> {
  const { config } = await configFrom(
    source,
    options.seed === undefined ? options : { ...options, seed: options.seed },
  );
  const { network: settings, seed } = config;
  const path = options.channel ?? settings.channel;
  if (options.channel !== undefined && (source !== undefined || options.drops !== "1"))
    throw new InputError("--channel", "a channel file is one network: neither a config nor --drops goes with it");
  const names = combinersOf(options.combining) ?? (path === undefined ? [settings.combining] : usual);
  const realizations =
    options.realizations === undefined
      ? path === undefined
        ? settings.realizations
        : 4000
      : wholeNumber("--realizations", options.realizations, 2, 10_000_000);
  const drops = wholeNumber("--drops", options.drops ?? "1", 1, 1_000_000);
  const channel = path === undefined ? undefined : await readChannel(path);
  const label = path === undefined ? (source ?? "drop") : basename(path);
  const results =
    options.out === false || (options.json && options.out === undefined)
      ? undefined
      : options.out === undefined
        ? openResultsBelow("results")
        : openResults(options.out);
  try {
    const outcome = await rateDrops(names, drops, (drop, onPart) => {
      const network = channel ?? createNetwork(settings, { seed, drop });
      const rates = compareSchemes(network, names, {
        realizations,
        key: { seed, round: 0, drop },
        estimator: settings.estimator,
        correlation: ageingCorrelation({ ...settings, coherence: network.coherence }, network.pilots),
        onProgress: onPart,
      });
      return { network, rates };
    });
    const folder = await writeFolder(outcome, label);
    if (options.json) {
      printJson({
        spectralEfficiency: Object.fromEntries([...outcome.efficiency].map(([name, { value }]) => [name, value])),
        interval: Object.fromEntries([...outcome.efficiency].map(([name, { interval }]) => [name, interval])),
        drops: outcome.drops,
        realizations,
      });
      if (folder !== undefined) say(folder);
      return;
    }
    process.stdout.write(`${tables(outcome)}\n`);
    if (folder !== undefined) process.stdout.write(`\n${folder}\n`);
  } catch (error) {
    results?.discard();
    throw error;
  }

  async function writeFolder(outcome: Outcome, name: string): Promise<string | undefined> {
    if (results === undefined) return undefined;
    results.write("rates.csv", csv(clientRows(outcome), clientColumns(outcome, false)));
    results.write(
      "figures/spectral-efficiency.svg",
      await cdfFigure({
        title: "Spectral efficiency of the clients",
        x: { label: "spectral efficiency (bit/s/Hz)" },
        series: [...outcome.efficiency].map(([scheme, { value }]) => ({ name: scheme, values: value })),
      }),
    );
    if (outcome.first.accessPointPositions.length > 0)
      results.write("figures/drop.svg", await dropFigure({ title: "The drop", network: outcome.first }));
    return results.finish(options.out || `results/rates-${name.replace(/[^\w.-]/g, "_")}`);
  }
}

async function rateDrops(
  names: readonly string[],
  drops: number,
  rate: (
    drop: number,
    onPart: (done: number, of: number) => void,
  ) => { network: Network; rates: ReturnType<typeof compareSchemes> },
): Promise<Outcome> {
  const efficiency = new Map(names.map((name) => [name, { value: [] as number[], interval: [] as number[] }]));
  let first: Network | undefined;
  let done = 0;
  const progress = await openProgress("rates");
  try {
    for (let drop = 0; drop < drops && !interruption.aborted; drop++) {
      const { network, rates } = rate(drop, (part, of) => {
        const share = (drop + part / of) / drops;
        progress.update(share, drops === 1 ? "" : `drop ${drop + 1} of ${drops}`, null);
      });
      first ??= network;
      for (const [name, { value, interval }] of efficiency) {
        value.push(...rates[name]!.spectralEfficiency);
        interval.push(...rates[name]!.interval);
      }
      done = drop + 1;
      progress.update(
        done / drops,
        `drop ${done} of ${drops}`,
        drops > 1 && done % Math.ceil(drops / 10) === 0 ? undefined : null,
      );
      await new Promise<void>((resolve) => setImmediate(resolve)); // lets the bar and Ctrl-C in
    }
  } finally {
    progress.stop();
  }
  if (first === undefined) throw new InputError("--drops", "interrupted before the first drop was done");
  return { efficiency, first, drops: done };
}

function combinersOf(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  const names = list.split(",").map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError("--combining", `"${twice}" is given twice`);
  return names;
}

interface ClientRow {
  drop: number;
  client: number;
  values: { value: number; interval: number }[];
}

function clientRows({ efficiency, first, drops }: Outcome): ClientRow[] {
  return Array.from({ length: drops * first.clients }, (_, i) => ({
    drop: Math.floor(i / first.clients),
    client: i % first.clients,
    values: [...efficiency.values()].map(({ value, interval }) => ({ value: value[i]!, interval: interval[i]! })),
  }));
}

/** One column a scheme, and one for its interval where it was simulated. */
function clientColumns({ efficiency, drops }: Outcome, rounded: boolean): Column<ClientRow>[] {
  const columns: Column<ClientRow>[] = drops > 1 ? [{ label: "drop", value: ({ drop }) => drop }] : [];
  columns.push({ label: "client", value: ({ client }) => client });
  [...efficiency].forEach(([name, { interval }], i) => {
    columns.push({ label: name, value: ({ values }) => values[i]!.value, ...(rounded ? { digits: 3 } : {}) });
    if (interval.some((half) => half > 0))
      columns.push({ label: "±", value: ({ values }) => values[i]!.interval, ...(rounded ? { digits: 3 } : {}) });
  });
  return columns;
}

function tables(outcome: Outcome): string {
  const summary = textTable(
    [...outcome.efficiency].map(([name, { value }]) => ({ name, sorted: [...value].sort((a, b) => a - b) })),
    [
      { label: "receiver", value: ({ name }) => name },
      { label: "mean", value: ({ sorted }) => sorted.reduce((a, b) => a + b, 0) / sorted.length, digits: 3 },
      ...[5, 50, 95].map((percent) => ({
        label: `${percent} %`,
        value: ({ sorted }: { name: string; sorted: number[] }) => percentile(sorted, percent / 100),
        digits: 3,
      })),
    ],
  );
  const { drops, first } = outcome;
  const heading = `Spectral efficiency in bit/s/Hz over ${drops === 1 ? "" : `${drops} drops of `}${first.clients} clients`;
  const single = drops === 1 ? `${textTable(clientRows(outcome), clientColumns(outcome, true))}\n\n` : "";
  return `${single}${heading}\n${summary}`;
}

/** Linear interpolation between order statistics. */
function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}
