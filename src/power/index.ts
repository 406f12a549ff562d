import { listOf, record } from "../config/arguments.js";
import type { PowerConfig } from "../config/config.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { createRegistry, type Registry } from "../config/registry.js";
import { allSettings, completeSettings, type Settings, type SettingsSpec } from "../config/settings.js";
import { coordinateMethod } from "./coordinate.js";
import { priceUpload as priceOf } from "./cost.js";
import { dinkelbachMethod, dinkelbachOneStepMethod } from "./dinkelbach.js";
import { fractionalMethod } from "./fractional.js";
import { fullMethod } from "./full.js";
import { jointMethod } from "./joint.js";
import { jointComputationMethod } from "./jointComputation.js";
import { maxMinMethod } from "./maxMin.js";
import type { Method, OwnPowerMethod } from "./method.js";
import { minMaxMethod } from "./minMax.js";
import { mostRoundsMethod } from "./mostRounds.js";
import { createdMethod } from "./own.js";
import { checkPowers, checkProblem } from "./problem.js";
import { sumRateMethod } from "./sumRate.js";

export { priceComputation, totalUpload } from "./cost.js";
export { energyLatencyFront, type FrontPoint } from "./front.js";
export type { OwnPowerMethod } from "./method.js";
export { checkedMethod } from "./own.js";
export { parseProblem } from "./problemFile.js";
export { totals } from "./totals.js";

/** Every method, in the order of lists. A new one: one file and one line here. */
export const powerMethods: Registry<Method | OwnPowerMethod> = createRegistry<Method | OwnPowerMethod>("power method", [
  jointMethod,
  mostRoundsMethod,
  jointComputationMethod,
  minMaxMethod,
  dinkelbachMethod,
  dinkelbachOneStepMethod,
  sumRateMethod,
  maxMinMethod,
  fullMethod,
  fractionalMethod,
  coordinateMethod,
]);

/** A method's settings beside its name; each has a default. */
export type PowerSettings = Settings;

/** The names that `powerMethod` knows. */
export const powerMethodNames: readonly string[] = powerMethods.names;

/**
 * The settings of a method: their defaults, limits and meanings.
 * @throws InputError for an unknown name
 * @example
 * powerMethodSettings("joint").alpha!.default; // → 0.5
 */
export function powerMethodSettings(name: string): SettingsSpec {
  return powerMethods.named(name, "power.method").settings ?? {};
}

/**
 * The section of the config with every default of its method filled in, and the settings of others left out.
 * @throws InputError for an unknown name, a setting that no method has, or a value that is not allowed
 */
export function completePower(section: { method: string } & Partial<PowerSettings>): PowerConfig {
  record()("power", section);
  const { method, ...given } = section;
  const others = allSettings(powerMethods.parts);
  const settings = completeSettings(method, powerMethodSettings(method), given as Settings, { path: "power", others });
  return { method, ...settings };
}

/**
 * The power-allocation method of a configuration. Its `allocate` checks the problem and throws an InputError that
 * names the field; a problem that no powers solve is an allocation with status "infeasible" and the client named.
 * @throws InputError for an unknown name, with the nearest known one
 * @example
 * const { minimizes, allocate } = powerMethod({ method: "min-max" });
 * minimizes; // → latency only
 * typeof allocate; // → function
 */
export function powerMethod(config: { method: string } & Partial<PowerSettings>): PowerMethod {
  const { method: name, ...settings } = completePower(config);
  const part = powerMethods.named(name, "power.method");
  const builtIn = powerMethods.isBuiltIn(name);
  const method = builtIn ? part.create(settings as Settings) : createdMethod(part, settings as Settings);
  const made: PowerMethod = {
    ...method,
    name,
    allocate(problem, previous) {
      checkProblem(problem);
      if (previous !== undefined) checkPowers(previous, problem.rates.clients, "previous");
      return method.allocate(problem, previous);
    },
  };
  if (builtIn) configs.set(made, { method: name, ...settings });
  return made;
}

const configs = new WeakMap<PowerMethod, PowerConfig>();

/** The configuration that a built-in method was made of; undefined for one's own, wrapped ones among them. */
export function powerConfigOf(method: PowerMethod): PowerConfig | undefined {
  return configs.get(method);
}

/**
 * What an upload costs at given powers: rate R_k (bit/s), latency ℓ_k = S_k / R_k (s) and energy
 * E_k = (P_u p_k + P_c) ℓ_k (J), each [K]. A client with nothing to send costs nothing; one with bits and no rate never
 * finishes: latency Infinity, energy Infinity if it draws any power, else 0. `fixedEnergy` is a round's and not in here.
 *
 * @param power coefficients [K], 0 or more
 * @throws InputError naming the field of the problem, or the power
 * @example
 * const problem = parseProblem({
 *   ...{ signal: [3], selfInterference: [0], interference: [[0]], noise: [1] },
 *   ...{ bandwidth: 1e6, transmitPower: 0.1, bits: [4e6] },
 * });
 * const { rate, latency, energy } = priceUpload(problem, [1]);
 * [rate[0], latency[0], energy[0]]; // → [2000000,2,0.2]
 */
export function priceUpload(problem: UploadProblem, power: ArrayLike<number>): ReturnType<typeof priceOf> {
  checkProblem(problem);
  checkPowers(power, problem.rates.clients);
  return priceOf(problem, power);
}

/**
 * Allocates powers for one upload.
 * @param options the method's name and its settings
 * @param previous powers of an earlier round, a warm start where the method can use one
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 4 } });
 * const rates = closedFormRates(createNetwork(network, { seed }));
 * const problem = { rates, bits: new Float64Array(4).fill(1e5), computeLatency: 0.075 };
 * const { power, status } = allocatePower(problem, { method: "joint", alpha: 0.3 });
 * status; // → converged
 * power.every((p) => p > 0 && p <= 1); // → true
 */
export function allocatePower(
  problem: UploadProblem,
  options: { method: string } & Partial<PowerSettings>,
  previous?: Float64Array,
): Allocation {
  return powerMethod(options).allocate(problem, previous);
}

/**
 * The same for many problems in one call, such as the drops of a Monte Carlo study: the method is looked up once and its
 * kernel memory is used again and again.
 * @throws InputError as `powerMethod`, and naming the field of a problem
 * @example
 * const drops = closedFormDrops(parseConfig({ network: { clients: 4 } }).network, { seed: 1, first: 0, count: 10 });
 * const problems = drops.map((rates) => ({ rates, bits: new Float64Array(4).fill(1e5), computeLatency: 0.075 }));
 * allocateBatch(problems, { method: "min-max" }).map(({ status }) => status).length; // → 10
 */
export function allocateBatch(
  problems: readonly UploadProblem[],
  options: { method: string } & Partial<PowerSettings>,
): Allocation[] {
  const method = powerMethod(options);
  listOf(record({}, "upload problem"))("problems", problems);
  return problems.map((problem) => method.allocate(problem));
}
