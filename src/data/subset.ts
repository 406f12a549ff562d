import { stream } from "../../bindings/random.js";
import type { DataConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";

/** Which of so many examples are used: their numbers, ascending. */
export type Subset = (available: number) => Int32Array;

export type DataPart = "train" | "test";

/** What a choice of examples hangs on. */
type SubsetSettings = Pick<DataConfig, "trainExamples" | "testExamples"> & Partial<Pick<DataConfig, "subset">>;

/**
 * What a config uses of a part that is read from files.
 * @param seed of a drawn subset
 */
export function subsetOf(data: SubsetSettings, seed: number, part: DataPart): Subset {
  const [wanted, path] =
    part === "train"
      ? ([data.trainExamples, "data.trainExamples"] as const)
      : ([data.testExamples, "data.testExamples"] as const);
  return (available) =>
    data.subset === "drawn" ? drawn(available, wanted, path, { seed, part }) : evenlySpaced(available, wanted, path);
}

/**
 * Which of `available` examples are used when only `wanted` are: evenly spaced over the file, the first
 * included, so that a file sorted by class is not cut to its first classes. Depends on no seed.
 *
 * @param wanted 0 = all
 * @param path of the setting, named in the error
 * @throws InputError when more are wanted than there are
 */
export function evenlySpaced(available: number, wanted: number, path: string): Int32Array {
  const count = countOf(available, wanted, path);
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * available) / count));
}

/**
 * The same, drawn without replacement: every seed has examples of its own, so that what is seen over seeds holds for
 * the whole file and not for one subset of it. All of them where all are wanted, in the file's order.
 * @throws InputError when more are wanted than there are
 */
export function drawn(
  available: number,
  wanted: number,
  path: string,
  { seed, part }: { seed: number; part: DataPart },
): Int32Array {
  const count = countOf(available, wanted, path);
  const numbers = Int32Array.from({ length: available }, (_, i) => i);
  if (count === available) return numbers;
  return stream(seed, "subset", part === "train" ? 0 : 1)
    .shuffle(numbers)
    .slice(0, count)
    .sort();
}

function countOf(available: number, wanted: number, path: string): number {
  if (wanted > available) {
    throw new InputError(path, `${wanted} examples wanted, the data has ${available} (0 takes all)`);
  }
  return wanted === 0 ? available : wanted;
}
