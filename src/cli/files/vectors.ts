import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import type { TensorSlice } from "../../config/records.js";
import { readLimited } from "../../disk/limited.js";
import { tensorSlices } from "../../quantizers/tensors.js";

/** Raw little-endian float32, as `.f32` files hold them. @throws InputError naming the file */
export async function readVector(path: string): Promise<Float32Array> {
  const bytes = await readBytes(path);
  if (bytes.length % 4 !== 0) {
    throw new InputError(path, `${bytes.length} bytes are no whole number of float32 values of 4 bytes`);
  }
  const vector = new Float32Array(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < vector.length; i++) vector[i] = view.getFloat32(4 * i, true);
  const wrong = vector.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0)
    throw new InputError(path, `entry ${wrong} is ${vector[wrong]}; only finite numbers can be quantized`);
  return vector;
}

/** What `--capture` writes beside the updates: the shapes of the tensors that they consist of. */
export const tensorsFile = "tensors.json";

/**
 * The tensors of a captured update, from the file beside it.
 * @returns none where there is no such file, or where it is of vectors of another length
 * @throws InputError where the file is not what `--capture` writes
 */
export async function tensorsBeside(path: string, entries: number): Promise<TensorSlice[]> {
  const file = join(dirname(path), tensorsFile);
  if (!existsSync(file)) return [];
  const tensors = tensorSlices(parseJson(new TextDecoder().decode(await readLimited(file)), file), file);
  const { offset, length } = tensors.at(-1) ?? { offset: 0, length: 0 };
  return offset + length === entries ? [...tensors] : [];
}

/** @throws InputError naming the file */
export function readBytes(path: string): Promise<Uint8Array> {
  return readLimited(path, largestVector, "cannot be read (ENOENT)");
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** 2^29 numbers of a vector: its packet and what is decoded have to fit beside it. */
const largestVector = 2 ** 31;

/** The SHA-256 of a file. @throws InputError */
export async function fileSum(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readBytes(path))
    .digest("hex");
}

/** A vector as `.f32` files hold it: its own bytes where they are in that order, not a copy. */
export function vectorBytes(vector: Float32Array): Uint8Array {
  if (littleEndian) return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  const bytes = new Uint8Array(4 * vector.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < vector.length; i++) view.setFloat32(4 * i, vector[i] as number, true);
  return bytes;
}
