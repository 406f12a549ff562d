/**
 * Event files as TensorBoard reads them: TFRecords of `tensorflow.Event` messages. There is no kept library for it outside
 * of Python, and of the format four fields are needed.
 */

/** A figure at a step. */
export interface ScalarEvent {
  /** s since 1970 */
  time: number;
  step: number;
  tag: string;
  value: number;
}

/** What stands first in every file. */
export function eventFileStart(time: number): Buffer {
  return record([double(1, time), text(3, "brain.Event:2")]);
}

/** Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } } */
export function scalarRecord({ time, step, tag, value }: ScalarEvent): Buffer {
  const scalar = message(1, [text(1, tag), float(2, value)]);
  return record([double(1, time), varintField(2, step), message(5, [scalar])]);
}

/** u64 length, its masked CRC-32C, the bytes, their masked CRC-32C; little endian. */
function record(fields: readonly Buffer[]): Buffer {
  const data = Buffer.concat(fields);
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(masked(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(masked(data));
  return Buffer.concat([head, data, tail]);
}

/** Rotated and moved, so that the CRC of data that hold CRCs is none of them. */
function masked(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli, reflected polynomial 0x82F63B78). */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]!) & 0xff]!;
  return (remainder ^ 0xffffffff) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  return remainder;
});

/** Wire types of protocol buffers: 0 varint, 1 eight bytes, 2 with a length, 5 four bytes. */
function key(field: number, type: 0 | 1 | 2 | 5): Buffer {
  return Buffer.from([(field << 3) | type]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([key(field, 0), varint(value)]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}

function text(field: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([key(field, 2), varint(bytes.length), bytes]);
}

function message(field: number, fields: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(fields);
  return Buffer.concat([key(field, 2), varint(bytes.length), bytes]);
}
