import { readFile, rename, writeFile } from "node:fs/promises";
import { InputError } from "../config/errors.js";

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

export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(path, `cannot be read (${reason(error)})`, { cause: error });
  }
}

export async function writeVector(path: string, vector: Float32Array): Promise<void> {
  const bytes = new Uint8Array(4 * vector.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < vector.length; i++) view.setFloat32(4 * i, vector[i] as number, true);
  await writeBytes(path, bytes);
}

/** Whole or not at all: under another name first. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, path);
  } catch (error) {
    throw new InputError(path, `cannot be written (${reason(error)})`, { cause: error });
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}
