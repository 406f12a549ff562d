import { checkAmount, mostMade } from "../config/amounts.js";
import { numberArray, optional, record } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import type { Allocation, Processors, RateModel, UploadProblem } from "../config/records.js";
import { allocation, nameClients } from "./cost.js";

const aProblem = record({}, "upload problem");
const aRateModel = record({}, "rate model");
const perhapsBudgets = optional(record());

/** Throws an InputError that names the field for sizes that disagree and for numbers no channel or upload has. */
export function checkProblem(problem: UploadProblem): void {
  aProblem("problem", problem);
  aRateModel("rates", problem.rates);
  perhapsBudgets("budgets", problem.budgets);
  const { rates, bits, computeLatency, budgets, circuitPower = 0, fixedEnergy = 0 } = problem;
  const clients = rates.clients;
  if (!Number.isInteger(clients) || clients < 1)
    throw new InputError("rates.clients", `${clients} is not a positive integer`);
  checkArray("rates.signal", rates.signal, clients);
  checkArray("rates.selfInterference", rates.selfInterference, clients);
  checkArray("rates.interference", rates.interference, clients * clients);
  checkArray("rates.noise", rates.noise, clients);
  checkAmounts("bits", bits, clients);
  checkPositive("rates.bandwidth", rates.bandwidth);
  checkPositive("rates.transmitPower", rates.transmitPower);
  if (!(computeLatency >= 0 && computeLatency < Number.POSITIVE_INFINITY))
    throw new InputError("computeLatency", `${computeLatency} is not a finite number of seconds, 0 or more`);
  if (!(circuitPower >= 0 && circuitPower < Number.POSITIVE_INFINITY))
    throw new InputError("circuitPower", `${circuitPower} is not a finite number of watts, 0 or more`);
  if (!(fixedEnergy >= 0 && fixedEnergy < Number.POSITIVE_INFINITY))
    throw new InputError("fixedEnergy", `${fixedEnergy} is not a finite number of joules a round, 0 or more`);
  checkAmount("circuitPower", circuitPower);
  checkAmount("computeLatency", computeLatency, 1 / mostMade, mostMade);
  checkAmount("fixedEnergy", fixedEnergy, 1 / mostMade, mostMade);
  for (let k = 0; k < clients; k++) {
    if (rates.interference[k * clients + k] !== 0)
      throw new InputError(
        `rates.interference[${k}][${k}]`,
        `${rates.interference[k * clients + k]} on the diagonal; a client's own goes into selfInterference`,
      );
    if (rates.signal[k]! > 0 && rates.noise[k] === 0)
      throw new InputError(
        `rates.noise[${k}]`,
        "0 beside a positive signal; a receiver without noise has no finite rate",
      );
  }
  checkStrengths(rates);
  if (problem.cpu !== undefined) checkProcessors(problem.cpu, clients);
  if (problem.batteries !== undefined) checkAmounts("batteries", problem.batteries, clients);
  if (problem.allowances !== undefined) checkAmounts("allowances", problem.allowances, clients);
  for (const name of ["roundEnergy", "clientEnergy"] as const) {
    const joules = problem[name];
    if (joules === undefined) continue;
    if (!(joules > 0)) throw new InputError(name, `${joules} is not a positive number of joules a round`);
    checkAmount(name, joules);
  }
  if (budgets !== undefined) {
    for (const name of ["energy", "latency"] as const) {
      if (!(budgets[name] > 0)) throw new InputError(`budgets.${name}`, `${budgets[name]} is not positive`);
      checkAmount(`budgets.${name}`, budgets[name]);
    }
  }
}

function checkProcessors(cpu: Processors, clients: number): void {
  record({}, "processors")("cpu", cpu);
  for (const name of ["cyclesPerSample", "samples", "capacitance", "minimumFrequency", "maximumFrequency"] as const)
    checkAmounts(`cpu.${name}`, cpu[name], clients);
  if (cpu.frequency !== undefined) checkAmounts("cpu.frequency", cpu.frequency, clients);
  for (let k = 0; k < clients; k++) {
    checkPositive(`cpu.maximumFrequency[${k}]`, cpu.maximumFrequency[k]!);
    if (cpu.frequency !== undefined) checkPositive(`cpu.frequency[${k}]`, cpu.frequency[k]!);
    if (cpu.minimumFrequency[k]! > cpu.maximumFrequency[k]!)
      throw new InputError(
        `cpu.minimumFrequency[${k}]`,
        `${cpu.minimumFrequency[k]} Hz is above the maximum, ${cpu.maximumFrequency[k]} Hz`,
      );
  }
}

/**
 * Beside noise of 1 a channel's numbers lie between these; below, a signal is none. So what an upload takes and costs stays
 * within float64: 1e40 · 1e40 · 1e40 · 1e160 at most, S, 1/W, P_u and 1/SINR.
 */
const [faintest, strongest] = [1e-80, 1e80];

function checkAmounts(path: string, values: ArrayLike<number>, length: number): void {
  checkArray(path, values, length);
  for (let i = 0; i < length; i++) checkAmount(`${path}[${i}]`, values[i]!);
}

function checkStrengths({ clients, signal, selfInterference, interference, noise }: RateModel): void {
  for (let k = 0; k < clients; k++) {
    const limit = strongest * noise[k]!;
    if (signal[k]! > limit) throw tooStrong(`rates.signal[${k}]`, signal[k]!, noise[k]!);
    // Where nothing is received nothing disturbs it.
    if (signal[k] === 0) continue;
    if (selfInterference[k]! > limit) throw tooStrong(`rates.selfInterference[${k}]`, selfInterference[k]!, noise[k]!);
    for (let j = 0, at = k * clients; j < clients; j++, at++)
      if (interference[at]! > limit) throw tooStrong(`rates.interference[${k}][${j}]`, interference[at]!, noise[k]!);
  }
}

function tooStrong(path: string, value: number, noise: number): InputError {
  return new InputError(path, `${value} beside noise of ${noise} (allowed: up to ${strongest} times the noise)`);
}

/** Who has something to send and is not received: without a signal, or with one that is nothing beside the noise. */
export function unheard({ rates: { signal, noise } }: UploadProblem, active: readonly number[]): number[] {
  return active.filter((k) => signal[k]! <= faintest * noise[k]!);
}

/** What is said of those. */
export function unheardReason(problem: UploadProblem, clients: readonly number[]): string {
  const none = clients.every((k) => problem.rates.signal[k] === 0);
  return `${nameClients(clients)} cannot be served: ${none ? "zero signal" : `a signal below ${faintest} of the noise`}`;
}

/** One power coefficient for each client. @throws InputError with the client's entry */
export function checkPowers(power: ArrayLike<number>, clients: number, path = "power"): void {
  checkArray(path, power, clients);
}

/** The clients with something to send. */
export function senders(problem: UploadProblem): number[] {
  const list: number[] = [];
  for (let k = 0; k < problem.bits.length; k++) if (problem.bits[k]! > 0) list.push(k);
  return list;
}

/**
 * An answer that needs no method: nobody has bits to send (all powers 0), or somebody with bits has no signal,
 * so that no powers serve everyone (infeasible, the clients named; the rest at full power).
 */
export function trivialAllocation(problem: UploadProblem, active: readonly number[]): Allocation | undefined {
  const { clients } = problem.rates;
  if (active.length === 0)
    return allocation(problem, new Float64Array(clients), { status: "converged", iterations: 0 });
  const deaf = unheard(problem, active);
  if (deaf.length === 0) return undefined;
  const power = new Float64Array(clients);
  for (const k of active) power[k] = 1;
  return allocation(problem, power, {
    status: "infeasible",
    iterations: 0,
    reason: unheardReason(problem, deaf),
  });
}

function checkArray(path: string, values: ArrayLike<number>, length: number): void {
  numberArray(path, values);
  if (values.length !== length) throw new InputError(path, `${values.length} entries where ${length} are needed`);
  if (values instanceof Float64Array && allCounted(values)) return;
  for (let i = 0; i < length; i++) {
    if (!(typeof values[i] === "number" && values[i]! >= 0 && values[i]! < Number.POSITIVE_INFINITY))
      throw new InputError(`${path}[${i}]`, `${values[i]} is not a finite number, 0 or more`);
  }
}

/** The check of every drop of a study: a loop of its own for arrays that hold nothing but numbers. */
function allCounted(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i]! >= 0 && values[i]! < Number.POSITIVE_INFINITY)) return false;
  return true;
}

function checkPositive(path: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new InputError(path, `${value} is not a finite positive number`);
  checkAmount(path, value);
}
