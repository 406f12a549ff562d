import { show } from "./errors.js";

/** A field in which two records differ, each value as it stands in a message; undefined where it is not there. */
export interface Difference {
  /** Dotted; "" where the two are no records */
  path: string;
  there: string | undefined;
  here: string | undefined;
}

/** Every field in which two records differ, however deep; lists of one length entry by entry where records are in them. */
export function differingFields(there: unknown, here: unknown, path = ""): Difference[] {
  if (isRecord(there ?? here) && isRecord(here ?? there)) {
    const [before, now] = [(there ?? {}) as Fields, (here ?? {}) as Fields];
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) =>
      differingFields(before[key], now[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (JSON.stringify(there) === JSON.stringify(here)) return [];
  if (Array.isArray(there) && Array.isArray(here) && there.length === here.length && there.some(isRecord)) {
    return there.flatMap((entry, i) => differingFields(entry, here[i], `${path}[${i}]`));
  }
  const shown = (value: unknown) => (value === undefined ? undefined : show(value));
  return [{ path, there: shown(there), here: shown(here) }];
}

/** The first few of many differences, in one sentence. */
export function inOneSentence(
  fields: readonly Difference[],
  mostNamed: number,
  wording: (field: Difference) => string,
): string {
  const more = fields.length - mostNamed;
  return fields.slice(0, mostNamed).map(wording).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
