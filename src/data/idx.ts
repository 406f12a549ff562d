import { InputError } from "../config/errors.js";

/** What an IDX file of bytes holds: dimensions and the values, a view of the file's bytes. */
export interface Idx {
  shape: readonly number[];
  values: Uint8Array;
}

const headerWord = 4;

/**
 * The IDX format of MNIST (unsigned bytes only): a big-endian magic number 0x0000_08_dd with dd dimensions,
 * the dimensions as big-endian words of 32 bits, then the values, last dimension fastest.
 *
 * @param bytes the whole file, not compressed
 * @param dimensions expected: 3 for images, 1 for labels
 * @param path named in errors
 * @throws InputError wrong magic number, zero or too few or too many bytes
 */
export function parseIdx(bytes: Uint8Array, dimensions: number, path: string): Idx {
  const header = headerWord * (1 + dimensions);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = 0x0800 + dimensions;
  if (bytes.length < headerWord) {
    throw new InputError(path, `truncated: ${bytes.length} bytes, not even the magic number of an IDX file`);
  }
  const magic = view.getUint32(0);
  if (magic !== expected) {
    throw new InputError(
      path,
      `not an IDX file of ${dimensions === 1 ? "labels" : "images"}: magic number ${hexadecimal(magic)}, ` +
        `expected ${hexadecimal(expected)} (unsigned bytes, ${dimensions} dimension${dimensions === 1 ? "" : "s"})`,
    );
  }
  if (bytes.length < header) {
    throw new InputError(path, `truncated: ${bytes.length} bytes, the header alone takes ${header}`);
  }
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(headerWord * (1 + i)));
  const size = shape.reduce((product, n) => product * n, 1);
  if (size === 0) throw new InputError(path, `holds nothing: its header says ${shape.join(" × ")}`);
  if (bytes.length !== header + size) {
    throw new InputError(
      path,
      `${bytes.length < header + size ? "truncated" : "too long"}: ${bytes.length} bytes, ` +
        `expected ${header + size} (a header of ${header} and ${shape.join(" × ")} values)`,
    );
  }
  return { shape, values: bytes.subarray(header) };
}

/** How long a file with this beginning is, header and values; undefined where it is no beginning of an IDX file. */
export function idxBytes(start: Uint8Array, dimensions: number): number | undefined {
  const header = headerWord * (1 + dimensions);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < header || view.getUint32(0) !== 0x0800 + dimensions) return undefined;
  let size = 1;
  for (let i = 1; i <= dimensions; i++) size *= view.getUint32(headerWord * i);
  return header + size;
}

function hexadecimal(word: number): string {
  return `0x${word.toString(16).padStart(8, "0")}`;
}
