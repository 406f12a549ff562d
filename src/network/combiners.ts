import type { CentralizedTask, LocalTask } from "../../bindings/sampler.js";
import { allClients, sharingClients } from "./clientSets.js";
import type { Estimates } from "./estimates.js";
import type { Network } from "./network.js";
import type { CentralizedCombiner, LocalCombiner } from "./schemes.js";
import { inverseFactors } from "./triangular.js";

/** The tasks of a local combiner: one for each AP that serves anyone. The combiner is that of full power. */
export function localTasks(network: Network, estimates: Estimates, combiner: LocalCombiner): LocalTask[] {
  const { clients: K, accessPoints: L, serves } = network;
  const tasks: LocalTask[] = [];
  for (let accessPoint = 0; accessPoint < L; accessPoint++) {
    const served = allClients(network).filter((k) => serves[k * L + accessPoint]! > 0);
    if (served.length === 0) continue;
    const set = combiner === "l-mmse" ? Int32Array.from({ length: K }, (_, i) => i) : served;
    const task: LocalTask = { accessPoint, served, set };
    if (combiner !== "mr") task.noise = errorPlusNoise(network, estimates.assumedError, accessPoint, set);
    tasks.push(task);
  }
  return tasks;
}

/** The tasks of a centralized combiner, one for each set of clients with the same cluster, and whose they are. */
export function centralizedTasks(
  network: Network,
  estimates: Estimates,
  combiner: CentralizedCombiner,
): { task: CentralizedTask; clients: number[] }[] {
  const { clients: K, accessPoints: L, antennas: N, serves } = network;
  const groups = new Map<string, number[]>();
  for (let k = 0; k < K; k++) {
    const name = serves.subarray(k * L, (k + 1) * L).join("");
    const group = groups.get(name);
    if (group) group.push(k);
    else groups.set(name, [k]);
  }
  const matched = estimates.estimator === estimates.means;
  return [...groups.values()].map((clients) => {
    const k = clients[0]!;
    const accessPoints = Int32Array.from({ length: L }, (_, l) => l).filter((l) => serves[k * L + l]! > 0);
    const set = combiner === "p-mmse" || combiner === "p-rzf" ? sharingClients(network, k) : allClients(network);
    const members = Int32Array.from(clients, (client) => set.indexOf(client));
    const task: CentralizedTask = { accessPoints, set, members, form: "maximum-ratio" };
    if (combiner === "mr-centralized") return { task, clients };
    // The smaller of the two systems; where all clients count, the SINR is the MMSE's own 1/x − 1.
    const inClients = set.length <= accessPoints.length * N;
    task.form = inClients ? (matched && combiner !== "p-rzf" && set.length === K ? "mmse" : "clients") : "antennas";
    if (combiner === "p-rzf" && inClients) return { task, clients };
    const blocks = new Float64Array(2 * accessPoints.length * N * N);
    accessPoints.forEach((l, at) => {
      const noise = errorPlusNoise(network, estimates.assumedError, l, combiner === "p-rzf" ? new Int32Array() : set);
      blocks.set(noise, 2 * at * N * N);
    });
    task.factors = inClients ? inverseFactors(blocks, N) : blocks;
    return { task, clients };
  });
}

/** Σ_{i ∈ set} C_il + I, one block. */
export function errorPlusNoise(
  { clients: K, antennas: N }: Network,
  error: Float64Array,
  l: number,
  set: Int32Array,
): Float64Array {
  const out = new Float64Array(2 * N * N);
  for (let n = 0; n < N; n++) out[2 * n * (N + 1)] = 1;
  for (const i of set) {
    const from = 2 * (l * K + i) * N * N;
    for (let a = 0; a < out.length; a++) out[a]! += error[from + a]!;
  }
  return out;
}
