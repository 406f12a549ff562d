import { InputError, isPromise, reasonOf, show } from "./errors.js";
import type { Part } from "./settings.js";

/** What a part of the user's own must be able to do, by the kind of part. */
const abilities = {
  quantizer: ["encode", "decode"],
  "power method": ["allocate"],
  optimizer: ["step", "reset"],
  receiver: ["rateModel"],
  "data set": ["load"],
} as const;

export type OwnKind = keyof typeof abilities;

/**
 * What a plugin's part makes from its settings.
 * @param path of the field that names the part
 * @throws InputError where the part throws, or makes what is no part of its kind
 */
export function createdBy<T>(kind: OwnKind, part: Part, path: string, create: () => T): T {
  let made: T;
  try {
    made = create();
  } catch (error) {
    throw new InputError(path, `"${part.name}" cannot be made: ${reasonOf(error)}`, { cause: error });
  }
  const lacking = lackingIn(made, kind);
  if (lacking !== undefined) throw new InputError(path, `"${part.name}" makes ${lacking}`);
  return made;
}

/** An object that was handed in as a part. @throws InputError where it is none of its kind, or has no name */
export function checkPart(value: unknown, kind: OwnKind, path: string): void {
  const lacking = lackingIn(value, kind);
  if (lacking !== undefined) throw new InputError(path, lacking);
  const { name } = value as { name: unknown };
  if (typeof name !== "string" || name === "")
    throw new InputError(path, `its name is ${show(name)} (allowed: a text)`);
}

function lackingIn(value: unknown, kind: OwnKind): string | undefined {
  const wanted = abilities[kind];
  const allowed = `(allowed: an object with ${wanted.map((name) => `${name}()`).join(" and ")})`;
  if (isPromise(value)) return `a promise, which is no ${kind} ${allowed}`;
  if (typeof value !== "object" || value === null) return `${show(value)}, which is no ${kind} ${allowed}`;
  const missing = wanted.find((name) => typeof (value as Record<string, unknown>)[name] !== "function");
  return missing && `an object without ${missing}(), which is no ${kind} ${allowed}`;
}
