/**
 * The plain records that pass between layers, declared once.
 * `power`, `quantizers`, `network` and `training` do not import one another; they meet here.
 */

/** What breaks off long work: an AbortSignal, or anything that acts as one where there is none. */
export interface StopSignal {
  readonly aborted: boolean;
  /** @throws its reason once it is aborted */
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * What power allocation and latency know of the radio (Ngo et al., TWC 2017; MODEL "Rates"):
 * SINR_k(p) = signal_k p_k / (selfInterference_k p_k + Σ_j interference_kj p_j + noise_k),
 * R_k(p) = bandwidth · log2(1 + SINR_k). All powers are coefficients in [0, 1].
 */
export interface RateModel {
  clients: number;
  /** A [K] */
  signal: Float64Array;
  /** B [K] */
  selfInterference: Float64Array;
  /** B̃ [K·K], row = the client that suffers, column = the one that interferes; zero diagonal */
  interference: Float64Array;
  /** I [K] */
  noise: Float64Array;
  /** Hz, prelog included */
  bandwidth: number;
  /** W at coefficient 1 */
  transmitPower: number;
}

/** What a power method is asked: bits to upload over a radio, within budgets. */
export interface UploadProblem {
  rates: RateModel;
  /** S [K]: bits each client uploads in this round; 0 for a client that skips it */
  bits: Float64Array;
  /** ℓ_c, s */
  computeLatency: number;
  /** What the whole run may use: J and s */
  budgets?: { energy: number; latency: number };
  /** P_c, W beside the transmit power while a client sends; 0 if left out */
  circuitPower?: number;
  /** F, J a round whatever the powers: computation at a fixed frequency, the downlink; 0 if left out */
  fixedEnergy?: number;
  /** Where the methods that know of it choose the frequencies of computation too; it then counts beside ℓ_c and F */
  cpu?: Processors;
  /** J that each client may use over the whole run [K], computation on its processor included; for "most-rounds" with `batteries` */
  batteries?: Float64Array;
  /** J that each client may use in this round [K], the same included; for "joint" and "joint-computation" with `batteries` */
  allowances?: Float64Array;
  /** J a round at most, computation included, and of each client; for "joint-computation" */
  roundEnergy?: number;
  clientEnergy?: number;
}

/**
 * The clients' processors, each [K]: w_k = cyclesPerSample · samples cycles take τ_k = w_k / f_k and ½ α_k w_k f_k²
 * (Vu et al., IEEE TWC 2020).
 */
export interface Processors {
  cyclesPerSample: Float64Array;
  /** A round's, over all local epochs; 0 for a client that computes nothing */
  samples: Float64Array;
  /** α_k, effective capacitance */
  capacitance: Float64Array;
  /** Hz */
  minimumFrequency: Float64Array;
  maximumFrequency: Float64Array;
  /** Hz, of the methods that choose none; the highest if left out */
  frequency?: Float64Array;
}

export type Status = "converged" | "infeasible" | "unbounded" | "iteration-limit" | "numerical";

/** What it answers: powers, and what the upload then costs each client. */
export interface Allocation {
  /** p [K], coefficients in [0, 1] */
  power: Float64Array;
  /** Upload latency ℓ_k [K], s; Infinity for a client with bits and no rate */
  latency: Float64Array;
  /** E_k = (P_u p_k + P_c) ℓ_k [K], J: what is billed for each upload */
  energy: Float64Array;
  /** R_k [K], bit/s */
  rate: Float64Array;
  /** With processors: f_k [K] Hz, and what a client's computation then takes beside the upload, [K] s and [K] J */
  frequency?: Float64Array;
  computeLatency?: Float64Array;
  computeEnergy?: Float64Array;
  status: Status;
  iterations: number;
  /** Why, where the status is not "converged": names the client */
  reason?: string;
}

/** A power allocation method; the built-in ones are made by `powerMethod`, another can be passed to `simulate`. */
export interface PowerMethod {
  readonly name: string;
  /** Which energy or latency it makes small, in a few words: "round energy incl. circuit power" */
  readonly minimizes?: string;
  /**
   * Powers for one round.
   * @param problem what has to be sent, over which rates
   * @param previous the last round's powers, a warm start where the method can use one
   */
  allocate(problem: UploadProblem, previous?: Float64Array): Allocation;
  /** Of one of one's own: its source, whose hash goes into the fingerprint; the text of its functions if left out */
  readonly source?: string;
}

/** A named slice of a model's parameter vector. */
export interface TensorSlice {
  name: string;
  shape: readonly number[];
  offset: number;
  length: number;
}

/** What a client's encoder may keep from round to round; the server keeps its own for decoding. */
export type QuantizerMemory = Map<string, Float32Array | number>;

/** What a decoder knows beside the bytes. */
export interface DecodeContext {
  client: number;
  round: number;
  seed: number;
  /** What the update consists of, or nothing; an encoder reads names and shapes alone (`tensors.json`) as well */
  tensors: readonly TensorSlice[];
  /** w_t, which client and server both know; present when a method asks for it */
  model?: Float32Array;
  memory: QuantizerMemory;
}

/** What an encoder knows beside the update. */
export interface EncodeContext extends DecodeContext {
  /** ‖w_t − w_{t−1}‖², ‖w_{t−1} − w_{t−2}‖², …, newest first */
  modelChanges: readonly number[];
  /** The global model's training loss in the first round and in the last; NaN before there is one */
  loss: { first: number; last: number };
  /** The same of every round so far, for a schedule that follows it */
  losses?: readonly number[];
  /** What this client's update counts in the round's mean, and what those of all that take part do */
  shares?: { own: number; all: readonly number[] };
  /** For channel-aware methods: log2(1 + SINR_k) of every client at full power */
  spectralEfficiency?: Float64Array;
  /** A bit target below what the least packet takes is met by that packet instead of refused: a plan's, which nobody wrote */
  raisesTarget?: boolean;
}

/** A client's update as it travels; wire bits = 8 · bytes.length. */
export interface Packet {
  bytes: Uint8Array;
  /** As the method's paper counts them */
  nominalBits: number;
  /** Zero-order entropy of what is coded, plus what travels beside it; where the encoder computed it */
  entropyBits?: number;
  /** ‖q − x‖² of what was encoded, what came back of earlier losses in it; where the encoder knows it without decoding */
  squaredError?: number;
}

/** Bits that travelled, as the method's paper counts them and as they were. */
export interface ExchangedBits {
  nominal: number;
  wire: number;
}

/** A client in an exchange. */
export interface ExchangeClient {
  client: number;
  /** v_k [d], as it was trained */
  update: Float32Array;
  /** D_k/D among those that take part: what it counts in the mean */
  share: number;
  /** Its own, kept from round to round */
  memory: QuantizerMemory;
}

/**
 * How a round goes for a method that looks at all clients: they and the server send one another more than one packet,
 * and what comes of it is the mean alone. Every packet is made and read back.
 */
export interface Exchange {
  /**
   * @param shared what all ends know: round, seed, tensors, and a memory that is the same everywhere
   * @throws RunError naming the client whose update cannot be encoded
   */
  run(
    clients: readonly ExchangeClient[],
    shared: Pick<DecodeContext, "round" | "seed" | "tensors" | "memory">,
  ): {
    /** Σ_k share_k v_k as it arrives everywhere [d] */
    mean: Float32Array;
    /** What each client sent, in their order */
    sent: ExchangedBits[];
    /** What the server sent back, once to all */
    returned: ExchangedBits;
  };
}

/** A quantizer of updates; the built-in ones are made by `quantizer`, another can be passed to `simulate`. */
export interface Quantizer {
  readonly name: string;
  /** The update depends on the channel, so that power methods cannot share a training run */
  readonly channelAware?: boolean;
  /** E q = v over the seeds: the benchmark measures the bias of these */
  readonly unbiased?: boolean;
  /** Asks for `model` in the contexts */
  readonly needsModel?: boolean;
  /** A packet decodes only where the packet before has arrived, or its sender knows that it has not */
  readonly needsDelivery?: boolean;
  /** Of a method that looks at all clients: how a run's round goes; `encode` and `decode` are then its case of one client */
  readonly exchange?: Exchange;
  /** @returns null when the client skips this round */
  encode(update: Float32Array, context: EncodeContext): Packet | null;
  /** Writes the update that the bytes carry into `into`. @throws PacketError */
  decode(bytes: Uint8Array, into: Float32Array, context: DecodeContext): void;
  /**
   * Writes what the server uses for a client that skipped the round (the lazy methods: the update it sent last).
   * Without it a skipped update counts as zero.
   */
  absent?(into: Float32Array, context: DecodeContext): void;
  /**
   * What the client remembers once it learns that its upload did not arrive: `memory` of the context is as it was before
   * it encoded this update, and may be changed. Without it that is all: the update is lost.
   */
  undelivered?(update: Float32Array, context: DecodeContext): void;
  /** Of one of one's own: its source, whose hash goes into the fingerprint; the text of its functions if left out */
  readonly source?: string;
}

/** Inputs and targets of one part of a data set; example i is inputs[i·inputSize …], targets[i·targetSize …]. */
export interface Examples {
  count: number;
  /** Uint8Array: pixels, divided by 255 where they enter the network; Int32Array: tokens */
  inputs: Uint8Array | Float32Array | Int32Array;
  /** Class or token numbers, or real values for regression */
  targets: Int32Array | Float32Array;
}

/** A data set with its training and its test part. */
export interface Dataset {
  name: string;
  task: "classification" | "next-token" | "regression";
  /** [height, width, channels] of an image, [length] of a token sequence, [features] of a regression */
  inputShape: readonly number[];
  /** Classes, vocabulary, or outputs of a regression */
  outputs: number;
  /** Targets an example: 1 for classification, the sequence's length for next-token */
  targetSize: number;
  /** Names of the classes, or the characters of a vocabulary */
  classNames?: readonly string[];
  train: Examples;
  test: Examples;
  /** How many examples the test part was chosen from, where that is known */
  testOf?: number;
  /** That the test part was drawn by, or the whole set made from; absent where it is the same whatever the seed */
  seed?: number;
  /** A natural owner of each training example (a speaker), where the data has one */
  groups?: Int32Array;
  /** Training examples of each client as a file gave them, for the split "file" */
  shards?: readonly Int32Array[];
}
