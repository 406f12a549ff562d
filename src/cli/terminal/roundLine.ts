import type { Config } from "../../config/config.js";
import type { RoundRecord } from "../../federated/result.js";
import { bitsPerEntry } from "../../report/tables/run.js";
import { formatNumber } from "../../report/tables/table.js";

/** A finished round in one line: what it brought, what it cost, what is left. */
export function roundLine(record: RoundRecord, config: Config, parameters: number): string {
  const { nominal, wire } = bitsPerEntry(record, parameters);
  const quality =
    record.accuracy !== null
      ? `accuracy ${formatNumber(100 * record.accuracy, 1)} %`
      : record.testLoss !== null
        ? `test loss ${formatNumber(record.testLoss, 4)}`
        : `training loss ${formatNumber(record.loss, 4)}`;
  return [
    quality,
    `${formatNumber(nominal, 2)} bit/entry (${formatNumber(wire, 2)} on the wire)`,
    `${formatNumber(record.latency)} s`,
    `${formatNumber(1000 * record.energy)} mJ`,
    left(record, config),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** The same for beside a bar, where there is little room; the line above it has the rest. */
export function shortRoundLine(record: RoundRecord, config: Config): string {
  const quality =
    record.accuracy !== null
      ? `${formatNumber(100 * record.accuracy, 1)} %`
      : `loss ${formatNumber(record.testLoss ?? record.loss, 3)}`;
  return [`round ${record.round}`, quality, left(record, config)].filter((part) => part !== "").join("  ");
}

/** Share of the run that is done: of the rounds, the joules or the seconds, whichever is nearest its end. */
export function shareDone(record: RoundRecord, { rounds, budgets }: Config): number {
  const share = (used: number, next: number, budget: number | null): number =>
    budget === null ? 0 : Math.min(1, used / Math.max(used, budget - next * 0.5));
  return Math.max(
    record.round / rounds,
    share(record.totals.energy, record.energy, budgets.energy),
    share(record.totals.latency, record.latency, budgets.latency),
  );
}

function left({ totals }: RoundRecord, { budgets }: Config): string {
  const parts = [
    budgets.energy === null ? [] : `${formatNumber(budgets.energy - totals.energy, 3)} J`,
    budgets.latency === null ? [] : `${formatNumber(budgets.latency - totals.latency, 2)} s`,
  ].flat();
  return parts.length === 0 ? "" : `left ${parts.join(", ")}`;
}
