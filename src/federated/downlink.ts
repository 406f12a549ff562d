import type { Config } from "../config/config.js";
import { failureOf, InputError, RunError } from "../config/errors.js";
import type { DecodeContext, EncodeContext, Quantizer, QuantizerMemory, TensorSlice } from "../config/records.js";
import { checkedQuantizer, quantizer as quantizerOf } from "../quantizers/index.js";

/** What the server and all its clients know of what was sent so far. */
export interface DownlinkState {
  /** ŵ_t, the model as the clients decoded it [d] */
  held: Float32Array;
  /** What the server's encoder remembers, and every client's decoder */
  encoder: QuantizerMemory;
  decoder: QuantizerMemory;
}

/** Bits of one packet to all clients. */
export interface SentBits {
  nominal: number;
  wire: number;
}

/** What the server knows when a round begins. */
interface Moment {
  /** Rounds before it */
  round: number;
  /** w_t */
  parameters: Float32Array;
  modelChanges: readonly number[];
  loss: EncodeContext["loss"];
  /** Absent before the first round, and where the model itself is sent */
  downlink?: DownlinkState;
}

/** The model from which the clients train in a round. */
export interface SentModel {
  model: Float32Array;
  /** Absent where the model itself is sent, at 32 bits an entry */
  bits?: SentBits;
}

/** The model itself, 32 bits an entry. */
export function wholeModel(parameters: number): SentBits {
  return { nominal: 32 * parameters, wire: 32 * parameters };
}

/**
 * What the server sends when a round begins. With a quantizer Q other than "identity" all clients hold the same ŵ, and
 *
 *   ŵ_{t+1} = ŵ_t + Q(w_{t+1} − ŵ_t),
 *
 * which is error feedback at the server: what Q lost, w_t − ŵ_t, is in the next difference (Tang et al., "DoubleSqueeze",
 * ICML 2019; Philippenko and Dieuleveut, NeurIPS 2021). Clients train from ŵ and send what they moved from it, which the
 * server adds to its own w: the loss of the downlink does not pile up in the model that is tested.
 *
 * Choices: all clients listen to every round, whether they take part or not. To the quantizer the server is one more
 * client, of the number K. A quantizer that skips a round sends nothing, and the clients take what it says for that.
 * @throws InputError for a quantizer that goes by the clients' channels
 */
export function createDownlink(
  config: Config,
  tensors: readonly TensorSlice[],
): { send(at: Moment): SentModel & { downlink?: DownlinkState } } {
  const { downlink, network, seed } = config;
  if (downlink.quantizer.name === "identity") return { send: ({ parameters }) => ({ model: parameters }) };
  const method = downlinkQuantizer(config);

  function first({ parameters }: Moment): SentModel & { downlink: DownlinkState } {
    const held = parameters.slice();
    const bits = downlink.initial === "full" ? wholeModel(held.length) : { nominal: 0, wire: 0 };
    return { model: held, bits, downlink: { held, encoder: new Map(), decoder: new Map() } };
  }

  function next({ round: before, parameters, modelChanges, loss }: Moment, state: DownlinkState): SentModel {
    const { held, encoder, decoder } = state;
    const change = new Float32Array(held.length);
    for (let i = 0; i < change.length; i++) change[i] = parameters[i]! - held[i]!;
    const round = before + 1;
    const shared = { client: network.clients, round, seed, tensors, model: held };
    const bits = passed(
      method,
      change,
      { ...shared, modelChanges, loss, memory: encoder },
      { ...shared, memory: decoder },
    );
    for (let i = 0; i < change.length; i++) held[i] = held[i]! + change[i]!;
    return { model: held, bits };
  }

  return {
    send: (at) => (at.downlink === undefined ? first(at) : { ...next(at, at.downlink), downlink: at.downlink }),
  };
}

/** @throws InputError */
function downlinkQuantizer({ downlink: { quantizer: config } }: Config): Quantizer {
  const method = checkedQuantizer(quantizerOf(config));
  if (method.channelAware === true) {
    throw new InputError(
      "downlink.quantizer.name",
      `"${config.name}" goes by each client's channel, but all clients get the same packet`,
    );
  }
  return method;
}

/** Puts what the clients decode in the place of the change. @throws RunError with the round */
function passed(method: Quantizer, change: Float32Array, encode: EncodeContext, decode: DecodeContext): SentBits {
  try {
    const packet = method.encode(change, encode);
    change.fill(0);
    if (packet !== null) method.decode(packet.bytes, change, decode);
    else method.absent?.(change, decode);
    return packet === null ? { nominal: 0, wire: 0 } : { nominal: packet.nominalBits, wire: 8 * packet.bytes.length };
  } catch (error) {
    // It knows of clients alone, and the server is none.
    const { reason } = failureOf(`downlink, ${method.name}`, placed(error));
    throw new RunError(reason, { round: encode.round }, { cause: error });
  }
}

/** Its settings stand in the section of the downlink. */
function placed(error: unknown): unknown {
  if (!(error instanceof InputError) || !error.path.startsWith("quantizer.")) return error;
  return new InputError(`downlink.${error.path}`, error.message.slice(error.path.length + 2), { cause: error });
}
