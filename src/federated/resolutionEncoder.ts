import type { Config } from "../config/config.js";
import type { EncodeContext, Packet, Quantizer } from "../config/records.js";
import { type QuantizerSettings, quantizersAt, resolutionsOf } from "./resolutions.js";
import type { ClientTask, ClientUpload } from "./task.js";

/**
 * Encodes at every rung of a ladder and measures, then sends what was chosen.
 *
 * A rung is measured with nothing remembered: what the update of this round is worth at so many bits. What was lost
 * before and comes back with this update, or what it is foretold from, belongs to the upload alone.
 */
export function resolutionEncoder(config: Config) {
  let known: { ladder: string; methods: Quantizer[] } | undefined;

  /** Nobody wrote the targets of a plan: where the least packet is longer, that is sent. The configured one was written. */
  const raised = (settings: QuantizerSettings) => settings.bits !== config.quantizer.bits;

  function send(update: Float32Array, context: EncodeContext, settings: QuantizerSettings): Packet | null {
    const [method] = quantizersAt(config, [settings]);
    return method!.encode(update, { ...context, raisesTarget: raised(settings) });
  }

  return (
    update: Float32Array,
    context: EncodeContext,
    { ladder, choice, target }: NonNullable<ClientTask["resolutions"]>,
  ): Pick<ClientUpload, "packet" | "measured"> => {
    const key = JSON.stringify(ladder);
    if (known?.ladder !== key) known = { ladder: key, methods: quantizersAt(config, ladder) };
    const decoded = new Float32Array(update.length);
    const measured = {
      bits: new Float64Array(ladder.length),
      error: new Float64Array(ladder.length),
      norm: squaredDistance(update, decoded),
    };
    const lostBy = (method: Quantizer, packet: Packet | null, alone: EncodeContext): number => {
      if (packet?.squaredError !== undefined) return packet.squaredError;
      if (packet === null) decoded.fill(0);
      else method.decode(packet.bytes, decoded, { ...alone, memory: new Map() });
      return squaredDistance(update, decoded);
    };
    let measuredPacket: Packet | null | undefined;
    known.methods.forEach((method, r) => {
      const alone = { ...context, memory: new Map(), raisesTarget: raised(ladder[r]!) };
      const packet = method.encode(update, alone);
      // Who remembers nothing would only encode the same again.
      if (target === undefined && r === choice && alone.memory.size === 0) measuredPacket = packet;
      const wire = config.budgets.bits === "wire";
      measured.bits[r] = packet === null ? 0 : wire ? 8 * packet.bytes.length : packet.nominalBits;
      measured.error[r] = lostBy(method, packet, alone);
    });
    const { at, errors } = resolutionsOf(config);
    const settings = target === undefined ? ladder[choice]! : at(target, measured.bits, update.length);
    const packet = measuredPacket === undefined ? send(update, context, settings) : measuredPacket;
    // Nothing is remembered where errors are so: any of the methods can read it.
    return {
      packet,
      measured: errors === "isotropic" ? { ...measured, sent: lostBy(known.methods[0]!, packet, context) } : measured,
    };
  };
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) * (a[i]! - b[i]!);
  return sum;
}
