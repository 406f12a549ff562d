import type { Config } from "../../src/config/config.js";
import { trainingIdentity } from "../../src/federated/identity.js";
import { simulate } from "../../src/federated/simulate.js";
import { inspectState, type StateStore } from "../../src/federated/state.js";
import { quantizer } from "../../src/quantizers/index.js";

/** Keeps the last state, as a file does. */
export function lastState(): StateStore {
  let kept: Uint8Array | undefined;
  return {
    read: async () => kept,
    write: async (bytes) => {
      kept = bytes;
    },
  };
}

/** A run that was stopped after its second round, and gone on with. */
export async function interrupted(input: Parameters<typeof simulate>[0]) {
  const state = lastState();
  const stop = new AbortController();
  const onRound = ({ round }: { round: number }) => (round === 2 ? stop.abort() : undefined);
  const first = await simulate(input, { state, stateInterval: 0, signal: stop.signal, onRound });
  return { first, resumed: await simulate(input, { state }) };
}

/** A run, and its state after every round. */
export async function everyState(config: Config) {
  const written: Uint8Array[] = [];
  const state: StateStore = {
    read: async () => undefined,
    write: async (bytes) => {
      written.push(Uint8Array.from(bytes));
    },
  };
  const result = await simulate(config, { state, stateInterval: 0 });
  const identity = trainingIdentity(config, { quantizer: quantizer(config.quantizer) });
  const states = written.map((bytes) => {
    const found = inspectState(bytes, identity);
    if (found.kind !== "usable") throw new Error(found.kind);
    return found.saved.state;
  });
  return { result, states };
}
