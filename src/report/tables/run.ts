import type { Config } from "../../config/config.js";
import type { Ending, RoundRecord, RunResult } from "../../federated/result.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { type Column, formatNumber } from "./table.js";

/** The closing table of a run. */
export function runFacts(result: RunResult): [label: string, value: string][] {
  const { config, final, ended } = result;
  return [
    ...qualityFacts(final.accuracy, final.testLoss),
    ["rounds", `${final.rounds}, ended by ${endings[ended.by]}: ${ended.reason}`],
    ["energy", withBudget(final.energy, config.budgets.energy, "J")],
    ["latency", withBudget(final.latency, config.budgets.latency, "s")],
    ["nominal bits", bitsFact(final.nominalBitsPerEntry, final.nominalSaving)],
    ["wire bits", bitsFact(final.wireBitsPerEntry, final.wireSaving)],
    ["model", `${config.model.preset}, ${result.parameters.toLocaleString("en-US")} parameters`],
    ["method", methodName(config)],
    ["fingerprint", result.fingerprint.results],
  ];
}

/** The closing table of the same config under several seeds: means with 95 % intervals. */
export function seedsFacts(results: readonly RunResult[]): [label: string, value: string][] {
  const first = results[0]!;
  const { budgets } = first.config;
  const of = (value: (run: RunResult) => number | null, scale = 1, digits?: number): string => {
    const values = results.map(value).filter((one) => one !== null);
    if (values.length === 0) return "–";
    const { mean, halfWidth, count } = meanInterval(values.map((one) => scale * one));
    return count > 1
      ? `${formatNumber(mean, digits)} ± ${formatNumber(halfWidth, digits)}`
      : formatNumber(mean, digits);
  };
  const ends = countEndings(results);
  return [
    ["seeds", results.map(({ config }) => config.seed).join(", ")],
    ["accuracy", `${of(({ final }) => final.accuracy, 100, 2)} %`],
    ["test loss", of(({ final }) => final.testLoss, 1, 4)],
    ["rounds", `${of(({ final }) => final.rounds, 1, 1)}, ended by ${ends}`],
    ["energy", `${of(({ final }) => final.energy)} J${ofBudget(budgets.energy, "J")}`],
    ["latency", `${of(({ final }) => final.latency)} s${ofBudget(budgets.latency, "s")}`],
    ["nominal bits", `${of(({ final }) => final.nominalBitsPerEntry, 1, 3)} per entry`],
    ["wire bits", `${of(({ final }) => final.wireBitsPerEntry, 1, 3)} per entry`],
    ["model", `${first.config.model.preset}, ${first.parameters.toLocaleString("en-US")} parameters`],
    ["method", methodName(first.config)],
    [
      "intervals",
      results.length > 1 ? `95 % of the mean over ${results.length} seeds (Student's t)` : "none: one seed",
    ],
  ];
}

/** rounds.csv: one row a round; `seed` in front where there are several. */
export const roundColumns: readonly Column<RoundRecord>[] = [
  { label: "round", value: ({ round }) => round },
  { label: "accuracy", value: ({ accuracy }) => accuracy },
  { label: "test_loss", value: ({ testLoss }) => testLoss },
  { label: "train_loss", value: ({ loss }) => loss },
  { label: "local_epochs", value: ({ localEpochs }) => localEpochs },
  { label: "nominal_bits", value: ({ nominalBits }) => nominalBits },
  { label: "wire_bits", value: ({ wireBits }) => wireBits },
  { label: "latency_s", value: ({ latency }) => latency },
  { label: "energy_J", value: ({ energy }) => energy },
  { label: "total_nominal_bits", value: ({ totals }) => totals.nominalBits },
  { label: "total_wire_bits", value: ({ totals }) => totals.wireBits },
  { label: "total_latency_s", value: ({ totals }) => totals.latency },
  { label: "total_energy_J", value: ({ totals }) => totals.energy },
  { label: "power_status", value: ({ power }) => power.status },
  { label: "power_iterations", value: ({ power }) => power.iterations },
];

/** clients.csv: one row a round and client. */
export const clientColumns: readonly Column<{ record: RoundRecord; client: number }>[] = [
  { label: "round", value: ({ record }) => record.round },
  { label: "client", value: ({ client }) => client },
  { label: "power", value: ({ record, client }) => record.perClient.power[client]! },
  { label: "upload_latency_s", value: ({ record, client }) => record.perClient.latency[client]! },
  { label: "energy_J", value: ({ record, client }) => record.perClient.energy[client]! },
  { label: "nominal_bits", value: ({ record, client }) => record.perClient.nominalBits[client]! },
  { label: "wire_bits", value: ({ record, client }) => record.perClient.wireBits[client]! },
  { label: "skipped", value: ({ record, client }) => (record.perClient.skipped[client] ? 1 : 0) },
];

/** Uploaded bits per entry of a round, over the clients that sent something. */
export function bitsPerEntry(record: RoundRecord, parameters: number): { nominal: number; wire: number } {
  const senders = record.perClient.skipped.filter((skipped) => !skipped).length;
  const entries = Math.max(1, senders) * parameters;
  return { nominal: record.nominalBits / entries, wire: record.wireBits / entries };
}

const endings: Record<Ending, string> = {
  rounds: "the rounds",
  energy: "the energy budget",
  latency: "the latency budget",
  infeasible: "an infeasible power allocation",
  stopped: "an interruption",
  failed: "a failure",
};

function qualityFacts(accuracy: number | null, testLoss: number | null): [string, string][] {
  if (accuracy !== null) {
    return [["accuracy", `${formatNumber(100 * accuracy, 2)} %, test loss ${formatNumber(testLoss ?? Number.NaN, 4)}`]];
  }
  return [["test loss", testLoss === null ? "not evaluated" : formatNumber(testLoss, 4)]];
}

function withBudget(used: number, budget: number | null, unit: string): string {
  return `${formatNumber(used)} ${unit}${ofBudget(budget, unit)}`;
}

function ofBudget(budget: number | null, unit: string): string {
  return budget === null ? ", no budget" : ` of ${formatNumber(budget)} ${unit}`;
}

function bitsFact(perEntry: number, saving: number): string {
  const size = `${formatNumber(perEntry, 3)} per entry`;
  if (Math.abs(saving) < 5e-4) return `${size}, as much as full precision`;
  return saving >= 0
    ? `${size}, ${formatNumber(100 * saving, 1)} % less than full precision`
    : `${size}, ${formatNumber(-100 * saving, 1)} % more than full precision`;
}

function methodName({ quantizer, power, training }: Config): string {
  return `${quantizer.name} · ${power.method} · ${training.optimizer.name}`;
}

function countEndings(results: readonly RunResult[]): string {
  const counts = new Map<Ending, number>();
  for (const { ended } of results) counts.set(ended.by, (counts.get(ended.by) ?? 0) + 1);
  return [...counts].map(([by, count]) => (counts.size === 1 ? endings[by] : `${endings[by]} (${count})`)).join(", ");
}
