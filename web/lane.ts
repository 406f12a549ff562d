import type { Config, RoundRecord } from "../src/index.js";
import type { Drop, Outcome, Problem, RunReply, RunRequest } from "./protocol.js";

/** One of the page's runs and its worker. */

export type Phase = "idle" | "running" | "pausing" | "paused" | "finished" | "stopped" | "failed";

export interface LaneState {
  phase: Phase;
  rounds: RoundRecord[];
  /** What the rounds were run with */
  settings: readonly string[];
  /** The complete config and the network, once the worker has resolved the settings */
  config: Config | undefined;
  drop: Drop | undefined;
  /** d; known after the first round */
  parameters: number | undefined;
  /** Clients that sent, over all rounds so far */
  uploads: number;
  outcome: Outcome | undefined;
  failure: Problem | undefined;
}

export interface Lane {
  /** Changed by the lane alone */
  readonly state: Readonly<LaneState>;
  start(settings: readonly string[], options: { workers: number; pace: number; held?: boolean }): void;
  /** Takes what an earlier page had run */
  restore(state: LaneState): void;
  pause(): void;
  resume(): void;
  step(): void;
  pace(milliseconds: number): void;
  /** Ends the run; its rounds stay */
  stop(): void;
  dispose(): void;
}

/** @param changed called after anything of the lane has changed */
export function createLane(script: string, changed: () => void): Lane {
  let state: LaneState = empty();
  let worker: Worker | undefined;

  function post(request: RunRequest): void {
    worker?.postMessage(request);
  }

  function open(): Worker {
    const made = new Worker(script, { type: "module", name: "run" });
    made.addEventListener("message", ({ data }: MessageEvent<RunReply>) => {
      // What an ended worker had already sent
      if (made !== worker) return;
      take(data);
      changed();
    });
    made.addEventListener("error", (event) => {
      if (made !== worker) return;
      fail({
        message: `The run's worker was lost${event.message ? `: ${event.message}` : " or could not be started"}.`,
      });
      changed();
    });
    return made;
  }

  function take(reply: RunReply): void {
    switch (reply.type) {
      case "drawn":
        state.config = reply.config;
        state.drop = reply.drop;
        return;
      case "round":
        state.rounds.push(reply.record);
        state.parameters = reply.parameters;
        for (const skipped of reply.record.perClient.skipped) if (!skipped) state.uploads++;
        if (state.phase === "pausing") state.phase = "paused";
        return;
      case "finished":
        state.outcome = reply.result;
        state.phase = "finished";
        end();
        return;
      case "failed":
        fail(reply);
    }
  }

  function fail({ message, path }: Problem): void {
    state.phase = "failed";
    state.failure = { message, ...(path !== undefined && { path }) };
    end();
  }

  function end(): void {
    worker?.terminate();
    worker = undefined;
  }

  const waits = () => state.phase === "paused" || state.phase === "pausing";
  return {
    get state() {
      return state;
    },
    start(settings, { workers, pace, held = false }) {
      end();
      state = { ...empty(), phase: held ? "pausing" : "running", settings };
      worker = open();
      post({ type: "start", settings, workers, pace });
      if (held) post({ type: "pause" });
    },
    restore(earlier) {
      end();
      state = earlier;
    },
    pause() {
      if (state.phase !== "running") return;
      state.phase = "pausing";
      post({ type: "pause" });
    },
    resume() {
      if (!waits()) return;
      state.phase = "running";
      post({ type: "resume" });
    },
    step() {
      if (!waits()) return;
      state.phase = "pausing";
      post({ type: "step" });
    },
    pace(milliseconds) {
      post({ type: "pace", pace: milliseconds });
    },
    stop() {
      if (worker === undefined) return;
      end();
      state.phase = "stopped";
    },
    dispose: end,
  };
}

export function empty(): LaneState {
  return {
    phase: "idle",
    rounds: [],
    settings: [],
    config: undefined,
    drop: undefined,
    parameters: undefined,
    uploads: 0,
    outcome: undefined,
    failure: undefined,
  };
}
