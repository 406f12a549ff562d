import * as library from "../../src/index.js";
import {
  argument as a,
  config,
  dataset,
  type Entry,
  emq,
  network,
  packet,
  problem,
  rates,
  tiny,
  update,
} from "./entries.js";
import { studies } from "./studies.js";

const data = (why: string): Entry => ({ data: why });
const context = library.freshContext();
const nanAt = (length: number, at = 1) => Float64Array.from({ length }, (_, i) => (i === at ? Number.NaN : 0.5));
const withRates = (change: object) => ({ ...problem, rates: { ...rates, ...change } });
const own = { name: "mine", encode: emq.encode, decode: emq.decode };
const quadratic = { linear: [1, 1], hessian: [1, 0, 0, 1] };
const convex = { start: [1, 2], objective: (x: Float64Array) => x[0]! ** 2 + x[1]! ** 2 };

/** Wrong shapes and numbers of an upload problem, as the argument of that name. */
const problems = (rest: readonly unknown[] = []): [string, unknown[], string][] => [
  ["too few bits", [{ ...problem, bits: [1, 2] }, ...rest], "bits"],
  ["bits that are none", [{ ...problem, bits: nanAt(3) }, ...rest], "bits[1]"],
  ["bits in words", [{ ...problem, bits: "123" }, ...rest], "bits"],
  ["no rates", [{ ...problem, rates: null }, ...rest], "rates"],
  ["a signal of another length", [withRates({ signal: [1] }), ...rest], "rates.signal"],
  ["no noise", [withRates({ noise: undefined }), ...rest], "rates.noise"],
  ["a bandwidth that is none", [withRates({ bandwidth: Number.NaN }), ...rest], "rates.bandwidth"],
  ["budgets that are none", [{ ...problem, budgets: 7 }, ...rest], "budgets"],
];

/** Wrong shapes and numbers of a network. */
const networks = (rest: readonly unknown[] = []): [string, unknown[], string][] => [
  ["too few gains", [{ ...network, gain: network.gain.subarray(1) }, ...rest], "network.gain"],
  ["a gain that is none", [{ ...network, gain: nanAt(12) }, ...rest], "network.gain"],
  ["no gains", [{ ...network, gain: null }, ...rest], "network.gain"],
  ["no pilots", [{ ...network, pilotIndex: undefined }, ...rest], "network.pilotIndex"],
];

/** Every export of both modules, with its arguments; a new one without an entry fails the test. */
export const table: Record<string, Entry> = {
  ...studies,

  InputError: data("an error: made, not called"),
  RunError: data("an error: made, not called"),
  PacketError: data("an error: made, not called"),
  defaults: data("a config"),
  presets: data("a record"),
  presetNames: data("a list"),
  optimizerNames: data("a list"),
  powerMethodNames: data("a list"),
  selectionRuleNames: data("a list"),
  quantizerNames: data("a list"),
  schemeNames: data("a list"),

  stream: {
    call: library.stream,
    arguments: [
      a("seed", 1, "number"),
      a("purpose", "test"),
      a("index0", 0, "nothing", "number"),
      a("index1", 0, "nothing", "number"),
      a("index2", 0, "nothing", "number"),
    ],
  },
  methodText: {
    call: library.methodText,
    arguments: [a("method", { name: "emq", settings: { digits: 1 } })],
    refused: [["settings that are none", [{ name: "emq", settings: 7 }], "method.settings"]],
  },
  parseMethod: {
    call: library.parseMethod,
    arguments: [a("--x", "emq", "text"), a("flag", "--x", "nothing", "text")],
  },
  parseMethods: {
    call: library.parseMethods,
    arguments: [a("--x", "emq", "text"), a("flag", "--x", "nothing", "text")],
  },

  completeConfig: { call: library.completeConfig, arguments: [a("", tiny, "object")] },
  parseConfig: {
    call: library.parseConfig,
    arguments: [a("config", tiny, "nothing", "object"), a("options", {}, "nothing", "object")],
  },
  resolveConfig: {
    call: library.resolveConfig,
    arguments: [a("sources", {}, "nothing", "object")],
    refused: [
      ["a preset that is none", [{ preset: 7 }], "preset"],
      ["settings in one text", [{ sets: "rounds=1" }], "sources.sets"],
      ["settings that are none", [{ sets: [7] }], "sources.sets[0]"],
    ],
  },
  resolveSources: { call: library.resolveSources, arguments: [a("sources", {}, "object")] },
  partsOf: { call: library.partsOf, arguments: [a("config", config)] },
  withoutEffect: {
    call: library.withoutEffect,
    arguments: [a("config", config), a("explicit", ["data.split.alpha"], "list")],
    refused: [["paths that are none", [config, [7]], "explicit[0]"]],
  },
  withoutEffectAnywhere: {
    call: library.withoutEffectAnywhere,
    arguments: [a("cells", [{ config, given: [] }], "list")],
    refused: [
      ["a cell that is none", [[null]], "cells[0]"],
      ["a cell without settings", [[{ config }]], "cells[0].given"],
    ],
  },
  register: {
    call: library.register,
    arguments: [a("plugin", { quantizers: [{ ...own, name: "registered" }] }), a("origin", {}, "nothing", "object")],
    refused: [["a path that is none", [{ quantizers: [own] }, { path: 7 }], "origin.path"]],
  },
  registered: { call: library.registered, arguments: [] },

  createDataset: {
    call: library.createDataset,
    arguments: [a("", config.data), a("seed", 1, "number"), a("allocate", undefined, "nothing")],
  },
  openDataset: {
    call: library.openDataset,
    arguments: [a("", config.data), a("seed", 1, "number"), a("allocate", undefined, "nothing")],
  },
  createTextDataset: {
    call: library.createTextDataset,
    arguments: [
      a("text", "abcabcabcabcabcabcabcabcabcabcabc", "text"),
      a("settings", { sequenceLength: 4, trainExamples: 0, testExamples: 0, bySpeaker: false }),
      a("path", "mine.txt", "nothing", "text"),
    ],
    refused: [["no length", ["abcabcabc", { sequenceLength: Number.NaN }], "settings.sequenceLength"]],
  },
  partition: {
    call: library.partition,
    arguments: [
      a("dataset", dataset),
      a("", config.data.split),
      a("network.clients", 3, "number"),
      a("seed", 1, "number"),
    ],
  },
  labelTable: {
    call: library.labelTable,
    arguments: [a("dataset", dataset), a("shards", [Int32Array.of(0, 1)], "list")],
    refused: [
      ["an example that there is not", [dataset, [Int32Array.of(9999)]], "shards[0]"],
      ["a shard that is none", [dataset, [7]], "shards[0]"],
    ],
  },

  simulate: {
    call: library.simulate,
    arguments: [a("", tiny, "object"), a("options", {}, "nothing", "object")],
    refused: [
      ["a drop that is none", [tiny, { drop: Number.NaN }], "options.drop"],
      ["observers that are none", [tiny, { observers: 7 }], "options.observers"],
      ["an observer that is none", [tiny, { observers: [null] }], "options.observers[0]"],
      ["an executor that is none", [tiny, { executor: {} }], "options.executor"],
      ["a callback that is none", [tiny, { onRound: 7 }], "options.onRound"],
      ["data that are none", [tiny, { dataset: 7 }], "data"],
      ["a network that is none", [tiny, { network: {} }], "network"],
      ["a quantizer that is none", [tiny, { quantizer: "emq" }], "quantizer"],
      ["a power method that is none", [tiny, { powerMethod: "full" }], "powerMethod"],
      ["a signal that is none", [tiny, { signal: 7 }], "options.signal"],
      ["a state that is none", [tiny, { state: {} }], "options.state"],
      ["kept rounds that are none", [tiny, { kept: 7 }], "options.kept"],
      ["an interval that is none", [tiny, { stateInterval: Number.NaN }], "options.stateInterval"],
    ],
  },
  simulateTogether: {
    call: library.simulateTogether,
    arguments: [a("config", config), a("accounts", [{ config }]), a("options", {}, "nothing", "object")],
    refused: [
      ["an account that is none", [config, [null]], "accounts[0]"],
      ["an account without a config", [config, [{}]], "accounts[0].config"],
      ["a drop that is none", [config, [{ config, drop: -1 }]], "accounts[0].drop"],
    ],
  },
  inProcessExecutor: { call: library.inProcessExecutor, arguments: [] },
  priceRound: {
    call: library.priceRound,
    arguments: [a("", problem), a("power", Float64Array.of(1, 1, 1))],
    refused: [
      ...problems([Float64Array.of(1, 1, 1)]),
      ["too few powers", [problem, Float64Array.of(1)], "power"],
      ["a power that is none", [problem, nanAt(3)], "power[1]"],
    ],
  },

  createNetwork: { call: library.createNetwork, arguments: [a("network", config.network), a("options", { seed: 1 })] },
  closedFormRates: { call: library.closedFormRates, arguments: [a("network", network)], refused: networks() },
  gainShares: { call: library.gainShares, arguments: [a("network", network)], refused: networks() },
  visitorEfficiency: {
    call: library.visitorEfficiency,
    arguments: [a("network", network), a("config", config.network), a("places", Float64Array.of(1, 2))],
    refused: [
      ["a place that is none", [network, config.network, Float64Array.of(1, Number.NaN)], "places[1]"],
      ["half a place", [network, config.network, Float64Array.of(1)], "places"],
    ],
  },
  closedFormDrops: {
    call: library.closedFormDrops,
    arguments: [a("network", config.network), a("range|seed", { seed: 1, first: 0, count: 1 })],
    refused: [
      ["a seed that is none", [config.network, { seed: Number.NaN, first: 0, count: 1 }], "seed"],
      ["a count that is none", [config.network, { seed: 1, first: 0, count: Number.NaN }], "count"],
    ],
  },
  compareSchemes: {
    call: library.compareSchemes,
    arguments: [
      a("network", network),
      a("names", ["mr"], "list"),
      a("options", { realizations: 2, key: { seed: 1, round: 0, drop: 0 } }),
    ],
    refused: [
      ...networks([["mr"], { realizations: 2, key: { seed: 1, round: 0, drop: 0 } }]),
      ["no key", [network, ["mmse"], { realizations: 2 }], "options.key"],
      [
        "another estimator",
        [network, ["mmse"], { realizations: 2, key: { seed: 1, round: 0, drop: 0 }, estimator: 7 }],
        "options.estimator",
      ],
    ],
  },
  importChannel: {
    call: library.importChannel,
    arguments: [
      a("mine", {
        ...{ accessPoints: 1, antennas: 1, clients: 1, bandwidth: 1e6, noisePower: 1e-13, transmitPower: 0.1 },
        ...{ coherence: 200, pilots: 1, gain: [[1e-9]] },
      }),
      a("path", "mine", "nothing", "text"),
    ],
  },
  rateModel: {
    call: library.rateModel,
    arguments: [a("network", network), a("network", config.network), a("options", { seed: 1 })],
    refused: networks([config.network, { seed: 1 }]),
  },
  spectralEfficiency: {
    call: library.spectralEfficiency,
    arguments: [a("rates", rates), a("power", [1, 1, 1], "nothing"), a("share", 1, "nothing")],
    refused: [
      ["too few powers", [rates, [1]], "power"],
      ["a power that is none", [rates, nanAt(3)], "power[1]"],
    ],
  },

  checkDerivatives: {
    call: library.checkDerivatives,
    arguments: [a("problem|start", convex), a("x", [1, 2], "nothing"), a("tolerance", 1e-5, "nothing", "number")],
    refused: [
      ["an x of another length", [convex, [1]], "x"],
      ["an x that is none", [convex, nanAt(2)], "x[1]"],
    ],
  },
  minimize: {
    call: library.minimize,
    arguments: [a("problem|start", convex)],
    refused: [
      ["a start that is none", [{ ...convex, start: nanAt(2) }], "start[1]"],
      ["a start in words", [{ ...convex, start: "12" }], "start"],
      ["no start", [{ ...convex, start: undefined }], "start"],
      ["no objective", [{ start: [1] }], "objective"],
      ["a gradient that is none", [{ ...convex, gradient: 7 }], "gradient"],
      ["bounds of another length", [{ ...convex, lower: [0] }], "lower"],
      ["bounds that are none", [{ ...convex, upper: 7 }], "upper"],
      ["constraints that are none", [{ ...convex, equality: 7 }], "equality"],
      ["constraints without values", [{ ...convex, inequality: { count: 1 } }], "inequality.values"],
      ["a tolerance that is none", [{ ...convex, tolerance: Number.NaN }], "tolerance"],
    ],
  },
  solveQp: {
    call: library.solveQp,
    arguments: [a("program|hessian", quadratic)],
    refused: [
      ["no Hessian", [{ linear: [1] }], "hessian"],
      ["a Hessian of another size", [{ ...quadratic, hessian: [1] }], "hessian"],
      ["a Hessian that is none", [{ ...quadratic, hessian: nanAt(4) }], "hessian"],
      ["no linear part", [{ hessian: [1] }], "linear"],
      ["a linear part that is none", [{ ...quadratic, linear: 7 }], "linear"],
      ["rows that are none", [{ ...quadratic, equality: 7 }], "equality"],
      ["rows without values", [{ ...quadratic, equality: { matrix: [1, 1] } }], "equality.values"],
      ["rows of another size", [{ ...quadratic, inequality: { matrix: [1], values: [1] } }], "inequality"],
      ["bounds that are none", [{ ...quadratic, lower: 7 }], "lower"],
    ],
  },

  allocatePower: {
    call: library.allocatePower,
    arguments: [a("", problem), a("", { method: "full" }), a("previous", Float64Array.of(1, 1, 1), "nothing")],
    refused: [
      ...problems([{ method: "full" }]),
      ["a method that is none", [problem, { method: 7 }], "power.method"],
      ["powers of another length", [problem, { method: "joint" }, Float64Array.of(1)], "previous"],
      ["powers that are none", [problem, { method: "joint" }, nanAt(3)], "previous[1]"],
    ],
  },
  allocateBatch: {
    call: library.allocateBatch,
    arguments: [a("problems", [problem], "list"), a("", { method: "full" })],
    refused: [["a problem that is none", [[null], { method: "full" }], "problems[0]"]],
  },
  energyLatencyFront: {
    call: library.energyLatencyFront,
    arguments: [a("", problem), a("count", 3, "nothing", "number")],
    refused: problems(),
  },
  parseProblem: {
    call: library.parseProblem,
    arguments: [
      a("", {
        ...{
          signal: [1],
          selfInterference: [0],
          interference: [[0]],
          noise: [1],
          bandwidth: 1,
          transmitPower: 1,
          bits: [1],
        },
      }),
    ],
  },
  powerMethod: { call: library.powerMethod, arguments: [a("power", { method: "full" })] },
  powerMethodSettings: { call: library.powerMethodSettings, arguments: [a("power.method", "full")] },
  priceUpload: {
    call: library.priceUpload,
    arguments: [a("", problem), a("power", Float64Array.of(1, 1, 1))],
    refused: [
      ...problems([Float64Array.of(1, 1, 1)]),
      ["too few powers", [problem, [1]], "power"],
      ["a power that is none", [problem, nanAt(3)], "power[1]"],
    ],
  },

  completeQuantizer: { call: library.completeQuantizer, arguments: [a("quantizer", { name: "emq" })] },
  quantizer: { call: library.quantizer, arguments: [a("quantizer", "emq"), a("settings", {}, "nothing", "object")] },
  quantizerSettings: { call: library.quantizerSettings, arguments: [a("quantizer.name", "emq")] },
  freshContext: {
    call: library.freshContext,
    arguments: [a("seed", 0, "nothing", "number"), a("tensors", [], "nothing", "list")],
  },
  inspectPacket: {
    call: library.inspectPacket,
    arguments: [a("bytes", packet)],
    refused: [["no bytes in it", [new Uint8Array(0)], ""]],
  },
  decodePacket: {
    call: library.decodePacket,
    arguments: [a("bytes", packet), a("limit", 100, "nothing", "number"), a("context", context, "nothing")],
    refused: [["truncated bytes", [packet.subarray(0, 5)], ""]],
  },
  measureBias: { call: library.measureBias, arguments: [a("quantizer", emq), a("encodings", 2, "nothing", "number")] },
  measureQuantizer: {
    call: library.measureQuantizer,
    arguments: [
      a("quantizer", emq),
      a("v", update),
      a("seed", 1, "nothing", "number"),
      a("tensors", [], "nothing", "list"),
    ],
    refused: [["entries that are none", [emq, Float32Array.of(Number.NaN)], ""]],
  },
  measureSpeed: {
    call: library.measureSpeed,
    arguments: [a("quantizer", emq), a("entries", 10, "nothing", "number"), a("seconds", 0.001, "nothing", "number")],
  },
  checkQuantizer: {
    call: library.checkQuantizer,
    arguments: [a("quantizer", emq), a("options", { encodings: 0 }, "nothing", "object")],
  },
  benchmarkQuantizers: {
    call: library.benchmarkQuantizers,
    arguments: [
      a("plan", { subjects: [{ label: "emq", config: { name: "emq" } }], parts: ["inputs"] }),
      a("options", {}, "nothing", "object"),
    ],
    refused: [
      ["a subject that is none", [{ subjects: [null] }], "plan.subjects[0]"],
      ["a part that is none", [{ subjects: [], parts: ["speeds"] }], "plan.parts[0]"],
      ["a vector that is none", [{ subjects: [], inputs: [7] }], "plan.inputs[0]"],
    ],
  },

  createModel: {
    call: library.createModel,
    arguments: [
      a("model", { input: [2], layers: [{ type: "dense", units: 2 }] }),
      a("options", {}, "nothing", "object"),
    ],
    refused: [
      ["a seed that is none", [{ input: [2], layers: [{ type: "dense", units: 2 }] }, { seed: Number.NaN }], "seed"],
    ],
  },
  createOptimizer: {
    call: library.createOptimizer,
    arguments: [a("optimizer.name", "sgd"), a("settings", {}, "nothing", "null", "object"), a("size", 2, "number")],
  },
  optimizerDefaults: { call: library.optimizerDefaults, arguments: [a("training.optimizer.name", "sgd")] },
  optimizerSettings: {
    call: library.optimizerSettings,
    arguments: [a("x.name", "sgd"), a("path", "x", "nothing", "text")],
  },
  selectionDefaults: { call: library.selectionDefaults, arguments: [a("selection.rule", "random")] },
  drawDevices: { call: library.drawDevices, arguments: [a("config", config)] },
  serverDefaults: { call: library.serverDefaults, arguments: [a("server.rule", "fedavg")] },
};
