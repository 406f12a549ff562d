import type { Config, RoundRecord } from "../src/index.js";
import type { Drop, Outcome, Reply, Request } from "./protocol.js";

/** One of the page's runs and its worker. */

export type Phase = "idle" | "running" | "pausing" | "paused" | "finished" | "stopped" | "failed";

export interface LaneState {
  phase: Phase;
  rounds: RoundRecord[];
  /** The complete config and the network, once the worker has resolved the settings */
  config: Config | undefined;
  drop: Drop | undefined;
  /** d; known after the first round */
  parameters: number | undefined;
  outcome: Outcome | undefined;
  failure: { message: string; path: string | undefined } | undefined;
}

export interface Lane {
  /** Changed by the lane alone */
  readonly state: Readonly<LaneState>;
  /** Drops what there is and draws the network of these settings */
  preview(settings: readonly string[]): void;
  start(settings: readonly string[]): void;
  pause(): void;
  resume(): void;
  /** Ends the run; its rounds stay */
  stop(): void;
  dispose(): void;
}

/** @param changed called after anything of the lane has changed */
export function createLane(changed: () => void): Lane {
  const state: LaneState = empty();
  let worker: Worker | undefined;
  let busy = false;

  function post(request: Request): void {
    worker ??= listen(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    worker.postMessage(request);
  }

  function listen(made: Worker): Worker {
    made.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      // What an ended worker had already sent
      if (made !== worker) return;
      take(data);
      changed();
    });
    made.addEventListener("error", (event) => {
      fail(event.message || "the worker could not be started");
      changed();
    });
    return made;
  }

  function take(reply: Reply): void {
    switch (reply.type) {
      case "drawn":
        state.config = reply.config;
        state.drop = reply.drop;
        state.failure = undefined;
        return;
      case "round":
        state.rounds.push(reply.record);
        state.parameters = reply.parameters;
        if (state.phase === "pausing") state.phase = "paused";
        return;
      case "finished":
        state.outcome = reply.result;
        state.phase = "finished";
        busy = false;
        return;
      case "failed":
        fail(reply.message, reply.path);
    }
  }

  function fail(message: string, path?: string): void {
    // A preview that is refused leaves the lane idle, for its settings to be mended
    if (state.phase !== "idle") state.phase = "failed";
    state.failure = { message, path };
    busy = false;
  }

  function end(): void {
    worker?.terminate();
    worker = undefined;
    busy = false;
  }

  return {
    state,
    preview(settings: readonly string[]) {
      if (busy) end();
      Object.assign(state, empty());
      post({ type: "preview", settings });
    },
    start(settings: readonly string[]) {
      if (busy) end();
      Object.assign(state, empty(), { phase: "running", drop: state.drop, config: state.config });
      busy = true;
      post({ type: "start", settings });
    },
    pause() {
      if (state.phase !== "running") return;
      state.phase = "pausing";
      post({ type: "pause" });
    },
    resume() {
      if (state.phase !== "paused" && state.phase !== "pausing") return;
      state.phase = "running";
      post({ type: "resume" });
    },
    stop() {
      if (!busy) return;
      end();
      state.phase = "stopped";
    },
    dispose: end,
  };
}

function empty(): LaneState {
  return {
    phase: "idle",
    rounds: [],
    config: undefined,
    drop: undefined,
    parameters: undefined,
    outcome: undefined,
    failure: undefined,
  };
}
