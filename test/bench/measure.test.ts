import { describe, expect, it } from "vitest";
import { interleave, median, medianInterval } from "../../bench/measure.js";
import { sharesOf } from "../../bench/profileShares.js";
import type { Side } from "../../bench/sides.js";

/** A side whose turns take what the list says. */
function scripted(name: string, seconds: number[], turns: string[]): Side {
  let at = 0;
  return {
    name,
    async turn() {
      turns.push(name);
      const best = seconds[at++ % seconds.length]!;
      return { best, samples: [best, 2 * best], processor: best / 2 };
    },
  };
}

describe("medianInterval", () => {
  // The ranks that tables of the sign test give for 95 %
  it.each([
    [6, 1],
    [8, 1],
    [9, 2],
    [12, 3],
    [15, 4],
    [20, 6],
    [41, 14],
  ])("of %i values reaches from the %ith to the same from the end", (n, rank) => {
    const values = Array.from({ length: n }, (_, i) => (7 * i) % n); // shuffled 0 … n − 1, 7 prime to n
    expect(medianInterval(values)).toEqual([rank - 1, n - rank]);
  });

  it("does not exist below six values", () => {
    expect(medianInterval([1, 2, 3, 4, 5])).toBeUndefined();
  });
});

describe("interleave", () => {
  it("takes turns, and pairs each of a peer's with ours of the same round", async () => {
    const turns: string[] = [];
    // Twice as slow throughout, on a machine that slows down to a tenth
    const drift = [1, 1, 1, 10, 10, 10, 10];
    const peer = drift.map((seconds) => 2 * seconds);
    const result = await interleave([scripted("ours", drift, turns), scripted("peer", peer, turns)], 0);
    expect(turns.join(" ")).toBe(new Array(7).fill("ours peer").join(" ")); // one round to warm up
    expect(result.turns).toBe(6);
    expect(result.peers[0]!.ratio).toEqual({ best: 2, processor: 2, median: 2, interval: [2, 2] });
    expect(result.ours.median).toBe(median([1, 1, 10, 10, 10, 10, 2, 2, 20, 20, 20, 20]));
  });
});

describe("sharesOf", () => {
  it("tells kernels, JavaScript, Node, the collector and idle time apart", () => {
    const frame = (id: number, functionName: string, url = "") => ({ id, callFrame: { functionName, url } });
    const shares = sharesOf(
      {
        nodes: [
          frame(1, "wasm-function[2]", "wasm://wasm/0006a70e"),
          frame(2, "weigh", "file:///dist/chunks/rates.js"),
          frame(3, "compile", "node:internal/modules"),
          frame(4, "(garbage collector)"),
          frame(5, "(idle)"),
          frame(6, "(program)"),
        ],
        samples: [1, 2, 3, 4, 5, 6, 1],
        timeDeltas: [400_000, 200_000, 50_000, 100_000, 100_000, 50_000, 100_000],
      },
      ["abort", "gemm", "gramBatched"],
    );
    expect(shares).toMatchObject({ seconds: 1, kernels: 0.5, javascript: 0.2, node: 0.1, collector: 0.1, idle: 0.1 });
    expect(shares.busy).toBeCloseTo(0.9, 12);
    expect(shares.largest[0]).toEqual({ name: "gramBatched", share: 0.5 });
  });
});
