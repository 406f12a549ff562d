import { expm1 } from "../../bindings/math.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import type { SettingsSpec } from "../config/settings.js";
import type { InteriorGoal } from "./byInterior.js";
import { allocation, nameClients } from "./cost.js";
import { measure, solveTogether } from "./frequencies.js";

/** A limit beyond this is none; its logarithm is still a number. */
const noLimit = 1e200;

/** The setting of methods that keep to `allowances`. */
export const allowancesSetting: SettingsSpec[string] = {
  default: false,
  summary: "no client uses more in a round than its battery allows: K more constraints of the program",
};

/** J that each client may use in a round [K], where something says it. */
export function clientLimits(
  { clientEnergy, allowances, rates }: UploadProblem,
  batteries: boolean,
): Float64Array | undefined {
  const kept = batteries ? allowances : undefined;
  if (clientEnergy === undefined && kept === undefined) return undefined;
  const most = Math.min(noLimit, clientEnergy ?? noLimit);
  return Float64Array.from({ length: rates.clients }, (_, k) => Math.min(most, kept?.[k] ?? most));
}

/** What each client may use over the run [K], where that is a limit. */
export const chargesOf = ({ batteries }: UploadProblem): Float64Array | undefined =>
  batteries?.map((joules) => Math.min(joules, noLimit));

/** A client with something to do and nothing to do it with makes every answer infeasible. */
export function emptyHanded(problem: UploadProblem, limits: ArrayLike<number>): Allocation | undefined {
  const { bits, cpu } = problem;
  const empty = [...bits.keys()].filter((k) => (bits[k]! > 0 || (cpu?.samples[k] ?? 0) > 0) && !(limits[k]! > 0));
  if (empty.length === 0) return undefined;
  const reason = `${nameClients(empty)} cannot send: an empty battery`;
  return allocation(problem, new Float64Array(bits.length), { status: "infeasible", iterations: 0, reason });
}

/**
 * Powers, and with processors frequencies, of a goal with limits on a round's energy or each client's. Where even the
 * frugalest round passes one the answer is that round, "infeasible".
 */
export function solveWithin(problem: UploadProblem, goal: InteriorGoal): Allocation {
  const empty = goal.clientEnergy && emptyHanded(problem, goal.clientEnergy.limits);
  if (empty !== undefined) return empty;
  const found = solveTogether(problem, goal);
  return found.status === "converged" || found.status === "infeasible" ? found : (beyondReach(problem, goal) ?? found);
}

/** The frugalest round where even that passes a limit, "infeasible". */
function beyondReach(
  problem: UploadProblem,
  { energyUnit, energy, clientEnergy }: InteriorGoal,
): Allocation | undefined {
  const bounded = energy === "limited";
  const goal: InteriorGoal = {
    ...{ latencyUnit: 1, energyUnit, latency: undefined, energy: bounded ? "shared" : "free", objective: "v" },
    ...(clientEnergy && { clientEnergy: { ...clientEnergy, shared: true } }),
  };
  const frugal = solveTogether(problem, goal);
  const { cost } = measure(problem, frugal, goal);
  if (frugal.status !== "converged" || !(cost > 1e-8)) return undefined;
  const named = [
    ...(bounded ? [`${energyUnit} J a round`] : []),
    ...(clientEnergy === undefined ? [] : [eachClient(clientEnergy.limits)]),
  ].join(" and ");
  const least = `the frugalest round takes ${(100 * expm1(cost)).toPrecision(3)} % more`;
  return { ...frugal, status: "infeasible", reason: `no powers and frequencies keep to ${named}: ${least}` };
}

function eachClient(limits: Float64Array): string {
  const [least, most] = [Math.min(...limits), Math.max(...limits)];
  return least === most ? `${least} J a client` : `what each client may use (${least} to ${most} J)`;
}
