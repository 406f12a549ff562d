import { InputError, show, unknownName } from "../config/errors.js";
import { parseJson } from "../config/json.js";

/** A round of somebody's learning: what each client that took part has sent and done. */
export interface TracedRound {
  /** From 1, as the trace counts */
  round: number;
  /** Test accuracy after it, 0 … 1; null where it was not measured */
  accuracy: number | null;
  clients: { client: number; bits: number; examples: number; computeSeconds: number | null }[];
}

/** Somebody else's learning, to be priced. */
export interface LearningTrace {
  /** What the trace calls its clients, in the order in which they are numbered here */
  clients: readonly string[];
  rounds: readonly TracedRound[];
}

/** What a history without clients does not say: the same of every client in every round. */
export interface TraceAssumptions {
  clients: number;
  bits: number;
  examples: number;
  computeSeconds?: number;
}

/** The columns of a trace; those after `bits` may be left out or empty. */
export const traceColumns = ["round", "client", "bits", "examples", "computeSeconds", "accuracy"] as const;
type TraceColumn = (typeof traceColumns)[number];
type Row = Partial<Record<TraceColumn, unknown>>;

/**
 * Reads a trace: CSV with a header, JSON rows of the same columns, or a history as Flower keeps it.
 * @param assumed what a history does not say
 * @throws InputError naming the row and the column
 */
export function parseTrace(text: string, name: string, assumed?: TraceAssumptions): LearningTrace {
  const json = /^\s*[[{]/.test(text);
  if (!json) return traceOfRows(csvRows(text, name), name);
  const value = parseJson(text, name);
  return Array.isArray(value) ? traceOfRows(value as Row[], name) : traceOfHistory(value as object, name, assumed);
}

function csvRows(text: string, name: string): Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const cells = (line: string) => line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const header = cells(lines[0] ?? "");
  for (const column of header) {
    if (!traceColumns.includes(column as TraceColumn))
      throw new InputError(`${name} line 1`, unknownName("column", column, traceColumns));
  }
  return lines.slice(1).map((line, i) => {
    const row = cells(line);
    if (row.length !== header.length)
      throw new InputError(`${name} line ${i + 2}`, `${row.length} cells under ${header.length} columns`);
    return Object.fromEntries(header.map((column, j) => [column, row[j]]));
  });
}

function traceOfRows(rows: readonly Row[], name: string): LearningTrace {
  if (rows.length === 0) throw new InputError(name, "has no rows");
  const ids = [...new Set(rows.map((row, i) => clientOf(row, `${name} row ${i + 1}`)))];
  const numbers = ids.every((id) => /^\d+$/.test(id));
  const clients = numbers ? ids.sort((a, b) => Number(a) - Number(b)) : ids;
  const numbered = new Map(clients.map((id, index) => [id, index]));
  const rounds = new Map<number, TracedRound>();
  for (const [i, row] of rows.entries()) {
    const at = `${name} row ${i + 1}`;
    const round = numberAt(row, "round", at, true)!;
    if (!Number.isInteger(round) || round < 1)
      throw new InputError(at, `round is ${shown(row.round)} (allowed: a whole number of at least 1)`);
    const own = rounds.get(round) ?? { round, accuracy: null, clients: [] };
    rounds.set(round, own);
    const accuracy = numberAt(row, "accuracy", at);
    if (accuracy !== null && accuracy > 1)
      throw new InputError(at, `accuracy is ${accuracy} (allowed: a share from 0 to 1)`);
    if (accuracy !== null && own.accuracy !== null && accuracy !== own.accuracy)
      throw new InputError(at, `accuracy is ${accuracy}, but ${own.accuracy} elsewhere in round ${round}`);
    own.accuracy = accuracy ?? own.accuracy;
    const client = numbered.get(clientOf(row, at))!;
    if (own.clients.some((one) => one.client === client))
      throw new InputError(at, `client ${clients[client]} is in round ${round} twice`);
    own.clients.push({
      client,
      bits: numberAt(row, "bits", at, true)!,
      examples: numberAt(row, "examples", at) ?? 0,
      computeSeconds: numberAt(row, "computeSeconds", at),
    });
  }
  return { clients, rounds: [...rounds.values()].sort((a, b) => a.round - b.round) };
}

const shown = (value: unknown): string => (value === undefined ? "missing" : show(value));

function clientOf(row: Row, at: string): string {
  if (typeof row !== "object" || row === null || Array.isArray(row))
    throw new InputError(at, `is ${show(row)} (allowed: an object with ${traceColumns.join(", ")})`);
  const { client } = row;
  if ((typeof client === "string" && client !== "") || typeof client === "number") return String(client);
  throw new InputError(at, `client is ${shown(client)} (allowed: a number or a name)`);
}

function numberAt(row: Row, column: TraceColumn, at: string, needed = false): number | null {
  const given = row[column];
  if ((given === undefined || given === null || given === "") && !needed) return null;
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new InputError(at, `${column} is ${shown(given)} (allowed: a number of at least 0)`);
}

/**
 * `History` of Flower as JSON: lists of [round, value] under `metrics_centralized.accuracy` or
 * `metrics_distributed.accuracy`; without accuracies the rounds are those of `losses_centralized` or `losses_distributed`.
 */
function traceOfHistory(history: object, name: string, assumed: TraceAssumptions | undefined): LearningTrace {
  const { metrics_centralized, metrics_distributed, losses_centralized, losses_distributed } = history as Record<
    string,
    unknown
  >;
  const accuracies =
    seriesOf((metrics_centralized as Series)?.accuracy) ?? seriesOf((metrics_distributed as Series)?.accuracy);
  const rounds = accuracies ?? seriesOf(losses_centralized) ?? seriesOf(losses_distributed);
  if (rounds === undefined)
    throw new InputError(
      name,
      `holds neither rows of ${traceColumns.join(", ")} nor a history (metrics_centralized, losses_distributed, …)`,
    );
  if (assumed === undefined)
    throw new InputError(
      "--bits",
      `${name} is a history, which does not say what clients sent: give --bits, --clients and --examples`,
    );
  const { clients, bits, examples, computeSeconds = null } = assumed;
  return {
    clients: Array.from({ length: clients }, (_, client) => String(client)),
    rounds: rounds
      .filter(([round]) => round > 0) // 0: before the first
      .map(([round, value]) => ({
        round,
        accuracy: accuracies === undefined ? null : value,
        clients: Array.from({ length: clients }, (_, client) => ({ client, bits, examples, computeSeconds })),
      })),
  };
}

type Series = Record<string, unknown> | undefined;

function seriesOf(value: unknown): [number, number][] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const sound = value.every(
    (one) => Array.isArray(one) && one.length === 2 && one.every((number) => typeof number === "number"),
  );
  return sound ? (value as [number, number][]) : undefined;
}
