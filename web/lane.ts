import type { Config, RoundRecord } from "../src/index.js";
import type { ClientFacts } from "./figures.js";
import { type Opened, openWorker } from "./openWorker.js";
import type { Outcome, Problem, RunReply, RunRequest, RunStart } from "./protocol.js";
import type { PackedUpdate } from "./update/packed.js";

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
  updates: Map<number, PackedUpdate>;
  /** d; known after the first round */
  parameters: number | undefined;
  /** Clients that sent, over all rounds so far */
  uploads: number;
  /** Times that a worker was lost and the run went on */
  losses: number;
  outcome: Outcome | undefined;
  failure: Problem | undefined;
}

export interface StartOptions extends Omit<RunStart, "settings" | "known"> {
  /** Pause after the first round */
  held?: boolean;
}

const keptUpdates = 256;
/** Workers that a run may lose: what ends them again and again will not stop. */
const mostLosses = 3;

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

/** @param changed called after anything of the lane has changed, and whether that is one more round of a run that goes on */
export function createLane(script: string, changed: (goesOn: boolean) => void): Lane {
  let state: LaneState = empty();
  let opened: Opened | undefined;
  let startedWith: Omit<StartOptions, "held"> | undefined;

  function post(request: RunRequest): void {
    opened?.worker.postMessage(request);
  }

  function open(): Opened | undefined {
    const made = openWorker<RunReply>(script, "run", {
      heard(reply) {
        take(reply);
        changed(reply.type === "round" && state.phase === "running");
      },
      lost(reason) {
        if (opened !== made) return;
        lose(`its worker was lost: ${reason}`);
        changed(false);
      },
    });
    return made;
  }

  /** Goes on with what is kept of the training, a few times; what does not last then is told. */
  function lose(reason: string): void {
    end();
    if (startedWith === undefined || state.config === undefined || state.losses >= mostLosses) {
      fail({ message: `The run has stopped: ${reason}. "Run again" starts it anew.` });
      return;
    }
    resumeFrom({ ...state, losses: state.losses + 1 }, startedWith);
  }

  function resumeFrom(earlier: LaneState, options: Omit<StartOptions, "held">): void {
    const held = earlier.phase !== "running";
    state = { ...earlier, phase: held ? "paused" : "running" };
    startedWith = options;
    opened = open();
    post({ type: "start", settings: state.settings, known: state.rounds.length, ...options });
    if (held) post({ type: "pause" });
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
        const { phase, settings, config, facts, losses } = state;
        state = { ...empty(), phase, settings, config, facts, losses };
        return;
      }
      case "round":
        state.rounds.push(reply.record);
        state.parameters = reply.parameters;
        keepUpdate(reply.record.round, reply.update);
        for (const skipped of reply.record.perClient.skipped) if (!skipped) state.uploads++;
        if (state.phase === "pausing") state.phase = "paused";
        return;
      case "finished":
        state.outcome = reply.result;
        state.phase = "finished";
        end();
        return;
      case "lost":
        lose(reply.reason);
        return;
      case "failed":
        fail(reply);
    }
  }

  /** The newest takes the memory of the one that goes: it would be long in use, and then garbage that is found last. */
  function keepUpdate(round: number, update: PackedUpdate | undefined): void {
    const gone = state.updates.get(round - keptUpdates);
    state.updates.delete(round - keptUpdates);
    if (update === undefined) return;
    if (gone?.length === update.length) gone.set(update);
    state.updates.set(round, gone?.length === update.length ? gone : update);
  }

  function fail({ message, path }: Problem): void {
    state.phase = "failed";
    state.failure = { message, ...(path !== undefined && { path }) };
    end();
  }

  function end(): void {
    opened?.end();
    opened = undefined;
  }

  const waits = () => state.phase === "paused" || state.phase === "pausing";
  return {
    get state() {
      return state;
    },
    start(settings, { held = false, ...options }) {
      end();
      state = { ...empty(), phase: held ? "pausing" : "running", settings };
      startedWith = options;
      opened = open();
      post({ type: "start", settings, known: 0, ...options });
      if (held) post({ type: "pause" });
    },
    goOn(earlier, options) {
      end();
      resumeFrom(earlier, options);
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
      if (startedWith !== undefined) startedWith = { ...startedWith, pace: milliseconds };
      post({ type: "pace", pace: milliseconds });
    },
    select(client) {
      if (startedWith !== undefined) startedWith = { ...startedWith, client };
      post({ type: "select", client });
    },
    stop() {
      if (opened === undefined) return;
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
    losses: 0,
    outcome: undefined,
    failure: undefined,
  };
}
