import type { Config } from "../../config/config.js";
import type { RoundRecord } from "../../federated/result.js";

/** What runs along the x axis of a learning curve: the same for the report and for the lab's page. */
export interface AbscissaSpec {
  label: string;
  unit: string;
  /** Behind "accuracy over …" */
  over: string;
  of(record: RoundRecord): number;
  /** What a run may use of it; null without a limit */
  limit(config: Config): number | null;
  /** The limit's name */
  wall?: string;
}

export type Abscissa = "round" | "latency" | "energy" | "bits";

export const abscissae: Record<Abscissa, AbscissaSpec> = {
  round: {
    ...{ label: "round", unit: "", over: "rounds" },
    of: (record) => record.round,
    limit: (config) => config.rounds,
  },
  latency: {
    ...{ label: "time", unit: "s", over: "time", wall: "budget" },
    of: (record) => record.totals.latency,
    limit: (config) => config.budgets.latency,
  },
  energy: {
    ...{ label: "transmit energy", unit: "J", over: "energy", wall: "budget" },
    of: (record) => record.totals.energy,
    limit: (config) => config.budgets.energy,
  },
  bits: {
    ...{ label: "uploaded", unit: "bit", over: "bits" },
    of: (record) => record.totals.nominalBits,
    limit: () => null,
  },
};
