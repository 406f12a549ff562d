import type { Config } from "../../config/config.js";
import { fingerprint, withoutDefaults } from "../../federated/fingerprint.js";
import { trainingIdentity } from "../../federated/identity.js";
import { looksAtChannel } from "../../federated/plan.js";
import { quantizer as quantizerOf } from "../../quantizers/index.js";
import { numerics } from "../../version.js";

/**
 * Hash of everything that a run of a config depends on, but for its seed and drop. Fields at their defaults are left
 * out, so that one that is added later changes no key; parts of one's own are in it by their sources.
 * @param of number of the numerics: another one than this version's to find what an earlier one has shipped
 */
export function cellKey(config: Config, of = numerics): string {
  return fingerprint({ run: withoutDefaults({ ...config, seed: 0 }), numerics: of });
}

/** Key of a cell's run under a seed and drop. */
export function runKey(cell: { readonly key: string }, seed: number, drop: number): string {
  return `${cell.key}-${seed}-${drop}`;
}

/** Key of a run's complete rounds, client by client. */
export function roundsKey(run: string): string {
  return `${run}-rounds`;
}

/** What a config's training is known by under all seeds: a hash, and whether it belongs to one drop. */
export function learningOf(config: Config): { hash: string; perDrop: boolean } {
  const quantizer = quantizerOf(config.quantizer);
  return {
    hash: fingerprint({ training: trainingIdentity({ ...config, seed: 0 }, { quantizer }) }),
    perDrop: looksAtChannel(config, quantizer),
  };
}

/** Key of a training under a seed, and under a drop where it belongs to one. */
export function trainingKey({ hash, perDrop }: ReturnType<typeof learningOf>, seed: number, drop: number): string {
  return perDrop ? `${hash}-${seed}-${drop}` : `${hash}-${seed}`;
}
