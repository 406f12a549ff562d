import { InputError } from "../config/errors.js";

/** CIFAR's images are 32 × 32 × 3. */
export const cifarShape = [32, 32, 3] as const;
const plane = 32 * 32;
const image = 3 * plane;

/** The classes of each label before a record's image, and which of the labels is used here. */
const layouts = {
  cifar10: { labels: ["label"], classes: [10], used: 0 },
  cifar100: { labels: ["coarse label", "label"], classes: [20, 100], used: 1 },
} as const;

export type CifarVariant = keyof typeof layouts;

/** Bytes of one record: labels, then the red, the green and the blue plane, each row by row. */
export const cifarRecord = (variant: CifarVariant): number => layouts[variant].labels.length + image;

/** @throws InputError when the length is not a whole, positive number of records. @returns the number of records */
export function countCifar(variant: CifarVariant, length: number, path: string): number {
  const record = cifarRecord(variant);
  if (length === 0 || length % record !== 0) {
    throw new InputError(
      path,
      `${length === 0 ? "empty" : "truncated or not a CIFAR file"}: ${length} bytes, ` +
        `expected a whole number of records of ${record} bytes (${layouts[variant].labels.length} label byte` +
        `${layouts[variant].labels.length === 1 ? "" : "s"} and 3 planes of 32 × 32)`,
    );
  }
  return length / record;
}

/**
 * One CIFAR-10 or CIFAR-100 file in binary form, its records `pick`ed in the order given and turned from
 * planes into height · width · channels.
 *
 * @param bytes the whole file
 * @param pick record numbers to take, ascending
 * @param inputs [pick.length · 32 · 32 · 3]
 * @param targets [pick.length] the class (the fine one of CIFAR-100)
 * @param path named in errors
 * @throws InputError wrong length, or a label out of range anywhere in the file
 */
export function parseCifar(
  variant: CifarVariant,
  bytes: Uint8Array,
  pick: ArrayLike<number>,
  inputs: Uint8Array,
  targets: Int32Array,
  path: string,
): void {
  const { labels, used, classes } = layouts[variant];
  const record = cifarRecord(variant);
  const count = countCifar(variant, bytes.length, path);
  for (let i = 0; i < count; i++) {
    for (let which = 0; which < labels.length; which++) {
      const label = bytes[i * record + which]!;
      const most = classes[which]! - 1;
      if (label > most) throw new InputError(path, `record ${i} has ${labels[which]} ${label}, allowed: 0 … ${most}`);
    }
  }
  for (let i = 0; i < pick.length; i++) {
    const start = pick[i]! * record;
    targets[i] = bytes[start + used]!;
    const red = start + labels.length;
    let to = i * image;
    for (let pixel = red; pixel < red + plane; pixel++) {
      inputs[to] = bytes[pixel]!;
      inputs[to + 1] = bytes[pixel + plane]!;
      inputs[to + 2] = bytes[pixel + 2 * plane]!;
      to += 3;
    }
  }
}
