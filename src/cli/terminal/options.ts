import { availableParallelism } from "node:os";
import { InputError, show } from "../../config/errors.js";

/** Gathers an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** A whole number of a flag. @throws InputError */
export function wholeNumber(flag: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new InputError(flag, `${show(text)} is not allowed (allowed: a whole number from ${minimum} to ${maximum})`);
  }
  return value;
}

const mostInRange = 10_000;

/** "1..8", "1,4,9" or both: whole numbers in the order given. @throws InputError, also for a number given twice */
export function wholeNumbers(flag: string, text: string): number[] {
  const bad = (): InputError =>
    new InputError(
      flag,
      `${show(text)} is not allowed (allowed: numbers and ranges, such as 1..8 or 1,4,9, of ${mostInRange} at most)`,
    );
  const numbers = text.split(",").flatMap((part) => {
    const match = /^\s*(\d{1,15})(?:\s*\.\.\s*(\d{1,15}))?\s*$/.exec(part);
    if (match === null) throw bad();
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first >= mostInRange) throw bad();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  const twice = numbers.find((number, i) => numbers.indexOf(number) !== i);
  if (twice !== undefined) throw new InputError(flag, `${twice} is given twice in ${show(text)}`);
  return numbers;
}

/** Worker threads: what `--workers` says, or one a core. @throws InputError */
export function workerCount(text: string | undefined): number {
  return text === undefined ? availableParallelism() : wholeNumber("--workers", text, 1, 256);
}

/** Names with commas between them. @throws InputError for one given twice */
export function namesOf(flag: string, list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(flag, `"${twice}" is given twice`);
  return names;
}
