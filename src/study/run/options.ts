import type { Store } from "../store/contract.js";
import type { Place } from "./place.js";
import type { StudyProgress } from "./progress.js";

/** Where the jobs of a study are performed and kept. */
export interface StudyOptions {
  /** What it has already is not computed again; default: one in memory */
  store?: Store;
  /** Default: this thread. Whoever opened it closes it */
  place?: Place;
  onProgress?(progress: StudyProgress): void;
  /** Breaks the study off; what is finished is returned, and stays in the store */
  signal?: AbortSignal;
}
