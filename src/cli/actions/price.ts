import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { readInput } from "../../disk/input.js";
import { type LearningTrace, parseTrace } from "../../federated/learningTrace.js";
import { type PricedTrace, priceTrace } from "../../federated/priceTrace.js";
import { type Column, csv, textTable } from "../../report/tables/table.js";
import { type Interval, meanInterval } from "../../study/analysis/intervals.js";
import { gridOf } from "../../study/plan/plan.js";
import { trainingSize } from "../../training/size.js";
import type { SharedOptions } from "../commands/options.js";
import { writeFiles } from "../files/outputs.js";
import { configFrom } from "../files/source.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumber, wholeNumbers } from "../terminal/options.js";
import { print, printJson } from "../terminal/output.js";

export interface PriceOptions extends SharedOptions {
  trace: string;
  power?: string;
  budget?: string[];
  seeds: string;
  drops: string;
  bits?: string;
  clients?: string;
  examples: string;
  computeSeconds?: string;
  parameters?: string;
  roundsTo?: string;
}

interface Priced {
  cell: string;
  labels: Readonly<Record<string, string>>;
  seed: number;
  drop: number;
  result: PricedTrace;
}

/** Prices a trace under every power method and budget, on every drop. */
export async function price(source: string, options: PriceOptions): Promise<void> {
  const trace = await readTrace(options);
  const { power, ...shared } = options;
  const clients = options.set?.some((set) => /^\s*network\.clients\s*=/.test(set))
    ? []
    : [`network.clients=${trace.clients.length}`];
  const { config } = await configFrom(source, { ...shared, set: [...clients, ...(options.set ?? [])] });
  const seeds = wholeNumbers("--seeds", options.seeds);
  const drops = wholeNumber("--drops", options.drops, 1, 1_000_000);
  const grid = gridOf({
    file: config,
    ...(power !== undefined && { power: power.split(",") }),
    ...(options.budget !== undefined && { budgets: options.budget }),
    seeds,
    drops,
  });
  const priced: Priced[] = [];
  for (const { id, labels, config } of grid.cells) {
    const parameters = parametersOf(config, options.parameters);
    for (const seed of seeds) {
      for (let drop = 0; drop < drops; drop++) {
        interruption.throwIfAborted();
        priced.push({
          cell: id,
          labels,
          seed,
          drop,
          result: priceTrace(trace, { ...config, seed }, { drop, parameters }),
        });
        if (drop % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  const rows = grid.cells.map(({ id }) =>
    rowOf(
      id,
      priced.filter(({ cell }) => cell === id),
    ),
  );
  if (options.roundsTo !== undefined)
    writeFiles([{ flag: "--rounds-to", path: options.roundsTo, content: csv(roundRows(priced), roundColumns) }]);
  if (options.json)
    printJson({ trace: options.trace, clients: trace.clients.length, rounds: trace.rounds.length, cells: rows });
  else print(`${textTable(rows, columns)}\n`);
}

async function readTrace({ trace, bits, clients, examples, computeSeconds }: PriceOptions): Promise<LearningTrace> {
  const text = (await readInput(trace, { allowed: "a trace in CSV or JSON" })).toString("utf8");
  if (bits === undefined) return parseTrace(text, trace);
  if (clients === undefined)
    throw new InputError("--clients", "a history does not say how many clients there are: give their number");
  return parseTrace(text, trace, {
    bits: positive("--bits", bits),
    clients: wholeNumber("--clients", clients, 1, 100_000),
    examples: wholeNumber("--examples", examples, 0, 1e9),
    ...(computeSeconds !== undefined && { computeSeconds: positive("--compute-seconds", computeSeconds) }),
  });
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InputError(flag, `"${text}" is not allowed (allowed: a number above 0)`);
}

function parametersOf(config: Config, given: string | undefined): number {
  if (given !== undefined) return wholeNumber("--parameters", given, 1, 1e12);
  return config.budgets.downlink.enabled ? trainingSize(config).parameters : 0;
}

interface PriceRow {
  cell: string;
  rounds: Interval;
  energy: Interval;
  latency: Interval;
  accuracy: Interval | null;
  ended: Record<string, number>;
}

/** Drops are independent of one another: the learning is the same for all. */
function rowOf(cell: string, priced: readonly Priced[]): PriceRow {
  const of = (figure: (result: PricedTrace) => number) => meanInterval(priced.map(({ result }) => figure(result)));
  const accuracies = priced.flatMap(({ result }) => (result.accuracy === null ? [] : [result.accuracy]));
  const ended: Record<string, number> = {};
  for (const { result } of priced) ended[result.ended.by] = (ended[result.ended.by] ?? 0) + 1;
  return {
    cell,
    rounds: of(({ rounds }) => rounds.length),
    energy: of(({ rounds }) => rounds.at(-1)?.totals.energy ?? 0),
    latency: of(({ rounds }) => rounds.at(-1)?.totals.latency ?? 0),
    accuracy: accuracies.length === 0 ? null : meanInterval(accuracies),
    ended,
  };
}

const columns: Column<PriceRow>[] = [
  { label: "cell", value: ({ cell }) => cell },
  { label: "rounds paid", value: ({ rounds }) => rounds.mean, digits: 1 },
  { label: "±", value: ({ rounds }) => rounds.halfWidth, digits: 1 },
  { label: "energy (J)", value: ({ energy }) => energy.mean },
  { label: "±", value: ({ energy }) => energy.halfWidth },
  { label: "time (s)", value: ({ latency }) => latency.mean },
  { label: "±", value: ({ latency }) => latency.halfWidth },
  { label: "accuracy %", value: ({ accuracy }) => (accuracy === null ? null : 100 * accuracy.mean), digits: 1 },
  {
    label: "ended by",
    value: ({ ended }) =>
      Object.entries(ended)
        .map(([by, count]) => `${by} ${count}`)
        .join(", "),
  },
];

type RoundRow = Pick<Priced, "cell" | "seed" | "drop"> & PricedTrace["rounds"][number];

function roundRows(priced: readonly Priced[]): RoundRow[] {
  return priced.flatMap(({ cell, seed, drop, result }) =>
    result.rounds.map((round) => ({ cell, seed, drop, ...round })),
  );
}

const roundColumns: Column<RoundRow>[] = [
  { label: "cell", value: ({ cell }) => cell },
  { label: "seed", value: ({ seed }) => seed },
  { label: "drop", value: ({ drop }) => drop },
  { label: "round", value: ({ round }) => round },
  { label: "energy", value: ({ energy }) => energy },
  { label: "latency", value: ({ latency }) => latency },
  { label: "total_energy", value: ({ totals }) => totals.energy },
  { label: "total_latency", value: ({ totals }) => totals.latency },
  { label: "accuracy", value: ({ accuracy }) => accuracy },
];
