import type { StateStore } from "../../federated/state.js";
import type { JobContext } from "./job.js";

/**
 * s between two states of a job at least: what a kill may cost it. More where a state is large, so that keeping takes no
 * more than a hundredth of the time: those of the paper's network with 20 clients have 110 MB, and every 5 s they had each
 * of two workers waiting for 5 % of it.
 */
const stateInterval = 5;

/**
 * How a job's training keeps its state, where there is a place for it. The state after its last round is worth nothing once
 * the job is done: only a broken-off one keeps it.
 */
export function keeping({ state, signal }: JobContext): { state?: StateStore; stateInterval?: number } {
  if (state === undefined) return {};
  const spared: StateStore = {
    read: () => state.read(),
    async write(bytes, last) {
      if (!last || signal?.aborted === true) await state.write(bytes);
    },
  };
  return { state: spared, stateInterval };
}
