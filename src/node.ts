/** cellfed/node: what needs Node: data from files, worker threads. */
export { type CompareOptions, type GridProgress, type GridResults, runGrids } from "./study/compare.js";
export { axesOf } from "./study/compareInProcess.js";
export { type CellSummary, summarizeGrid } from "./study/comparison.js";
export { type Grid, type GridPlan, layOutGrid } from "./study/grid.js";
export { type SeedsOptions, simulateSeeds } from "./study/seeds.js";
export { memoryStore, openStore, type ResultsStore } from "./study/store.js";
export { threadedExecutor } from "./study/threads.js";
export { loadDataset } from "./training/data/files.js";
