import { failureOf } from "../config/errors.js";
import type { DecodeContext, TensorSlice } from "../config/records.js";
import { checkedQuantizer, quantizer as quantizerOf } from "../quantizers/index.js";
import type { ClientReply, ClientTask, ClientUpload, ExecutorSetup } from "./task.js";

/** The server's decoder of a run. It may stand anywhere: what it remembers of a client comes with the task. */
export function createDecoder(
  { config, quantizer }: Pick<ExecutorSetup, "config" | "quantizer">,
  tensors: readonly TensorSlice[],
) {
  const method = quantizer === undefined ? quantizerOf(config.quantizer) : checkedQuantizer(quantizer);

  /**
   * @param parameters w_t
   * @param into gets what the packet, or its absence, decodes to [d]
   * @throws RunError with round and client
   */
  return (
    parameters: Float32Array,
    { client, round, decoder, wantsNorm, lost }: ClientTask,
    { packet, ...rest }: ClientUpload,
    into: Float32Array,
  ): ClientReply => {
    const { seed } = config;
    const context: DecodeContext = { client, round, seed, tensors, model: parameters, memory: decoder };
    into.fill(0);
    const bits = packet && { nominal: packet.nominalBits, wire: 8 * packet.bytes.length };
    if (lost) return { ...rest, bits, decoder, ...(wantsNorm && { norm: 0 }) };
    try {
      if (packet !== null) method.decode(packet.bytes, into, context);
      else method.absent?.(into, context);
    } catch (error) {
      throw failureOf(`${method.name}, decoding`, error, { round, client });
    }
    return { ...rest, bits, decoder, ...(wantsNorm && { norm: Math.sqrt(squaredNorm(into)) }) };
  };
}

function squaredNorm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}
