import type { Axis } from "../../../bindings/deadZone.js";
import { offset } from "../../../bindings/memory.js";
import { dot, partOf, type Values } from "../../../bindings/quantize.js";
import type { TensorSlice } from "../../config/records.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";

export interface LayoutPart {
  first: number;
  length: number;
  dims: readonly number[];
  /** Bit j: transformed along axis j */
  axes: number;
  transforms: readonly Axis[];
  distances: readonly [number, number, number, number];
}

export interface Layout {
  parts: readonly LayoutPart[];
}

const longest = 64;
const alike = 0.15;

export function layoutOf(tensors: readonly TensorSlice[], x: Values, transform: boolean, known: Float32Array | undefined): Layout {
  const shapes = tensors.length === 0 ? [[x.length]] : shapesOf(tensors);
  let first = 0;
  const parts = shapes.map((dims, p) => {
    const length = dims.reduce((a, b) => a * b, 1);
    const values = partOf(x, first, length);
    const axes = !transform ? 0 : known !== undefined && known.length === shapes.length ? (known[p] as number) : axesOf(dims, values);
    const part = partWith(dims, axes, first);
    first += length;
    return part;
  });
  return { parts };
}

function partWith(dims: readonly number[], axes: number, first: number): LayoutPart {
  const transforms: Axis[] = [];
  const strides: number[] = [];
  let inner = 1;
  let outer = dims.reduce((a, b) => a * b, 1);
  const length = outer;
  for (let j = dims.length - 1; j >= 0; j--) {
    const size = dims[j] as number;
    outer /= size;
    if (size > 1) strides.push(inner);
    if ((axes >> j) & 1) transforms.push({ outer, size, inner });
    inner *= size;
  }
  const all = [...strides, ...strides.map((s) => 2 * s), 1, 2, 3, 4, 5, 6, 7, 8];
  const distances = [...new Set(all)].slice(0, 4) as unknown as LayoutPart["distances"];
  return { first, length, dims, axes, transforms, distances };
}

/** Sizes of the axes; the rows of a dense layer behind an image are rows and columns of pixels, and channels. */
function shapesOf(tensors: readonly TensorSlice[]): number[][] {
  const widths = new Set([...tensors.map(({ shape }) => shape.at(-1) ?? 1), 1, 3]);
  return tensors.map(({ shape }) => {
    const [rows = 1, columns = 1] = shape;
    if (shape.length !== 2) return [...shape];
    for (const channels of widths) {
      const side = Math.round(Math.sqrt(rows / channels));
      if (side >= 2 && side * side * channels === rows) return [side, side, channels, columns];
    }
    return [...shape];
  });
}

function axesOf(dims: readonly number[], x: Values): number {
  const energy = dot(x, x);
  if (energy === 0) return 0;
  let axes = 0;
  let inner = 1;
  for (let j = dims.length - 1; j >= 0; j--) {
    const size = dims[j] as number;
    if (size >= 2 && size <= longest && inner < x.length) {
      const next = { pointer: offset(x.pointer, 4 * inner), length: x.length - inner };
      const rho = (dot({ pointer: x.pointer, length: x.length - inner }, next) / energy) * (size / (size - 1));
      if (rho > alike) axes |= 1 << j;
    }
    inner *= size;
  }
  return axes;
}

export function writeLayout(writer: PacketWriter, { parts }: Layout): void {
  writer.varint(parts.length);
  for (const { dims, axes } of parts) {
    writer.varint(dims.length);
    for (const d of dims) writer.varint(d);
    writer.byte(axes);
  }
}

export function readLayout(reader: PacketReader, n: number): Layout {
  const at = reader.offset();
  const count = reader.varint("the number of tensors", reader.left());
  let first = 0;
  const parts: LayoutPart[] = [];
  for (let p = 0; p < count; p++) {
    const rank = reader.varint("the axes of a tensor", 8);
    const dims: number[] = [];
    for (let j = 0; j < rank; j++) dims.push(reader.varint("the size of an axis", n));
    const part = partWith(dims, reader.byte("the transformed axes"), first);
    parts.push(part);
    first += part.length;
  }
  if (first !== n) throw new PacketError(at, `tensors of ${first} entries in a packet of ${n}`);
  return { parts };
}
