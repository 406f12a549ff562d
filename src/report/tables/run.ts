import type { Config } from "../../config/config.js";
import type { Ending, RoundRecord, RunResult } from "../../federated/result.js";
import { type Column, formatNumber } from "./table.js";

/** The closing table of a run. */
export function runFacts(result: RunResult): [label: string, value: string][] {
  const { config, final, ended } = result;
  return [
    ...qualityFacts(final.accuracy, final.testLoss),
    ["rounds", `${final.rounds}, ended by ${endings[ended.by]}: ${ended.reason}`],
    ["energy", withBudget(final.energy, config.budgets.energy, "J")],
    ["latency", withBudget(final.latency, config.budgets.latency, "s")],
    ...uploadFacts(result),
    ...downlinkFacts(result),
    ["model", modelFact(config, result.parameters)],
    ["method", methodName(config)],
    ...kernelFacts(config),
    ["fingerprint", result.fingerprint.results],
  ];
}

/** Bits, or where all send at once, what their sums took and how far these were off. */
function uploadFacts({ rounds, final }: RunResult): [label: string, value: string][] {
  const sums = rounds.flatMap(({ air }) => (air === undefined ? [] : [air]));
  if (sums.length === 0) {
    return [
      ["nominal bits", bitsFact(final.nominalBitsPerEntry, final.nominalSaving)],
      ["wire bits", bitsFact(final.wireBitsPerEntry, final.wireSaving)],
    ];
  }
  const of = (part: "uses" | "signal" | "error") => sums.reduce((sum, air) => sum + air[part], 0);
  const off = of("signal") > 0 ? `, squared error ${formatNumber(of("error") / of("signal"), 4)} of the sums'` : "";
  return [["over the air", `no bits; ${formatNumber(of("uses") / sums.length)} channel uses a round${off}`]];
}

/** What the server sent, where that counts. */
function downlinkFacts({ config, rounds, final }: RunResult): [label: string, value: string][] {
  const { downlinkNominalBitsPerEntry: nominal, downlinkWireBitsPerEntry: wire } = final;
  if (nominal === undefined || wire === undefined) return [];
  const of = (part: "latency" | "energy") => rounds.reduce((sum, { downlink }) => sum + (downlink?.[part] ?? 0), 0);
  const takes = config.budgets.downlink.enabled
    ? `, ${formatNumber(of("latency"))} s and ${formatNumber(of("energy"))} J in all`
    : ", neither time nor energy counted";
  const sizes = `${formatNumber(nominal, 3)} nominal, ${formatNumber(wire, 3)} wire bits per entry`;
  // What a method that looks at all clients sends back stands for the model, and beside a quantized one comes on top.
  const exchanged = rounds.some(({ exchange }) => exchange !== undefined);
  const broadcast = config.downlink.quantizer.name;
  const names = exchanged ? [...(broadcast === "identity" ? [] : [broadcast]), config.quantizer.name] : [broadcast];
  return [["downlink", `${names.join(" and ")}: ${sizes}${takes}`]];
}

/** What is promised of the results of relaxed kernels. */
export const relaxedPromise = "the same bits on one machine and engine, not on every one";

/** Of the kernels, where they are not the exact ones. */
export function kernelFacts({ kernels }: Pick<Config, "kernels">): [label: string, value: string][] {
  return kernels === "relaxed" ? [["kernels", `relaxed: ${relaxedPromise}`]] : [];
}

/** rounds.csv: one row a round; `seed` in front where there are several, at the end what the server sent and how sums came about, where that is. */
export function roundColumnsOf(records: readonly RoundRecord[]): readonly Column<RoundRecord>[] {
  return [
    ...roundColumns,
    ...(records.some(({ downlink }) => downlink !== undefined) ? downlinkColumns : []),
    ...(records.some(({ air }) => air !== undefined) ? airColumns : []),
    ...(records.some(({ fronthaul }) => fronthaul !== undefined) ? fronthaulColumns : []),
  ];
}

const roundColumns: readonly Column<RoundRecord>[] = [
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

const downlinkColumns: readonly Column<RoundRecord>[] = [
  { label: "downlink_nominal_bits", value: ({ downlink }) => downlink?.nominalBits ?? null },
  { label: "downlink_wire_bits", value: ({ downlink }) => downlink?.wireBits ?? null },
  { label: "downlink_latency_s", value: ({ downlink }) => downlink?.latency ?? null },
  { label: "downlink_energy_J", value: ({ downlink }) => downlink?.energy ?? null },
  { label: "total_downlink_nominal_bits", value: ({ totals }) => totals.downlink?.nominalBits ?? null },
  { label: "total_downlink_wire_bits", value: ({ totals }) => totals.downlink?.wireBits ?? null },
];

/** Where all send at once. */
const airColumns: readonly Column<RoundRecord>[] = [
  { label: "air_uses", value: ({ air }) => air?.uses ?? null },
  { label: "air_signal", value: ({ air }) => air?.signal ?? null },
  { label: "air_expected_error", value: ({ air }) => air?.expectedError ?? null },
  { label: "air_error", value: ({ air }) => air?.error ?? null },
];

/** Where the access points add. */
const fronthaulColumns: readonly Column<RoundRecord>[] = [
  { label: "fronthaul_bits", value: ({ fronthaul }) => fronthaul?.bits ?? null },
  { label: "fronthaul_sample_bits", value: ({ fronthaul }) => fronthaul?.sampleBits ?? null },
];

/** clients.csv: one row a round and client. */
const clientColumns: readonly Column<{ record: RoundRecord; client: number }>[] = [
  { label: "round", value: ({ record }) => record.round },
  { label: "client", value: ({ client }) => client },
  { label: "power", value: ({ record, client }) => record.perClient.power[client]! },
  { label: "upload_latency_s", value: ({ record, client }) => record.perClient.latency[client]! },
  { label: "energy_J", value: ({ record, client }) => record.perClient.energy[client]! },
  { label: "nominal_bits", value: ({ record, client }) => record.perClient.nominalBits[client]! },
  { label: "wire_bits", value: ({ record, client }) => record.perClient.wireBits[client]! },
  { label: "skipped", value: ({ record, client }) => (record.perClient.skipped[client] ? 1 : 0) },
];

/** Columns of clients.csv that there are with a selection, losses or batteries. */
const systemColumns: typeof clientColumns = [
  { label: "participates", value: ({ record, client }) => flagOf(record.perClient.participates, client) },
  { label: "weight", value: ({ record, client }) => record.perClient.weight?.[client] ?? null },
  { label: "delivered", value: ({ record, client }) => flagOf(record.perClient.delivered, client) },
  { label: "battery_J", value: ({ record, client }) => record.perClient.battery?.[client] ?? null },
  { label: "clock_s", value: ({ record, client }) => record.perClient.clock?.[client] ?? null },
];

/** The columns of clients.csv: those that some of its rows have something in. */
export function clientColumnsOf(records: readonly RoundRecord[]): typeof clientColumns {
  const some = ({ value }: (typeof clientColumns)[number]) =>
    records.some((record) => value({ record, client: 0 }) !== null);
  return [...clientColumns, ...systemColumns.filter(some)];
}

function flagOf(flags: readonly boolean[] | undefined, client: number): number | null {
  return flags === undefined ? null : flags[client] ? 1 : 0;
}

/** Uploaded bits per entry of a round, over the clients that sent something. */
export function bitsPerEntry(record: RoundRecord, parameters: number): { nominal: number; wire: number } {
  const senders = record.perClient.skipped.filter((skipped) => !skipped).length;
  const entries = Math.max(1, senders) * parameters;
  return { nominal: record.nominalBits / entries, wire: record.wireBits / entries };
}

export const endings: Readonly<Record<Ending, string>> = {
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

export function ofBudget(budget: number | null, unit: string): string {
  return budget === null ? ", no budget" : ` of ${formatNumber(budget)} ${unit}`;
}

function bitsFact(perEntry: number, saving: number): string {
  const size = `${formatNumber(perEntry, 3)} per entry`;
  if (Math.abs(saving) < 5e-4) return `${size}, as much as full precision`;
  return saving >= 0
    ? `${size}, ${formatNumber(100 * saving, 1)} % less than full precision`
    : `${size}, ${formatNumber(-100 * saving, 1)} % more than full precision`;
}

export function methodName({ quantizer, power, training }: Config): string {
  return `${quantizer.name} · ${power.method} · ${training.optimizer.name}`;
}

/** Commas between thousands; `toLocaleString` would first load what the engine knows of every country. */
export function modelFact({ model }: Config, parameters: number): string {
  return `${model.preset}, ${String(parameters).replaceAll(/\B(?=(\d{3})+$)/g, ",")} parameters`;
}
