import { failureOf } from "../config/errors.js";
import type { ExchangeClient, ExchangedBits, Quantizer, QuantizerMemory, TensorSlice } from "../config/records.js";
import type { ClientReply } from "./task.js";
import type { Sent, TrainingState } from "./trainingState.js";

/** What has come of a round's exchange. */
export interface Exchanged {
  /** Σ_k share_k v_k as it arrived everywhere [d] */
  mean: Float32Array;
  /** Of each client that took part */
  sent: Map<number, ExchangedBits>;
  /** What the server sent back, once to all */
  returned: ExchangedBits;
}

/**
 * A round of a method that looks at all clients (`Quantizer.exchange`): they train as ever, wherever that is, but send
 * their updates on as they are; once all are there the exchange is done here, packet by packet.
 * @param shared what all ends remember
 */
export function collectExchange(
  { exchange, name }: Quantizer,
  given: { round: number; seed: number; tensors: readonly TensorSlice[]; shared: QuantizerMemory },
) {
  const clients: ExchangeClient[] = [];
  return {
    /** @param share what the client's update counts in the mean */
    add({ client, update, memory }: ClientReply, share: number): void {
      clients.push({ client, update: update!, share, memory });
    },
    /** @throws RunError */
    finish(): Exchanged {
      const { round, seed, tensors, shared: memory } = given;
      try {
        const { mean, sent, returned } = exchange!.run(clients, { round, seed, tensors, memory });
        return { mean, returned, sent: new Map(clients.map(({ client }, k) => [client, sent[k]!])) };
      } catch (error) {
        throw failureOf(name, error, { round });
      }
    },
  };
}

/** What all ends of an exchange remember, from its first round on. */
export function sharedOf(state: TrainingState): QuantizerMemory {
  state.exchange ??= new Map();
  return state.exchange;
}

/** What the clients of an exchange sent, once it is over. */
export function takeBits(sent: readonly Sent[], { sent: bits }: Exchanged): void {
  for (const one of sent) one.bits = bits.get(one.client)!;
}

/** The method, where it looks at all clients. */
export function withExchange(method: Quantizer): Quantizer | undefined {
  return method.exchange === undefined ? undefined : method;
}
