import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";

export function writeFloats(writer: PacketWriter, values: Float32Array): void {
  const { buffer, byteOffset, byteLength } = values;
  writer.bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

/** @throws PacketError for what is not finite */
export function readFloats(reader: PacketReader, count: number, what: string): Float32Array {
  const at = reader.offset();
  const bytes = reader.bytes(4 * count, what).slice();
  const values = new Float32Array(bytes.buffer, 0, count);
  const wrong = values.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) throw new PacketError(at + 4 * wrong, `${what} holds ${values[wrong]}`);
  return values;
}
