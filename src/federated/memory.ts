import type { QuantizerMemory } from "../config/records.js";

/**
 * What an end of a quantizer remembers, as it is now. Arrays too: threads write the next round's values into them where they
 * stand, and a quantizer of one's own may.
 */
export function copyOf(memory: QuantizerMemory): QuantizerMemory {
  return new Map([...memory].map(([key, kept]) => [key, typeof kept === "number" ? kept : kept.slice()]));
}
