import { closest, distance } from "fastest-levenshtein";
import * as z from "zod";
import { configSchema } from "./schema.js";

/** Every field of the config and every section, as dotted paths. */
export function configPaths(): string[] {
  return [...walk(configSchema, "")];
}

/** Why a path names no field, with the nearest that does: a misspelt one, or one of that name elsewhere. */
export function unknownPath(path: string): string {
  if (path === "preset") return "is no field: a preset is named on the command line (`cellfed run NAME`) or in a file";
  const known = configPaths();
  const name = path.slice(path.lastIndexOf(".") + 1);
  const parent = path.slice(0, Math.max(0, path.lastIndexOf(".")));
  const siblings = known.filter((other) => other.slice(0, Math.max(0, other.lastIndexOf("."))) === parent);
  const near =
    nearest(path, siblings, Math.max(2, name.length / 3)) ??
    known.find((other) => other.endsWith(`.${name}`)) ??
    nearest(path, known, Math.max(2, path.length / 4));
  const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
  const names = siblings.map((other) => other.slice(other.lastIndexOf(".") + 1));
  return `unknown key${suggestion}${names.length > 0 ? ` (allowed here: ${names.join(", ")})` : ""}`;
}

function nearest(path: string, known: readonly string[], limit: number): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(path, [...known]);
  return distance(path, near) <= limit ? near : undefined;
}

function* walk(schema: z.core.$ZodType, path: string): Generator<string> {
  if (path !== "") yield path;
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return;
  for (const [key, field] of Object.entries<z.core.$ZodType>(inner.shape)) {
    yield* walk(field, path === "" ? key : `${path}.${key}`);
  }
}
