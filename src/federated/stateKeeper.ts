import { encodeState, type SavedTraining, type StateStore } from "./state.js";

/** Keeps a training's state every so often. */
export interface StateKeeper {
  /** @param last whether it is the session's last chance */
  keep(saved: SavedTraining, last: boolean): Promise<void>;
}

/** Keeping takes at most this share of the time, however large the state; unless every round is asked for. */
const mostOfTheTime = 0.01;

/** @param interval s between two states at least, but for the last; 0: after every round */
export function stateKeeper(store: StateStore, interval: number): StateKeeper {
  let next = performance.now() + 1000 * interval;
  return {
    async keep(saved, last) {
      const begun = performance.now();
      if (!last && interval > 0 && begun < next) return;
      await store.write(encodeState(saved), last);
      const ended = performance.now();
      next = ended + Math.max(1000 * interval, (ended - begun) / mostOfTheTime);
    },
  };
}
