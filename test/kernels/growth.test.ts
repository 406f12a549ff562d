import { readFileSync } from "node:fs";
import { afterAll, expect, it, vi } from "vitest";
import type { ChannelFile } from "../../src/index.js";

/**
 * Kernel memory may grow in any allocation, which empties every view made before. Here it grows in each one, and the
 * results must stay what they are: a view that is kept across an allocation shows up as a wrong number.
 */
type Library = typeof import("../../src/index.js");
const memory = "../../bindings/memory.js";

afterAll(() => {
  vi.doUnmock(memory);
  vi.resetModules();
});

const channel = JSON.parse(
  readFileSync(new URL("../reference/data/correlated-9x4-6.json", import.meta.url), "utf8"),
) as ChannelFile;

const tasks: Record<string, (library: Library) => unknown> = {
  async "a run with every part in it"({ simulate }) {
    const { rounds, fingerprint } = await simulate({
      preset: "quick",
      rounds: 2,
      data: { trainExamples: 200, testExamples: 100 },
      network: { clients: 4, combining: "lp-mmse", realizations: 20 },
      quantizer: { name: "laq", coder: "context" },
      power: { method: "joint" },
    });
    return [rounds.length, fingerprint];
  },
  "receivers on a correlated channel": ({ importChannel, compareSchemes }) =>
    compareSchemes(importChannel(channel), ["mmse", "p-mmse", "lp-mmse+n-lsfd", "l-mmse+lsfd", "mr"], {
      realizations: 30,
      key: { seed: 1, round: 0, drop: 0 },
    }),
  "closed-form drops": ({ closedFormDrops, resolveConfig }) =>
    closedFormDrops(resolveConfig({ preset: "paper-cifar10-k20" }).network, { seed: 3, first: 0, count: 5 }),
  "every quantizer's bytes, and back": ({ quantizer, quantizerNames, freshContext, stream }) => {
    const v = new Float32Array(3000);
    stream(1, "test").fillNormal(v);
    return quantizerNames.map((name) => {
      const method = quantizer(name);
      const { bytes } = method.encode(v, freshContext(1))!;
      const into = new Float32Array(v.length);
      method.decode(bytes, into, freshContext(1));
      return [name, bytes, into];
    });
  },
  "every power method": ({ allocatePower, createNetwork, rateModel, powerMethodNames, resolveConfig }) => {
    const { network } = resolveConfig({ preset: "quick" });
    const rates = rateModel(createNetwork(network, { seed: 1, drop: 0 }), network, { seed: 1 });
    const bits = new Float64Array(rates.clients).fill(5e5);
    const problem = { rates, bits, computeLatency: 0.07, budgets: { energy: 0.5, latency: 5 } };
    return powerMethodNames.map((method) => allocatePower(problem, { method }));
  },
  "a quadratic program and a nonlinear one": ({ minimize }) =>
    minimize({
      start: [1, 5, 5, 1],
      objective: ([a = 0, b = 0, c = 0, d = 0]) => a * d * (a + b + c) + c,
      gradient([a = 0, b = 0, c = 0, d = 0], out) {
        out.set([d * (2 * a + b + c), a * d, a * d + 1, a * (a + b + c)]);
      },
      lower: [1, 1, 1, 1],
      upper: [5, 5, 5, 5],
      inequality: {
        count: 1,
        values: ([a = 0, b = 0, c = 0, d = 0], out) => void out.set([a * b * c * d - 25]),
        jacobian: ([a = 0, b = 0, c = 0, d = 0], out) => void out.set([b * c * d, a * c * d, a * b * d, a * b * c]),
      },
      equality: {
        count: 1,
        values: ([a = 0, b = 0, c = 0, d = 0], out) => void out.set([a * a + b * b + c * c + d * d - 40]),
        jacobian: ([a = 0, b = 0, c = 0, d = 0], out) => void out.set([2 * a, 2 * b, 2 * c, 2 * d]),
      },
    }),
};

// Each by itself: the pools that one method fills would spare the next its allocations.
for (const [method, settings] of [
  ["joint", {}],
  ["joint", { alpha: 1 }],
  ["most-rounds", {}],
  ["dinkelbach", {}],
  ["dinkelbach", { circuitPower: 0 }],
  ["sum-rate", { minimumRate: 1e5 }],
  ["coordinate", {}],
] as const) {
  tasks[`${method} alone, ${JSON.stringify(settings)}`] = ({
    allocatePower,
    createNetwork,
    rateModel,
    resolveConfig,
  }) => {
    const { network } = resolveConfig({ preset: "quick" });
    const rates = rateModel(createNetwork(network, { seed: 1, drop: 0 }), network, { seed: 1 });
    const bits = new Float64Array(rates.clients).fill(5e5);
    const budgets = { energy: 0.5, latency: 5 };
    return allocatePower(
      { rates, bits, computeLatency: 0.07, budgets, circuitPower: 0.02, ...settings },
      { method, ...settings },
    );
  };
}

it.each(Object.keys(tasks))(
  "%s",
  async (name) => {
    const task = tasks[name]!;
    vi.doUnmock(memory);
    vi.resetModules();
    const expected = await task(await import("../../src/index.js"));
    vi.resetModules();
    let grown = 0;
    vi.doMock(memory, async (original) => {
      const real = (await original()) as typeof import("../../bindings/memory.js");
      const { kernels } = await import("../../bindings/instance.js");
      return {
        ...real,
        allocate(bytes: number) {
          // A page that the arena does not know of: it is never handed out.
          kernels().memory.grow(1);
          grown++;
          return real.allocate(bytes);
        },
      };
    });
    const found = await task(await import("../../src/index.js"));
    expect(grown).toBeGreaterThan(0);
    expect(found).toEqual(expected);
  },
  60_000,
);
