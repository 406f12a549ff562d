import type { Config } from "../config/config.js";
import { failureOf, InputError } from "../config/errors.js";
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

/** @throws InputError for a config in which not all who take part are heard together */
export function checkExchange(method: Quantizer, { waiting, loss, devices }: Config): void {
  if (withExchange(method) === undefined) return;
  const why = `${method.name} looks at all clients' updates at once (allowed:`;
  if (waiting.kind !== "synchronous") throw new InputError("waiting.kind", `"${waiting.kind}": ${why} "synchronous")`);
  if (loss.kind !== "none") throw new InputError("loss.kind", `"${loss.kind}": ${why} "none")`);
  if (devices.battery.enabled) throw new InputError("devices.battery.enabled", `true: ${why} false)`);
}
