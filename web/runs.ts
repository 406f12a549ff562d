import type { RoundRecord } from "../src/index.js";
import type { Kept } from "./kept.js";
import { createLane, type Lane, type LaneState, type StartOptions } from "./lane.js";
import type { OwnFiles } from "./ownFiles.js";
import { atMostEvery } from "./pacing.js";
import { assignments, type PageSettings } from "./settings.js";

/** The runs of the page: what ran last under each number, and the curves of those before. */

export interface Ghost {
  id: string;
  name: string;
  rounds: readonly RoundRecord[];
}

export type Runs = ReturnType<typeof createRuns>;

const mostGhosts = 6;
/**
 * ms between two draws of rounds that come in by themselves: keeping and drawing them takes the cores from the workers
 * that train, and of a fast run one can follow no more.
 */
const betweenRounds = 100;

export function createRuns(script: string, changed: () => void) {
  const lanes: Lane[] = [];
  const keptRounds: number[] = [];
  let ghosts: Ghost[] = [];
  let ghostNumber = 0;
  let ran: PageSettings | undefined;
  let pace = 0;
  let client = 0;
  let kept: Kept | undefined;
  let files: OwnFiles | undefined;

  function laneAt(i: number): Lane {
    while (lanes.length <= i) {
      const at = lanes.length;
      lanes.push(
        createLane(script, (goesOn) => {
          if (goesOn) return arrivals.ask();
          keep(at);
          changed();
        }),
      );
    }
    return lanes[i]!;
  }

  const arrivals = atMostEvery(betweenRounds, () => {
    for (const i of lanes.keys()) keepRounds(i);
    changed();
  });

  /** What has come in since; the browser keeps it for a reload. */
  function keepRounds(i: number): void {
    const { rounds } = lanes[i]!.state;
    const from = keptRounds[i] ?? 0;
    if (from < rounds.length) kept?.rounds(i, rounds.slice(from));
    keptRounds[i] = rounds.length;
  }

  function keep(i: number): void {
    keepRounds(i);
    const { state } = lanes[i]!;
    if (state.rounds.length <= 1 || state.outcome !== undefined || state.failure !== undefined) kept?.note(i, state);
  }

  /** Each run has an even share of the cores. */
  function options(i: number, count: number): StartOptions {
    const cores = navigator.hardwareConcurrency || 1;
    return { workers: Math.max(1, Math.floor(cores / count)), pace, client, key: kept?.key(i), files };
  }

  function haunt(i: number, name: string): void {
    const rounds = lanes[i]?.state.rounds ?? [];
    if (rounds.length > 1) ghosts = [...ghosts, { id: `ghost-${ghostNumber++}`, name, rounds }].slice(-mostGhosts);
  }

  const waiting = (settings: PageSettings) =>
    settings.lanes.map((_, i) => i).filter((i) => !same(lanes[i]?.state.settings, assignments(settings, i)));
  const active = (settings: PageSettings): Lane[] => settings.lanes.map((_, i) => laneAt(i));

  return {
    state: (i: number): Readonly<LaneState> => laneAt(i).state,
    get ghosts() {
      return ghosts;
    },
    /** The settings of what ran last */
    get ran() {
      return ran;
    },
    clearGhosts(): void {
      ghosts = [];
      changed();
    },
    /** Whether something ran with other settings than these */
    pending(settings: PageSettings): boolean {
      return ran !== undefined && (waiting(settings).length > 0 || ran.lanes.length !== settings.lanes.length);
    },
    /** Starts the runs whose settings have changed, or all of them; what ran before stays as a pale curve. */
    start(settings: PageSettings, names: readonly string[], { all = false, held = false } = {}): void {
      const starting = all ? settings.lanes.map((_, i) => i) : waiting(settings);
      for (const i of starting) {
        const lane = laneAt(i);
        if (!same(lane.state.settings, assignments(settings, i))) haunt(i, names[i] ?? "");
        lane.start(assignments(settings, i), { ...options(i, settings.lanes.length), held });
        keptRounds[i] = 0;
        kept?.begin(i, lane.state);
      }
      for (const [i, lane] of lanes.entries()) {
        if (i < settings.lanes.length || lane.state.phase === "idle") continue;
        haunt(i, names[i] ?? "");
        lane.stop();
      }
      ran = settings;
      changed();
    },
    /** Each of the runs, as "pause" and the like */
    each(settings: PageSettings, act: (lane: Lane) => void): void {
      for (const [i, lane] of active(settings).entries()) {
        act(lane);
        // A reload finds it as it is now: going on, paused or stopped
        if (lane.state.phase !== "idle") kept?.note(i, lane.state);
      }
      changed();
    },
    /** Data that somebody has dropped on the page, for the runs that are started from now on */
    get files() {
      return files;
    },
    takeFiles(own: OwnFiles): void {
      files = own;
      kept?.files(own);
      changed();
    },
    phases: (settings: PageSettings) => active(settings).map(({ state }) => state.phase),
    setPace(milliseconds: number): void {
      pace = milliseconds;
      for (const lane of lanes) lane.pace(milliseconds);
    },
    select(k: number): void {
      client = k;
      for (const lane of lanes) lane.select(k);
    },
    /** From now on the browser keeps the runs; those of before a reload come back where the settings are the same. */
    async keepIn(store: Kept, settings: PageSettings): Promise<void> {
      kept = store;
      files ??= await store.readFiles().catch(() => undefined);
      for (const i of settings.lanes.keys()) {
        const lane = laneAt(i);
        if (lane.state.phase !== "idle") continue;
        const held = await store.read(i);
        if (held === undefined || lane.state.phase !== "idle") continue;
        if (!same(held.settings, assignments(settings, i)) || held.rounds.length === 0) continue;
        const ended = held.outcome !== undefined || held.failure !== undefined;
        const uploads = held.rounds.flatMap(({ perClient }) => perClient.skipped.filter((skipped) => !skipped)).length;
        const whole = { ...held, uploads, losses: 0 };
        if (ended || held.phase === "stopped") lane.restore(whole);
        else lane.goOn(whole, options(i, settings.lanes.length));
        keptRounds[i] = held.rounds.length;
        ran = settings;
      }
    },
  };
}

function same(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((one, i) => one === b[i]);
}
