import type { DropRates } from "../../study/jobs/rates.js";
import { type Column, textTable } from "./table.js";

interface ClientRow {
  drop: number;
  client: number;
  values: { value: number; interval: number }[];
}

/** One row a client of each drop, for `rateColumns`. */
export function rateRows(drops: readonly DropRates[], schemes: readonly string[]): ClientRow[] {
  return drops.flatMap(({ drop, rates }) =>
    Array.from({ length: rates[schemes[0]!]!.spectralEfficiency.length }, (_, client) => ({
      drop,
      client,
      values: schemes.map((name) => ({
        value: rates[name]!.spectralEfficiency[client]!,
        interval: rates[name]!.interval[client]!,
      })),
    })),
  );
}

/** One column a scheme, and one for its interval where it was simulated; the drop where there are several. */
export function rateColumns(
  drops: readonly DropRates[],
  schemes: readonly string[],
  rounded: boolean,
): Column<ClientRow>[] {
  const digits = rounded ? { digits: 3 } : {};
  const columns: Column<ClientRow>[] = drops.length > 1 ? [{ label: "drop", value: ({ drop }) => drop }] : [];
  columns.push({ label: "client", value: ({ client }) => client });
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  schemes.forEach((name, i) => {
    columns.push({ label: name, value: ({ values }) => known(values[i]!.value), ...digits });
    if (efficiencies(drops, name).interval.some((half) => half > 0))
      columns.push({ label: "±", value: ({ values }) => known(values[i]!.interval), ...digits });
  });
  return columns;
}

/** Of every client of every drop, with half the 95 % interval. */
export function efficiencies(drops: readonly DropRates[], scheme: string): { value: number[]; interval: number[] } {
  return {
    value: drops.flatMap(({ rates }) => rates[scheme]!.spectralEfficiency),
    interval: drops.flatMap(({ rates }) => rates[scheme]!.interval),
  };
}

/** What has to be said beside the rates: of which there are none. */
export function rateNotes(drops: readonly DropRates[], schemes: readonly string[]): string[] {
  return schemes.flatMap((name) => {
    const { value } = efficiencies(drops, name);
    const missing = value.filter((one) => !Number.isFinite(one)).length;
    const reason = "the gains are too small, too large or too far apart to be computed with";
    return missing === 0 ? [] : [`${name}: ${missing} of ${value.length} clients have no finite rate: ${reason}`];
  });
}

/** The clients of a single drop, and the distribution over all clients. */
export function ratesText(drops: readonly DropRates[], schemes: readonly string[]): string {
  const summary = textTable(
    schemes.map((name) => ({
      name,
      sorted: efficiencies(drops, name)
        .value.filter(Number.isFinite)
        .sort((a, b) => a - b),
    })),
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
  const clients = drops[0]!.rates[schemes[0]!]!.spectralEfficiency.length;
  const over = drops.length === 1 ? "" : `${drops.length} drops of `;
  const single =
    drops.length === 1 ? `${textTable(rateRows(drops, schemes), rateColumns(drops, schemes, true))}\n\n` : "";
  return `${single}Spectral efficiency in bit/s/Hz over ${over}${clients} clients\n${summary}`;
}

/** Linear interpolation between order statistics. */
function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}
