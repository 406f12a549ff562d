/** cellfed/node: what needs Node: data from files, worker threads. */
export { type SeedsOptions, simulateSeeds } from "./study/seeds.js";
export { threadedExecutor } from "./study/threads.js";
export { loadDataset } from "./training/data/files.js";
