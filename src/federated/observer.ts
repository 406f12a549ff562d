import type { Config } from "../config/config.js";
import type { TensorSlice } from "../config/records.js";
import type { RoundRecord, RunResult } from "./result.js";

/** Watches a training and the runs priced on it: progress, capture of updates, the final weights. It changes nothing. */
export interface Observer {
  /** Before the first round */
  onStart?(start: { config: Config; parameters: number }): void;
  /** Which updates `onTrained` is shown; they travel from the client's worker, so ask for few */
  wantsTrained?(client: number, round: number): boolean;
  /** An update as its client trained it, before it is encoded (a view, valid during the call) */
  onTrained?(client: number, round: number, update: Float32Array, tensors: readonly TensorSlice[]): void;
  /** After each client's packet has been decoded (a view, valid during the call) */
  onUpdate?(client: number, round: number, decoded: Float32Array): void;
  /**
   * After each finished round, also one of a kept trace; awaited, so a caller can pause.
   * @param record of the first account that is still open
   */
  onRound?(record: RoundRecord, view: RoundView): void | Promise<void>;
  /** When an account has ended, with the model after its last round. Asking for it trains a kept trace again. */
  onEnd?(result: RunResult, view: EndView): void | Promise<void>;
}

export interface RoundView {
  /** d */
  parameters: number;
  /** Of each account, null where it has ended */
  records: readonly (RoundRecord | null)[];
  /** Rounds that the most frugal account will reach if every round costs what this one does */
  expected: number;
  /** False where the round was kept and only priced again */
  trained: boolean;
}

export interface EndView {
  /** Which of the accounts */
  account: number;
  /** w after the account's last round (valid during the call); undefined where a kept trace was stopped on its way */
  model: Float32Array | undefined;
  /** Where each tensor lies in it */
  tensors: readonly TensorSlice[];
}
