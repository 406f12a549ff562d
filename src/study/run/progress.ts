import type { Job, JobProgress } from "../jobs/job.js";

/** How far a study is. */
export interface StudyProgress {
  /** Jobs: in all, done (those found in the store too), of which failed, if only in part */
  jobs: number;
  done: number;
  failed: number;
  /** Share of what had to be done: 0 … 1 */
  share: number;
  /** s; null until a job tells */
  secondsLeft: number | null;
  /** The job that reported */
  job: JobProgress & { name: string };
}

/**
 * Keeps count: every job is worth what it is said to cost, and is done by its own expected steps.
 * @param total jobs of the study, of which `jobs` have to be performed
 */
export function countProgress(
  total: number,
  jobs: readonly Job[],
  onProgress: ((progress: StudyProgress) => void) | undefined,
) {
  const weightOf = ({ cost }: Job): number => (cost !== undefined && cost > 0 ? cost : 1);
  const weight = jobs.reduce((sum, job) => sum + weightOf(job), 0);
  const underWay = new Map<string, { share: number; last: JobProgress }>();
  const begun = performance.now();
  let finished = 0;
  let partly = 0;
  let done = total - jobs.length;
  let failed = 0;

  const enter = (job: Job, share: number, last: JobProgress): void => {
    partly += weightOf(job) * (share - (underWay.get(job.key)?.share ?? 0));
    underWay.set(job.key, { share, last });
  };
  const tell = (job: Job, last: JobProgress): void => {
    const share = weight > 0 ? Math.min(1, Math.max(0, (finished + partly) / weight)) : 1;
    const seconds = (performance.now() - begun) / 1000;
    const secondsLeft = share > 0 ? (seconds * (1 - share)) / share : null;
    onProgress?.({ jobs: total, done, failed, share, secondsLeft, job: { ...last, name: job.name } });
  };
  return {
    step(job: Job, progress: JobProgress): void {
      enter(job, progress.expected > 0 ? Math.min(1, progress.done / progress.expected) : 0, progress);
      tell(job, progress);
    },
    done(job: Job, broken: boolean): void {
      const last = underWay.get(job.key)?.last ?? { done: 0, expected: 0 };
      enter(job, 0, last);
      underWay.delete(job.key);
      finished += weightOf(job);
      done++;
      if (broken) failed++;
      tell(job, { ...last, expected: last.done });
    },
  };
}
