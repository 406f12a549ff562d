import type { Config } from "../../config/config.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { quantizer as quantizerOf } from "../../quantizers/index.js";
import { numerics } from "../../version.js";

/** Hash of everything that a run of a config depends on, but for its seed and drop. */
export function cellKey(config: Config): string {
  return fingerprint({ run: unseeded(config), numerics });
}

/** Key of a cell's run under a seed and drop. */
export function runKey(cell: { readonly key: string }, seed: number, drop: number): string {
  return `${cell.key}-${seed}-${drop}`;
}

/** Key of a run's complete rounds, client by client. */
export function roundsKey(run: string): string {
  return `${run}-rounds`;
}

/**
 * What a training depends on beside data, model, optimizer, quantizer and server: "none" of the radio, so that it serves
 * every network, power method, budget and drop; the "drop" that a channel-aware quantizer sees; or, where rounds are
 * planned by what they cost, the powers and budgets too, and it serves one "run" alone.
 */
export type Dependence = "none" | "drop" | "run";

export function trainingDependence({ plan, quantizer }: Config): Dependence {
  if (plan.kind !== "fixed") return "run";
  return quantizerOf(quantizer).channelAware === true ? "drop" : "none";
}

/** Hash of what a training depends on, but for its seed and drop. */
export function learningKey(config: Config, dependence: Dependence): string {
  const { network, power, budgets, ...learning } = unseeded(config);
  const radio = {
    none: { clients: network.clients },
    drop: { network },
    run: { network, power, budgets },
  }[dependence];
  return fingerprint({ training: learning, radio, numerics });
}

/** Key of a training under a seed, and under a drop where it depends on one. */
export function trainingKey(learning: string, seed: number, drop: number | undefined): string {
  return drop === undefined ? `${learning}-${seed}` : `${learning}-${seed}-${drop}`;
}

/** A config without its seed and without what cannot change a result: where the files lie. */
function unseeded(config: Config): Omit<Config, "seed"> {
  const { seed: _seed, ...rest } = config;
  const { directory: _directory, ...data } = config.data;
  return { ...rest, data };
}
