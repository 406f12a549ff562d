/** When a worker that comes and goes takes no more jobs, and when it breaks off those under way. */
export interface Departure {
  /** Aborted: take no more jobs */
  readonly drain: AbortSignal;
  /** Aborted: break off what is under way; its half-done work is kept */
  readonly stop: AbortSignal;
  /** Why; undefined as long as it stays */
  reason(): "asked" | "time" | undefined;
  /** Ends its clocks */
  release(): void;
}

export interface DepartureOptions {
  /** Asks to leave: a signal of the system */
  asked?: AbortSignal;
  /** s that jobs under way are given when it is asked to leave */
  grace?: number;
  /** s from now after which the worker is ended from outside, such as a walltime */
  time?: number;
  /** s before that when it takes no more jobs; a third of it before, jobs under way are broken off */
  before?: number;
}

export const defaultGrace = 20;
export const defaultBefore = 60;
/** What timers can wait at most, ms. */
const longestTimer = 2 ** 31 - 1;

export function departure(options: DepartureOptions = {}): Departure {
  const { asked, grace = defaultGrace, time, before = defaultBefore } = options;
  const drain = new AbortController();
  const stop = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  let reason: "asked" | "time" | undefined;
  const leave = (why: "asked" | "time", patience: number): void => {
    if (reason !== undefined && why === "time") return;
    reason = why;
    drain.abort();
    timers.push(setTimeout(() => stop.abort(), 1000 * patience));
  };
  const onAsked = (): void => leave("asked", grace);
  if (asked?.aborted) onAsked();
  asked?.addEventListener("abort", onAsked, { once: true });
  if (time !== undefined && 1000 * time <= longestTimer)
    timers.push(setTimeout(() => leave("time", (Math.min(time, before) * 2) / 3), 1000 * Math.max(0, time - before)));
  return {
    drain: drain.signal,
    stop: stop.signal,
    reason: () => reason,
    release() {
      for (const timer of timers) clearTimeout(timer);
      asked?.removeEventListener("abort", onAsked);
    },
  };
}

/** So many seconds; less where the signal comes. */
export function pause(seconds: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(undefined);
    };
    const timer = setTimeout(end, 1000 * seconds);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
