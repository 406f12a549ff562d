export { configGenerator, FoundWhileDrawing, withoutRefused } from "./configs.js";
export { smallerConfigs } from "./shrink.js";
export { Fault, lastingThreads, type Outcome, outcomeOf, outcomeWithoutLeak } from "./trial.js";
