import type { RoundRecord } from "../src/federated/result.js";
import { type Column, csv } from "../src/report/table.js";

const columns: readonly Column<RoundRecord>[] = [
  { label: "round", value: (record) => record.round },
  { label: "accuracy", value: (record) => record.accuracy },
  { label: "test_loss", value: (record) => record.testLoss },
  { label: "loss", value: (record) => record.loss },
  { label: "nominal_bits", value: (record) => record.nominalBits },
  { label: "wire_bits", value: (record) => record.wireBits },
  { label: "latency_s", value: (record) => record.latency },
  { label: "energy_j", value: (record) => record.energy },
  { label: "total_nominal_bits", value: (record) => record.totals.nominalBits },
  { label: "total_wire_bits", value: (record) => record.totals.wireBits },
  { label: "total_latency_s", value: (record) => record.totals.latency },
  { label: "total_energy_j", value: (record) => record.totals.energy },
  { label: "local_epochs", value: (record) => record.localEpochs },
  { label: "power_status", value: (record) => record.power.status },
  { label: "power_iterations", value: (record) => record.power.iterations },
];

/** The rounds as the command's rounds.csv has them: one line a round, all digits. */
export function roundsCsv(rounds: readonly RoundRecord[]): string {
  return csv(rounds, columns);
}
