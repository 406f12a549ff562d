import { firstNonFinite, type Values } from "../../bindings/quantize.js";
import { PacketError } from "./coding/packet.js";

/** @throws PacketError where a decoded value is not finite; entry i came from byte `at` + i · width */
export function requireFinite(values: Values, at: number, width: number): void {
  const { index, value } = firstNonFinite(values);
  if (index < values.length) throw new PacketError(at + Math.floor(index * width), `entry ${index} is ${value}`);
}
