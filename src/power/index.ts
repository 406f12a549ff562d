import type { PowerConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";
import type { Allocation, PowerMethod, UploadProblem } from "../config/records.js";
import { coordinate } from "./coordinate.js";
import { dinkelbach, dinkelbachOneStep } from "./dinkelbach.js";
import { fractional } from "./fractional.js";
import { full } from "./full.js";
import { joint } from "./joint.js";
import { maxMin } from "./maxMin.js";
import { minMax } from "./minMax.js";
import { mostRounds } from "./mostRounds.js";
import { checkProblem } from "./problem.js";
import { sumRate } from "./sumRate.js";

export { priceUpload } from "./cost.js";
export { energyLatencyFront, type FrontPoint, totals } from "./front.js";
export { parseProblem } from "./problemFile.js";

/** The methods by name; a new one is a file and a line here. */
const methods: Record<string, (settings: PowerSettings) => PowerMethod> = {
  joint,
  "most-rounds": mostRounds,
  "min-max": minMax,
  dinkelbach,
  "dinkelbach-one-step": dinkelbachOneStep,
  "sum-rate": sumRate,
  "max-min": maxMin,
  full,
  fractional,
  coordinate,
};

/** A method's settings beside its name: { alpha, minimumRate, exponent }, each with a default. */
export type PowerSettings = Omit<PowerConfig, "method">;

export const powerMethodNames: readonly string[] = Object.keys(methods);

/**
 * The power-allocation method of a configuration. Its `allocate` checks the problem and throws an InputError that
 * names the field; a problem that no powers solve is an allocation with status "infeasible" and the client named.
 * @throws InputError for an unknown name, with the nearest known one
 */
export function powerMethod(config: { method: string } & Partial<PowerSettings>): PowerMethod {
  const make = Object.hasOwn(methods, config.method) ? methods[config.method] : undefined;
  if (make === undefined)
    throw new InputError("power.method", unknownName("power method", config.method, powerMethodNames));
  const method = make(checkedSettings(config));
  return {
    ...method,
    allocate(problem, previous) {
      checkProblem(problem);
      return method.allocate(problem, previous);
    },
  };
}

/**
 * Allocates powers for one upload.
 * @param options the method's name and its settings
 * @param previous powers of an earlier round, a warm start where the method can use one
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
 */
export function allocateBatch(
  problems: readonly UploadProblem[],
  options: { method: string } & Partial<PowerSettings>,
): Allocation[] {
  const method = powerMethod(options);
  return problems.map((problem) => method.allocate(problem));
}

const alpha = { default: 0.5 };

/** The settings of a method. */
export function powerMethodSettings(name: string): Readonly<Record<string, { default: number }>> {
  const all: Record<string, Record<string, { default: number }>> = {
    joint: { alpha },
    coordinate: { alpha },
    "sum-rate": { minimumRate: { default: 0 } },
    fractional: { exponent: { default: 0.5 } },
  };
  return all[name] ?? {};
}

function checkedSettings(given: Partial<PowerSettings>): PowerSettings {
  const settings = { alpha: given.alpha ?? 0.5, minimumRate: given.minimumRate ?? 0, exponent: given.exponent ?? 0.5 };
  if (!(settings.alpha >= 0 && settings.alpha <= 1))
    throw new InputError("power.alpha", `${settings.alpha} is not in [0, 1]`);
  if (!(settings.minimumRate >= 0 && settings.minimumRate < Number.POSITIVE_INFINITY))
    throw new InputError("power.minimumRate", `${settings.minimumRate} is not a finite number of bit/s, 0 or more`);
  if (!Number.isFinite(settings.exponent))
    throw new InputError("power.exponent", `${settings.exponent} is not a finite number`);
  return settings;
}
