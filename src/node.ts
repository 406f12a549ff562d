/** cellfed/node: what needs Node: data from files, worker threads, studies in folders. */

export { loadDataset } from "./data/files.js";
export { threadedExecutor } from "./study/run/executor.js";
export { loadPluginFiles, type PluginFile, pluginFile } from "./study/run/plugins.js";
export { threads } from "./study/run/threads.js";
export { exportRounds, exportRuns, exportTimings } from "./study/store/exports.js";
export {
  type FolderStore,
  type FolderStoreOptions,
  openFolderStore,
  readFolderStore,
} from "./study/store/folder.js";
export { type Merged, mergeFolders } from "./study/store/merge.js";
export { querySql, type SqlResult } from "./study/store/sql.js";
export { exportPart, type StudyTable } from "./study/store/studyExports.js";
