import { InputError } from "../config/errors.js";

/** An array of NumPy's: row-major, complex numbers as two planes. */
export interface NumpyArray {
  shape: number[];
  re: Float64Array;
  im?: Float64Array;
}

/**
 * Reads a .npy file (format 1 to 3): booleans, integers of 8 to 64 bits, floats of 32 and 64, complex of 64 and 128, either
 * byte order, C or Fortran order.
 * @throws InputError for anything else
 */
export function parseNpy(bytes: Uint8Array, path: string): NumpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(1, 6)) !== "NUMPY" || bytes[0] !== 0x93)
    throw new InputError(path, "not a NumPy array: it does not start with \\x93NUMPY");
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > longestHeader)
    throw new InputError(path, `a header of ${length} bytes (allowed: at most ${longestHeader})`);
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*True/.test(header);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number) ?? [];
  if (shape.length > mostDimensions)
    throw new InputError(path, `${shape.length} dimensions (allowed: at most ${mostDimensions})`);
  const type = descr === undefined ? undefined : /^([<>|=])([biufc])(\d+)$/.exec(descr);
  const reader = type ? readers[`${type[2]}${type[3]}`] : undefined;
  if (!type || reader === undefined)
    throw new InputError(
      path,
      `numbers of type ${descr?.slice(0, 20) ?? "nothing"} (allowed: b1, i1–i8, u1–u8, f4, f8, c8, c16)`,
    );
  const count = shape.reduce((a, b) => a * b, 1);
  const { size, read, complex } = reader;
  const step = complex ? 2 * size : size;
  const data = start + length;
  if (bytes.length - data < count * step)
    throw new InputError(path, `truncated: ${bytes.length - data} bytes of numbers instead of ${count * step}`);
  const little = type[1] !== ">";
  const out: NumpyArray = { shape, re: new Float64Array(count) };
  if (complex) out.im = new Float64Array(count);
  const place = fortran ? fortranPlaces(shape) : undefined;
  for (let i = 0; i < count; i++) {
    const to = place ? place(i) : i;
    out.re[to] = read(view, data + i * step, little);
    if (out.im) out.im[to] = read(view, data + i * step + size, little);
  }
  return out;
}

/** NumPy's own limits. */
const longestHeader = 10_000;
const mostDimensions = 32;

type Read = (view: DataView, at: number, little: boolean) => number;

const readers: Record<string, { size: number; read: Read; complex?: true }> = {
  b1: { size: 1, read: (v, at) => v.getUint8(at) },
  i1: { size: 1, read: (v, at) => v.getInt8(at) },
  u1: { size: 1, read: (v, at) => v.getUint8(at) },
  i2: { size: 2, read: (v, at, e) => v.getInt16(at, e) },
  u2: { size: 2, read: (v, at, e) => v.getUint16(at, e) },
  i4: { size: 4, read: (v, at, e) => v.getInt32(at, e) },
  u4: { size: 4, read: (v, at, e) => v.getUint32(at, e) },
  i8: { size: 8, read: (v, at, e) => Number(v.getBigInt64(at, e)) },
  u8: { size: 8, read: (v, at, e) => Number(v.getBigUint64(at, e)) },
  f4: { size: 4, read: (v, at, e) => v.getFloat32(at, e) },
  f8: { size: 8, read: (v, at, e) => v.getFloat64(at, e) },
  c8: { size: 4, read: (v, at, e) => v.getFloat32(at, e), complex: true },
  c16: { size: 8, read: (v, at, e) => v.getFloat64(at, e), complex: true },
};

/** Place in row-major order of the i-th number in column-major order. */
function fortranPlaces(shape: number[]): (i: number) => number {
  return (i) => {
    let rest = i;
    let place = 0;
    const index = shape.map((length) => {
      const digit = rest % length;
      rest = Math.floor(rest / length);
      return digit;
    });
    index.forEach((digit, axis) => {
      place = place * shape[axis]! + digit;
    });
    return place;
  };
}
