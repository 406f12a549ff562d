import { RunError } from "../../config/errors.js";
import type { ExchangeClient } from "../../config/records.js";
import { held } from "./lowRank.js";

/** What exchanges of all clients share: the clients' memories of what was lost, and sums. */

/** The update with what was lost before. */
export function withError({ update, memory }: ExchangeClient, carries: boolean, name: string): Float32Array {
  const kept = carries ? (memory.get(`error-feedback.${name}`) as Float32Array | undefined) : undefined;
  return kept === undefined ? update.slice() : update.map((x, i) => (Number.isFinite(x) ? held(x + kept[i]!) : x));
}

/** Keeps what was meant less what has arrived. */
export function keepError(
  { memory }: ExchangeClient,
  name: string,
  meant: Float32Array,
  arrived: ArrayLike<number>,
): void {
  memory.set(
    `error-feedback.${name}`,
    meant.map((x, i) => held(x - (arrived[i] as number))),
  );
}

/** sum_i += weight · values_i */
export function addedUp(sum: Float64Array, values: ArrayLike<number>, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * (values[i] as number);
}

/** @throws RunError naming client, round and entry of what is no finite number */
export function finiteUpdate(update: Float32Array, client: number, round: number): Float32Array {
  const wrong = update.findIndex((x) => !Number.isFinite(x));
  if (wrong < 0) return update;
  throw new RunError(`entry ${wrong} of the update is ${update[wrong]}; only finite numbers can be quantized`, {
    round,
    client,
  });
}
