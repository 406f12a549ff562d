import { describe, expect, it } from "vitest";
import { type RoundRecord, resolveConfig } from "../../src/index.js";
import { latestOnly } from "../../web/drop/asking.js";
import { computeDrop, mapPlaces, withPositions } from "../../web/drop/compute.js";
import { kept, linkPath, linkStep, linkSteps, toMetres, toPixels } from "../../web/drop/geometry.js";
import { affordable, slowest, waiting } from "../../web/drop/words.js";
import { partsOf } from "../../web/timeline/parts.js";
import { splitWords, timelineWords, waitWords } from "../../web/timeline/words.js";
import { histogram } from "../../web/update/compute.js";
import { packUpdate, unpackUpdate } from "../../web/update/packed.js";

const sets = ["network.clients=6", "network.accessPoints=9"];
const config = resolveConfig({ preset: "quick", sets });

describe("the drop's geometry", () => {
  const scale = { size: 100, margin: 10, area: 1000 };

  it("goes there and back, y upwards", () => {
    expect(toPixels(scale, 0, 0)).toEqual([10, 110]);
    expect(toPixels(scale, 1000, 1000)).toEqual([110, 10]);
    expect(toMetres(scale, ...toPixels(scale, 250, 750))).toEqual([250, 750]);
  });

  it("draws a link by the way that the gain counts: twice where that leads through an edge", () => {
    expect(linkPath(scale, [100, 500], [900, 500], false)).toBe("M20.0 60.0L100.0 60.0");
    expect(linkPath(scale, [100, 500], [900, 500], true)).toBe("M20.0 60.0L0.0 60.0M120.0 60.0L100.0 60.0");
    expect(linkPath(scale, [400, 500], [600, 500], true)).toBe("M50.0 60.0L70.0 60.0");
  });

  it("keeps everyone in the area", () => {
    expect([kept(-10, 1000, true), kept(1010, 1000, true), kept(-10, 1000, false), kept(1010, 1000, false)]).toEqual([
      990, 10, 0, 1000,
    ]);
  });

  it("draws no link below the first step, and all above the last alike", () => {
    expect([0, 0.019, 0.02, 0.3, 1].map(linkStep)).toEqual([-1, -1, 0, 3, linkSteps.length - 1]);
  });
});

describe("what a drop's worker computes", () => {
  const request = { bits: 1e5, live: false, side: 4 };

  it("stays the same where everything is put where it was", () => {
    const drawn = computeDrop({ config, ...request });
    const pairs = (from: Float64Array) =>
      Array.from({ length: from.length / 2 }, (_, i): [number, number] => [from[2 * i]!, from[2 * i + 1]!]);
    const positions = { accessPoints: pairs(drawn.accessPointPositions), clients: pairs(drawn.clientPositions) };
    expect(computeDrop({ config, positions, ...request })).toEqual(drawn);
    // And the config that a run then gets is one that is allowed
    const moved = withPositions(config, positions);
    expect(computeDrop({ config: resolveConfig({ file: moved }), ...request })).toEqual(drawn);
  });

  it("takes a receiver that is only simulated for maximum ratio while something is held, and says so", () => {
    const mmse = resolveConfig({
      preset: "quick",
      sets: [...sets, "network.combining=p-mmse", "network.realizations=5"],
    });
    const held = computeDrop({ config: mmse, ...request, live: true });
    expect(held.exact).toBe(false);
    expect(held.allocation).toEqual(computeDrop({ config, ...request }).allocation);
    const rest = computeDrop({ config: mmse, ...request });
    expect(rest.exact).toBe(true);
    expect(rest.allocation.rate).not.toEqual(held.allocation.rate);
  });

  it("counts the rounds that the tighter budget pays for", () => {
    const rounds = (...more: string[]) =>
      computeDrop({ config: resolveConfig({ preset: "quick", sets: [...sets, ...more] }), ...request }).rounds;
    expect(rounds("budgets.energy=null", "budgets.latency=null", "rounds=7")).toEqual({ count: 7, by: "rounds" });
    expect(rounds("budgets.energy=1e-12", "budgets.latency=null")).toEqual({ count: 0, by: "energy" });
    expect(rounds("budgets.energy=null", "budgets.latency=1e-12")).toEqual({ count: 0, by: "latency" });
  });

  it("counts no rounds over the air before one has shown what it takes", () => {
    const air = resolveConfig({
      preset: "quick",
      sets: [...sets, "aggregation=over-the-air", "quantizer=identity", "budgets.energy=0.01", "budgets.latency=null"],
    });
    const before = computeDrop({ config: air, ...request });
    expect([before.overTheAir, before.rounds]).toEqual([true, undefined]);
    expect(affordable(before)).toBe("What a round takes over the air, the first one shows.");
    const after = computeDrop({ config: air, ...request, taken: { latency: 1, energy: 0.003 } });
    expect(after.rounds).toEqual({ count: 3, by: "energy" });
  });

  it("rates each client at one access point where these add", () => {
    const alone = computeDrop({
      config: resolveConfig({ preset: "quick", sets: [...sets, "aggregation=access-points"] }),
      ...request,
    });
    const shares = Array.from({ length: alone.pilotIndex.length }, (_, k) => {
      const L = alone.accessPointPositions.length / 2;
      return alone.shares.subarray(k * L, (k + 1) * L).filter((share) => share > 0);
    });
    for (const own of shares) expect([...own]).toEqual([1]);
    const together = computeDrop({ config, ...request });
    alone.allocation.rate.forEach((rate, k) => {
      expect(rate).toBeLessThan(together.allocation.rate[k]!);
    });
  });

  it("puts the map's places into the middles of its fields", () => {
    expect([...mapPlaces({ area: 100 }, 2)]).toEqual([25, 25, 75, 25, 25, 75, 75, 75]);
  });
});

describe("asking a worker for the latest only", () => {
  it("drops what was overtaken, goes on after a failure, and hears nothing once stopped", async () => {
    const open: { request: number; resolve(value: number): void; reject(error: Error): void }[] = [];
    const heard: (number | string)[] = [];
    const asking = latestOnly<number, number>(
      (request) => new Promise((resolve, reject) => open.push({ request, resolve, reject })),
      (answer, overtaken) => heard.push(answer, String(overtaken)),
      (error) => heard.push((error as Error).message),
    );
    const settle = () => new Promise((resolve) => setTimeout(resolve));
    for (const request of [1, 2, 3]) asking.ask(request);
    expect(open.map(({ request }) => request)).toEqual([1]);
    open[0]!.resolve(10);
    await settle();
    expect(open.map(({ request }) => request)).toEqual([1, 3]);
    open[1]!.reject(new Error("no"));
    await settle();
    asking.ask(5);
    open[2]!.resolve(50);
    await settle();
    asking.ask(4);
    asking.stop();
    open[3]!.resolve(40);
    await settle();
    expect(heard).toEqual([10, "true", "no", 50, "false"]);
  });
});

describe("the histogram of an update", () => {
  it("counts every entry once, in bins of a tenth of a decade", () => {
    const trained = Float32Array.of(0, 1, -1, 0.5, 0.011, -0.011, 0.011);
    const decoded = Float32Array.of(0, 1, -1, 1, 0, 0, 0);
    const view = histogram(trained, decoded);
    expect(view.width).toBe(0.1);
    expect(view.counts.reduce((a, b) => a + b)).toBe(6);
    expect(view.zeros).toBe(1);
    const bin = (value: number) => Math.floor((Math.log10(value) - view.from) / view.width);
    expect([view.counts[bin(0.011)], view.zeroed[bin(0.011)]]).toEqual([3, 3]);
    expect(view.after.at(-1)).toBe(3);
    expect(view.levels).toEqual([{ value: 1, count: 3 }]);
    // 1 occurs twice of seven, −1 once, 0 four times
    expect(view.bits![bin(0.011)]).toBeCloseTo(Math.log2(7 / 4), 12);
    expect(view.bits![bin(1.01)]).toBeCloseTo((Math.log2(7 / 2) + Math.log2(7)) / 2, 12);
  });

  it("draws no levels where every value is another, and at most eight decades", () => {
    const trained = Float32Array.from({ length: 5000 }, (_, i) => 10 ** (-i / 250));
    const view = histogram(trained, trained);
    expect([view.levels, view.bits]).toEqual([undefined, undefined]);
    expect(view.counts).toHaveLength(80);
    expect(view.counts[0]).toBeGreaterThan(2500);
    expect(view.after).toEqual(view.counts);
  });

  it("comes back as it was from a row of numbers, also from one that held another", () => {
    const round = { client: 3, round: 7, nominalBits: 1000, wireBits: 1200 };
    const values = Float32Array.from({ length: 5000 }, (_, i) => 10 ** (-i / 250));
    const few = Float32Array.from(values, (value) => Math.round(4 * value) / 4);
    const views = [
      histogram(values, few),
      histogram(values, values),
      histogram(new Float32Array(5), new Float32Array(5)),
    ];
    let row: ReturnType<typeof packUpdate> | undefined;
    for (const view of views.map((one) => ({ ...round, ...one }))) {
      row = packUpdate(view, row);
      expect(unpackUpdate(row)).toEqual(view);
      const again = packUpdate({ ...view, round: 8 }, row);
      expect(again).toBe(row);
      expect(unpackUpdate(again)).toEqual({ ...view, round: 8 });
    }
  });

  it("knows an update of nothing but zeros", () => {
    const view = histogram(new Float32Array(5), new Float32Array(5));
    expect([view.zeros, view.levels]).toEqual([5, []]);
    expect(view.counts.every((count) => count === 0)).toBe(true);
  });
});

describe("a round's words", () => {
  const record = {
    round: 2,
    latency: 0.5,
    energy: 0.011,
    perClient: { latency: [0.2, 0.4, 0], energy: [0.004, 0.006, 0] },
  } as unknown as RoundRecord;
  const round = partsOf({ ...config, budgets: { ...config.budgets, circuitPower: 0.01 } }, record);

  it("say who is waited for, and for how long", () => {
    expect(round.last).toBe(1);
    expect(round.begun).toBeCloseTo(0.1, 12);
    expect(timelineWords(round)).toBe(
      "Round 2 takes 500 ms: 100 ms of computing, then all wait for client 1, 400 ms; 100 ms of waiting on the average.",
    );
    expect(waitWords(round, 0)).toContain("then waits 200 ms for client 1");
    expect(waitWords(round, 2)).toBe("Client 2 sends nothing in this round.");
  });

  it("split the joules without a rest", () => {
    const parts = round.clients.reduce((sum, { radiated, circuit }) => sum + radiated + circuit, round.fixedEnergy);
    expect(parts).toBeCloseTo(0.011, 12);
    expect(splitWords(round)).toBe(
      "Round 2 takes 11.0 mJ: radiated 4.00 mJ (36.4 %), circuits while sending 6.00 mJ (54.5 %), computing 1.00 mJ (9.1 %).",
    );
  });

  it("tell one straggler from many that end together", () => {
    expect(slowest({ latency: [0, 1, 0.9995, 0.5] })).toEqual([1, 2]);
    expect(waiting({ latency: [1, 2] })).toBe("All wait for client 1, 2.00 s.");
    expect(waiting({ latency: [2, 2] })).toBe("All end together, after 2.00 s.");
    expect(waiting({ latency: [2, 2, 1] })).toBe("2 clients end together, after 2.00 s.");
    expect(waiting({ latency: [0, 0] })).toBe("Nobody sends.");
  });
});
