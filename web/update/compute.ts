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
        const before = kept.get(client)?.trained;
        const trained = before?.length === update.length ? before : new Float32Array(update.length);
        trained.set(update);
        kept.set(client, { round, trained });
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

/**
 * Of an update as it was trained, and of what the server decodes; both of the same length. It is made in every round of a
 * run: nothing is allocated an entry.
 */
export function histogram(trained: Float32Array, decoded: Float32Array): Histogram {
  const { from, bins } = range(trained, decoded);
  const counts = new Array<number>(bins).fill(0);
  const zeroed = new Array<number>(bins).fill(0);
  const after = new Array<number>(bins).fill(0);
  const values = countValues(decoded);
  const cost = new Float64Array(bins);
  let zeros = 0;
  for (let i = 0; i < trained.length; i++) {
    const value = decoded[i]!;
    if (value !== 0) after[binOf(Math.abs(value), from, bins)]!++;
    if (trained[i] === 0) {
      zeros++;
      continue;
    }
    const bin = binOf(Math.abs(trained[i]!), from, bins);
    counts[bin]!++;
    if (value === 0) zeroed[bin]!++;
    if (values) cost[bin]! -= Math.log2(occurs[placeOf(value)]! / decoded.length);
  }
  return {
    ...{ from, width, counts, zeroed, after, zeros, entries: trained.length },
    bits: values ? counts.map((count, bin) => (count > 0 ? cost[bin]! / count : 0)) : undefined,
    levels: values ? magnitudes() : undefined,
  };
}

function binOf(magnitude: number, from: number, bins: number): number {
  return Math.max(0, Math.min(bins - 1, Math.floor((Math.log10(magnitude) - from) / width)));
}

/** From the smallest magnitude of either to the largest, in whole bins. */
function range(...arrays: Float32Array[]): { from: number; bins: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) {
      const magnitude = Math.abs(array[i]!);
      if (magnitude === 0) continue;
      least = Math.min(least, magnitude);
      most = Math.max(most, magnitude);
    }
  if (most === 0) return { from: -decades, bins: Math.round(decades / width) };
  const top = Math.floor(Math.log10(most) / width) + 1;
  const bottom = Math.max(Math.floor(Math.log10(least) / width), top - Math.round(decades / width));
  return { from: bottom * width, bins: top - bottom };
}

/** A hash table of float32 values, four places for each that it may hold, which every update counts anew. */
const places = 4 * mostLevels;
const shift = 32 - Math.round(Math.log2(places));
const held = new Float32Array(places);
/** How often the value of each place occurs; 0: the place is free */
const occurs = new Int32Array(places);
const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** Where a value stands, or the free place where it would; −0 as 0. */
function placeOf(value: number): number {
  asFloat[0] = value + 0;
  // Fibonacci hashing: the top bits of a product with 2³² over the golden ratio
  let at = Math.imul(asBits[0]!, 0x9e3779b1) >>> shift;
  while (occurs[at] !== 0 && held[at] !== value) at = (at + 1) % places;
  return at;
}

/** Counts into the table how often each value occurs. @returns false where there are too many */
function countValues(decoded: Float32Array): boolean {
  occurs.fill(0);
  let found = 0;
  for (let i = 0; i < decoded.length; i++) {
    const at = placeOf(decoded[i]!);
    if (occurs[at] === 0) {
      if (++found > mostLevels) return false;
      held[at] = decoded[i]!;
    }
    occurs[at]!++;
  }
  return true;
}

/** The table's values without their signs, ascending. */
function magnitudes(): { value: number; count: number }[] {
  const found = new Map<number, number>();
  for (let at = 0; at < places; at++) {
    if (occurs[at] === 0 || held[at] === 0) continue;
    const value = Math.abs(held[at]!);
    found.set(value, (found.get(value) ?? 0) + occurs[at]!);
  }
  return [...found].map(([value, count]) => ({ value, count })).sort((a, b) => a.value - b.value);
}
