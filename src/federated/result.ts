import type { Config } from "../config/config.js";
import type { Status } from "../config/records.js";
import type { RegisteredPart } from "../parts/plugins.js";
import type { FronthaulRecord } from "./aggregation/fronthaul.js";
import type { TestAnswers } from "./answers.js";
import type { DownlinkRecord } from "./downlinkPrice.js";
import type { Worth } from "./keptTrace.js";

/** What one finished round cost and brought. Bits and joules are sums over the clients. */
export interface RoundRecord {
  /** 1, 2, … */
  round: number;
  /** Test accuracy of the global model after the round, 0 … 1; null where it was not evaluated (or the task has none) */
  accuracy: number | null;
  /** Test loss, null likewise */
  testLoss: number | null;
  /** Mean training loss of the clients' last local epoch */
  loss: number;
  nominalBits: number;
  wireBits: number;
  /** s: computation plus the slowest upload */
  latency: number;
  /** J */
  energy: number;
  totals: {
    nominalBits: number;
    wireBits: number;
    latency: number;
    energy: number;
    downlink?: { nominalBits: number; wireBits: number };
  };
  /** What the server sent to all clients, and what of the round's latency and energy that took; where it counts */
  downlink?: DownlinkRecord;
  perClient: {
    /** Power coefficients */
    power: number[];
    /** Upload latency, s */
    latency: number[];
    /** J, circuit power while sending included */
    energy: number[];
    /** Hz, where frequencies are chosen */
    frequency?: number[];
    nominalBits: number[];
    wireBits: number[];
    skipped: boolean[];
    /** Whether a client was chosen; with a selection, losses or batteries, as the next two */
    participates?: boolean[];
    /** What its update counted in the server's sum */
    weight?: number[];
    /** Whether what it had to say reached the server: a skipping client's silence counts as said */
    delivered?: boolean[];
    /** J left after the round, and s that each has been busy since the first; with batteries */
    battery?: number[];
    clock?: number[];
  };
  power: { status: Status; iterations: number };
  localEpochs: number;
  /** What the access points' links carried, where these add what they decode */
  fronthaul?: FronthaulRecord;
  /** Where all send at once: how well the sum was received. Nothing counts as bits then */
  air?: AirRecord;
  /** Where the server waits on the simulated clock: the bits above are then those of the updates that it adds */
  waiting?: WaitingRecord;
  /** Of a method that looks at all clients: bits that the server sent back, once to all, on their way to the mean */
  exchange?: { nominalBits: number; wireBits: number };
}

/** A sum that was received over the air. Squared norms are over the entries that were sent. */
export interface AirRecord {
  /** Complex channel uses, pilots not counted */
  uses: number;
  /** ‖Σ_k w_k v_k‖² of those who sent */
  signal: number;
  /** E‖received − Σ_k w_k v_k‖² by the formula, given the channel estimates */
  expectedError: number;
  /** The same as it was */
  error: number;
}

/** Who was waited for in a server step, and who was not. */
export interface WaitingRecord {
  /**
   * What the step adds, in the order of the clients: how many steps old the model is that an update began from, and what
   * the update counts
   */
  updates: { client: number; staleness: number; weight: number }[];
  /** Clients that were too late: their work was broken off */
  dropped: number[];
  /** Clients whose packets did not arrive, however often they were sent; with losses */
  lost?: number[];
  /** Clients that gave up, since their batteries did not carry the rest of what they had to send; with batteries */
  out?: number[];
  /** What the clients did, in s since the step before; whoever does nothing waits */
  spans: { client: number; does: "computing" | "sending"; from: number; to: number }[];
}

/** Why a run ended; "infeasible": no allocation served every client, or no client could take part; "stopped": by the caller; "failed": see reason. */
export type Ending = "rounds" | "energy" | "latency" | "infeasible" | "stopped" | "failed";

/** A run: its config, what every finished round brought and cost, why it ended. */
export interface RunResult {
  config: Config;
  /** d, model parameters */
  parameters: number;
  /** What the untrained model is worth; null where nobody asked */
  initial: Worth | null;
  rounds: RoundRecord[];
  ended: { by: Ending; reason: string };
  final: {
    /** After the last finished round, or of the untrained model where there is none */
    accuracy: number | null;
    testLoss: number | null;
    rounds: number;
    energy: number;
    latency: number;
    /** Per entry of the uploaded updates, mean over clients and rounds */
    nominalBitsPerEntry: number;
    wireBitsPerEntry: number;
    /** 1 − nominal bits / (32 bits an entry), and the same for wire bits */
    nominalSaving: number;
    wireSaving: number;
    /** Per entry of the model and round, of what the server sent; where that counts */
    downlinkNominalBitsPerEntry?: number;
    downlinkWireBitsPerEntry?: number;
  };
  /** Hashes of the config and of the rounds: equal on every engine and worker count */
  fingerprint: Fingerprint;
  /** Parts of one's own, passed in as objects or registered; absent where there were none */
  parts?: OwnParts;
  /** Which test examples were answered rightly, where `evaluation.answers` asks for it and the task has such */
  answers?: TestAnswers;
}

/** Equal results have equal ones, whatever the engine and the number of workers. */
export interface Fingerprint {
  /** Which rule made it; fingerprints of different versions cannot be compared */
  version: 2;
  config: string;
  results: string;
}

/** A part that is the caller's own: known by its name and the hash of its source. */
export interface OwnPart {
  name: string;
  source: string;
}

/** Those that a run was made with, by what they are. */
export type OwnParts = Partial<Record<RegisteredPart["kind"] | "downlinkQuantizer", OwnPart>>;
