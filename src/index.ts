/** cellfed: the library's face. Runs in any JavaScript engine; the Node-only part is `cellfed/node`. */
export { type Stream, stream } from "../bindings/random.js";
export type * from "./config/config.js";
export { defaults, optimizerDefaults, serverDefaults } from "./config/defaults.js";
export { InputError, RunError } from "./config/errors.js";
export {
  type PartialConfig,
  type PartialDeep,
  type Preset,
  type PresetName,
  presetNames,
  presets,
} from "./config/presets.js";
export type * from "./config/records.js";
export { parseConfig, resolveConfig } from "./config/resolve.js";
export { createDataset } from "./data/index.js";
export { labelTable, partition } from "./data/partition.js";
export { createTextDataset, type TextSettings } from "./data/text.js";
export type { ClientReply, ClientTask, Evaluation, ExecutorSetup } from "./federated/client.js";
export { type Executor, inProcessExecutor } from "./federated/executor.js";
export type * from "./federated/result.js";
export { type ConfigInput, type SimulateOptions, simulate } from "./federated/simulate.js";
export {
  openTrace,
  type PriceOptions,
  priceTrace,
  type Trace,
  type TraceOptions,
  type TraceRound,
} from "./federated/trace.js";
export {
  type ChannelFile,
  closedFormDrops,
  closedFormRates,
  compareSchemes,
  createNetwork,
  type DropOptions,
  importChannel,
  type Network,
  type Rates,
  rateModel,
  schemeNames,
  spectralEfficiency,
} from "./network/index.js";
export type {
  Constraints,
  LinearConstraints,
  Multipliers,
  Problem as MinimizeProblem,
  Solution as MinimizeSolution,
  WrongDerivative,
} from "./optimize/index.js";
export {
  checkDerivatives,
  minimize,
  type QuadraticProgram,
  type QuadraticSolution,
  solveQp,
} from "./optimize/index.js";
export {
  allocateBatch,
  allocatePower,
  energyLatencyFront,
  type FrontPoint,
  type PowerSettings,
  parseProblem,
  powerMethod,
  powerMethodNames,
  priceUpload,
} from "./power/index.js";
export {
  completeQuantizer,
  decodePacket,
  freshContext,
  inspectPacket,
  PacketError,
  quantizer,
  quantizerNames,
  quantizerSettings,
} from "./quantizers/index.js";
export { type Measurement, measureBias, measureQuantizer, measureSpeed } from "./quantizers/proof/benchmark.js";
export { type CheckOptions, type Conformance, checkQuantizer } from "./quantizers/proof/check.js";
export {
  type CompareInProcessOptions,
  type ComparePlan,
  type Comparison,
  compare,
} from "./study/run/compareInProcess.js";
export { createModel, type Model, type ModelSpec } from "./training/model.js";
export { createOptimizer, type Optimizer, type OptimizerName, type OptimizerSettings } from "./training/optimizers.js";
