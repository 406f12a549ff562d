import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import type { ReproductionOrigin } from "./reproduction.js";

/** Names of the files that a report is made again from. */
export const studyFile = "study.json";
export const recordsFile = "records.jsonl.br";

/** What a reproduction was asked for and how it came about: with its records, all that its report depends on. */
export interface ShippedStudy extends Omit<ReproductionOrigin, "scale"> {
  format: typeof format;
  scale: string;
  experiments: readonly string[];
  sets: readonly string[];
  seeds?: readonly number[];
  drops?: number;
  /** Titles of scenarios that were left out */
  without: readonly string[];
  /** How many there are in the file of records */
  records: number;
}

const format = "cellfed reproduction 1";

export function shippedStudy(study: Omit<ShippedStudy, "format">): string {
  return `${JSON.stringify({ format, ...study }, null, 2)}\n`;
}

/** @throws InputError for a text that is none, naming what is missing */
export function readShippedStudy(text: string, path: string): ShippedStudy {
  const found = parseJson(text, path) as Partial<ShippedStudy> | null;
  if (typeof found !== "object" || found === null || found.format !== format) {
    throw new InputError(path, `its format is ${JSON.stringify(found?.format)} (allowed: "${format}")`);
  }
  const needed = { scale: "string", command: "string", interrupted: "boolean", records: "number", versions: "object" };
  for (const [field, type] of Object.entries(needed)) {
    if (typeof found[field as keyof ShippedStudy] !== type) throw new InputError(path, `${field} is missing`);
  }
  for (const field of ["experiments", "sets", "without", "changes", "notes"] as const) {
    if (!Array.isArray(found[field])) throw new InputError(path, `${field} is no list`);
  }
  return found as ShippedStudy;
}
