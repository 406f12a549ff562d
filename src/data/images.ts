import { InputError } from "../config/errors.js";
import type { Dataset, Examples } from "../config/records.js";
import { parseIdx } from "./idx.js";
import type { Allocate } from "./storage.js";
import type { Subset } from "./subset.js";

/** Bytes of an IDX file, with its name for errors. */
export interface NamedBytes {
  path: string;
  bytes: Uint8Array;
}

/**
 * Images and labels of one part from two IDX files.
 *
 * @param subset which of them
 * @throws InputError a malformed file, counts that differ, a label out of range
 */
export function examplesFromIdx(
  images: NamedBytes,
  labels: NamedBytes,
  classes: number,
  subset: Subset,
  allocate: Allocate,
): { shape: readonly [number, number, number]; examples: Examples; available: number } {
  const pixels = parseIdx(images.bytes, 3, images.path);
  const classOf = parseIdx(labels.bytes, 1, labels.path);
  const [available, height, width] = pixels.shape as [number, number, number];
  if (classOf.shape[0] !== available) {
    throw new InputError(labels.path, `${classOf.shape[0]} labels, but ${images.path} has ${available} images`);
  }
  for (let i = 0; i < available; i++) {
    const label = classOf.values[i]!;
    if (label >= classes) {
      throw new InputError(labels.path, `example ${i} has label ${label}, allowed: 0 … ${classes - 1}`);
    }
  }
  const pick = subset(available);
  const size = height * width;
  const inputs = allocate.u8(pick.length * size);
  const targets = allocate.i32(pick.length);
  for (let i = 0; i < pick.length; i++) {
    const from = pick[i]!;
    inputs.set(pixels.values.subarray(from * size, (from + 1) * size), i * size);
    targets[i] = classOf.values[from]!;
  }
  return { shape: [height, width, 1], examples: { count: pick.length, inputs, targets }, available };
}

/**
 * An image set with 1 or 3 channels: gray is repeated, color becomes luma (0.299 R + 0.587 G + 0.114 B).
 *
 * @param channels 0 = as it is
 */
export function withChannels(dataset: Dataset, channels: 0 | 1 | 3, allocate: Allocate): Dataset {
  const [height, width, own] = dataset.inputShape;
  if (channels === 0 || channels === own) return dataset;
  const convert = channels === 3 ? repeated : luma;
  const part = (examples: Examples): Examples => ({
    ...examples,
    inputs: convert(examples.inputs as Uint8Array, allocate),
  });
  return {
    ...dataset,
    inputShape: [height!, width!, channels],
    train: part(dataset.train),
    test: part(dataset.test),
  };
}

function repeated(gray: Uint8Array, allocate: Allocate): Uint8Array {
  const out = allocate.u8(3 * gray.length);
  for (let i = 0; i < gray.length; i++) {
    const value = gray[i]!;
    out[3 * i] = value;
    out[3 * i + 1] = value;
    out[3 * i + 2] = value;
  }
  return out;
}

function luma(color: Uint8Array, allocate: Allocate): Uint8Array {
  const out = allocate.u8(color.length / 3);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.round((299 * color[3 * i]! + 587 * color[3 * i + 1]! + 114 * color[3 * i + 2]!) / 1000);
  }
  return out;
}
