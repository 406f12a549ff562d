import type { Config } from "../config/config.js";
import type { Dataset, EncodeContext, Packet, Quantizer, QuantizerMemory, TensorSlice } from "../config/records.js";
import type { Curvature } from "./curvature.js";
import type { QuantizerSettings } from "./resolutions.js";

/** What a training is about. */
export interface ExecutorSetup {
  config: Config;
  dataset: Dataset;
  /** A quantizer passed in as an object instead of by name */
  quantizer?: Quantizer;
}

/** What every worker of a run must know before its first job. */
export interface RunnerSetup extends ExecutorSetup {
  /** Examples of each client */
  shards: readonly Int32Array[];
}

/** Where a training begins. */
export interface StartedTraining {
  /** w_0, the untrained model [d] */
  parameters: Float32Array;
  tensors: readonly TensorSlice[];
  /** Examples of each client */
  shards: readonly Int32Array[];
}

/** A client's part in a round. What it needs and returns is complete, so any worker can run any client. */
export interface ClientTask {
  client: number;
  round: number;
  localEpochs: number;
  context: Pick<EncodeContext, "modelChanges" | "loss" | "losses" | "shares" | "spectralEfficiency">;
  /** What the client's encoder kept from earlier rounds; belongs to the job until the reply hands it back */
  memory: QuantizerMemory;
  /** The same of the server's decoder of this client: where a packet is made it is decoded too */
  decoder: QuantizerMemory;
  /** What the decoded update counts in each of the round's sums */
  weights: readonly number[];
  /** Resolutions at which the client measures its update, and which of them it sends, or at which bits; its quantizer as it is if absent */
  resolutions?: { ladder: readonly QuantizerSettings[]; choice: number; target?: number };
  /** Send the update itself as well, as it was trained: somebody watches */
  wantsUpdate?: boolean;
  /** The packet does not arrive: nothing is decoded, and counts nothing */
  lost?: boolean;
  /** Tell also what the encoder remembers if the packet does not arrive and the client learns of it */
  wantsFallback?: boolean;
  /** Tell ‖decoded‖: who takes part next goes by it */
  wantsNorm?: boolean;
  /** Show what the packet decodes to: somebody watches */
  wantsDecoded?: boolean;
}

/** What a client measures for a plan of resolutions. */
export interface Measured {
  /** Paid bits at each resolution [R] */
  bits: Float64Array;
  /** ‖Q_r(v) − v‖² [R] */
  error: Float64Array;
  /** ‖v‖² */
  norm: number;
  /** Where errors are isotropic: ‖Q(v) − v‖² of what is sent, and how its loss bends */
  sent?: number;
  curvature?: Curvature;
}

/** What has come of a task, once its packet is decoded. */
export interface ClientReply {
  client: number;
  /** What the packet costs; null: the client skipped the round */
  bits: { nominal: number; wire: number } | null;
  /** Mean training loss of the last local epoch */
  loss: number;
  /** Examples processed over all local epochs */
  examples: number;
  memory: QuantizerMemory;
  /** The same, had the packet not arrived and the client known; where the task wants it */
  fallback?: QuantizerMemory;
  decoder: QuantizerMemory;
  /** At the task's resolutions [R] */
  measured?: Measured;
  /** ‖decoded‖, where the task wants it */
  norm?: number;
  update?: Float32Array;
  /** Where the task wants it (a view, valid during the call) */
  decoded?: Float32Array;
}

/** What a client sends for its task, before it is decoded. */
export interface ClientUpload extends Omit<ClientReply, "bits" | "decoder" | "decoded" | "norm"> {
  /** null: the client skipped the round */
  packet: Packet | null;
}

/** What a model is worth on (a part of) the test set. */
export interface Evaluation {
  /** null where the task has none */
  accuracy: number | null;
  /** Mean over targets */
  loss: number;
  targets: number;
  /** Where asked for, and the task has such: 1 for every target that is answered rightly, else 0 [targets] */
  answers?: Uint8Array;
}
