import type { Config, RoundRecord } from "../src/index.js";
import type { ClientFacts, UpdateView } from "./figures.js";
import type { Outcome, Problem, RunReply, RunRequest, RunStart } from "./protocol.js";

/** One of the page's runs and its worker. */

export type Phase = "idle" | "running" | "pausing" | "paused" | "finished" | "stopped" | "failed";

export interface LaneState {
  phase: Phase;
  rounds: RoundRecord[];
  /** What the rounds were run with */
  settings: readonly string[];
  /** The complete config, once the worker has resolved the settings */
  config: Config | undefined;
  /** Once the worker knows its clients */
  facts: ClientFacts | undefined;
  /** The selected client's updates by their rounds: the newest ones, however long the run is */
  updates: Map<number, UpdateView>;
  /** d; known after the first round */
  parameters: number | undefined;
  /** Clients that sent, over all rounds so far */
  uploads: number;
  outcome: Outcome | undefined;
  failure: Problem | undefined;
}

export interface StartOptions extends Omit<RunStart, "settings" | "known"> {
  /** Pause after the first round */
  held?: boolean;
}

const keptUpdates = 256;

export interface Lane {
  /** Changed by the lane alone */
  readonly state: Readonly<LaneState>;
  start(settings: readonly string[], options: StartOptions): void;
  /** Takes what an earlier page had run */
  restore(state: LaneState): void;
  /** Takes it and goes on with it, or waits as it had */
  goOn(state: LaneState, options: StartOptions): void;
  pause(): void;
  resume(): void;
  step(): void;
  pace(milliseconds: number): void;
  select(client: number): void;
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
      case "resolved":
        state.config = reply.config;
        return;
      case "clients":
        state.facts = reply.facts;
        return;
      case "anew": {
        const { phase, settings, config, facts } = state;
        state = { ...empty(), phase, settings, config, facts };
        return;
      }
      case "round":
        state.rounds.push(reply.record);
        state.parameters = reply.parameters;
        if (reply.update !== undefined) state.updates.set(reply.record.round, reply.update);
        state.updates.delete(reply.record.round - keptUpdates);
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
    start(settings, { held = false, ...options }) {
      end();
      state = { ...empty(), phase: held ? "pausing" : "running", settings };
      worker = open();
      post({ type: "start", settings, known: 0, ...options });
      if (held) post({ type: "pause" });
    },
    goOn(earlier, options) {
      end();
      const held = earlier.phase !== "running";
      state = { ...earlier, phase: held ? "paused" : "running" };
      worker = open();
      post({ type: "start", settings: state.settings, known: state.rounds.length, ...options });
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
    select(client) {
      post({ type: "select", client });
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
    facts: undefined,
    updates: new Map(),
    parameters: undefined,
    uploads: 0,
    outcome: undefined,
    failure: undefined,
  };
}
