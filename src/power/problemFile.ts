import { InputError, show, unknownName } from "../config/errors.js";
import type { Processors, UploadProblem } from "../config/records.js";
import { checkProblem } from "./problem.js";

const fields = [
  "signal",
  "selfInterference",
  "interference",
  "noise",
  "bandwidth",
  "transmitPower",
  "bits",
  "computeLatency",
  "budgets",
  "circuitPower",
  "fixedEnergy",
  "cpu",
  "roundEnergy",
  "clientEnergy",
  "batteries",
  "allowances",
];

const cpuFields = [
  "cyclesPerSample",
  "samples",
  "capacitance",
  "minimumFrequency",
  "maximumFrequency",
  "frequency",
] as const;

/**
 * An upload problem from its JSON form:
 * { signal [K], selfInterference [K], interference [[K] … K rows, row = the client that suffers], noise [K],
 *   bandwidth Hz, transmitPower W, bits [K], computeLatency s (0 if left out), budgets { energy J, latency s } (optional),
 *   circuitPower W while sending, fixedEnergy J a round (0 if left out),
 *   cpu { cyclesPerSample, samples, capacitance, minimumFrequency Hz (0 if left out), maximumFrequency Hz, frequency Hz
 *   (optional), each [K] or one number for all } (optional), roundEnergy J, clientEnergy J, batteries J over the run [K],
 *   allowances J a round [K] (all optional) }.
 * @throws InputError with the field's path
 * @example
 * const problem = parseProblem({
 *   ...{ signal: [2, 3], selfInterference: [3, 2], noise: [1, 1], interference: [[0, 1], [2, 0]] },
 *   ...{ bandwidth: 20e6, transmitPower: 0.1, bits: [1e6, 1e6], budgets: { energy: 1, latency: 10 } },
 * });
 * allocatePower(problem, { method: "most-rounds" }).status; // → converged
 */
export function parseProblem(value: unknown): UploadProblem {
  const file = record("problem", value);
  for (const key of Object.keys(file)) {
    if (!fields.includes(key)) throw new InputError(key, unknownName("field", key, fields));
  }
  const signal = numbers("signal", file.signal);
  const clients = signal.length;
  const rows = list("interference", file.interference);
  if (rows.length !== clients) throw new InputError("interference", `${rows.length} rows where ${clients} are needed`);
  const interference = new Float64Array(clients * clients);
  rows.forEach((row, k) => {
    const entries = numbers(`interference[${k}]`, row);
    if (entries.length !== clients)
      throw new InputError(`interference[${k}]`, `${entries.length} entries where ${clients} are needed`);
    interference.set(entries, k * clients);
  });
  const budgets = file.budgets === undefined ? undefined : record("budgets", file.budgets);
  const problem: UploadProblem = {
    rates: {
      clients,
      signal,
      selfInterference: numbers("selfInterference", file.selfInterference),
      interference,
      noise: numbers("noise", file.noise),
      bandwidth: number("bandwidth", file.bandwidth),
      transmitPower: number("transmitPower", file.transmitPower),
    },
    bits: numbers("bits", file.bits),
    computeLatency: file.computeLatency === undefined ? 0 : number("computeLatency", file.computeLatency),
    ...(budgets === undefined
      ? {}
      : {
          budgets: {
            energy: budget("budgets.energy", budgets.energy),
            latency: budget("budgets.latency", budgets.latency),
          },
        }),
    ...(file.circuitPower === undefined ? {} : { circuitPower: number("circuitPower", file.circuitPower) }),
    ...(file.fixedEnergy === undefined ? {} : { fixedEnergy: number("fixedEnergy", file.fixedEnergy) }),
    ...(file.cpu === undefined ? {} : { cpu: processors(file.cpu, clients) }),
    ...(file.roundEnergy === undefined ? {} : { roundEnergy: number("roundEnergy", file.roundEnergy) }),
    ...(file.clientEnergy === undefined ? {} : { clientEnergy: number("clientEnergy", file.clientEnergy) }),
    ...(file.batteries === undefined ? {} : { batteries: numbers("batteries", file.batteries) }),
    ...(file.allowances === undefined ? {} : { allowances: numbers("allowances", file.allowances) }),
  };
  try {
    checkProblem(problem);
  } catch (error) {
    // The file has no "rates" around its fields.
    if (error instanceof InputError && error.path.startsWith("rates."))
      throw new InputError(error.path.slice("rates.".length), error.message.slice(error.path.length + 2));
    throw error;
  }
  return problem;
}

function processors(value: unknown, clients: number): Processors {
  const file = record("cpu", value);
  for (const key of Object.keys(file)) {
    if (!cpuFields.some((field) => field === key))
      throw new InputError(`cpu.${key}`, unknownName("field", key, cpuFields));
  }
  const each = (name: (typeof cpuFields)[number], otherwise?: number): Float64Array => {
    const given = file[name] ?? otherwise;
    return Array.isArray(given)
      ? numbers(`cpu.${name}`, given)
      : new Float64Array(clients).fill(number(`cpu.${name}`, given));
  };
  return {
    cyclesPerSample: each("cyclesPerSample"),
    samples: each("samples"),
    capacitance: each("capacitance"),
    minimumFrequency: each("minimumFrequency", 0),
    maximumFrequency: each("maximumFrequency"),
    ...(file.frequency === undefined ? {} : { frequency: each("frequency") }),
  };
}

function record(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InputError(path, `${show(value)} is not an object`);
  return value as Record<string, unknown>;
}

function list(path: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new InputError(path, value === undefined ? "missing" : "not an array");
  return value;
}

function numbers(path: string, value: unknown): Float64Array {
  return Float64Array.from(list(path, value), (entry, i) => number(`${path}[${i}]`, entry));
}

function number(path: string, value: unknown): number {
  if (typeof value !== "number")
    throw new InputError(path, value === undefined ? "missing" : `${show(value)} is not a number`);
  return value;
}

/** null, or left out, is no limit. */
function budget(path: string, value: unknown): number {
  return value === undefined || value === null ? Number.POSITIVE_INFINITY : number(path, value);
}
