import { InputError } from "../config/errors.js";
import { differences, type TrainingIdentity } from "./identity.js";
import type { KeptTrace } from "./keptTrace.js";
import { pack, unpack } from "./packed.js";
import type { TrainingState } from "./trainingState.js";

/** Where a training keeps what it has done so far. Bytes of an earlier, killed attempt are checked when they are read. */
export interface StateStore {
  read(): Promise<Uint8Array | undefined>;
  /** @param last whether nothing follows: the training has come to its end, or was asked to stop */
  write(bytes: Uint8Array, last: boolean): Promise<void>;
}

/** A training as it stood between two rounds, and all that is known of the rounds before. */
export interface SavedTraining {
  identity: TrainingIdentity;
  trace: KeptTrace;
  state: TrainingState;
}

/** What kept bytes turn out to be. */
export type StateFinding =
  | { kind: "usable"; saved: SavedTraining }
  /** Not to be gone on from, but nothing that the user did wrong: begin anew and say why */
  | { kind: "damaged"; reason: string }
  /** Another training's: each field that differs */
  | { kind: "foreign"; differences: string[] }
  | { kind: "newer"; version: number };

/** Of the layout; a change of what a training remembers raises it. */
const stateVersion = 1;

export function encodeState(saved: SavedTraining): Uint8Array {
  return pack(saved, stateVersion);
}

/** @param identity of the training that would go on */
export function inspectState(bytes: Uint8Array, identity: TrainingIdentity): StateFinding {
  const found = unpack(bytes, stateVersion);
  if ("damaged" in found) return { kind: "damaged", reason: found.damaged };
  if (found.value === undefined) return { kind: "newer", version: found.version };
  const saved = found.value as SavedTraining;
  const differing = differences(saved.identity, identity);
  return differing.length === 0 ? { kind: "usable", saved } : { kind: "foreign", differences: differing };
}

/**
 * The training to go on with.
 * @throws InputError for the state of another training or of a newer version
 */
export async function readState(
  store: StateStore,
  identity: TrainingIdentity,
): Promise<{ saved?: SavedTraining; damaged?: string }> {
  const bytes = await store.read();
  if (bytes === undefined) return {};
  const finding = inspectState(bytes, identity);
  switch (finding.kind) {
    case "usable":
      return { saved: finding.saved };
    case "damaged":
      return { damaged: finding.reason };
    case "newer":
      throw new InputError("state", `its version is ${finding.version}, this program reads ${stateVersion}`);
    case "foreign":
      throw new InputError("state", `is that of another training: ${finding.differences.join("; ")}`);
  }
}
