import { accuracyAtBits } from "../../study/jobs/equalBits.js";
import type { QuantizerBenchmark } from "../../study/run/quantizers.js";
import type { Column } from "./table.js";

export type QuantizerRow = Record<string, string | number | null>;

/**
 * One row a quantizer: bits and errors on the Gaussian probe and the files, bias, speed, accuracy; columns of parts that
 * were not measured are left out.
 * @param labels in the order of the rows
 * @param files names of the inputs beside the probes
 */
export function quantizerTable(
  labels: readonly string[],
  files: readonly string[],
  result: QuantizerBenchmark,
): { rows: QuantizerRow[]; columns: Column<QuantizerRow>[] } {
  // Equal bits: what the first of the list, EMQ unless asked otherwise, has spent at the end.
  const equal = result.learning[0]?.nominalBits.at(-1) ?? Number.POSITIVE_INFINITY;
  const rows = labels.map((label): QuantizerRow => {
    const on = (input: string) => result.inputs.find((row) => row.quantizer === label && row.input === input);
    const learning = result.learning.find((one) => one.label === label);
    const gaussian = on("gaussian");
    const found = result.bias[label];
    return {
      quantizer: label,
      "nominal bits": gaussian?.nominalBits ?? null,
      "wire bits": gaussian?.wireBits ?? null,
      entropy: gaussian?.entropyBits ?? null,
      NMSE: gaussian?.nmse ?? null,
      "on Laplace": on("laplace")?.nmse ?? null,
      "on heavy tails": on("heavy-tailed")?.nmse ?? null,
      ...Object.fromEntries(files.map((path) => [`on ${path}`, on(path)?.nmse ?? null])),
      ...Object.fromEntries(files.map((path) => [`wire bits, ${path}`, on(path)?.wireBits ?? null])),
      bias: found === undefined ? null : found.bias,
      "± 95 %": found === undefined ? null : found.interval,
      "encode GB/s": result.speed[label]?.encode ?? null,
      "decode GB/s": result.speed[label]?.decode ?? null,
      accuracy: learning?.accuracy.at(-1) ?? null,
      "after bits": learning?.nominalBits.at(-1) ?? null,
      "at equal bits": learning === undefined ? null : accuracyAtBits(learning, equal),
    };
  });
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => name === "quantizer" || rows.some((row) => row[name] !== null),
  );
  const columns = names.map((name): Column<QuantizerRow> => ({ label: name, value: (row) => row[name] ?? null }));
  return { rows, columns };
}

/** What has to be said below the table: which errors are known and not met, what broke off. */
export function quantizerNotes({ goldens, learning, failures }: QuantizerBenchmark): string[] {
  const met = goldens.filter(({ passed }) => passed).length;
  return [
    ...(goldens.length > 0 ? [`known errors: ${met} of ${goldens.length} met`] : []),
    ...goldens
      .filter(({ passed }) => !passed)
      .map(({ quantizer, probe, known, measured }) => `  ${quantizer}, ${probe}: ${measured}, known ${known}`),
    ...learning.flatMap(({ label, failure }) => (failure === null ? [] : [`${label}: ${failure}`])),
    ...failures.map(({ part, quantizer, reason }) => `${part}: ${quantizer}: ${reason}`),
  ];
}

/** A column for each field of some plain rows. */
export function columnsOf<T extends object>(rows: readonly T[]): Column<T>[] {
  return Object.keys(rows[0] ?? {}).map((label) => ({
    label,
    value: (row) => {
      const value = row[label as keyof T] as unknown;
      return typeof value === "boolean" ? String(value) : (value as string | number | null);
    },
  }));
}
