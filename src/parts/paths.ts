import { closest, distance } from "fastest-levenshtein";
import { declaration } from "../config/declaration.js";
import type { Field, Section, Shape } from "../config/fields.js";
import { catalog, kindSettings } from "./catalog.js";

/** A field as it was declared, and the sections that it stands in, the outermost first. */
export interface Declared {
  field: Field<unknown>;
  sections: readonly Section<Shape>[];
}

/** Every field of the config and every section, as dotted paths; also the settings of all parts. */
export function configPaths(): string[] {
  const settings = catalog.flatMap((kind) =>
    kind.complete === undefined ? [] : Object.keys(kindSettings(kind)).map((setting) => `${kind.path}.${setting}`),
  );
  const declared = [...walk(declaration, "")];
  return [...declared, ...settings.filter((path) => !declared.includes(path))];
}

/** The declaration of the field at a path; undefined for sections, settings of parts, and paths that name nothing. */
export function declaredAt(path: string): Declared | undefined {
  const sections: Section<Shape>[] = [];
  let at: Field<unknown> | Section<Shape> = declaration;
  for (const key of path.split(".")) {
    if (!("shape" in at) || !Object.hasOwn(at.shape, key)) return undefined;
    sections.push(at);
    at = at.shape[key]!;
  }
  return "shape" in at ? undefined : { field: at, sections };
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

/** The value at a dotted path; undefined where there is none. */
export function valueAt(tree: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (at, key) =>
        typeof at === "object" && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      tree,
    );
}

/** A copy with another value at a dotted path. */
export function withValue<T extends object>(tree: T, path: string, value: unknown): T {
  const [key = "", ...rest] = path.split(".");
  const inner = (tree as Record<string, unknown>)[key] ?? {};
  return { ...tree, [key]: rest.length === 0 ? value : withValue(inner as object, rest.join("."), value) };
}

function nearest(path: string, known: readonly string[], limit: number): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(path, [...known]);
  return distance(path, near) <= limit ? near : undefined;
}

function* walk({ shape }: Section<Shape>, path: string): Generator<string> {
  for (const [key, field] of Object.entries(shape)) {
    const at = path === "" ? key : `${path}.${key}`;
    yield at;
    if ("shape" in field) yield* walk(field, at);
  }
}
