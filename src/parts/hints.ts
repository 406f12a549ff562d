import { declaration } from "../config/declaration.js";
import type { Field, Section, Shape } from "../config/fields.js";

/** The field that was meant where a whole section was given a plain value: the one of it that takes such a value. */
export function sectionHint(path: string, value: unknown): string | undefined {
  const section = sectionAt(path);
  if (section === undefined || (typeof value === "object" && value !== null)) return undefined;
  const own = Object.entries(section.shape).filter(([, field]) => !("shape" in field));
  const taking = own.find(([, field]) => (field as Field<unknown>).schema.safeParse(value).success);
  return taking && `did you mean "${path}.${taking[0]}=${value}"?`;
}

/** What was meant by a channel that is no file: a kind of fading is switched on in a section of its own. */
export function channelHint(name: string): string | undefined {
  const section = sectionAt(`network.${name.toLowerCase()}`);
  if (section === undefined) return undefined;
  const [field] = Object.keys(section.shape);
  const setting = "enabled" in section.shape ? "enabled=true" : `${field}=…`;
  return `a channel is a file of gains; did you mean "network.${name.toLowerCase()}.${setting}"?`;
}

function sectionAt(path: string): Section<Shape> | undefined {
  let at: Section<Shape> | Field<unknown> = declaration;
  for (const key of path.split(".")) {
    if (!("shape" in at) || !Object.hasOwn(at.shape, key)) return undefined;
    at = at.shape[key]!;
  }
  return "shape" in at ? at : undefined;
}
