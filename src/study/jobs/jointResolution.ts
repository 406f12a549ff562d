import type { Config } from "../../config/config.js";
import type { Dataset, PowerMethod, Quantizer, UploadProblem } from "../../config/records.js";
import { partition } from "../../data/partition.js";
import type { RoundRecord, RunResult } from "../../federated/result.js";
import { simulate } from "../../federated/simulate.js";
import { powerMethod } from "../../power/index.js";
import { jointResolution } from "../../power/jointResolution.js";
import { quantizer } from "../../quantizers/index.js";

/**
 * ‖v‖_∞ / step of EMQ's free step, coarse to fine; every client chooses among these. The paper's digits 0 lies
 * anywhere from 1 to 10, wherever the decade happens to fall.
 */
export const resolutionLadder: readonly number[] = [1, 2, 3, 5, 8, 16, 32];

/** Where a client begins, before anything was measured: the geometric mean of the decade's range. */
const firstResolution = 2;

/**
 * A run in which every client's EMQ step and power are chosen together (`jointResolution`).
 *
 * In each round every client measures what its update would cost and lose at each step of the ladder, some thirty
 * numbers beside the update itself. The choice for a round is made from the measurements of the round before, and
 * from the update that the server saw then, so that it needs no exchange within the round; the powers are those of
 * the most-rounds method for what is really sent.
 */
export async function simulateJointResolution(
  config: Config,
  options: { dataset: Dataset; drop: number; onRound?(record: RoundRecord): void },
): Promise<RunResult> {
  const { dataset, drop, onRound } = options;
  const clients = config.network.clients;
  const shards = partition(dataset, config.data.split, clients, config.seed);
  const examples = shards.reduce((sum, shard) => sum + shard.length, 0);
  const weights = Float64Array.from(shards, (shard) => shard.length / examples);
  const power = powerMethod({ method: "most-rounds" });
  const steps = resolutionLadder.map((levels) => quantizer("emq", { step: "fractional", levels }));
  const count = steps.length;

  const bits = new Float64Array(clients * count);
  const error = new Float64Array(clients * count);
  let choice = new Int32Array(clients).fill(firstResolution);
  let mean = new Float64Array(0);
  let signal = 0;
  let problem: UploadProblem | undefined;
  let planned = 1;
  let decoded: Float32Array = new Float32Array(0);

  const planFor = (round: number): void => {
    if (planned === round || problem?.budgets === undefined) return;
    planned = round;
    signal = mean.reduce((sum, entry) => sum + entry * entry, 0);
    mean.fill(0);
    if (!(signal > 0)) return;
    const { rates, computeLatency, budgets } = problem;
    choice = jointResolution(
      { rates, computeLatency, budgets, resolutions: count, bits, error, weights, signal },
      power,
    ).choice as Int32Array<ArrayBuffer>;
  };

  const method: Quantizer = {
    name: "joint-resolution",
    encode(update, context) {
      planFor(context.round);
      if (decoded.length !== update.length) decoded = new Float32Array(update.length);
      const packets = steps.map((step, r) => {
        const packet = step.encode(update, context)!;
        step.decode(packet.bytes, decoded, context);
        const at = context.client * count + r;
        bits[at] = config.budgets.bits === "wire" ? 8 * packet.bytes.length : packet.nominalBits;
        error[at] = squaredDistance(update, decoded);
        return packet;
      });
      return packets[choice[context.client]!]!;
    },
    // A packet of EMQ says its own step.
    decode: (bytes, into, context) => steps[0]!.decode(bytes, into, context),
  };
  const watched: PowerMethod = {
    name: "joint-resolution",
    allocate(given, previous) {
      problem = given;
      return power.allocate(given, previous);
    },
  };
  return simulate(config, {
    dataset,
    drop,
    quantizer: method,
    powerMethod: watched,
    onUpdate(client, _round, update) {
      if (mean.length !== update.length) mean = new Float64Array(update.length);
      for (let i = 0; i < update.length; i++) mean[i] = mean[i]! + weights[client]! * update[i]!;
    },
    ...(onRound && { onRound }),
  });
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) * (a[i]! - b[i]!);
  return sum;
}
