import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { SplitConfig } from "../../src/config/config.js";
import type { Dataset } from "../../src/config/records.js";
import { apportion, dirichlet } from "../../src/data/dirichlet.js";
import { labelTable, partition } from "../../src/data/partition.js";

/** A data set with these labels and nothing to see. */
function labeled(labels: readonly number[], outputs: number, groups?: readonly number[]): Dataset {
  const examples = { count: labels.length, inputs: new Uint8Array(labels.length), targets: Int32Array.from(labels) };
  return {
    name: "made up",
    task: "classification",
    inputShape: [1, 1, 1],
    outputs,
    targetSize: 1,
    train: examples,
    test: examples,
    ...(groups === undefined ? {} : { groups: Int32Array.from(groups) }),
  };
}

const balanced = (count: number, classes: number) =>
  labeled(
    Array.from({ length: count }, (_, i) => i % classes),
    classes,
  );

const split = (kind: SplitConfig["kind"], settings: Partial<SplitConfig> = {}): SplitConfig => ({
  kind,
  alpha: 0.4,
  classesPerClient: 2,
  ...settings,
});

function expectDisjoint(shards: readonly Int32Array[], count: number): void {
  const times = new Int32Array(count);
  let outside = 0;
  for (const shard of shards) {
    expect(shard.length).toBeGreaterThan(0);
    for (const example of shard) {
      if (example >= 0 && example < count) times[example]!++;
      else outside++;
    }
  }
  expect([outside, times.findIndex((n) => n > 1)]).toEqual([0, -1]);
}

/** Labels in any proportions, with fewer examples than clients · something awkward. */
const anyData = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 300 }),
    fc.integer({ min: 1, max: 25 }),
    fc.integer({ min: 0, max: 1e6 }),
  )
  .filter(([labels, clients]) => labels.length >= clients);

describe("equal shards", () => {
  it("deals each example at most once, the same number to everyone, the same way again, whatever the data", () => {
    fc.assert(
      fc.property(
        anyData,
        fc.constantFrom<SplitConfig>(
          split("iid"),
          split("contiguous"),
          split("dirichlet"),
          split("dirichlet", { alpha: 0.05 }),
          split("dirichlet", { alpha: 1e-6 }),
          split("dirichlet", { alpha: 1e9 }),
        ),
        ([labels, clients, seed], how) => {
          const data = labeled(labels, 7);
          const shards = partition(data, how, clients, seed);
          expect(shards).toHaveLength(clients);
          expectDisjoint(shards, labels.length);
          for (const shard of shards) expect(shard).toHaveLength(Math.floor(labels.length / clients));
          expect(partition(data, how, clients, seed)).toEqual(shards);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it("deals otherwise with another seed", () => {
    for (const kind of ["iid", "dirichlet", "shards", "quantity"] as const) {
      const data = balanced(600, 10);
      expect(partition(data, split(kind), 10, 1)).not.toEqual(partition(data, split(kind), 10, 2));
    }
  });

  it("keeps neighbors together when contiguous", () => {
    expect(partition(balanced(11, 10), split("contiguous"), 3, 5)).toEqual([
      Int32Array.of(0, 1, 2),
      Int32Array.of(3, 4, 5),
      Int32Array.of(6, 7, 8),
    ]);
  });

  it("shuffles uniformly when IID: every example as often with every client", () => {
    const seeds = 4000;
    const data = balanced(6, 2);
    const hits = new Int32Array(6);
    for (let seed = 0; seed < seeds; seed++) for (const e of partition(data, split("iid"), 3, seed)[0]!) hits[e]!++;
    // Binomial(4000, 1/3): 4 standard deviations of 29.8 for each of six counts
    for (const hit of hits) expect(Math.abs(hit - seeds / 3)).toBeLessThan(4 * Math.sqrt((seeds * 2) / 9));
  });

  it("ends quickly at α = 0.05 with the counts of MNIST", () => {
    const data = balanced(60000, 10);
    const shards = partition(data, split("dirichlet", { alpha: 0.05 }), 100, 3);
    expectDisjoint(shards, 60000);
    for (const shard of shards) expect(shard).toHaveLength(600);
  });

  it("gives the first client exactly what it drew, classes in order", () => {
    const data = balanced(5000, 10);
    const [first] = partition(data, split("dirichlet"), 20, 7);
    const wanted = apportion(dirichlet(stream(7, "partition", 1, 0), 10, 0.4), 250);
    expect(labelTable(data, [first!])[0]).toEqual(wanted);
    const labels = Array.from(first!, (e) => data.train.targets[e]!);
    expect(labels).toEqual([...labels].sort((a, b) => a - b));
  });

  it("refills from everything that is left", () => {
    // One class only: whatever the proportions over ten classes, all of it must come from there.
    const data = labeled(new Array(50).fill(4), 10);
    const table = labelTable(data, partition(data, split("dirichlet"), 5, 1));
    for (const row of table) expect(row[4]).toBe(10);
  });
});

describe("the Dirichlet distribution", () => {
  /** Quantiles 0.2, 0.5, 0.7, 0.8, 0.9, 0.95 of Beta(α, 9α), the marginal of one of ten proportions (SciPy). */
  const quantiles = [
    { alpha: 0.05, at: [4.97693806e-14, 4.52648806e-6, 3.77974088e-3, 5.31872947e-2, 0.436078415, 0.82232734] },
    { alpha: 0.4, at: [4.03712349e-3, 4.28638903e-2, 0.112984492, 0.176939662, 0.288535759, 0.393573746] },
    { alpha: 3, at: [5.33778806e-2, 9.11452436e-2, 0.121229996, 0.14183351, 0.173265338, 0.201560588] },
  ];
  const levels = [0.2, 0.5, 0.7, 0.8, 0.9, 0.95];

  it.each(quantiles)("has Beta marginals at α = $alpha", ({ alpha, at }) => {
    const random = stream(11, "test");
    const draws = 4000;
    const below = new Int32Array(at.length);
    for (let i = 0; i < draws; i++) {
      const p = dirichlet(random, 10, alpha);
      let sum = 0;
      for (const share of p) sum += share;
      expect(Math.abs(sum - 1)).toBeLessThan(1e-14);
      // Proportions of one draw are not independent: one of them is enough.
      at.forEach((x, j) => {
        if (p[i % 10]! <= x) below[j]!++;
      });
    }
    // Binomial: 4 standard deviations
    levels.forEach((level, j) => {
      expect(Math.abs(below[j]! / draws - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / draws));
    });
  });

  it("apportions to the exact total, nearest whole numbers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 100000 }),
        (weights, total) => {
          const sum = weights.reduce((a, b) => a + b);
          const shares = Float64Array.from(weights, (w) => w / sum);
          const counts = apportion(shares, total);
          expect(counts.reduce((a, b) => a + b)).toBe(total);
          const worst = Math.max(...shares.map((share, i) => Math.abs(counts[i]! - share * total)));
          expect(worst).toBeLessThan(1 + 1e-6);
        },
      ),
      { seed: 2 },
    );
  });
});

describe("shards of s classes", () => {
  it("gives everyone exactly s classes, equally many examples of each", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 1000 }),
        (classesPerClient, clients, seed) => {
          const data = balanced(3000, 10);
          const shards = partition(data, split("shards", { classesPerClient }), clients, seed);
          expectDisjoint(shards, 3000);
          const table = labelTable(data, shards);
          const each = shards[0]!.length / classesPerClient;
          for (const row of table) {
            expect(Array.from(row).filter((n) => n > 0)).toEqual(new Array(classesPerClient).fill(each));
          }
          const holders = Array.from({ length: 10 }, (_, c) => table.filter((row) => row[c]! > 0).length);
          expect(Math.max(...holders) - Math.min(...holders)).toBeLessThanOrEqual(1);
          // Nothing is wasted but what equal shares make inevitable
          expect(each).toBe(Math.floor(300 / Math.max(...holders)));
        },
      ),
      { seed: 3 },
    );
  });

  it("refuses impossible numbers of classes", () => {
    for (const classesPerClient of [0, 11, 1.5]) {
      expect(() => partition(balanced(100, 10), split("shards", { classesPerClient }), 5, 1)).toThrow(
        /^data.split.classesPerClient: .* 1 to 10/,
      );
    }
    expect(() => partition(balanced(20, 10), split("shards", { classesPerClient: 10 }), 5, 1)).toThrow(/too few/);
  });
});

describe("quantity skew", () => {
  it("deals everything, nobody goes without, sizes follow the Dirichlet draw", () => {
    for (const alpha of [1e-6, 0.05, 1, 100]) {
      const shards = partition(balanced(1000, 10), split("quantity", { alpha }), 30, 4);
      expectDisjoint(shards, 1000);
      expect(shards.reduce((sum, shard) => sum + shard.length, 0)).toBe(1000);
    }
    const spread = (alpha: number) =>
      Math.max(...partition(balanced(1000, 10), split("quantity", { alpha }), 30, 4).map((s) => s.length));
    expect(spread(0.05)).toBeGreaterThan(2 * spread(100));
  });
});

describe("groups and files", () => {
  it("keeps an owner's examples with one client and leaves none out", () => {
    const groups = Array.from({ length: 200 }, (_, i) => (i * 7) % 13);
    const data = labeled(
      groups.map(() => 0),
      1,
      groups,
    );
    const shards = partition(data, split("groups"), 5, 8);
    expectDisjoint(shards, 200);
    const owners = shards.map((shard) => new Set(Array.from(shard, (e) => groups[e]!)));
    expect(owners.reduce((sum, set) => sum + set.size, 0)).toBe(13);
    expect(shards.reduce((sum, shard) => sum + shard.length, 0)).toBe(200);
    expect(() => partition(data, split("groups"), 14, 8)).toThrow(/network.clients: 14 clients.* 13 groups/);
    expect(() => partition(balanced(100, 10), split("groups"), 5, 8)).toThrow(/data.split.kind: .*owners/);
  });

  it("takes given shards as they are, and only sound ones", () => {
    const with_ = (shards: number[][]) => ({
      ...balanced(10, 2),
      shards: shards.map((shard) => Int32Array.from(shard)),
    });
    const deal = (shards: number[][]) => partition(with_(shards), split("file"), 2, 1);
    expect(deal([[3, 1], [7]])).toEqual([Int32Array.of(3, 1), Int32Array.of(7)]);
    expect(() => deal([[1], []])).toThrow(/data.split.file: client 1 has no examples/);
    expect(() => deal([[1, 2], [2]])).toThrow(/example 2 is given to client 0 and to 1/);
    expect(() => deal([[1, 1], [2]])).toThrow(/example 1 is given to client 0 and to 0/);
    expect(() => deal([[1], [10]])).toThrow(/no example 10, allowed: 0 … 9/);
    expect(() => deal([[1]])).toThrow(/1 shards for 2 clients/);
    expect(() => partition(balanced(10, 2), split("file"), 2, 1)).toThrow(/data.split.file/);
  });
});

it("says what is wrong with the clients, the concentration, the split, the task", () => {
  const data = balanced(10, 2);
  expect(() => partition(data, split("iid"), 11, 1)).toThrow(/^network.clients: 11 clients, but only 10/);
  expect(() => partition(data, split("iid"), 0, 1)).toThrow(/^network.clients: 0/);
  expect(() => partition(data, split("dirichlet", { alpha: 0 }), 2, 1)).toThrow(/^data.split.alpha: 0/);
  expect(() => partition(data, split("quantity", { alpha: Number.NaN }), 2, 1)).toThrow(/^data.split.alpha: NaN/);
  expect(() => partition(data, split("irichlet" as "iid"), 2, 1)).toThrow(/did you mean "dirichlet"/);
  const text: Dataset = { ...data, task: "next-token" };
  expect(() => partition(text, split("dirichlet"), 2, 1)).toThrow(/^data.split.kind: "dirichlet" deals by class/);
  expect(() => labelTable(text, [])).toThrow(/no classes/);
});
