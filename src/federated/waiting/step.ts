import type { Status } from "../../config/records.js";
import type { Span } from "./clock.js";

/** An update that a server step adds. */
export interface UsedUpdate {
  client: number;
  /** The round that it began in: it was trained from the model before it */
  began: number;
  /** What it counts: s(τ) and its share of the data of all that are added */
  weight: number;
}

/** What a server step on the simulated clock took, and whose updates it adds: plain data. Arrays are [K]. */
export interface KeptStep {
  /** s and J since the step before */
  latency: number;
  energy: number;
  /** J of the download */
  fixedEnergy: number;
  perClient: {
    /** Mean coefficient while sending; 0 of who has not sent */
    power: number[];
    /** s and J of sending */
    latency: number[];
    energy: number[];
    /** J of computing */
    computing: number[];
    /** J left after the step, where there are batteries */
    battery?: number[];
  };
  allocation: { status: Status; iterations: number };
  updates: UsedUpdate[];
  /** Whose work was broken off, since it was late */
  dropped: number[];
  /** Whose packets did not arrive, where uploads are lost */
  lost?: number[];
  /** Who gave up since its battery did not carry the rest of its upload, where there are batteries */
  out?: number[];
  spans: Span[];
  /** Why there is no such step: nobody can be served, or has come in time */
  refused?: string;
}
