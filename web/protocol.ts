import type { Config, Ending, RoundRecord, RunResult } from "../src/index.js";

/** What the page and a run's worker say to each other. A run is stopped by ending its worker. */

export type Request =
  /** Resolve the settings and draw the network, without running */
  | { type: "preview"; settings: readonly string[] }
  /** Run; the settings are "path=value" over the quick preset */
  | { type: "start"; settings: readonly string[] }
  /** Wait after the round that is being computed */
  | { type: "pause" }
  | { type: "resume" };

export type Reply =
  | { type: "drawn"; config: Config; drop: Drop }
  /** `parameters`: d, the model's entries */
  | { type: "round"; record: RoundRecord; parameters: number }
  | { type: "finished"; result: Outcome }
  /** `path`: the setting to mend, where it is one */
  | { type: "failed"; message: string; path?: string };

/** Where everything stands; positions in m. */
export interface Drop {
  area: number;
  accessPoints: [x: number, y: number][];
  clients: DropClient[];
}

export interface DropClient {
  x: number;
  y: number;
  /** Index of the access point with the largest gain */
  strongest: number;
  /** That gain, dB */
  gain: number;
  /** Index of the pilot */
  pilot: number;
}

/** A run's end without what the page has already. */
export interface Outcome {
  ended: { by: Ending; reason: string };
  final: RunResult["final"];
  fingerprint: RunResult["fingerprint"];
}
