import { closest, distance } from "fastest-levenshtein";

/** Something that a user can get wrong and mend: one clear message, exit status 2, nothing written. */
export class InputError extends Error {
  override readonly name = "InputError";
  /**
   * @param path where: a config path ("network.clients"), a flag ("--out") or a file
   * @param message what is wrong, with the value and what is allowed
   */
  constructor(
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${message}`, options);
  }
}

/** Something that went wrong while running; the results so far are kept. */
export class RunError extends Error {
  override readonly name = "RunError";
  constructor(
    message: string,
    readonly where: { round?: number; client?: number } = {},
    options?: ErrorOptions,
  ) {
    const place = [
      where.round === undefined ? [] : [`round ${where.round}`],
      where.client === undefined ? [] : [`client ${where.client}`],
    ]
      .flat()
      .join(", ");
    super(place === "" ? message : `${place}: ${message}`, options);
  }
}

/** Nobody means a known name by something that long. */
const longestName = 100;

/** "unknown X; did you mean Y? (allowed: …)" for a name that is not among the known ones. */
export function unknownName(kind: string, value: unknown, known: readonly string[]): string {
  if (typeof value !== "string") return `${show(value)} is no ${kind} (allowed: ${known.join(", ")})`;
  if (value.length > longestName) return `unknown ${kind} ${show(value)} (allowed: ${known.join(", ")})`;
  const begun = value.length > 2 ? known.filter((name) => name.startsWith(value.toLowerCase())) : [];
  if (begun.length > 1 && begun.length < 6) {
    const meant = begun.map((name) => `"${name}"`).join(" or ");
    return `unknown ${kind} "${value}"; did you mean ${meant}? (allowed: ${known.join(", ")})`;
  }
  const near = known.length > 0 ? closest(value.toLowerCase(), [...known]) : undefined;
  const suggestion =
    near !== undefined && distance(value.toLowerCase(), near) <= Math.max(2, value.length / 2)
      ? `; did you mean "${near}"?`
      : "";
  return `unknown ${kind} "${value}"${suggestion} (allowed: ${known.join(", ")})`;
}

/** A value as it stands in a message: JSON, cut when long. */
export function show(value: unknown): string {
  if (typeof value === "number") {
    return Math.abs(value) >= 1e6 && Number.isInteger(Math.log10(Math.abs(value))) ? value.toExponential() : `${value}`;
  }
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
