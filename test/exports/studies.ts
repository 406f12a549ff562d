import * as library from "../../src/index.js";
import * as node from "../../src/node.js";
import { argument as a, config, type Entry, grid, jobs, nowhere, tiny } from "./entries.js";

const store = library.memoryStore();
const place = library.here();

const part = library.layOutStudy({ base: { rounds: 1 } }).parts[0]!;

/** Studies, and all of cellfed/node. */
export const studies: Record<string, Entry> = {
  budgetAxis: {
    call: library.budgetAxis,
    arguments: [a("--budget", ["energy=1"])],
    refused: [["a text that is none", [[7]], "--budget"]],
  },
  fieldAxis: { call: library.fieldAxis, arguments: [a("--vary", "rounds=1,2")] },
  namedAxis: {
    call: library.namedAxis,
    arguments: [a("name", "quantizer"), a("--quantizers", ["emq"], "text")],
    refused: [["a method that is none", ["quantizer", [7]], "--quantizers"]],
  },
  gridOf: {
    call: library.gridOf,
    arguments: [a("compare", { file: tiny }, "object")],
    refused: [
      ["seeds that are none", [{ file: tiny, seeds: [Number.NaN] }], "--seeds"],
      ["a list that is none", [{ file: tiny, quantizers: 7 }], "--quantizers"],
      ["no drops", [{ file: tiny, drops: Number.NaN }], "--drops"],
      ["settings that are none", [{ file: tiny, sets: 7 }], "sets"],
      ["fields that are none", [{ file: tiny, vary: 7 }], "--vary"],
    ],
  },
  layOutGrid: {
    call: library.layOutGrid,
    arguments: [a("plan", { file: tiny, axes: [], seeds: [1], drops: 1 })],
    refused: [
      ["an axis that is none", [{ axes: [null], seeds: [1], drops: 1 }], "plan.axes[0]"],
      ["seeds that are none", [{ axes: [], seeds: ["1"], drops: 1 }], "--seeds"],
    ],
  },
  parseStudyPlan: {
    call: library.parseStudyPlan,
    arguments: [a("plan", {}, "object")],
    refused: [["an axis that is none", [{ axes: { K: 7 } }], "axes.K"]],
  },
  layOutStudy: {
    call: library.layOutStudy,
    arguments: [a("plan", {}, "object"), a("options", {}, "nothing", "object")],
    refused: [["seeds in words", [{ seeds: "all" }], "seeds"]],
  },
  studyPlanJsonSchema: { call: library.studyPlanJsonSchema },
  summarizePart: {
    call: library.summarizePart,
    arguments: [a("part", part), a("store", store), a("options", {}, "nothing", "object")],
    refused: [["an axis that there is not", [part, store, { by: ["K"] }], "--by"]],
  },
  runRequests: {
    call: library.runRequests,
    arguments: [a("grids", [grid], "list")],
    refused: [["a grid that is none", [[null]], "grids[0]"]],
  },
  trainingJobs: {
    call: library.trainingJobs,
    arguments: [a("grids", [grid], "list"), a("options", {}, "nothing", "object")],
    refused: [["a grid that is none", [[{}]], "grids[0]"]],
  },
  compare: {
    call: library.compare,
    arguments: [a("compare", { file: tiny, quantizers: ["emq"] }, "object"), a("options", {}, "nothing", "object")],
    refused: [
      ["a place that is none", [{ file: tiny }, { place: {} }], "options.place"],
      ["a store that is none", [{ file: tiny }, { store: 7 }], "options.store"],
      ["data that are none", [{ file: tiny }, { dataset: 7 }], "data"],
    ],
  },
  gridRuns: { call: library.gridRuns, arguments: [a("grids", [grid], "list"), a("store", store)] },
  summarizeGrid: { call: library.summarizeGrid, arguments: [a("grid", grid), a("runs", new Map())] },
  here: {
    call: library.here,
    arguments: [a("options", {}, "nothing", "object")],
    refused: [
      ["data that are none", [{ dataset: 7 }], "data"],
      ["a loader that is none", [{ load: 7 }], "options.load"],
    ],
  },
  runJobs: {
    call: library.runJobs,
    arguments: [a("jobs", jobs, "list"), a("options", { store, place })],
    refused: [
      ["a job that is none", [[null], { store, place }], "jobs[0]"],
      ["no store", [jobs, { place }], "options.store"],
      ["no place", [jobs, { store }], "options.place"],
      ["retries that are none", [jobs, { store, place, retries: Number.NaN }], "options.retries"],
    ],
  },
  rateDrops: {
    call: library.rateDrops,
    arguments: [
      a("plan", { network: config.network, seed: 1, schemes: ["mr"], realizations: 2 }),
      a("options", {}, "nothing", "object"),
    ],
    refused: [
      [
        "drops that are none",
        [{ network: config.network, seed: 1, schemes: ["mr"], realizations: 2, drops: Number.NaN }],
        "plan.drops",
      ],
      ["a receiver that there is not", [{ network: config.network, seed: 1, schemes: ["zf"], realizations: 2 }], ""],
    ],
  },
  resultOf: { call: library.resultOf, arguments: [a("record", { kind: "rounds", key: "k", value: {} })] },
  runSummary: {
    call: library.runSummary,
    arguments: [a("record", { kind: "run", key: "k", value: {} }), a("names", {}, "nothing", "object")],
  },
  memoryStore: { call: library.memoryStore, arguments: [] },

  // cellfed/node
  loadDataset: { call: node.loadDataset, arguments: [a("", config.data), a("seed", 1, "number")] },
  pluginFile: { call: node.pluginFile, arguments: [a("", "examples/plugin.mjs")] },
  loadPluginFiles: {
    call: node.loadPluginFiles,
    arguments: [a("files", [], "list")],
    refused: [
      ["a file that is none", [[null]], "files[0]"],
      ["a file without a path", [[{ name: "x" }]], "files[0].path"],
    ],
  },
  threadedExecutor: {
    call: node.threadedExecutor,
    arguments: [a("count", 1, "number"), a("options", {}, "nothing", "object")],
    refused: [
      ["no threads", [0], "count"],
      ["half a thread", [1.5], "count"],
    ],
  },
  threads: {
    call: node.threads,
    arguments: [a("count", 1, "number"), a("options", {}, "nothing", "object")],
    refused: [["no threads", [0], "count"]],
  },
  exportRuns: {
    call: node.exportRuns,
    arguments: [a("store", store), a("runs", ["key"], "list"), a("path", `${nowhere}.csv`, "text"), a("format", "csv")],
    refused: [["a run that is none", [store, [7], `${nowhere}.csv`, "csv"], "runs[0]"]],
  },
  exportRounds: {
    call: node.exportRounds,
    arguments: [a("store", store), a("runs", ["key"], "list"), a("path", `${nowhere}.csv`, "text"), a("format", "csv")],
  },
  exportTimings: {
    call: node.exportTimings,
    arguments: [a("store", store), a("path", `${nowhere}.csv`, "text"), a("format", "csv")],
  },
  openFolderStore: {
    call: node.openFolderStore,
    arguments: [a("directory", nowhere, "text"), a("options", {}, "nothing", "object")],
  },
  readFolderStore: {
    call: node.readFolderStore,
    arguments: [a("directory|--out|sql", nowhere), a("options", {}, "nothing", "object")],
  },
  mergeFolders: {
    call: node.mergeFolders,
    arguments: [a("sources|/", [`${nowhere}-none`]), a("target|/", `${nowhere}-none`, "text")],
  },
  exportPart: {
    call: node.exportPart,
    arguments: [
      a("part", part),
      a("store", store),
      a("path", `${nowhere}.csv`, "text"),
      a("options|format", { format: "csv" }),
    ],
  },
  querySql: { call: node.querySql, arguments: [a("directory|--out|sql", nowhere), a("--out|sql", "select 1")] },
};
