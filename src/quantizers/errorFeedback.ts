import type { EncodeContext, Quantizer } from "../config/records.js";

/**
 * Error feedback (Seide et al., 2014; Karimireddy et al., ICML 2019) around any quantizer: the client encodes
 * v + e and keeps e ← v + e − q, q what the server makes of the packet (or of its absence). The server does nothing of
 * its own. Of an upload that the client learns was lost, q is 0 and e ← v + e. The client decodes what it sends, so an encoding costs a decoding more. Without a memory nothing is carried.
 */
export function withErrorFeedback(inner: Quantizer): Quantizer {
  const key = `error-feedback.${inner.name}`;
  return {
    ...inner,
    encode(update, context) {
      const kept = context?.memory?.get(key) as Float32Array | undefined;
      const corrected = new Float32Array(update.length);
      for (let i = 0; i < corrected.length; i++) corrected[i] = held((update[i] as number) + (kept?.[i] ?? 0));
      const packet = inner.encode(corrected, context);
      const decoded = new Float32Array(update.length);
      const remembered = { ...context, seed: context?.seed ?? 0, memory: context?.memory ?? new Map() };
      if (packet !== null) inner.decode(packet.bytes, decoded, remembered);
      else inner.absent?.(decoded, remembered);
      for (let i = 0; i < corrected.length; i++) {
        corrected[i] = held((corrected[i] as number) - (decoded[i] as number));
      }
      context?.memory?.set(key, corrected);
      return packet;
    },
    undelivered(update, context) {
      inner.undelivered?.(update, context);
      const kept = context.memory.get(key) as Float32Array | undefined;
      context.memory.set(
        key,
        update.map((entry, i) => held(entry + (kept?.[i] ?? 0))),
      );
    },
  };
}

/** The error that a client carries, zero before its first upload; for looking at it. */
export function carriedError(name: string, context: Pick<EncodeContext, "memory">): Float32Array | undefined {
  return context.memory.get(`error-feedback.${name}`) as Float32Array | undefined;
}

const most = 3.4028234663852886e38;

/** A sum beyond float32 becomes its largest value, NaN and infinities of the update stay for the encoder to name. */
function held(x: number): number {
  return Number.isFinite(x) ? Math.max(-most, Math.min(most, x)) : x;
}
