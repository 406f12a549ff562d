import { show } from "../config/errors.js";

/** What the results in a folder depend on: plain data, by which a run that goes on knows its own. */
export interface ResultsPlan {
  /** Which command made it */
  command: string;
  /** Results of different numbers do not mix (src/version.ts) */
  numerics: number;
  [field: string]: unknown;
}

/** How many differences a message names. */
const mostNamed = 8;

/**
 * What differs between a plan that is kept and the one asked for, in one sentence.
 * @returns undefined where nothing does
 */
export function differenceOf(kept: ResultsPlan, asked: ResultsPlan): string | undefined {
  if (kept.command !== asked.command) return `it was made by \`cellfed ${kept.command}\``;
  if (kept.numerics !== asked.numerics)
    return `it was begun by a version whose results differ from this one's (numerics ${show(kept.numerics)} there, ${asked.numerics} here)`;
  const [before, now] = [leaves(kept), leaves(asked)];
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path));
  if (paths.length === 0) return undefined;
  const named = paths.slice(0, mostNamed).map((path) => wording(path, before.get(path), now.get(path)));
  const more = paths.length > mostNamed ? `; and ${paths.length - mostNamed} more` : "";
  return `${named.join("; ")}${more}`;
}

/** A config's paths are said as `--set` takes them. */
function wording(path: string, before: string | undefined, now: string | undefined): string {
  if (path.startsWith(sources)) {
    const file = path.slice(sources.length);
    if (now === undefined) return `the plugin ${file} was given there`;
    return before === undefined ? `the plugin ${file} was not given there` : `the source of ${file} has changed since`;
  }
  const name = path.replace(/^config\./, "");
  return `${name} is ${before ?? "not set"} there, ${now ?? "not set"} here`;
}

/** Where a plan has the sums of its sources, by their files' names. */
const sources = "sources.";

/** [path, JSON] of everything that is no object; lists are one value. */
function leaves(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) leaves(inner, path === "" ? key : `${path}.${key}`, into);
  } else if (value !== undefined) into.set(path, show(value));
  return into;
}
