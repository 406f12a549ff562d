import { type Axis, type CodedTensor, transformAxis } from "../../../bindings/deadZone.js";
import { offset } from "../../../bindings/memory.js";
import { dot, maxAbs, partOf, scaleValues, type Values } from "../../../bindings/quantize.js";
import type { TensorSlice } from "../../config/records.js";
import { floorLog, power } from "../methods/steps.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";

/**
 * A vector as the tensors it consists of: the sizes of their axes, along which of these entries are alike, so that a
 * cosine transform gathers them in few, and how far before an entry its neighbors are.
 */
export interface Tensor {
  first: number;
  length: number;
  sizes: readonly number[];
  /** Bit j: transformed along axis j */
  mask: number;
  transforms: readonly Axis[];
  distances: CodedTensor["distances"];
}

/** Axes up to this are transformed: the work for an entry grows with their length. */
const longest = 64;
/** Correlation of neighbors from which a transform pays. */
const alike = 0.15;
const mostAxes = 8;
const mostTensors = 2 ** 16;

/**
 * @param x the update, which tells what is alike
 * @param known the masks to keep, one a tensor: what a client remembers is transformed so; found if left out
 */
export function tensorsOf(
  slices: readonly TensorSlice[],
  x: Values,
  transform: boolean,
  known: Float32Array | undefined,
): Tensor[] {
  const all = slices.length === 0 || slices.length > mostTensors ? [[x.length]] : axesOf(slices);
  const kept = known?.length === all.length ? known : undefined;
  let first = 0;
  return all.map((sizes, p) => {
    const length = product(sizes);
    const found = transform && kept === undefined ? maskOf(sizes, partOf(x, first, length)) : 0;
    const mask = transform ? allowedOf(sizes, kept?.[p] ?? found) : 0;
    first += length;
    return tensorWith(sizes, mask, first - length);
  });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

function tensorWith(sizes: readonly number[], mask: number, first: number): Tensor {
  const length = product(sizes);
  const transforms: Axis[] = [];
  const strides: number[] = [];
  let inner = 1;
  for (let j = sizes.length - 1; j >= 0; j--) {
    const size = sizes[j]!;
    if (size > 1) strides.push(inner);
    if ((mask >> j) & 1) transforms.push({ outer: length / (size * inner), size, inner });
    inner *= size;
  }
  // The nearest first; where there are fewer axes than places, those two and more steps away.
  const [d0, d1, d2, d3] = [...new Set([...strides, ...strides.map((stride) => 2 * stride), 1, 2, 3, 4])];
  return { first, length, sizes, mask, transforms, distances: [d0!, d1!, d2!, d3!] };
}

/** Sizes of the axes; the rows of a dense layer behind an image are rows of pixels, pixels and channels. */
function axesOf(slices: readonly TensorSlice[]): number[][] {
  const widths = new Set([...slices.map(({ shape }) => shape.at(-1) ?? 1), 1, 3]);
  return slices.map(({ shape }) => {
    if (shape.length > mostAxes) return [product(shape)];
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) return [...shape];
    for (const channels of widths) {
      const side = Math.round(Math.sqrt(rows / channels));
      if (side >= 2 && side * side * channels === rows) return [side, side, channels, columns];
    }
    return [rows, columns];
  });
}

/** The axes along which neighbors are alike: Σ x_i x_{i+1} beside Σ x_i². */
function maskOf(sizes: readonly number[], x: Values): number {
  const energy = dot(x, x);
  let mask = 0;
  let inner = 1;
  for (let j = sizes.length - 1; j >= 0 && energy > 0; j--) {
    const size = sizes[j]!;
    const length = x.length - inner;
    if (canTransform(size)) {
      const along = dot({ pointer: x.pointer, length }, { pointer: offset(x.pointer, 4 * inner), length });
      if (along * size > alike * energy * (size - 1)) mask |= 1 << j;
    }
    inner *= size;
  }
  return mask;
}

function allowedOf(sizes: readonly number[], mask: number): number {
  return sizes.reduce((allowed, size, j) => (canTransform(size) ? allowed | (mask & (1 << j)) : allowed), 0);
}

function canTransform(size: number): boolean {
  return size >= 2 && size <= longest;
}

/** Along all axes that are marked, or back; scaled to magnitudes around 1, so that no sum overflows. */
export function transformTensors(x: Values, tensors: readonly Tensor[], inverse: boolean): void {
  const largest = maxAbs(x);
  if (largest === 0 || tensors.every(({ mask }) => mask === 0)) return;
  const exponent = floorLog(2, largest);
  scaleValues(x, power(2, -exponent), x.pointer);
  for (const { first, transforms } of tensors) {
    for (const axis of transforms) transformAxis(offset(x.pointer, 4 * first), axis, inverse);
  }
  scaleValues(x, power(2, exponent), x.pointer);
}

export function writeTensors(writer: PacketWriter, tensors: readonly Tensor[]): void {
  writer.varint(tensors.length);
  for (const { sizes, mask } of tensors) {
    writer.byte(sizes.length);
    for (const size of sizes) writer.varint(size);
    writer.byte(mask);
  }
}

/** @throws PacketError where they are none, or not those of `entries` entries */
export function readTensors(reader: PacketReader, entries: number): Tensor[] {
  const at = reader.offset();
  // A tensor takes two bytes here at least.
  const count = reader.varint("the number of tensors", Math.min(mostTensors, Math.floor(reader.left() / 2)));
  let first = 0;
  const tensors = Array.from({ length: count }, (): Tensor => {
    const tensor = readTensor(reader, entries - first, first);
    first += tensor.length;
    return tensor;
  });
  if (count === 0 || first !== entries) {
    throw new PacketError(at, `${count} tensors of ${first} entries in a packet of ${entries}`);
  }
  return tensors;
}

function readTensor(reader: PacketReader, most: number, first: number): Tensor {
  const at = reader.offset();
  const axes = reader.byte("the axes of a tensor");
  if (axes > mostAxes) throw new PacketError(at, `a tensor of ${axes} axes; at most ${mostAxes} are known`);
  let length = 1;
  const sizes = Array.from({ length: axes }, () => {
    const size = reader.varint("the size of an axis", most);
    length *= size;
    if (length > most) throw new PacketError(at, `a tensor of more than the ${most} entries that are left`);
    return size;
  });
  const place = reader.offset();
  const mask = reader.byte("the transformed axes of a tensor");
  for (let j = 0; j < 8; j++) {
    if ((mask >> j) & 1 && !(j < axes && canTransform(sizes[j]!))) {
      throw new PacketError(place, `axis ${j} of a tensor is transformed, which has no such axis of 2 to ${longest}`);
    }
  }
  return tensorWith(sizes, mask, first);
}
