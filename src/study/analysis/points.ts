import { priceColumns } from "../jobs/priceBlock.js";
import type { QuantizerPart } from "../jobs/quantizer.js";
import { dropRates } from "../jobs/rates.js";
import type { Cell } from "../plan/grid.js";
import { runKey } from "../plan/keys.js";
import { priceBlockKeys } from "../plan/priceBlocks.js";
import { quantizerJobsOf, ratesJobsOf, type StudyPart } from "../plan/studyPlan.js";
import { runColumns } from "../store/columns.js";
import type { Json, Store, StoreRecord } from "../store/contract.js";

/** What came of a point under a seed and a drop. */
export interface PointResult {
  cell: Cell;
  /** Labels of the point, and of what the kind of job adds: the receiver, the measure */
  labels: Readonly<Record<string, string>>;
  seed: number;
  /** Where the seed and the drop stand in their lists */
  seedIndex: number;
  drop: number;
  /** In the order of the part's measures; null where there is no such figure */
  values: readonly (number | null)[];
  /** Why the job failed, where it did */
  failure: string | null;
  /** Why a figure is missing or 0: the failure, or what a method says */
  reason: string | null;
}

/** Figures of each kind of job that are summed up, with their units. */
export function measuresOf({ kind, measures }: StudyPart): readonly { name: string; unit?: string }[] {
  switch (kind) {
    case "training":
      return runColumns.filter(({ name }) => summedUp.includes(name));
    case "pricing":
      return [{ name: "energy", unit: "J" }, { name: "latency", unit: "s" }, { name: "rounds" }];
    case "rates":
      return ["mean_spectral_efficiency", "least_spectral_efficiency"].map((name) => ({ name, unit: "bit/s/Hz" }));
    case "quantizers":
      return [...new Set(measures.flatMap((measure) => quantizerFigures[measure]))].map((name) => ({ name }));
  }
}

const summedUp = "accuracy test_loss rounds energy latency nominal_bits_per_entry wire_bits_per_entry".split(" ");

/** Numbers of the benchmark's parts that have one a row or one in all. */
const quantizerFigures: Record<QuantizerPart, readonly string[]> = {
  goldens: [],
  inputs: ["nominalBits", "wireBits", "nmse", "maxError"],
  sweep: ["nominalBits", "wireBits", "nmse", "maxError"],
  bias: ["bias", "interval"],
  accuracy: ["accuracy"],
  speed: [],
};

/** Axes of a part's tables: the grid's, and what the kind of job adds. */
export function axesOfResults({ kind, grid }: StudyPart): string[] {
  const added = kind === "rates" ? ["receiver"] : kind === "quantizers" ? ["measure"] : [];
  return [...grid.axes.map(({ name }) => name), ...added];
}

/**
 * What a store has of a part, in the order of cells, seeds and drops; what is not there is left out.
 * @param cells in another order than the plan's
 */
export async function* pointResults(
  part: StudyPart,
  store: Store,
  cells: readonly Cell[] = part.grid.cells,
): AsyncGenerator<PointResult> {
  const blocks = part.kind === "pricing" ? priceBlockKeys(part) : undefined;
  const benchmarks = part.kind === "quantizers" ? quantizerJobsOf(part) : [];
  for (const cell of cells) {
    for (const [seedIndex, seed] of part.grid.seeds.entries()) {
      const at = { cell, labels: cell.labels, seed, seedIndex };
      if (part.kind === "training") yield* runsOf(part, store, at);
      else if (part.kind === "pricing") yield* pricesOf(blocks!(cell, seed), store, at);
      else if (part.kind === "rates") yield* ratesOf(part, store, at);
      else {
        const own = benchmarks.filter((one) => one.cell === cell && one.seed === seed);
        for (const { part: measure, job } of own) {
          const record = await store.get(job.key);
          if (record !== undefined)
            yield quantizerResult(
              record,
              at,
              measure,
              measuresOf(part).map(({ name }) => name),
            );
        }
      }
    }
  }
}

type At = Pick<PointResult, "cell" | "labels" | "seed" | "seedIndex">;

async function* runsOf({ grid }: StudyPart, store: Store, at: At): AsyncGenerator<PointResult> {
  const drops = new Map(Array.from({ length: grid.drops }, (_, drop) => [runKey(at.cell, at.seed, drop), drop]));
  for await (const { key, value, failure } of store.select(drops.keys(), [...summedUp, "ended", "reason"])) {
    // Of a run without a round, what was sent has no figure.
    const empty = value.rounds === 0;
    const sent = (name: string) => empty && name.endsWith("_per_entry");
    const values = summedUp.map((name) => (failure !== undefined || sent(name) ? null : numberOf(value[name])));
    yield { ...at, drop: drops.get(key)!, values, failure: failure ?? null, reason: failure ?? null };
  }
}

async function* pricesOf(keys: readonly string[], store: Store, at: At): AsyncGenerator<PointResult> {
  for await (const record of store.select(keys)) {
    const [first, count] = record.key.split("-").slice(-2).map(Number) as [number, number];
    const columns = record.failure === undefined ? priceColumns(record) : undefined;
    for (let i = 0; i < count; i++) {
      const drop = first + i;
      const values = columns ? [columns.energy[i]!, columns.latency[i]!, columns.rounds[i]!] : [null, null, null];
      const failure = record.failure ?? null;
      yield { ...at, drop, values, failure, reason: failure ?? columns!.reasons[drop] ?? null };
    }
  }
}

async function* ratesOf(part: StudyPart, store: Store, at: At): AsyncGenerator<PointResult> {
  const keys = ratesJobsOf(part, at.cell, at.seed).flatMap(({ yields }) => yields);
  const drops = new Map(keys.map((key, drop) => [key, drop]));
  for await (const record of store.select(keys)) {
    const drop = drops.get(record.key)!;
    const { failure } = record;
    if (failure !== undefined) {
      for (const receiver of part.receivers ?? [at.cell.config.network.combining])
        yield { ...at, labels: { ...at.labels, receiver }, drop, values: [null, null], failure, reason: failure };
      continue;
    }
    for (const [receiver, { spectralEfficiency: rates }] of Object.entries(dropRates(record).rates)) {
      const sum = rates.reduce((all, rate) => all + rate, 0);
      const values = [sum / rates.length, Math.min(...rates)].map((value) => (Number.isFinite(value) ? value : null));
      yield { ...at, labels: { ...at.labels, receiver }, drop, values, failure: null, reason: null };
    }
  }
}

/** The mean of each figure over the rows of a measure: over its vectors, at the end of a learning. */
function quantizerResult(record: StoreRecord, at: At, measure: string, names: readonly string[]): PointResult {
  const found = new Map<string, number[]>();
  const take = (value: Json): void => {
    if (Array.isArray(value)) for (const one of value) take(one);
    else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        const last = Array.isArray(inner) && inner.every((one) => typeof one === "number") ? inner.at(-1) : inner;
        if (typeof last === "number" && names.includes(name)) found.set(name, [...(found.get(name) ?? []), last]);
        else take(inner as Json);
      }
    }
  };
  if (record.failure === undefined) take(record.value);
  const mean = (list: number[] | undefined) => (list ? list.reduce((sum, one) => sum + one, 0) / list.length : null);
  const values = names.map((name) => mean(found.get(name)));
  const failure = record.failure ?? null;
  return { ...at, labels: { ...at.labels, measure }, drop: 0, values, failure, reason: failure };
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}
