import type { UpdateView } from "../figures.js";

/**
 * A view as a row of numbers: what is kept of hundreds of rounds and then let go is one array each, which the next round
 * may use again, instead of thousands of boxed numbers that wait for the collector.
 *
 * The scalars in their order, bins, levels (−1: none to draw), whether bits are known; then of each bin counts, zeroed,
 * after and bits, and of each level its value and its count.
 */
export type PackedUpdate = Float64Array<ArrayBuffer>;

const scalars = ["client", "round", "from", "width", "zeros", "entries", "nominalBits", "wireBits"] as const;
const head = scalars.length + 3;

/** Rows are as long as the next multiple of this, so that most of a run are alike */
const block = 256;

/** @param into used again where it has the length */
export function packUpdate(view: UpdateView, into?: PackedUpdate): PackedUpdate {
  const { counts, zeroed, after, bits, levels } = view;
  const bins = counts.length;
  const length = block * Math.ceil((head + 4 * bins + 2 * (levels?.length ?? 0)) / block);
  const packed = into?.length === length ? into : new Float64Array(length);
  scalars.forEach((name, i) => {
    packed[i] = view[name];
  });
  packed.set([bins, levels?.length ?? -1, bits === undefined ? 0 : 1], scalars.length);
  [counts, zeroed, after, bits].forEach((row, i) => {
    if (row !== undefined) packed.set(row, head + i * bins);
  });
  levels?.forEach(({ value, count }, i) => {
    packed[head + 4 * bins + 2 * i] = value;
    packed[head + 4 * bins + 2 * i + 1] = count;
  });
  return packed;
}

export function unpackUpdate(packed: PackedUpdate): UpdateView {
  const one = Object.fromEntries(scalars.map((name, i) => [name, packed[i]!])) as Record<
    (typeof scalars)[number],
    number
  >;
  const [bins, levels, known] = packed.subarray(scalars.length, head) as unknown as [number, number, number];
  const row = (i: number) => Array.from(packed.subarray(head + i * bins, head + (i + 1) * bins));
  const level = (i: number) => head + 4 * bins + 2 * i;
  return {
    ...one,
    ...{ counts: row(0), zeroed: row(1), after: row(2), bits: known === 1 ? row(3) : undefined },
    levels:
      levels < 0
        ? undefined
        : Array.from({ length: levels }, (_, i) => ({ value: packed[level(i)]!, count: packed[level(i) + 1]! })),
  };
}
