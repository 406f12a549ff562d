import type { Config } from "../config/config.js";
import type { Quantizer, UploadProblem } from "../config/records.js";
import { powerMethod } from "../power/index.js";
import { jointRate } from "../power/jointRate.js";
import { jointResolution, type ResolutionProblem } from "../power/jointResolution.js";
import { isOverTheAir } from "./aggregation/checks.js";
import type { Participation } from "./keptTrace.js";
import { looksAtEnergy, sees } from "./participation.js";
import { fullPowerSpectralEfficiency, type Radio } from "./radio.js";
import { type ErrorKind, type QuantizerSettings, resolutionsOf } from "./resolutions.js";

/** What a round's clients are told before they train. Plain data: it goes to workers, and into a run's state. */
export interface RoundPlan {
  /** Who takes part; not part of what a state keeps of the last plan */
  participation?: Participation;
  /** log2(1 + SINR_k) [K] at full power, for channel-aware quantizers */
  spectralEfficiency?: Float64Array;
  resolutions?: Resolutions;
}

/** Resolutions of the quantizer: every client measures its update at all of them and sends one. */
export interface Resolutions {
  /** Settings laid over the quantizer's own, coarse to fine [R] */
  ladder: readonly QuantizerSettings[];
  /** Which one each client sends [K] */
  choice: Int32Array;
  /** Or the bits that it is to send [K], at whatever setting that takes */
  target?: Float64Array;
}

/** What the rounds so far have measured; of a client that did not take part, what it measured last. */
export interface Measurements {
  /** Paid bits at each resolution [K·R]; 0 before the first measurement */
  bits: Float64Array;
  /** ‖Q_r(v_k) − v_k‖² [K·R] */
  error: Float64Array;
  /** ‖v_k‖² [K] */
  norms: Float64Array;
  /** Where errors are isotropic: those of what arrived in the last round [K], and how each client's loss bends (`Curvature`) [K] */
  isotropic?: { sent: Float64Array; along: Float64Array; mean: Float64Array };
  /** ‖Σ_k D_k/D Q(v_k)‖² of the last round, as the server saw it */
  signal: number;
}

/** What a round can be planned by. */
export interface PlanView {
  config: Config;
  quantizer: Quantizer;
  round: number;
  /** The radio at the time of the run */
  radio: Pick<Radio, "rates">;
  /** D_k / D [K] */
  weights: Float64Array;
  /** Absent before the first round */
  last?: {
    /** What the round before asked of the power allocation */
    problem: UploadProblem;
    plan: RoundPlan;
    measurements: Measurements | undefined;
  };
}

/** Whether a training belongs to one radio: then runs over other drops or networks cannot share it. */
export function looksAtChannel(config: Config, quantizer: Quantizer): boolean {
  return isOverTheAir(config) || looksAtRates(config, quantizer);
}

/** Whether a round cannot begin before its rates, or what the one before took, are known. */
export function looksAtRates(config: Config, quantizer: Quantizer): boolean {
  return quantizer.channelAware === true || sees(config, "channel") || dependsOnPrices(config);
}

/** Whether a training belongs to a power method and budgets too: they decide what is sent, by whom, or when it arrives. */
export function dependsOnPrices(config: Config): boolean {
  return config.plan.kind !== "fixed" || config.waiting.kind !== "synchronous" || looksAtEnergy(config);
}

/** The plan of a round: a function of what it is shown, so that a round that is planned again is planned the same. */
export function planRound(view: PlanView): RoundPlan {
  const plan: RoundPlan = {};
  if (view.quantizer.channelAware === true) {
    plan.spectralEfficiency = fullPowerSpectralEfficiency(view.radio.rates(view.round));
  }
  if (view.config.plan.kind === "joint-resolution") {
    plan.resolutions = { ladder: resolutionsOf(view.config).ladder, choice: chooseResolutions(view) };
  }
  if (view.config.plan.kind === "joint-rate") plan.resolutions = chooseRates(view);
  return plan;
}

/**
 * Every client's resolution and power, chosen together (`jointResolution`).
 *
 * In each round every client measures what its update would cost and lose at each rung of the ladder, some thirty
 * numbers beside the update itself. The choice for a round is made from the measurements of the round before, and
 * from the update that the server saw then, so that it needs no exchange within the round; the powers are those of
 * the most-rounds method for what is really sent.
 */
function chooseResolutions(view: PlanView): Int32Array {
  const problem = measuredProblem(view);
  return problem === undefined ? choiceBefore(view) : jointResolution(problem, powerMethod(view.config.power)).choice;
}

/**
 * Every client's bits, with powers and, where they are chosen, frequencies (`jointRate`), from the same measurements. The
 * client then sends so many: with EMQ at the step at which its update of this round has them, by what it measures at the
 * ladder's.
 */
function chooseRates(view: PlanView): Resolutions {
  const { ladder } = resolutionsOf(view.config);
  const problem = measuredProblem(view);
  const target = problem && jointRate(problem, powerMethod(view.config.power))?.bits;
  const before = view.last?.plan.resolutions;
  const bits = target ?? before?.target;
  return { ladder, choice: choiceBefore(view), ...(bits && { target: bits }) };
}

function choiceBefore({ config, last }: PlanView): Int32Array {
  return last?.plan.resolutions?.choice ?? new Int32Array(config.network.clients).fill(resolutionsOf(config).first);
}

/** What was measured in the round before, over its radio and budgets; undefined before there was one. */
function measuredProblem({ config, last, weights }: PlanView): ResolutionProblem | undefined {
  const measurements = last?.measurements;
  if (last === undefined || measurements === undefined || !(measurements.signal > 0)) return undefined;
  const { rates, computeLatency, circuitPower = 0, fixedEnergy = 0, budgets, cpu } = last.problem;
  const { bits, error } = measurements;
  const { ladder, errors } = resolutionsOf(config);
  return {
    ...{ rates, computeLatency, circuitPower, fixedEnergy, budgets: budgets!, ...(cpu === undefined ? {} : { cpu }) },
    ...{ resolutions: ladder.length, bits, error, gains: costsOf(errors, weights, measurements) },
  };
}

/** What a unit of each client's error costs of a round's progress [K] */
function costsOf(errors: ErrorKind, weights: Float64Array, measurements: Measurements): Float64Array {
  const { norms, signal, isotropic } = measurements;
  if (errors === "common") return weights.map((weight, k) => (norms[k]! > 0 ? weight / norms[k]! : 0));
  const cost = isotropic === undefined ? 1 / signal : noiseCost(weights, measurements, isotropic);
  return weights.map((weight) => weight * weight * cost);
}

/** Of how strongly the loss bends along the update, noise is taken to meet this at least: a difference of losses may come out as nothing. */
const leastShare = 1e-4;

/**
 * What a unit of the noise costs that errors leave in the mean update. An exact update Δ gains (L/2)‖Δ‖², L the
 * curvature along it; noise that is as large in every direction costs (tr H/n)/2 of its energy (docs/choices.md). ‖Δ‖² is what the server
 * decoded less the noise that clients say they sent, and no less than updates at right angles to one another have.
 */
function noiseCost(
  weights: Float64Array,
  { norms, signal }: Measurements,
  { sent, along, mean }: NonNullable<Measurements["isotropic"]>,
): number {
  const meanOf = (values: Float64Array) => weights.reduce((sum, weight, k) => sum + weight * values[k]!, 0);
  const inMean = (squares: Float64Array) => weights.reduce((sum, weight, k) => sum + weight * weight * squares[k]!, 0);
  const update = Math.max(signal - inMean(sent), inMean(norms));
  const [bend, noise] = [meanOf(along), meanOf(mean)];
  // Where the loss does not bend upward along the updates, or has no value beside them, it is as if it bent alike everywhere.
  const known = bend > 0 && Number.isFinite(bend) && Number.isFinite(noise);
  return (known ? Math.min(1, Math.max(leastShare, noise / bend)) : 1) / update;
}
