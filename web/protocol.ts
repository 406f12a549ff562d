import type { Config, Ending, RoundRecord, RunResult } from "../src/index.js";

/** What the page and its workers say to each other. Settings are "path=value" over the quick preset. */

/** To the desk, which resolves settings and draws networks beside the runs; each is answered under its number. */
export type DeskRequest =
  | { type: "fields" }
  /** `large`: draw also a network that takes long */
  | { type: "resolve"; settings: readonly string[]; large: boolean };

export type DeskReply = { id: number; ok: unknown } | { id: number; failed: Problem };

/** One setting as the form offers it: from the config's own reference, with the plain ones' names. */
export interface Field {
  /** Path in the config */
  path: string;
  label: string;
  allowed: string;
  meaning: string;
  /** Where few values are allowed: each and what it is called */
  options?: readonly (readonly [value: string, label: string])[];
  /** null lifts it */
  limit: boolean;
}

export interface Fields {
  fields: readonly Field[];
  /** Of the preset, as texts */
  preset: Readonly<Record<string, string>>;
}

export interface Resolved {
  config: Config;
  /** Undefined where it takes long and has not been asked for */
  drop: Drop | undefined;
}

/** What is wrong, and the setting to mend, where it is one. */
export interface Problem {
  message: string;
  path?: string;
}

/** To a run. It is stopped by ending its worker. */
export type RunRequest =
  | { type: "start"; settings: readonly string[]; workers: number; pace: number }
  /** Wait after the round that is being computed */
  | { type: "pause" }
  | { type: "resume" }
  /** One more round, then wait again */
  | { type: "step" }
  /** Milliseconds that a round takes at least */
  | { type: "pace"; pace: number };

export type RunReply =
  | { type: "drawn"; config: Config; drop: Drop }
  /** `parameters`: d, the model's entries */
  | { type: "round"; record: RoundRecord; parameters: number }
  | { type: "finished"; result: Outcome }
  | ({ type: "failed" } & Problem);

/** Where everything stands; positions in m. */
export interface Drop {
  area: number;
  accessPoints: [x: number, y: number][];
  clients: DropClient[];
}

export interface DropClient {
  x: number;
  y: number;
  /** Access points by their share in the client's combined gain, the largest first, as far as they matter */
  links: { accessPoint: number; share: number }[];
  /** Largest gain, dB */
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
