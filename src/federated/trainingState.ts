import type { QuantizerMemory } from "../config/records.js";
import type { DownlinkState } from "./downlink.js";
import type { Measurements, RoundPlan } from "./plan.js";
import type { WaitingState } from "./waiting/state.js";

/**
 * Everything that a training needs to go on after a round: its arrays are the training's own. Between two rounds, that
 * is after a commit and before the next proposal, it is complete.
 */
export interface TrainingState {
  /** Rounds committed so far */
  round: number;
  /** L of the last round */
  localEpochs: number;
  /** w */
  parameters: Float32Array;
  /** What the server's rule remembers */
  server: Float32Array[];
  /** What each client's encoder remembers, and the server's decoder of it */
  clients: QuantizerMemory[];
  decoders: QuantizerMemory[];
  /** What all ends of an exchange remember */
  exchange?: QuantizerMemory;
  /** ‖w_t − w_{t−1}‖², …, newest first */
  modelChanges: number[];
  /** Training loss of the first and of the last round; NaN before there is one */
  loss: { first: number; last: number };
  /** Of every round, for a schedule that follows it */
  losses?: number[];
  /** How the last round was planned, and what its clients measured */
  plan: RoundPlan;
  measurements?: Measurements;
  /** Who is at work, where the training is on the simulated clock */
  waiting?: WaitingState;
  /** What the clients were sent, where that is not the model itself */
  downlink?: DownlinkState;
}

/** What is kept of a client's reply. */
export interface Sent {
  client: number;
  loss: number;
  examples: number;
  /** null: skipped */
  bits: { nominal: number; wire: number } | null;
}
