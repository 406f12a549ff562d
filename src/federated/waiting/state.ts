import type { QuantizerMemory } from "../../config/records.js";
import { type ClockState, emptyClock } from "./clock.js";

/** An update from the moment its client has begun until the server adds it or it is broken off. */
export interface Flying {
  /** The round that it began in */
  began: number;
  /** What its packet decodes to [d] */
  update: Float32Array;
  loss: number;
  examples: number;
  /** null: the client skips */
  bits: { nominal: number; wire: number } | null;
  /** What encoder and decoder remembered before, where it may be broken off: then neither has seen it */
  before: { memory: QuantizerMemory; decoder: QuantizerMemory } | null;
}

/** What a training on the simulated clock needs to go on after a step: plain data. */
export interface WaitingState {
  clock: ClockState;
  /** [K] */
  flying: (Flying | null)[];
  /** Models that updates under way began from, by the round, where the server needs them [d] */
  models: Map<string, Float32Array>;
}

export function emptyWaiting(clients: number): WaitingState {
  return { clock: emptyClock(clients), flying: new Array<null>(clients).fill(null), models: new Map() };
}

/** Clients with an update under way. */
export function busyIn(waiting: WaitingState | undefined): number[] {
  return waiting?.flying.flatMap((one, client) => (one === null ? [] : [client])) ?? [];
}
