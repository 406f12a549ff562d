/** Anything that JSON can hold. Numbers are finite: what has no value is null. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a store keeps: one finished thing under the key of all that it depends on. "trace": a training as it can be
 * priced again; "run": a row of results with its course; "rounds": a run's complete rounds, client by client;
 * "prices": a block of priced drops, a column a figure; "rates", "pricing", "tuning", "quantizer": what jobs of those kinds
 * give; "timing": wall time and host, which no result is and which may stand under the key of what took the time.
 */
export type RecordKind =
  | "trace"
  | "run"
  | "rounds"
  | "prices"
  | "rates"
  | "pricing"
  | "tuning"
  | "quantizer"
  | "timing";

export interface StoreRecord {
  readonly kind: RecordKind;
  /** Visible ASCII without quotes and backslashes, at most 200 characters */
  readonly key: string;
  /** Why there is no result: the job failed. It counts as missing when a study is resumed */
  readonly failure?: string;
  readonly value: { readonly [column: string]: Json };
}

/** A key that can be found again in a line whose other bytes are damaged. */
export const keyPattern = /^[!#-[\]-~]{1,200}$/;

/**
 * A record's members as JSON, without the braces around them: kind, key, failure, the short columns under the name of
 * the kind, then each column that holds a list, itself or one level down, under "KIND.COLUMN". So a summary reads the
 * head of a record and leaves its long columns alone, and readers of tables see the names they make themselves of
 * nested columns. Numbers are written as JavaScript does, shortest that reads back the same; −0 becomes 0.
 * @throws TypeError for numbers that are not finite, with their path, and keys that are no such names
 */
export function recordText({ kind, key, failure, value }: StoreRecord): string {
  if (!keyPattern.test(key)) throw new TypeError(`${JSON.stringify(key)} is no key of a record`);
  const short: string[] = [];
  const long: string[] = [];
  for (const [column, content] of Object.entries(value)) {
    if (content === undefined) continue;
    const text = jsonText(content, `${kind} ${key}: ${column}`);
    if (holdsList(content)) long.push(`,${JSON.stringify(`${kind}.${column}`)}:${text}`);
    else short.push(`${JSON.stringify(column)}:${text}`);
  }
  const reason = failure === undefined ? "" : `,"failure":${JSON.stringify(failure)}`;
  return `"kind":"${kind}","key":"${key}"${reason},"${kind}":{${short.join(",")}}${long.join("")}`;
}

/**
 * A record from the JSON object that its members make.
 * @param columns no more of its value than these
 */
export function recordOf(parsed: { readonly [member: string]: Json }, columns?: readonly string[]): StoreRecord {
  const kind = parsed.kind as RecordKind;
  const value: { [column: string]: Json } = { ...(parsed[kind] as { [column: string]: Json }) };
  for (const member of Object.keys(parsed)) {
    if (member.startsWith(`${kind}.`)) value[member.slice(kind.length + 1)] = parsed[member]!;
  }
  return {
    kind,
    key: parsed.key as string,
    ...(parsed.failure !== undefined && { failure: parsed.failure as string }),
    value: columns === undefined ? value : pick(value, columns),
  };
}

/** Whether two records say the same; what a run is called is no part of it, since two plans may name it differently. */
export function sameResult(a: StoreRecord, b: StoreRecord): boolean {
  const content = ({ kind, failure, value }: StoreRecord) => {
    const { cell: _cell, labels: _labels, ...result } = value;
    return sortedJson({ kind, failure, value: kind === "run" ? result : value });
  };
  return content(a) === content(b);
}

/**
 * Whether one of two records of a training goes on where the other ends: the same rounds as far as both have them. The
 * last round of each is looked at whatever the rhythm, so that what a model is worth may be missing in one.
 */
export function continues(a: StoreRecord, b: StoreRecord): boolean {
  if (a.kind !== "trace" || b.kind !== "trace") return false;
  const [one, other] = [a.value.rounds, b.value.rounds];
  if (!Array.isArray(one) || !Array.isArray(other)) return false;
  const { rounds: _one, ...before } = a.value;
  const { rounds: _other, ...after } = b.value;
  const common = Math.min(one.length, other.length);
  const same = ({ worth, ...rest }: Round, { worth: its, ...others }: Round) =>
    sortedJson(rest) === sortedJson(others) && (worth == null || its == null || sortedJson(worth) === sortedJson(its));
  return (
    sortedJson(before) === sortedJson(after) &&
    Array.from({ length: common }).every((_, t) => same(one[t] as Round, other[t] as Round))
  );
}

type Round = { readonly [column: string]: Json };

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** JSON with typed arrays as lists. @throws TypeError with the path of a number that is not finite */
function jsonText(value: unknown, path: string): string {
  let sound = true;
  const text = JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "number" && !Number.isFinite(inner)) sound = false;
    return isTypedArray(inner) ? Array.from(inner as ArrayLike<number>) : inner;
  });
  if (!sound) throw new TypeError(`${notFinite(value, path)}: a store holds finite numbers, and null for none`);
  return text;
}

/** "PATH is NaN" of the first such number. */
function notFinite(value: unknown, path: string): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value !== "object" || value === null) return undefined;
  const list = Array.isArray(value) || isTypedArray(value);
  for (const [key, inner] of Object.entries(value)) {
    const found = notFinite(inner, list ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function holdsList(value: unknown): boolean {
  const isList = (inner: unknown) => Array.isArray(inner) || isTypedArray(inner);
  if (typeof value !== "object" || value === null) return false;
  return isList(value) || Object.values(value).some(isList);
}

function isTypedArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function pick(value: { readonly [column: string]: Json }, columns: readonly string[]): { [column: string]: Json } {
  return Object.fromEntries(columns.flatMap((name) => (name in value ? [[name, value[name]!]] : [])));
}
