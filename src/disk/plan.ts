import { type Difference, differingFields, inOneSentence } from "../config/differences.js";
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
  const fields = differingFields(kept, asked);
  return fields.length === 0 ? undefined : inOneSentence(fields, mostNamed, wording);
}

/** A config's paths are said as `--set` takes them. */
function wording({ path, there, here }: Difference): string {
  if (path.startsWith(sources)) {
    const file = path.slice(sources.length);
    if (here === undefined) return `the plugin ${file} was given there`;
    return there === undefined ? `the plugin ${file} was not given there` : `the source of ${file} has changed since`;
  }
  const name = path.replace(/^config\./, "");
  return `${name} is ${there ?? "not set"} there, ${here ?? "not set"} here`;
}

/** Where a plan has the sums of its sources, by their files' names. */
const sources = "sources.";
