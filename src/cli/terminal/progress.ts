import type { StudyProgress } from "../../study/run/progress.js";
import { say } from "./output.js";

/** What a command shows while it works: a bar on a terminal, plain lines elsewhere. On stderr, always. */
export interface Progress {
  /**
   * @param done share of the work that is done, 0 … 1
   * @param text what stands beside the bar
   * @param line what is printed where there is no terminal; default `text`, null prints nothing
   */
  update(done: number, text: string, line?: string | null): void;
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
  return process.stderr.isTTY ? bar(label) : plainLines();
}

async function bar(label: string): Promise<Progress> {
  const { SingleBar, Presets } = await import("cli-progress");
  const single = new SingleBar(
    {
      format: `${label} {bar} {percentage} %  {text}  {elapsed}`,
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
  single.start(1000, 0, { text: "starting", elapsed: "0:00" });
  const started = Date.now();
  const elapsed = (): string => clock((Date.now() - started) / 1000);
  // The clock runs on between two updates
  const timer = setInterval(() => single.increment(0, { elapsed: elapsed() }), 1000);
  timer.unref();
  process.once("exit", () => single.stop()); // gives the cursor back
  let stopped = false;
  return {
    update(done, text) {
      if (!stopped) single.update(Math.floor(1000 * Math.min(1, done)), { text, elapsed: elapsed() });
    },
    stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      single.stop();
    },
  };
}

function plainLines(): Progress {
  return {
    update(_done, text, line = text) {
      if (line !== null) say(line);
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
