import type { Config } from "../config/config.js";
import type { QuantizerMemory } from "../config/records.js";
import type { Participation } from "./keptTrace.js";
import { copyOf } from "./memory.js";
import type { ClientReply, ClientTask } from "./task.js";
import type { TrainingState } from "./trainingState.js";

/**
 * What is needed to take single updates back out of a round's sum, and out of what both ends remember: a battery that
 * does not carry an upload shows only when the round is priced. Made before the round's tasks are handed out.
 */
export function undoing(
  { clients: participants, weights }: Participation,
  kind: Config["selection"]["weights"],
  { clients, decoders }: { clients: QuantizerMemory[]; decoders: QuantizerMemory[] },
) {
  // What a worker is given it may change, in place.
  const before = new Map(participants.map((client) => [client, copyOf(decoders[client]!)]));
  const replies = new Map<number, { decoded: Float32Array; fallback: QuantizerMemory }>();
  const weight = (client: number) => weights[participants.indexOf(client)]!;
  return {
    keep({ client, decoded, fallback, memory }: ClientReply): void {
      replies.set(client, { decoded: decoded!.slice(), fallback: fallback ?? memory });
    },
    /** The sum without some updates; the others count for them where weights are shares */
    without(sum: Float64Array, silent: readonly number[]): Float64Array {
      const rest = sum.slice();
      let counted = 1;
      for (const client of silent) {
        const { decoded, fallback } = replies.get(client)!;
        for (let i = 0; i < rest.length; i++) rest[i] = rest[i]! - weight(client) * decoded[i]!;
        counted -= weight(client);
        clients[client] = fallback;
        decoders[client] = before.get(client)!;
      }
      // Of a round in which nobody sent nothing is left, not what rounding leaves.
      if (participants.every((client) => silent.includes(client) || weight(client) === 0)) return rest.fill(0);
      return kind === "share" ? rest.map((entry) => entry / counted) : rest;
    },
  };
}

/** What both ends of a client's quantizer begin a round with, and whether its packet arrives. */
export function endsOf(
  { config, state, participation }: { config: Config; state: TrainingState; participation: Participation | undefined },
  client: number,
): Pick<ClientTask, "memory" | "decoder" | "lost" | "wantsFallback"> {
  const lost = participation?.lost?.includes(client) ?? false;
  const forgets = participation?.forgets?.includes(client) ?? false;
  return {
    memory: forgets ? new Map() : state.clients[client]!,
    decoder: forgets ? new Map() : state.decoders[client]!,
    ...(lost && { lost }),
    ...((config.devices.battery.enabled || (lost && config.loss.acknowledged)) && { wantsFallback: true }),
  };
}
