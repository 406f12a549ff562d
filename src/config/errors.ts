import { closest, distance } from "fastest-levenshtein";

/** Signs of a place that are told: a name in a file may be as long as the file. */
const longestPath = 1000;

/** Something that a user can get wrong and mend: one clear message, exit status 2, nothing written. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly path: string;
  /**
   * @param path where: a config path ("network.clients"), a flag ("--out") or a file
   * @param message what is wrong, with the value and what is allowed
   */
  constructor(path: string, message: string, options?: ErrorOptions) {
    const shown = path.length > longestPath ? `${path.slice(0, longestPath - 1)}…` : path;
    super(`${shown}: ${message}`, options);
    this.path = shown;
  }
}

/** Something that went wrong while running; the results so far are kept. */
export class RunError extends Error {
  override readonly name = "RunError";
  /**
   * @param reason what went wrong, without the place, which the message puts before it
   * @param where as far as it is known
   */
  constructor(
    readonly reason: string,
    readonly where: { round?: number; client?: number } = {},
    options?: ErrorOptions,
  ) {
    const place = [
      where.round === undefined ? [] : [`round ${where.round}`],
      where.client === undefined ? [] : [`client ${where.client}`],
    ]
      .flat()
      .join(", ");
    super(place === "" ? reason : `${place}: ${reason}`, options);
  }
}

/** A failure that does not know yet where it happened, with the place; anything else as it is. */
export function placed(error: unknown, where: RunError["where"]): unknown {
  if (!(error instanceof RunError)) return error;
  return new RunError(error.reason, { ...where, ...error.where }, { cause: error.cause ?? error });
}

/** What somebody else's part threw, as a failure that names the part, and the place as far as the part knew it. */
export function failureOf(part: string, thrown: unknown, where: RunError["where"] = {}): RunError {
  const known = thrown instanceof RunError;
  const reason = known ? thrown.reason : reasonOf(thrown);
  return new RunError(`${part}: ${reason}`, known ? { ...where, ...thrown.where } : where, { cause: thrown });
}

/** What somebody else's code says went wrong: it may throw anything, or an error without a message. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `${show(thrown)} was thrown`;
  const message: unknown = thrown.message;
  return typeof message === "string" && message !== "" ? message : `${thrown.name} was thrown`;
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

/** A value as it stands in a message: JSON, cut when long. Values may be anything, such as what JSON has no word for. */
export function show(value: unknown): string {
  if (typeof value === "number") {
    return Math.abs(value) >= 1e6 && Number.isInteger(Math.log10(Math.abs(value))) ? value.toExponential() : `${value}`;
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (ArrayBuffer.isView(value)) return `${kindOf(value)} of ${(value as Uint8Array).length ?? value.byteLength}`;
  const text = json(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "an object that JSON cannot hold";
  }
}

/** "Uint8Array", "Promise", "Object", …: what a value is, also one of another realm. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Whether somebody else's code answers later, where an answer is needed at once. What comes of it is not waited for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  const found = typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
  // Nobody waits for it: that it fails must not end the process.
  if (found) Promise.resolve(value).catch(() => {});
  return found;
}
