import type { Allocation, UploadProblem } from "../config/records.js";

/** J beyond all batteries, and still an amount that a problem may have. */
const noLimit = 1e39;

/**
 * A method's answer where it keeps everybody within `allowances` and that cannot be had: who is furthest from it in the
 * frugalest round is left out, one after the other, until it can. These keep the power that they had there, for
 * `holdToBatteries` to say whether they send after all.
 *
 * Choice: fewest are left out only as far as that order finds them.
 */
export function withinAllowances(problem: UploadProblem, allocate: (problem: UploadProblem) => Allocation): Allocation {
  const { allowances } = problem;
  if (allowances === undefined) return allocate(problem);
  const bits = problem.bits.slice();
  const allowed = allowances.slice();
  const leftOut = new Map<number, number>();
  const leaveOut = (client: number, power: number): void => {
    leftOut.set(client, power);
    bits[client] = 0;
    allowed[client] = noLimit;
  };
  let found = allocate(problem);
  while (isBeyond(found, problem)) {
    const worst = furthest(found, allowed);
    if (worst < 0) break;
    leaveOut(worst, found.power[worst]! > 0 ? found.power[worst]! : 1);
    found = allocate({ ...problem, bits: bits.slice(), allowances: allowed.slice() });
  }
  if (leftOut.size === 0) return found;
  const power = found.power.slice();
  for (const [client, own] of leftOut) power[client] = own;
  return { ...found, power };
}

/** Whether it is energy that lacks: whoever sends and has power is heard. */
function isBeyond({ status, power, latency }: Allocation, { bits }: UploadProblem): boolean {
  return (
    status === "infeasible" && latency.every((seconds, k) => bits[k] === 0 || power[k] === 0 || seconds < Infinity)
  );
}

/** Who is furthest beyond what it may use, or has nothing; -1 if nobody is. */
function furthest({ energy, computeEnergy }: Allocation, allowed: Float64Array): number {
  let [worst, most] = [-1, 1];
  for (let k = 0; k < allowed.length; k++) {
    if (allowed[k] === noLimit) continue;
    const share = allowed[k]! > 0 ? (energy[k]! + (computeEnergy?.[k] ?? 0)) / allowed[k]! : Number.POSITIVE_INFINITY;
    if (share > most) [worst, most] = [k, share];
  }
  return worst;
}
