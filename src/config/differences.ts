import { show } from "./errors.js";

/** A field in which two records differ, each value as it stands in a message; undefined where it is not there. */
export interface Difference {
  /** Dotted */
  path: string;
  there: string | undefined;
  here: string | undefined;
}

/** Every field in which two records differ, however deep; lists are compared as wholes. */
export function differingFields(there: object, here: object): Difference[] {
  const [before, now] = [leaves(there), leaves(here)];
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((path) => before.get(path)?.json !== now.get(path)?.json)
    .map((path) => ({ path, there: before.get(path)?.shown, here: now.get(path)?.shown }));
}

interface Leaf {
  json: string;
  /** Cut where it is long */
  shown: string;
}

function leaves(value: unknown, path = "", into = new Map<string, Leaf>()): Map<string, Leaf> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) leaves(inner, path === "" ? key : `${path}.${key}`, into);
  } else if (value !== undefined) into.set(path, { json: JSON.stringify(value), shown: show(value) });
  return into;
}
