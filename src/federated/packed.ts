import { checksum } from "../../bindings/coding.js";
import { allocate, free, u8 } from "../../bindings/memory.js";

/**
 * Plain data with typed arrays and maps in them as bytes:
 *   "cellfed\n", version u32, length of the JSON u32, the JSON, every array (each at a multiple of 8), checksum u32 of all.
 * The JSON has { "$array": i } where the i-th array belongs, { "$map": [[key, value], …] } and, of numbers that JSON has
 * not, { "$number": "NaN" }. Little-endian, as all machines are that run WebAssembly at speed.
 */
const magic = new TextEncoder().encode("cellfed\n");
const headLength = magic.length + 8;
const sumLength = 4;

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
  const json = new TextEncoder().encode(`${head.slice(0, head.lastIndexOf("[]"))}${JSON.stringify(shapes)}}`);
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
  view.setUint32(body, sumOf(bytes.subarray(0, body)), true);
  return bytes;
}

/** @returns what is wrong, or the version and (of a version that is known) the value; arrays are copies */
export function unpack(bytes: Uint8Array, known: number): { damaged: string } | { version: number; value?: unknown } {
  const body = bytes.length - sumLength;
  if (body < headLength) return { damaged: `it has ${bytes.length} bytes, fewer than any` };
  if (magic.some((byte, i) => bytes[i] !== byte)) return { damaged: "it does not begin as one does" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(body, true) !== sumOf(bytes.subarray(0, body))) return { damaged: "its checksum does not fit" };
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

/** Bytes summed at once: what is taken of the kernels' memory is bounded by it. */
const chunkLength = 2 ** 20;

/** The checksum of the chunks' checksums: a change of one word is always seen, others with probability 1 − 2⁻³². */
function sumOf(bytes: Uint8Array): number {
  const sums = new Uint32Array(1 + Math.ceil(bytes.length / chunkLength));
  const length = Math.max(4 * sums.length, Math.min(bytes.length, chunkLength));
  const pointer = allocate(length + 64);
  const sum = (part: Uint8Array): number => {
    const place = u8(pointer, length + 64);
    place.set(part);
    place.fill(0, part.length, part.length + 64);
    return checksum(pointer, part.length);
  };
  sums[0] = bytes.length;
  for (let i = 1; i < sums.length; i++) sums[i] = sum(bytes.subarray((i - 1) * chunkLength, i * chunkLength));
  const all = sum(new Uint8Array(sums.buffer));
  free(pointer);
  return all;
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
