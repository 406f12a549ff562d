import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * Plain data with typed arrays and maps in them as bytes:
 *   "cellfed\n", version u32, length of the JSON u32, the JSON, every array (each at a multiple of 8), SHA-256 of it all.
 * The JSON has { "$array": i } where the i-th array belongs, { "$map": [[key, value], …] } and, of numbers that JSON has
 * not, { "$number": "NaN" }. Little-endian, as all machines are that run WebAssembly at speed.
 */
const magic = utf8ToBytes("cellfed\n");
const headLength = magic.length + 8;
const sumLength = 32;

const arrayTypes = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;
type ArrayType = keyof typeof arrayTypes;
type PackedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export function pack(value: unknown, version: number): Uint8Array {
  const arrays: PackedArray[] = [];
  const head = JSON.stringify({ value, arrays: [] }, (_key, inner: unknown) => {
    if (isArray(inner)) return { $array: arrays.push(inner) - 1 };
    if (inner instanceof Map) return { $map: [...inner] };
    if (typeof inner === "number" && !(Number.isFinite(inner) && !Object.is(inner, -0))) {
      return { $number: Object.is(inner, -0) ? "-0" : `${inner}` };
    }
    return inner;
  });
  const shapes = arrays.map((array) => [typeOf(array), array.length]);
  const json = utf8ToBytes(`${head.slice(0, head.lastIndexOf("[]"))}${JSON.stringify(shapes)}}`);
  const body = arrays.reduce((at, array) => aligned(at) + array.byteLength, headLength + json.length);
  const bytes = new Uint8Array(body + sumLength);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(magic.length, version, true);
  view.setUint32(magic.length + 4, json.length, true);
  bytes.set(json, headLength);
  let at = headLength + json.length;
  for (const array of arrays) {
    at = aligned(at);
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  bytes.set(sha256(bytes.subarray(0, body)), body);
  return bytes;
}

/** @returns what is wrong, or the version and (of a version that is known) the value; arrays are copies */
export function unpack(bytes: Uint8Array, known: number): { damaged: string } | { version: number; value?: unknown } {
  const body = bytes.length - sumLength;
  if (body < headLength) return { damaged: `it has ${bytes.length} bytes, fewer than any` };
  if (magic.some((byte, i) => bytes[i] !== byte)) return { damaged: "it does not begin as one does" };
  const sum = sha256(bytes.subarray(0, body));
  if (sum.some((byte, i) => bytes[body + i] !== byte)) return { damaged: "its checksum does not fit" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(magic.length, true);
  if (version !== known) return { version };
  const jsonLength = view.getUint32(magic.length + 4, true);
  const json = new TextDecoder().decode(bytes.subarray(headLength, headLength + jsonLength));
  const { value, arrays } = JSON.parse(json) as { value: unknown; arrays: [ArrayType, number][] };
  let at = headLength + jsonLength;
  const read = arrays.map(([type, length]): PackedArray => {
    at = aligned(at);
    const array = new arrayTypes[type](length);
    new Uint8Array(array.buffer).set(bytes.subarray(at, at + array.byteLength));
    at += array.byteLength;
    return array;
  });
  return { version, value: revived(value, read) };
}

function revived(value: unknown, arrays: readonly PackedArray[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => revived(inner, arrays));
  const { $array, $map, $number } = value as { $array?: number; $map?: [string, unknown][]; $number?: string };
  if ($array !== undefined) return arrays[$array];
  if ($number !== undefined) return Number($number);
  if ($map !== undefined) return new Map($map.map(([key, inner]) => [key, revived(inner, arrays)]));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner, arrays)]));
}

function isArray(value: unknown): value is PackedArray {
  return Object.values(arrayTypes).some((type) => value instanceof type);
}

function typeOf(array: PackedArray): ArrayType {
  return (Object.keys(arrayTypes) as ArrayType[]).find((name) => array instanceof arrayTypes[name])!;
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}
