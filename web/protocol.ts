import type { Config, Ending, RoundRecord, RunResult } from "../src/index.js";
import type { ClientFacts } from "./figures.js";
import type { OwnFiles } from "./ownFiles.js";
import type { PackedUpdate } from "./update/packed.js";

/** What the page and its workers say to each other. Settings are "path=value" over the quick preset. */

/** To the desk, which resolves settings and draws networks beside the runs; each is answered under its number. */
export type DeskRequest =
  | { type: "fields" }
  | { type: "resolve"; settings: readonly string[] }
  /** What the drop asks while it is drawn or dragged */
  | { type: "drop"; request: unknown };

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
  /** Drawing its network takes long enough to ask first */
  large: boolean;
}

/** What is wrong, and the setting to mend, where it is one. */
export interface Problem {
  message: string;
  path?: string;
}

export interface RunStart {
  settings: readonly string[];
  /** Threads that clients are trained in */
  workers: number;
  /** Milliseconds that a round takes at least */
  pace: number;
  /** Whose update is shown */
  client: number;
  /** Where the browser keeps the training; undefined where it keeps nothing */
  key: string | undefined;
  /** Rounds that the page has already: the training goes on from what is kept */
  known: number;
  /** Data that somebody has dropped on the page */
  files: OwnFiles | undefined;
}

/** To a run. It is stopped by ending its worker. */
export type RunRequest =
  | ({ type: "start" } & RunStart)
  /** Wait after the round that is being computed */
  | { type: "pause" }
  | { type: "resume" }
  /** One more round, then wait again */
  | { type: "step" }
  /** Milliseconds that a round takes at least */
  | { type: "pace"; pace: number }
  /** Whose update is shown from now on */
  | { type: "select"; client: number };

export type RunReply =
  | { type: "resolved"; config: Config }
  | { type: "clients"; facts: ClientFacts }
  /** What was kept is another version's: the rounds before do not count */
  | { type: "anew" }
  /** `parameters`: d, the model's entries; `update`: the selected client's, if it took part */
  | { type: "round"; record: RoundRecord; parameters: number; update: PackedUpdate | undefined }
  | { type: "finished"; result: Outcome }
  /** A worker of its own has ended by itself */
  | { type: "lost"; reason: string }
  | ({ type: "failed" } & Problem);

/** A run's end without what the page has already. */
export interface Outcome {
  ended: { by: Ending; reason: string };
  final: RunResult["final"];
  fingerprint: RunResult["fingerprint"];
}
