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
  before: Ends | null;
  /** Its packets do not arrive: bits and time are those of all attempts, the update counts nothing */
  lost?: boolean;
  /** What both ends remember if its battery does not carry it: the client has trained, and knows that nothing was sent */
  unsent?: Ends;
}

/** What both ends of a client's quantizer remember. */
interface Ends {
  memory: QuantizerMemory;
  decoder: QuantizerMemory;
}

/** What a training on the simulated clock needs to go on after a step: plain data. */
export interface WaitingState {
  clock: ClockState;
  /** [K] */
  flying: (Flying | null)[];
  /** Models that updates under way began from, by the round, where the server needs them [d] */
  models: Map<string, Float32Array>;
}

/** @param charge J in each battery [K], where there are any */
export function emptyWaiting(clients: number, charge?: Float64Array): WaitingState {
  return { clock: emptyClock(clients, charge), flying: new Array<null>(clients).fill(null), models: new Map() };
}

/** Clients with an update under way. */
export function busyIn(waiting: WaitingState | undefined): number[] {
  return waiting?.flying.flatMap((one, client) => (one === null ? [] : [client])) ?? [];
}
