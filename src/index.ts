/** cellfed: the library's face. Runs in any JavaScript engine; the Node-only part is `cellfed/node`. */
export { type Stream, stream } from "../bindings/random.js";
export type * from "./config/config.js";
export { InputError, RunError } from "./config/errors.js";
export { methodText, type NamedMethod, parseMethod, parseMethods } from "./config/grammar.js";
export {
  type PartialConfig,
  type PartialDeep,
  type Preset,
  type PresetName,
  presetNames,
  presets,
} from "./config/presets.js";
export type * from "./config/records.js";
export type { Setting, SettingSpec, Settings, SettingsSpec } from "./config/settings.js";
export { createDataset, type OwnDataset, openDataset } from "./data/index.js";
export { labelTable, partition } from "./data/partition.js";
export { createTextDataset, type TextSettings } from "./data/text.js";
export type { AccountRequest } from "./federated/account.js";
export type { SentBits } from "./federated/downlink.js";
export type { DownlinkPrice, DownlinkRecord } from "./federated/downlinkPrice.js";
export { type Executor, inProcessExecutor } from "./federated/executor.js";
export type { KeptRound, KeptTrace, Worth } from "./federated/keptTrace.js";
export type { EndView, Observer, RoundView } from "./federated/observer.js";
export { priceRound, type RoundPrice } from "./federated/price.js";
export type * from "./federated/result.js";
export { type SimulateOptions, simulate } from "./federated/simulate.js";
export type { StateFinding, StateStore } from "./federated/state.js";
export type { ClientReply, ClientTask, Evaluation, ExecutorSetup, StartedTraining } from "./federated/task.js";
export { simulateTogether, type Together, type TogetherOptions } from "./federated/together.js";
export {
  type ChannelFile,
  closedFormDrops,
  closedFormRates,
  compareSchemes,
  createNetwork,
  type DownlinkRates,
  type DownlinkSettings,
  type DropOptions,
  downlinkRates,
  gainShares,
  importChannel,
  type Network,
  type OwnReceiver,
  type Rates,
  type ReceiverContext,
  rateModel,
  schemeNames,
  spectralEfficiency,
  type Transmission,
  visitorEfficiency,
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
  type ConfigInput,
  type ConfigSources,
  completeConfig,
  type DatasetName,
  defaults,
  type Given,
  type GivenConfig,
  type GivenQuantizer,
  type LocalOptimizerName,
  type LocalOptimizerSettings,
  type OwnNames,
  type Plugin,
  type PluginOrigin,
  type PowerMethodName,
  type PowerMethodSettings,
  parseConfig,
  partsOf,
  type QuantizerSettings,
  type ReceiverName,
  type RegisteredPart,
  register,
  registered,
  resolveConfig,
  resolveSources,
  type SelectionRuleName,
  type SelectionRuleSettings,
  type ServerRuleName,
  type ServerRuleSettings,
  type Some,
  type WithoutEffect,
  withoutEffect,
  withoutEffectAnywhere,
} from "./parts/index.js";
export {
  allocateBatch,
  allocatePower,
  energyLatencyFront,
  type FrontPoint,
  type OwnPowerMethod,
  type PowerSettings,
  parseProblem,
  powerMethod,
  powerMethodNames,
  powerMethodSettings,
  priceUpload,
} from "./power/index.js";
export {
  completeQuantizer,
  decodePacket,
  freshContext,
  inspectPacket,
  type OwnQuantizer,
  PacketError,
  quantizer,
  quantizerNames,
  quantizerSettings,
} from "./quantizers/index.js";
export { type Measurement, measureBias, measureQuantizer, measureSpeed } from "./quantizers/proof/benchmark.js";
export { type CheckOptions, type Conformance, checkQuantizer } from "./quantizers/proof/check.js";
export { type CellSummary, summarizeGrid } from "./study/analysis/cells.js";
export {
  type GroupSummary,
  type MeasureSummary,
  type SummaryOptions,
  summarizePart,
} from "./study/analysis/summary.js";
export type { Learning } from "./study/jobs/equalBits.js";
export type { Job, JobContext, JobProgress } from "./study/jobs/job.js";
export type { QuantizerInput, QuantizerPart, QuantizerPlan, QuantizerSubject } from "./study/jobs/quantizer.js";
export type { DropRates, RatesPlan } from "./study/jobs/rates.js";
export { resultOf } from "./study/jobs/runRecord.js";
export { type Axis, budgetAxis, fieldAxis, namedAxis } from "./study/plan/axes.js";
export { type Cell, type Grid, type GridPlan, layOutGrid, type RunRequest } from "./study/plan/grid.js";
export { parseStudyPlan, studyPlanJsonSchema } from "./study/plan/parsePlan.js";
export { type ComparePlan, gridOf } from "./study/plan/plan.js";
export type { StudyKind, StudyPlan } from "./study/plan/planForm.js";
export { type LayoutOptions, layOutStudy, type StudyLayout, type StudyPart } from "./study/plan/studyPlan.js";
export { runRequests, trainingJobs } from "./study/plan/trainings.js";
export { type CompareOptions, type Comparison, compare, gridRuns } from "./study/run/compare.js";
export { type HereOptions, here } from "./study/run/here.js";
export type { Place } from "./study/run/place.js";
export type { StudyProgress } from "./study/run/progress.js";
export { benchmarkQuantizers, type QuantizerBenchmark } from "./study/run/quantizers.js";
export { type RatesOutcome, rateDrops } from "./study/run/rates.js";
export { type JobsOutcome, type RunJobsOptions, runJobs, type StudyOptions } from "./study/run/run.js";
export { type RunSummary, runSummary } from "./study/store/columns.js";
export type { Store, StoreRecord } from "./study/store/contract.js";
export { memoryStore } from "./study/store/memory.js";
export { type Devices, drawDevices } from "./system/devices.js";
export {
  type Choice,
  type SelectionMemory,
  type SelectionRule,
  type SelectionView,
  type Sight,
  selectionDefaults,
  selectionRuleNames,
} from "./system/selection/index.js";
export { createModel, type Model, type ModelSpec } from "./training/model.js";
export {
  createOptimizer,
  type Optimizer,
  type OptimizerName,
  type OptimizerSettings,
  type OwnOptimizer,
  optimizerDefaults,
  optimizerNames,
  optimizerSettings,
} from "./training/optimizers.js";
export { serverDefaults } from "./training/server.js";
