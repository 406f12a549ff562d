import { readFileSync } from "node:fs";
import { afterAll, expect, it, vi } from "vitest";
import { type ChannelFile, powerMethodNames } from "../../src/index.js";

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

/** Not every quantizer has coders. */
function codedBy(quantizer: Library["quantizer"], { name, ...settings }: { name: string; coder?: string }) {
  try {
    return quantizer(name, settings as Parameters<Library["quantizer"]>[1]);
  } catch (error) {
    if (settings.coder !== undefined) return undefined;
    throw error;
  }
}

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
  async "a transformer on text, with dropout, FedProx and weight decay"({ simulate }) {
    const { rounds, fingerprint } = await simulate({
      preset: "quick",
      rounds: 2,
      data: { name: "corpus", trainExamples: 48, testExamples: 24, sequenceLength: 12 },
      model: {
        preset: "custom",
        layers: [
          { type: "embedding", units: 8 },
          { type: "positional" },
          {
            type: "residual",
            layers: [
              { type: "layerNorm" },
              { type: "selfAttention", heads: 2, causal: true },
              { type: "dropout", rate: 0.1 },
            ],
          },
          { type: "dense", units: 16, activation: "gelu" },
          { type: "dense", units: 23 },
        ],
      },
      training: { proximal: 0.1, optimizer: { name: "adamw", weightDecay: 0.01 }, localEpochs: 1 },
      network: { clients: 3 },
      quantizer: { name: "qsgd" },
    });
    return [rounds, fingerprint];
  },
  async "every image layer, under every optimizer"({ simulate }) {
    const layers = [
      { type: "conv2d", filters: 4, kernel: 3, stride: 2, padding: "same" },
      { type: "groupNorm", groups: 2 },
      { type: "gelu" },
      { type: "depthwiseConv2d", kernel: 3, padding: 1, activation: "relu" },
      { type: "averagePool2d", size: 2 },
      {
        type: "residual",
        layers: [{ type: "conv2d", filters: 6, kernel: 3, padding: "same", activation: "relu" }],
        shortcut: [{ type: "conv2d", filters: 6, kernel: 1 }],
      },
      { type: "maxPool2d", size: 2, stride: 1 },
      { type: "globalAveragePool" },
      { type: "dense", units: 10 },
    ];
    const fingerprints: unknown[] = [];
    for (const name of ["adadelta", "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"] as const) {
      const { rounds } = await simulate({
        preset: "quick",
        rounds: 2,
        data: { trainExamples: 40, testExamples: 20 },
        model: { preset: "custom", layers },
        training: { optimizer: { name, weightDecay: 0.01 }, localEpochs: 1 },
        server: { rule: "fedyogi" },
        network: { clients: 2 },
        quantizer: { name: "identity" },
      });
      fingerprints.push(rounds);
    }
    return fingerprints;
  },
  async "a regression"({ simulate }) {
    const { rounds } = await simulate({
      preset: "quick",
      rounds: 2,
      data: { name: "regression", trainExamples: 60, testExamples: 20 },
      model: { preset: "mlp" },
      network: { clients: 3 },
      quantizer: { name: "top-q" },
    });
    return rounds;
  },
  async "clients that move under correlated Rician fading that ages"({ simulate }) {
    const found: unknown[] = [];
    for (const [model, estimator] of [
      ["straight", "ls"],
      ["random-waypoint", "element-wise-mmse"],
    ] as const) {
      const { rounds } = await simulate({
        preset: "quick",
        rounds: 2,
        data: { trainExamples: 40, testExamples: 20 },
        model: { preset: "softmax" },
        network: {
          clients: 4,
          accessPoints: 9,
          antennas: 3,
          combining: "p-mmse",
          realizations: 20,
          estimator,
          correlation: { model: "local-scattering" },
          shadowing: { correlation: "clients" },
          rician: { enabled: true },
          mobility: { model, speed: 10 },
          ageing: { enabled: true },
        },
      });
      found.push(rounds);
    }
    return found;
  },
  "a model whose arrays are kept while others are made"({ createModel, createOptimizer }) {
    const layers = [
      { type: "conv2d", filters: 4, kernel: 3, activation: "relu" },
      { type: "maxPool2d", size: 2 },
    ];
    const head = [{ type: "flatten" }, { type: "dense", units: 3 }];
    const model = createModel({ input: [7, 6, 2], layers: [...layers, ...head] }, { seed: 2 });
    const { parameters } = model;
    const optimizer = createOptimizer("adam", { learningRate: 0.1 }, parameters.length);
    const x = Float32Array.from({ length: 5 * 84 }, (_, i) => Math.sin(i));
    const labels = [0, 1, 2, 0, 1];
    const logits = [];
    for (let batch = 1; batch <= 5; batch++) {
      // Arguments in this order: the weights are asked for before the memory grows.
      optimizer.step(
        model.parameters,
        model.lossAndGradient(x.subarray(0, 84 * batch), labels.slice(0, batch), batch).gradient,
      );
      const { gradient } = model.lossAndGradient(x, labels, 5);
      createModel({ input: [50], layers: [{ type: "dense", units: 50 }] });
      logits.push(model.forward(x, 5), gradient, parameters.slice(), model.evaluate(x, labels, 5));
    }
    return logits;
  },
  "receivers on a correlated channel": ({ importChannel, compareSchemes }) =>
    compareSchemes(importChannel(channel), ["mmse", "p-mmse", "lp-mmse+n-lsfd", "l-mmse+lsfd", "mr"], {
      realizations: 30,
      key: { seed: 1, round: 0, drop: 0 },
    }),
  "closed-form drops": ({ closedFormDrops, resolveConfig }) =>
    closedFormDrops(resolveConfig({ preset: "paper-cifar10-k20" }).network, { seed: 3, first: 0, count: 5 }),
  async "every quantizer's bytes, and back, by every coder"({ quantizer, quantizerNames, freshContext, stream }) {
    const { releaseRegions } = await import("../../bindings/quantize.js");
    const v = new Float32Array(1000);
    stream(1, "test").fillNormal(v);
    const coders = ["fixed", "elias", "rice", "range", "context"];
    return quantizerNames
      .flatMap((name) => [{ name }, ...coders.map((coder) => ({ name, coder }))])
      .flatMap((settings) => {
        releaseRegions(); // what an earlier one has made would not grow the memory
        const method = codedBy(quantizer, settings);
        if (method === undefined) return [];
        const { bytes } = method.encode(v, freshContext(1))!;
        const into = new Float32Array(v.length);
        method.decode(bytes, into, freshContext(1));
        return [settings, bytes, into];
      });
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

// Each alone: workspaces are pooled, and one that another method has made no longer grows the memory.
const methods = [
  ...powerMethodNames.map((method) => ({ method })),
  { method: "joint", alpha: 1 },
  { method: "sum-rate", minimumRate: 1e5 },
];
for (const options of methods) {
  for (const circuitPower of [0, 0.02]) {
    const name = `power ${JSON.stringify(options)} with ${circuitPower} W of circuits`;
    tasks[name] = ({ allocatePower, createNetwork, rateModel, resolveConfig }) => {
      const { network } = resolveConfig({ preset: "quick" });
      const rates = rateModel(createNetwork(network, { seed: 1, drop: 0 }), network, { seed: 1 });
      const bits = new Float64Array(rates.clients).fill(5e5);
      const budgets = { energy: 0.5, latency: 5 };
      return allocatePower({ rates, bits, computeLatency: 0.07, budgets, circuitPower }, options);
    };
  }
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
