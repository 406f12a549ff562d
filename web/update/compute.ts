import type { Observer, RoundRecord } from "../../src/index.js";
import type { UpdateView } from "../figures.js";

/** Decades of a bin, and the most that are drawn below the largest magnitude; what is smaller counts in the first. */
const width = 0.1;
const decades = 8;
/** More distinct values than this are no levels to draw. */
const mostLevels = 1024;

/** Keeps the updates of the round that is going on: of those clients who are asked for, before and after the quantizer. */
export interface KeptUpdates {
  observer: Observer;
  /** Undefined where the client took no part in the round, or was not asked for */
  view(client: number, record: RoundRecord): UpdateView | undefined;
}

/** @param wants whose; asked in every round anew, so that another client may be selected during a run */
export function keepUpdates(wants: (client: number) => boolean): KeptUpdates {
  const kept = new Map<number, { round: number; trained: Float32Array; view?: Histogram }>();
  return {
    observer: {
      wantsTrained: wants,
      onTrained(client, round, update) {
        kept.set(client, { round, trained: update.slice() });
      },
      onUpdate(client, round, decoded) {
        const one = kept.get(client);
        if (one?.round === round) one.view = histogram(one.trained, decoded);
      },
    },
    view(client, { round, perClient }) {
      const one = kept.get(client);
      if (one?.round !== round || one.view === undefined) return undefined;
      const nominalBits = perClient.nominalBits[client]!;
      return { client, round, ...one.view, nominalBits, wireBits: perClient.wireBits[client]! };
    },
  };
}

type Histogram = Omit<UpdateView, "client" | "round" | "nominalBits" | "wireBits">;

/** Of an update as it was trained, and of what the server decodes; both of the same length. */
export function histogram(trained: Float32Array, decoded: Float32Array): Histogram {
  const { from, bins } = range(trained, decoded);
  const binOf = (magnitude: number) =>
    Math.max(0, Math.min(bins - 1, Math.floor((Math.log10(magnitude) - from) / width)));
  const counts = new Array<number>(bins).fill(0);
  const zeroed = new Array<number>(bins).fill(0);
  const after = new Array<number>(bins).fill(0);
  const values = distinct(decoded);
  const cost = values && new Array<number>(bins).fill(0);
  let zeros = 0;
  for (let i = 0; i < trained.length; i++) {
    const value = decoded[i]!;
    if (value !== 0) after[binOf(Math.abs(value))]!++;
    if (trained[i] === 0) {
      zeros++;
      continue;
    }
    const bin = binOf(Math.abs(trained[i]!));
    counts[bin]!++;
    if (value === 0) zeroed[bin]!++;
    if (cost !== undefined) cost[bin]! -= Math.log2(values!.get(value)! / decoded.length);
  }
  return {
    ...{ from, width, counts, zeroed, after, zeros, entries: trained.length },
    bits: cost?.map((sum, bin) => (counts[bin]! > 0 ? sum / counts[bin]! : 0)),
    levels: values && magnitudes(values),
  };
}

/** From the smallest magnitude of either to the largest, in whole bins. */
function range(...arrays: Float32Array[]): { from: number; bins: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const array of arrays)
    for (const value of array) {
      const magnitude = Math.abs(value);
      if (magnitude === 0) continue;
      least = Math.min(least, magnitude);
      most = Math.max(most, magnitude);
    }
  if (most === 0) return { from: -decades, bins: Math.round(decades / width) };
  const top = Math.floor(Math.log10(most) / width) + 1;
  const bottom = Math.max(Math.floor(Math.log10(least) / width), top - Math.round(decades / width));
  return { from: bottom * width, bins: top - bottom };
}

/** How often each value occurs, −0 as 0; undefined where there are too many. */
function distinct(decoded: Float32Array): Map<number, number> | undefined {
  const values = new Map<number, number>();
  for (const value of decoded) {
    values.set(value, (values.get(value) ?? 0) + 1);
    if (values.size > mostLevels) return undefined;
  }
  return values;
}

function magnitudes(values: ReadonlyMap<number, number>): { value: number; count: number }[] {
  const found = new Map<number, number>();
  for (const [value, count] of values)
    if (value !== 0) found.set(Math.abs(value), (found.get(Math.abs(value)) ?? 0) + count);
  return [...found].map(([value, count]) => ({ value, count })).sort((a, b) => a.value - b.value);
}
