import type { QuantizerMemory } from "../config/records.js";
import type { Participation } from "./keptTrace.js";
import type { ClientReply } from "./task.js";
import type { TrainingState } from "./training.js";

/** What is needed to take single updates back out of a round's sum, and out of what both ends remember. */
export function undoing(participation: Participation, shares: boolean) {
  const replies = new Map<number, { decoded: Float32Array; fallback: QuantizerMemory; decoder: QuantizerMemory }>();
  const weight = (client: number) => participation.weights[participation.clients.indexOf(client)]!;
  return {
    /** Before the reply's memory becomes the decoder's */
    keep({ client, decoded, fallback, memory }: ClientReply, decoder: QuantizerMemory): void {
      replies.set(client, { decoded: decoded!.slice(), fallback: fallback ?? memory, decoder });
    },
    without(sum: Float64Array, silent: readonly number[], { clients, decoders }: TrainingState): Float64Array {
      const rest = sum.slice();
      let counted = 1;
      for (const client of silent) {
        const { decoded, fallback, decoder } = replies.get(client)!;
        for (let i = 0; i < rest.length; i++) rest[i] = rest[i]! - weight(client) * decoded[i]!;
        counted -= weight(client);
        clients[client] = fallback;
        decoders[client] = decoder;
      }
      // Of a round in which nobody sent nothing is left, not what rounding leaves.
      if (participation.clients.every((client) => silent.includes(client) || weight(client) === 0)) return rest.fill(0);
      return shares ? rest.map((entry) => entry / counted) : rest;
    },
  };
}
