import * as z from "zod";
import { show, unknownName } from "./errors.js";

/**
 * The kinds of field that the schema is made of. Each says in its own words what is allowed, since the libraries'
 * usual messages ("Invalid input") leave the reader to guess.
 */

/** A whole number from `minimum` to `maximum`. */
export function integer(minimum: number, maximum: number, description: string) {
  const allowed = `a whole number from ${show(minimum)} to ${show(maximum)}`;
  const error = notAllowed(allowed);
  return z.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error }).describe(description);
}

/** A finite number; `above` and `below` are exclusive bounds. */
export function real(
  bounds: { minimum?: number; above?: number; maximum?: number; below?: number },
  description: string,
) {
  const { minimum, above, maximum, below } = bounds;
  const allowed = [
    "a number",
    minimum === undefined ? [] : `at least ${show(minimum)}`,
    above === undefined ? [] : `above ${show(above)}`,
    maximum === undefined ? [] : `at most ${show(maximum)}`,
    below === undefined ? [] : `below ${show(below)}`,
  ].flat();
  const error = notAllowed(allowed.length > 2 ? `${allowed[0]} ${allowed.slice(1).join(" and ")}` : allowed.join(" "));
  let field = z.number({ error });
  if (minimum !== undefined) field = field.min(minimum, { error });
  if (above !== undefined) field = field.gt(above, { error });
  if (maximum !== undefined) field = field.max(maximum, { error });
  if (below !== undefined) field = field.lt(below, { error });
  return field.describe(description);
}

/** A number above 0, or null for no limit. */
export function limit(description: string) {
  const error = notAllowed("a number above 0, or null");
  return z.number({ error }).gt(0, { error }).nullable().describe(description);
}

export function flag(description: string) {
  return z.boolean({ error: notAllowed("true or false") }).describe(description);
}

export function text(description: string) {
  const error = notAllowed("a text that is not empty");
  return z.string({ error }).min(1, { error }).describe(description);
}

/** One of some names. */
export function choice<const Names extends readonly [string, ...string[]]>(names: Names, description: string) {
  return z
    .enum(names, {
      error: ({ input }) =>
        typeof input === "string" ? unknownName("name", input, names) : notAllowed(names.join(", "))({ input }),
    })
    .describe(description);
}

/** An object with these fields and no others. */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, description: string) {
  return z.strictObject(shape, { error: notAllowed("an object") }).describe(description);
}

/** The message for a value that a field refuses. */
export function notAllowed(allowed: string) {
  return ({ input }: { input?: unknown }): string =>
    input === undefined ? `missing (allowed: ${allowed})` : `${show(input)} is not allowed (allowed: ${allowed})`;
}
