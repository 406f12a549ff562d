import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
// @ts-expect-error a module without types, as users write it
import example from "../../examples/plugin.mjs";
import { loadDataset } from "../../src/data/files.js";
import {
  checkQuantizer,
  compareSchemes,
  createNetwork,
  createOptimizer,
  openDataset,
  type Plugin,
  parseConfig,
  partsOf,
  quantizer,
  register,
  registered,
  resolveConfig,
  simulate,
  withoutEffect,
} from "../../src/index.js";
import { unregisterAll } from "../../src/parts/plugins.js";
import { cellKey, learningOf } from "../../src/study/plan/keys.js";

const plugin = example as Plugin;
const source = readFileSync(new URL("../../examples/plugin.mjs", import.meta.url), "utf8");
const tiny = {
  rounds: 2,
  data: { trainExamples: 60, testExamples: 20 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 3, accessPoints: 4 },
} as const;

afterEach(unregisterAll);

/** One use of each part, as a config names it, with a setting of its own. */
const uses: [kind: string, sets: string[]][] = [
  ["quantizer", ["quantizer=half", "quantizer.step=0.02", "quantizer.errorFeedback=true"]],
  ["powerMethod", ["power=equal-share", "power.share=0.25"]],
  ["receiver", ["network.combining=strongest"]],
  ["optimizer", ["training.optimizer=sign-descent", "training.optimizer.learningRate=0.01"]],
  ["dataset", ["data=halves"]],
  ["selectionRule", ["selection=longest-away", "selection.rest=1", "server.participation=0.4"]],
];

describe("a plugin's parts", () => {
  it.each(uses)("of the kind %s run by name, and are known by the hash of their source", async (kind, sets) => {
    const usual = await simulate(tiny);
    expect(() => resolveConfig({ file: tiny, sets })).toThrow(/unknown|not allowed/);
    const parts = register(plugin, { path: "examples/plugin.mjs", source });
    expect(parts).toHaveLength(6);
    expect(registered()).toEqual(parts);

    const config = resolveConfig({ file: tiny, sets });
    expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(partsOf(config).map((part) => part.kind)).toEqual([kind]);
    expect(
      withoutEffect(
        config,
        sets.map((set) => set.slice(0, set.indexOf("="))),
      ),
    ).toEqual([]);
    const result = await simulate(config);
    expect(result.ended.by).toBe("rounds");
    expect(result.rounds).toHaveLength(2);
    expect(result.fingerprint.results).not.toBe(usual.fingerprint.results);
    expect(result.parts).toEqual({ [kind]: { name: partsOf(config)[0]!.name, source: parts[0]!.source } });
    expect((await simulate(config)).fingerprint).toEqual(result.fingerprint);

    // The same names from another source are something else: keys and fingerprints move
    const keys = [cellKey(config), learningOf(config).hash];
    unregisterAll();
    register(plugin, { path: "examples/plugin.mjs", source: `${source}// changed` });
    const again = await simulate(config);
    expect(again.fingerprint.results).toBe(result.fingerprint.results);
    expect(again.fingerprint.config).not.toBe(result.fingerprint.config);
    expect(cellKey(config)).not.toBe(keys[0]);
    const trained = kind === "quantizer" || kind === "optimizer" || kind === "dataset" || kind === "selectionRule";
    expect(learningOf(config).hash === keys[1]).toBe(!trained);
  });

  it("send what the server sends, and are known where they do", async () => {
    const hash = register(plugin, { source })[0]!.source;
    const result = await simulate(parseConfig({ ...tiny, downlink: { quantizer: { name: "half", step: 0.02 } } }));
    expect(result.parts).toEqual({ downlinkQuantizer: { name: "half", source: hash } });
    expect(result.rounds[1]!.downlink!.wireBits).toBeGreaterThan(0);
    const both = parseConfig({ ...tiny, quantizer: { name: "half" }, downlink: { quantizer: { name: "half" } } });
    expect(Object.keys((await simulate(both)).parts!).sort()).toEqual(["downlinkQuantizer", "quantizer"]);
  });

  it("work outside of a run", async () => {
    register(plugin);
    expect(checkQuantizer(quantizer("half")).checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(() => quantizer("half", { stp: 1 })).toThrow(
      'quantizer.stp: unknown setting of half "stp"; did you mean "step"?',
    );
    expect(() => quantizer("half", { step: 0 })).toThrow("quantizer.step: 0 is not a number above 0");
    const weights = Float32Array.of(1, -1);
    createOptimizer("sign-descent", { learningRate: 0.5 }, 2).step(weights, Float32Array.of(3, -2));
    expect([...weights]).toEqual([0.5, -0.5]);
    const { data, network, seed } = parseConfig({ ...tiny, data: { ...tiny.data, name: "halves" } });
    expect((await openDataset(data, seed)).train.count).toBe(60);
    expect((await loadDataset(data, seed)).outputs).toBe(2);
    const rates = compareSchemes(createNetwork(network, { seed }), ["strongest", "mr"], {
      realizations: 2,
      key: { seed, round: 0, drop: 0 },
    });
    expect(rates.strongest!.spectralEfficiency.every((x) => x > 0)).toBe(true);
  });

  it("learn: signs tell halves apart", async () => {
    register(plugin);
    const { final } = await simulate(
      parseConfig({
        ...tiny,
        rounds: 5,
        data: { ...tiny.data, name: "halves" },
        training: {
          optimizer: { name: "sign-descent", learningRate: 0.02 },
          localEpochs: 3,
          schedule: { kind: "exponential", every: 5 },
        },
        budgets: { energy: null, latency: null },
      }),
    );
    expect(final.accuracy).toBeGreaterThan(0.9);
  });

  it("registered again from the same source change nothing", () => {
    const first = register(plugin, { source });
    expect(register(plugin, { source })).toEqual(first);
    expect(registered()).toHaveLength(6);
  });
});

describe("what a plugin gives while it runs is checked", () => {
  it.each<[string, Plugin, Record<string, unknown>, RegExp]>([
    [
      "a receiver of the wrong size",
      { receivers: [{ name: "mine", rateModel: () => ({ signal: new Float64Array(2) }) as never }] },
      { network: { ...tiny.network, combining: "mine" } },
      /mine: signal is no array of 3 numbers/,
    ],
    ...(
      [
        ["negative", -1, /mine\.noise\[1\]: -1 is not a finite number of at least 0/],
        ["no numbers", Number.NaN, /mine\.noise\[1\]: NaN is not a finite number of at least 0/],
        ["infinite", Number.POSITIVE_INFINITY, /mine\.noise\[1\]: Infinity is not a finite number of at least 0/],
      ] as const
    ).map(([what, noise, message]): [string, Plugin, Record<string, unknown>, RegExp] => [
      `a receiver whose figures are ${what}`,
      {
        receivers: [
          {
            name: "mine",
            rateModel: ({ clients: K }) => ({
              signal: new Float64Array(K).fill(1),
              selfInterference: new Float64Array(K),
              interference: new Float64Array(K * K),
              noise: new Float64Array(K).fill(1).fill(noise, 1, 2),
            }),
          },
        ],
      },
      { network: { ...tiny.network, combining: "mine" } },
      message,
    ]),
    [
      "a receiver that fails",
      {
        receivers: [
          {
            name: "mine",
            rateModel: () => {
              throw new Error("no rates");
            },
          },
        ],
      },
      { network: { ...tiny.network, combining: "mine" } },
      /mine: no rates/,
    ],
    [
      "an optimizer that diverges",
      { optimizers: [{ name: "mine", create: () => ({ step: (w) => w.fill(Number.NaN), reset() {} }) }] },
      { training: { optimizer: { name: "mine" } } },
      /not finite: mine diverged/,
    ],
  ])("%s ends the run", async (_what, own, change, message) => {
    register(own);
    const { ended } = await simulate({ ...tiny, ...change });
    expect(ended.by).toBe("failed");
    expect(ended.reason).toMatch(message);
  });

  it.each<[string, object, RegExp]>([
    ["nothing", undefined as never, /what "mine" gives is no data set: it is no object/],
    ["another task", { task: "ranking" }, /task is none of classification/],
    ["pixels of another size", {}, /inputShape is no array/],
    [
      "too few labels",
      {
        ...{ task: "classification", inputShape: [2], outputs: 2, targetSize: 1 },
        train: { count: 3, inputs: new Uint8Array(6), targets: new Int32Array(2) },
      },
      /train\.targets is no Int32Array of 3 × 1 entries/,
    ],
  ])("a data set that is %s is refused", async (_what, set, message) => {
    const dataset = set && { task: "classification", ...set };
    register({ datasets: [{ name: "mine", load: () => dataset as never }] });
    await expect(simulate(parseConfig({ ...tiny, data: { name: "mine" } }))).rejects.toThrow(message);
  });
});

describe("register refuses", () => {
  const allocate = () => ({}) as never;
  it.each<[string, unknown, string]>([
    [
      "nothing",
      undefined,
      "mine.mjs: exports undefined by default, which is no plugin (allowed: an object with quantizers",
    ],
    ["a part by itself", { name: "half" }, 'mine.mjs: "name" is nothing that a plugin brings (allowed: quantizers, '],
    ["no part", { quantizers: [] }, "mine.mjs: brings no part (allowed: quantizers, powerMethods"],
    ["no list", { quantizers: {} }, "mine.mjs: quantizers is no array"],
    ["a part without a name", { powerMethods: [{ allocate }] }, "mine.mjs: powerMethods[0]: name is undefined"],
    ["a name with spaces", { powerMethods: [{ name: "a b", allocate }] }, 'mine.mjs: powerMethods[0]: name is "a b"'],
    [
      "a name with a setting",
      { powerMethods: [{ name: "a:b", allocate }] },
      'mine.mjs: powerMethods[0]: name is "a:b"',
    ],
    [
      "a method that does nothing",
      { powerMethods: [{ name: "mine" }] },
      'mine.mjs: powerMethods[0]: "mine" has no create(), nor allocate()',
    ],
    [
      "a quantizer that only encodes",
      { quantizers: [{ name: "mine", encode() {} }] },
      'mine.mjs: quantizers[0]: "mine" has no create(), nor encode() and decode()',
    ],
    ["a data set without data", { datasets: [{ name: "mine" }] }, 'mine.mjs: datasets[0]: "mine" has no load()'],
    [
      "a receiver with settings",
      { receivers: [{ name: "mine", rateModel: allocate, settings: { share: { default: 1, summary: "" } } }] },
      'mine.mjs: receivers[0]: "mine" has settings, which the config has no place for',
    ],
    [
      "a name of ours",
      { powerMethods: [{ name: "full", allocate }] },
      'mine.mjs: power method "full" exists already: cellfed has one',
    ],
    [
      "a name twice",
      {
        powerMethods: [
          { name: "mine", allocate },
          { name: "mine", allocate },
        ],
      },
      'mine.mjs: power method "mine" exists already: it has two',
    ],
    [
      "settings without defaults",
      { powerMethods: [{ name: "mine", create: allocate, settings: { share: { summary: "of power" } } }] },
      'mine.mjs: powerMethods[0] "mine": settings.share.default is undefined',
    ],
  ])("%s, and adds nothing", (_what, given, message) => {
    const before = resolveConfig();
    expect(() => register(given as Plugin, { path: "mine.mjs" })).toThrow(message);
    expect(registered()).toEqual([]);
    expect(resolveConfig()).toEqual(before);
  });

  it("a name that another plugin has brought", () => {
    register({ powerMethods: [{ name: "mine", allocate }] }, { source: "one" });
    expect(() => register({ powerMethods: [{ name: "mine", allocate }] }, { path: "two.mjs", source: "two" })).toThrow(
      'two.mjs: power method "mine" exists already: a plugin has brought one',
    );
  });
});
