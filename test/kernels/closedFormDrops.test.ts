import { describe, expect, it } from "vitest";
import { allocatedBytes } from "../../bindings/memory.js";
import type { NetworkConfig } from "../../src/config/config.js";
import { closedFormDrops, closedFormRates, createNetwork } from "../../src/network/index.js";
import { defaults } from "../../src/parts/defaults.js";

const base: NetworkConfig = { ...defaults.network, clients: 40 };
const uniform = { accessPoints: "uniform", jitter: 0, clients: "uniform" } as const;

describe("closedFormDrops", () => {
  it.each<[string, NetworkConfig, number, number, number]>([
    ["the paper's", base, 1, 0, 40], // more than the kernel's 19 at once
    ["a seed of more than 32 bits, late drops", base, 2 ** 40 + 5, 4294967290, 5],
    ["a negative seed", base, -7, 3, 4],
    ["uniform APs, odd sizes", { ...base, deployment: uniform, clients: 7, accessPoints: 13, pilots: 3 }, 2, 5, 9],
    ["one AP, one client", { ...base, clients: 1, accessPoints: 1, antennas: 1 }, 3, 0, 6],
    ["one client, many APs", { ...base, clients: 1, accessPoints: 400 }, 3, 0, 6],
    ["many clients, one AP", { ...base, clients: 300, accessPoints: 1 }, 3, 0, 3],
    ["more links than a chunk of normals", { ...base, accessPoints: 121, clients: 21, pilots: 4 }, 4, 1, 3],
    ["no wrap, no jitter", { ...base, wrapAround: false, deployment: { ...base.deployment, jitter: 0 } }, 5, 0, 5],
    ["clusters (drop by drop)", { ...base, clusters: "dcc" }, 6, 2, 3],
    ["random pilots (drop by drop)", { ...base, pilotAssignment: "random" }, 6, 2, 3],
  ])("%s: the bits of the drops one by one", (_, config, seed, first, count) => {
    const before = allocatedBytes();
    const models = closedFormDrops(config, { seed, first, count });
    expect(allocatedBytes()).toBe(before);
    expect(models.length).toBe(count);
    models.forEach((model, d) => {
      expect(model).toEqual(closedFormRates(createNetwork(config, { seed, drop: first + d })));
    });
  });

  it("names what is wrong as one drop does", () => {
    expect(() => closedFormDrops({ ...base, accessPoints: 15 }, { seed: 1, first: 0, count: 2 })).toThrow(
      /accessPoints/,
    );
    const loud = { ...base, pathLoss: { ...base.pathLoss, intercept: Number.NaN } };
    expect(() => closedFormDrops(loud, { seed: 1, first: 0, count: 2 })).toThrow(/gain\[0\]\[0\]/);
    expect(() => closedFormDrops(base, { seed: 1, first: -1, count: 2 })).toThrow(/first/);
    expect(closedFormDrops(base, { seed: 1, first: 0, count: 0 })).toEqual([]);
  });
});
