import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { computeSeconds, type Devices } from "../system/devices.js";

/** More than anybody means: epochs of a client in a round. */
const mostEpochs = 10_000;

/** L_t = min(maximum, L_{t−1} + increment) from round `from` on. */
export function epochsOf({ training }: Pick<Config, "training">, round: number, before: number): number {
  const { from, increment, maximum } = training.adaptiveEpochs;
  return increment > 0 && round >= from ? Math.min(maximum, before + increment) : before;
}

/**
 * Local epochs of each client: the round's, or with a semi-synchronous server as many as fit into its period.
 * @param examples D_k [K]
 * @param usual the round's
 */
export function clientEpochs(
  config: Pick<Config, "waiting" | "budgets">,
  devices: Devices,
  examples: ArrayLike<number>,
  usual: number,
): (client: number) => number {
  if (config.waiting.kind !== "semi-synchronous") return () => usual;
  const epoch = computeSeconds(config, devices, examples);
  return (client) => fittingEpochs(config, client, epoch[client]!);
}

/** Epochs that fit into the period, at least one. @throws InputError for more than anybody means */
function fittingEpochs({ waiting }: Pick<Config, "waiting">, client: number, epoch: number): number {
  const epochs = Math.max(1, Math.floor(waiting.period / epoch));
  if (epochs <= mostEpochs) return epochs;
  throw new InputError(
    "waiting.period",
    epoch > 0
      ? `${waiting.period} s are ${epochs} epochs of ${epoch.toPrecision(3)} s of client ${client} ` +
          `(allowed: at most ${(mostEpochs * epoch).toPrecision(3)} s, ${mostEpochs} epochs)`
      : `${waiting.period} s are endlessly many epochs of client ${client}, whose computing takes no time: ` +
          "budgets.compute would have to count it",
  );
}
