/** cellfed/node: what needs Node: data from files, worker threads. */

export { loadDataset } from "./data/files.js";
export { type CellSummary, summarizeGrid } from "./study/analysis/cells.js";
export { type Grid, type GridPlan, layOutGrid } from "./study/plan/grid.js";
export { type CompareOptions, type GridProgress, type GridResults, runGrids } from "./study/run/compare.js";
export { axesOf } from "./study/run/compareInProcess.js";
export { type SeedsOptions, simulateSeeds } from "./study/run/seeds.js";
export { threadedExecutor } from "./study/run/threads.js";
export { memoryStore, openStore, type ResultsStore } from "./study/store/store.js";
