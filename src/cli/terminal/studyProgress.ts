import type { StudyProgress } from "../../study/run/progress.js";
import type { ShowProgress } from "../files/study.js";
import { say, speaksJson } from "./output.js";
import { clock, openProgress } from "./progress.js";

/** ms between two lines where there is no terminal, and between two of a log in JSON. */
const pause = { text: 15_000, json: 2000 };

/** Shows a study's jobs with their rate and the time left: a bar or lines, or an object a line for `--log-format json`. */
export function studyProgress(): ShowProgress {
  return speaksJson() ? jsonLines : bar;
}

/** Jobs done since it began, a second; null until there is one. */
function meter() {
  const begun = performance.now();
  let before: number | undefined;
  return ({ done }: StudyProgress): number | null => {
    before ??= done;
    const seconds = (performance.now() - begun) / 1000;
    return done > before && seconds > 0 ? (done - before) / seconds : null;
  };
}

const bar: ShowProgress = async (label, run) => {
  const progress = await openProgress(label);
  const rate = meter();
  let said = { step: 0, at: performance.now() };
  try {
    return await run((state) => {
      const { jobs, done, failed, share, secondsLeft, job } = state;
      const broken = failed > 0 ? ` (${failed} failed)` : "";
      const pace = rate(state);
      const speed = pace === null ? "" : ` · ${Number(pace.toPrecision(3))} jobs/s`;
      const left = secondsLeft === null || share >= 1 ? "" : ` · ${clock(secondsLeft)} left`;
      const step = Math.floor((20 * done) / jobs);
      const due = step !== said.step || performance.now() - said.at > pause.text;
      if (due) said = { step, at: performance.now() };
      const line = `${done}/${jobs} jobs${broken}${speed}${left}`;
      progress.update(share, `${line} · ${job.name}`, due ? line : null);
    });
  } finally {
    progress.stop();
  }
};

const jsonLines: ShowProgress = async (label, run) => {
  const rate = meter();
  const tell = (message: string, event: string, more: object) => say(message, { event, ...more });
  let said = 0;
  tell(`begin ${label}`, "begin", { study: label });
  const result = await run((state) => {
    if (state.done < state.jobs && performance.now() - said < pause.json) return;
    said = performance.now();
    const { job, ...counts } = state;
    tell(`${state.done}/${state.jobs} jobs`, "progress", { ...counts, jobsPerSecond: rate(state), job: job.name });
  });
  tell(`end ${label}`, "end", {});
  return result;
};
