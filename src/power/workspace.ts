import { borrowPower, type PowerWorkspace, returnPower } from "../../bindings/power.js";
import type { UploadProblem } from "../config/records.js";

/** Runs `use` with the active clients' part of a problem in kernel memory; the memory goes back to its pool after. */
export function withWorkspace<T>(
  problem: UploadProblem,
  active: readonly number[],
  use: (workspace: PowerWorkspace) => T,
): T {
  const workspace = borrowPower(active.length);
  try {
    load(workspace, problem, active);
    return use(workspace);
  } finally {
    returnPower(workspace);
  }
}

function load(workspace: PowerWorkspace, { rates, bits }: UploadProblem, active: readonly number[]): void {
  const { couplings, signal, noise, demand, held } = workspace.views();
  held.fill(0);
  const n = active.length;
  const all = rates.clients;
  for (let i = 0; i < n; i++) {
    const k = active[i]!;
    const row = i * workspace.stride;
    for (let j = 0; j < n; j++) couplings[row + j] = rates.interference[k * all + active[j]!]!;
    couplings[row + i] = rates.selfInterference[k]!;
    signal[i] = rates.signal[k]!;
    noise[i] = rates.noise[k]!;
    demand[i] = (bits[k]! * Math.LN2) / rates.bandwidth;
  }
}
