import { InputError, show } from "../config/errors.js";
import type { TensorSlice } from "../config/records.js";

const form = '{ "name": text, "shape": [whole numbers above 0] }';

/**
 * The tensors that an update consists of, one after the other: slices as a model has them, or names and shapes alone,
 * as `cellfed run --capture` writes them beside the updates (`tensors.json`).
 *
 * @param path of the argument or the file, for the errors
 * @param entries of the update; undefined: not known
 * @returns `given` itself where nothing had to be filled in
 * @throws InputError naming the field that is something else
 */
export function tensorSlices(given: unknown, path: string, entries?: number): readonly TensorSlice[] {
  if (!Array.isArray(given)) throw new InputError(path, `must be a list of ${form}, not ${show(given)}`);
  let offset = 0;
  const slices = given.map((one: unknown, index): TensorSlice => {
    const at = `${path}[${index}]`;
    if (one === null || typeof one !== "object") throw new InputError(at, `must be ${form}, not ${show(one)}`);
    const { name, shape } = one as Partial<TensorSlice>;
    if (typeof name !== "string") throw new InputError(`${at}.name`, `must be text, not ${show(name)}`);
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw new InputError(`${at}.shape`, `must be a list of whole numbers above 0, not ${show(shape)}`);
    }
    const length = shape.reduce((product, size) => product * size, 1);
    offset += length;
    return { name, shape, offset: offset - length, length };
  });
  if (entries !== undefined && slices.length > 0 && offset !== entries) {
    throw new InputError(path, `the tensors have ${offset} entries together, the update has ${entries}`);
  }
  const complete = slices.map((slice, index) => agrees(given[index], slice, `${path}[${index}]`));
  return complete.every(Boolean) ? given : slices;
}

/** @returns whether everything was given. @throws InputError where a place is not what the shapes make */
function agrees(given: Partial<TensorSlice>, slice: TensorSlice, at: string): boolean {
  for (const field of ["offset", "length"] as const) {
    const value = given[field];
    if (value !== undefined && value !== slice[field]) {
      throw new InputError(`${at}.${field}`, `must be ${slice[field]}, as the shapes have it, not ${show(value)}`);
    }
  }
  return given.offset !== undefined && given.length !== undefined;
}
