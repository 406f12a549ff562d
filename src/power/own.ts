import { copied } from "../config/copies.js";
import { failureOf, isPromise, RunError, show, unknownName } from "../config/errors.js";
import { createdBy } from "../config/ownParts.js";
import type { Allocation, PowerMethod, Processors, RateModel, Status, UploadProblem } from "../config/records.js";
import type { Settings } from "../config/settings.js";
import { allocation, priceUpload, sinr } from "./cost.js";
import type { OwnPowerMethod } from "./method.js";

/**
 * A power method of the user's own, held to what `PowerMethod` promises: it answers at once with a known status, with a
 * power from 0 to 1 for each client, and with costs that are those of its powers under the rate model. Arrays may be
 * typed or plain. Of an answer "infeasible" the powers and costs may be left out.
 *
 * The method is given copies, so that nobody sees what it writes into them, and its answer is copied too; the costs
 * handed on are those computed here.
 *
 * Its `allocate` throws a RunError that names the method, the client where there is one, and the value.
 */
export function checkedMethod(method: PowerMethod, name = method.name): PowerMethod {
  if (checkedMethods.has(method)) return method;
  const { minimizes, source } = method;
  const checked: PowerMethod = {
    name,
    ...(minimizes !== undefined && { minimizes }),
    ...(source !== undefined && { source }),
    allocate(problem, previous) {
      try {
        const answer: unknown = method.allocate(copied(problem), previous?.slice());
        return allocationOf(answer, problem);
      } catch (error) {
        throw failureOf(name, error);
      }
    },
  };
  checkedMethods.add(checked);
  return checked;
}

/** The method that a plugin's part makes. @throws InputError where it makes none */
export function createdMethod(part: OwnPowerMethod, settings: Settings): PowerMethod {
  const created = createdBy("power method", part, "power.method", () => part.create(copied(settings)));
  return checkedMethod(created, part.name);
}

const checkedMethods = new WeakSet<PowerMethod>();

const statuses: readonly Status[] = ["converged", "infeasible", "unbounded", "iteration-limit", "numerical"];

function allocationOf(answer: unknown, problem: UploadProblem): Allocation {
  if (isPromise(answer)) throw new RunError("gave a promise; allocate must answer at once");
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new RunError(`gave ${show(answer)}, which is no allocation (allowed: { power, latency, energy, rate, … })`);
  }
  const { power: given, status, iterations, reason, ...costs } = { ...(answer as Allocation) };
  if (!statuses.includes(status)) throw new RunError(unknownName("status", status, statuses));
  if (!(Number.isInteger(iterations) && iterations >= 0)) {
    throw new RunError(`iterations are ${show(iterations)} (allowed: a whole number, 0 or more)`);
  }
  if (reason !== undefined && typeof reason !== "string") {
    throw new RunError(`the reason is ${show(reason)} (allowed: a text)`);
  }
  const { clients } = problem.rates;
  const absent = status === "infeasible" && given === undefined;
  const power = absent ? new Float64Array(clients) : powersOf(given, clients);
  checkCosts(costs, problem, power, status === "infeasible");
  const frequency = problem.cpu === undefined ? undefined : frequenciesOf(costs.frequency, problem.cpu);
  return allocation(problem, power, { status, iterations, ...(reason !== undefined && { reason }) }, frequency);
}

/** A copy of the powers, one from 0 to 1 for each client. */
function powersOf(given: unknown, clients: number): Float64Array {
  const powers = listOf(given);
  if (powers?.length !== clients) {
    const what = powers === undefined ? show(given) : `${powers.length} numbers`;
    throw new RunError(`the powers are ${what}, not one for each of the ${clients} clients`);
  }
  for (const [client, power] of powers.entries()) {
    if (typeof power === "number" && power >= 0 && power <= 1) continue;
    throw new RunError(`the power is ${show(power)}, which is not a number from 0 to 1`, { client });
  }
  return Float64Array.from(powers as number[]);
}

/** A copy of the frequencies, one within its limits for each client; undefined where the method chooses none. */
function frequenciesOf(given: unknown, { minimumFrequency, maximumFrequency }: Processors): Float64Array | undefined {
  if (given === undefined) return undefined;
  const frequencies = listOf(given);
  if (frequencies?.length !== maximumFrequency.length) {
    const what = frequencies === undefined ? show(given) : `${frequencies.length} numbers`;
    throw new RunError(`the frequencies are ${what}, not one for each of the ${maximumFrequency.length} clients`);
  }
  for (const [client, frequency] of frequencies.entries()) {
    const [least, most] = [minimumFrequency[client]!, maximumFrequency[client]!];
    if (typeof frequency === "number" && frequency > 0 && frequency >= least && frequency <= most) continue;
    throw new RunError(`the frequency is ${show(frequency)}, which is not from ${least} to ${most} Hz`, { client });
  }
  return Float64Array.from(frequencies as number[]);
}

/** The costs that a method gives are those of its powers: for others it did not solve what is billed. */
function checkCosts(
  given: Partial<Pick<Allocation, "rate" | "latency" | "energy">>,
  problem: UploadProblem,
  power: Float64Array,
  optional: boolean,
): void {
  const right = priceUpload(problem, power);
  for (const name of ["latency", "energy", "rate"] as const) {
    if (optional && given[name] === undefined) continue;
    const costs = listOf(given[name]);
    if (costs?.length !== power.length) {
      const what = costs === undefined ? show(given[name]) : `${costs.length} numbers`;
      throw new RunError(`${name} is ${what}, not a number for each of the ${power.length} clients`);
    }
    for (const [client, cost] of costs.entries()) {
      const wanted = right[name][client]!;
      // Of a client who never finishes the latency tells, whatever a method makes of the other figures.
      if (right.latency[client] === Number.POSITIVE_INFINITY) continue;
      // What a rate would be that nobody uses, a method need not know.
      if (name === "rate" && problem.bits[client] === 0 && cost === 0) continue;
      if (typeof cost === "number" && agrees(cost, wanted, rounding(problem.rates, power, client))) continue;
      throw new RunError(
        `${name} is ${show(cost)} ${units[name]}, but at a power of ${power[client]} the rate model makes it ${wanted} ${units[name]}`,
        { client },
      );
    }
  }
}

const units = { latency: "s", energy: "J", rate: "bit/s" } as const;

function agrees(cost: number, wanted: number, tolerance: number): boolean {
  if (wanted === 0 || cost === 0) return cost === wanted;
  return cost > 0 && Math.abs(cost - wanted) <= tolerance * wanted;
}

/**
 * By how much, relatively, two careful computations of a cost in float64 may differ, u = 2^-53. The K + 2 terms of
 * D_k ≥ 0 in any order, each a product: (K + 3) u; gain, ratio, logarithm, bandwidth, bits, draw and their products: at
 * most 13 u. Of s = SINR, ln(1 + s) has a condition of at most 1, but where 1 + s is rounded first, u (1 + 1/s) is lost.
 * Twice the sum, since both may err.
 */
function rounding(rates: RateModel, power: Float64Array, client: number): number {
  return 2 ** -52 * (rates.clients + 17 + 1 / sinr(rates, power, client));
}

/** A typed or plain array; undefined for what is none. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value) && Symbol.iterator in value
    ? [...(value as unknown as Iterable<unknown>)]
    : undefined;
}
