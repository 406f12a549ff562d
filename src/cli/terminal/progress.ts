import type { StudyProgress } from "../../study/run/progress.js";
import { say, speaksPlainly } from "./output.js";

/** What a command shows while it works: a bar on a terminal, plain lines elsewhere. On stderr, always. */
export interface Progress {
  /**
   * @param done share of the work that is done, 0 … 1
   * @param text what stands beside the bar
   * @param line what is printed where there is no terminal; default `text`, null prints nothing
   * @param lasting the line stays on a terminal, above the bar
   */
  update(done: number, text: string, line?: string | null, lasting?: boolean): void;
  /** Takes the bar away; later updates show nothing on a terminal. */
  stop(): void;
}

/** Jobs up to which each one that is done gets a line of its own; of more, one every twentieth. */
const mostLines = 100;
/** Between two lines about a job that takes long, ms. */
const patience = 15_000;

/** Runs a study under the bar of all its jobs. */
export async function withProgress<T>(
  label: string,
  run: (onProgress: (progress: StudyProgress) => void) => Promise<T>,
): Promise<T> {
  const progress = await openProgress(label);
  let said = { step: -1, at: performance.now() };
  try {
    return await run(({ jobs, done, failed, share, secondsLeft, job }) => {
      const note = job.note === undefined ? "" : `, ${job.note}`;
      const steps = job.expected > 1 ? `: ${Math.floor(job.done)}/${job.expected}` : "";
      const left = secondsLeft === null || share >= 1 ? "" : ` · ${clock(secondsLeft)} left`;
      const broken = failed > 0 ? ` (${failed} failed)` : "";
      const text = `${done}/${jobs}${broken} · ${job.name}${steps}${note}${left}`;
      const step = jobs <= mostLines ? done : Math.floor((20 * done) / jobs);
      const due = (step !== said.step && done > 0) || performance.now() - said.at > patience;
      if (due) said = { step, at: performance.now() };
      progress.update(share, text, due ? text : null);
    });
  } finally {
    progress.stop();
  }
}

export async function openProgress(label: string): Promise<Progress> {
  return process.stderr.isTTY && speaksPlainly() ? bar(label) : plainLines();
}

async function bar(label: string): Promise<Progress> {
  const { MultiBar, Presets } = await import("cli-progress");
  const bars = new MultiBar(
    {
      format: `${label} {bar} {percentage} %  {text}  {clock}`,
      stream: process.stderr,
      barsize: 10,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      stopOnComplete: false,
      gracefulExit: false, // interruption.ts sees to that
      formatTime: (seconds: number) => clock(seconds),
      fps: 8,
    },
    Presets.shades_classic,
  );
  const single = bars.create(1000, 0, { text: "starting", clock: "0:00" });
  const started = Date.now();
  const said = { seconds: 0, share: 0, tellsLeft: false };
  const times = (): string => {
    const seconds = (Date.now() - started) / 1000;
    return `${clock(seconds)}${said.tellsLeft ? leftAfter(said, seconds) : ""}`;
  };
  // The clock runs on between two updates
  const timer = setInterval(() => single.increment(0, { clock: times() }), 1000);
  timer.unref();
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    clearInterval(timer);
    bars.update(); // lines that wait are printed
    bars.stop();
  };
  process.once("exit", stop); // gives the cursor back
  return {
    update(done, text, line, lasting = false) {
      if (stopped) return;
      if (lasting && typeof line === "string") bars.log(`${line}\n`);
      Object.assign(said, { seconds: (Date.now() - started) / 1000, share: Math.min(1, done), tellsLeft: lasting });
      single.update(Math.floor(1000 * said.share), { text, clock: times() });
    },
    stop,
  };
}

/** What is left at the pace so far, where a pace is known. */
function leftAfter({ seconds, share }: { seconds: number; share: number }, now: number): string {
  if (share <= 0 || share >= 1) return "";
  return `, ${clock(Math.max(0, seconds / share - now))} left`;
}

function plainLines(): Progress {
  return {
    update(done, text, line = text) {
      if (line !== null) say(line, { done: Math.min(1, done) });
    },
    stop() {},
  };
}

/** 75 s is 1:15. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const pair = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${pair(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${pair(minutes % 60)}:${pair(whole % 60)}`;
}
