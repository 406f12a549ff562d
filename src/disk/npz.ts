import { zipSync } from "fflate";

/** An array for a .npz archive. */
export interface NamedArray {
  name: string;
  shape: readonly number[];
  /** In C order, ∏ shape of them */
  values: Float32Array;
}

/**
 * A NumPy archive of float32 arrays, as `numpy.savez` writes it: equal arrays give equal bytes, whenever and wherever.
 */
export function npzBytes(arrays: readonly NamedArray[]): Uint8Array {
  const files = Object.fromEntries(arrays.map((array) => [`${array.name}.npy`, npyBytes(array)]));
  // The first moment that an archive can say, in whatever time zone
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1), os: 3 });
}

/** Format 1.0: the header is padded so that the numbers begin at a multiple of 64. */
function npyBytes({ shape, values }: NamedArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = 64 * Math.ceil((10 + header.length + 1) / 64);
  const bytes = new Uint8Array(start + 4 * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  for (let i = 0; i < values.length; i++) view.setFloat32(start + 4 * i, values[i]!, true);
  return bytes;
}
