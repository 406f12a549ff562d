import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../../config/errors.js";
import { diskReason } from "../../disk/files.js";
import { courseColumns, runColumns } from "../../study/store/columns.js";
import type { Json, Store, StoreRecord } from "../../study/store/contract.js";
import { eventFileStart, scalarRecord } from "../../study/store/eventFile.js";
import { say } from "../terminal/output.js";

/** Is told of every record once it is kept. */
export type Tracker = (record: StoreRecord) => void;

const tensorboard = "tensorboard:";

/**
 * Opens what `--track` names: "tensorboard:DIR", a folder of event files with a run a folder, or a file of JSON lines.
 * @throws InputError where nothing can be written there
 */
export function openTracker(target: string): Tracker {
  try {
    return target.startsWith(tensorboard) ? eventFiles(target.slice(tensorboard.length)) : jsonLines(target);
  } catch (error) {
    throw new InputError("--track", `${target} cannot be written: ${diskReason(error)}`, { cause: error });
  }
}

/** A store that tells a tracker what was added. What the tracker cannot write costs no result: it is said once. */
export function trackedStore(store: Store, tracker: Tracker): Store {
  let lost = false;
  return Object.assign(Object.create(store) as Store, {
    async add(records: readonly StoreRecord[]) {
      await store.add(records);
      if (lost) return;
      try {
        for (const record of records) tracker(record);
      } catch (error) {
        lost = true;
        say(`--track: nothing more is written: ${diskReason(error)}`);
      }
    },
  });
}

/** A line a record: its names and figures, of a run also a line a round. Whoever follows it needs nothing of ours. */
function jsonLines(path: string): Tracker {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a"));
  return (record) => {
    if (record.kind === "trace" || record.kind === "rounds") return;
    const { kind, key, failure, value } = record;
    const time = new Date().toISOString();
    const { course, ...figures } = value;
    const lines: object[] = [{ time, event: kind, key, ...(failure !== undefined && { failure }), ...figures }];
    if (kind === "run" && failure === undefined) {
      for (const [round, columns] of rounds(course).entries())
        lines.push({ time, event: "round", key, round, ...columns });
    }
    appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  };
}

function eventFiles(folder: string): Tracker {
  mkdirSync(folder, { recursive: true });
  return ({ kind, key, failure, value }) => {
    if (kind !== "run" || failure !== undefined) return;
    const time = Date.now() / 1000;
    const run = join(
      folder,
      `${String(value.cell ?? "run").replace(/[^\w.=-]+/g, "_")}-seed${value.seed}-drop${value.drop}-${key.slice(0, 8)}`,
    );
    mkdirSync(run, { recursive: true });
    const records = [eventFileStart(time)];
    const put = (tag: string, step: number, figure: Json | undefined) => {
      if (typeof figure === "number") records.push(scalarRecord({ time, step, tag, value: figure }));
    };
    for (const [round, columns] of rounds(value.course).entries()) {
      for (const [name, figure] of Object.entries(columns)) put(`round/${name}`, round, figure);
    }
    const steps = Number(value.rounds ?? 0);
    for (const { name, type } of runColumns) if (type === "real") put(`final/${name}`, steps, value[name]);
    // A file a run: TensorBoard reads all files of a folder, and one that is written again comes after the other.
    appendFileSync(join(run, `events.out.tfevents.${Math.floor(time)}.cellfed`), Buffer.concat(records));
  };
}

/** The course of a run, a record a round. */
function rounds(course: Json | undefined): Record<string, Json>[] {
  const lists = (course ?? {}) as { readonly [list: string]: readonly Json[] };
  const length = Math.max(0, ...courseColumns.map(({ list }) => lists[list]?.length ?? 0));
  return Array.from({ length }, (_, round) =>
    Object.fromEntries(courseColumns.map(({ name, list }) => [name, lists[list]?.[round] ?? null])),
  );
}
