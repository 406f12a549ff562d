import { LostJob, type PerformOptions, type Place } from "./place.js";

/** A job that gives no sign of life for this long, s, hangs. */
export const defaultPatience = 1800;

/**
 * The same place, where a job that says nothing for `patience` seconds is broken off and counts as lost: its thread may
 * hang, and would hold its place up for ever.
 */
export function attended(place: Place, patience = defaultPatience): Place {
  return {
    slots: place.slots,
    async perform(job, options) {
      const stop = new AbortController();
      const onAbort = (): void => stop.abort();
      if (options.signal?.aborted) stop.abort();
      options.signal?.addEventListener("abort", onAbort, { once: true });
      let hangs = false;
      const giveUp = (): void => {
        hangs = true;
        stop.abort();
      };
      let timer = setTimeout(giveUp, 1000 * patience);
      const onProgress: PerformOptions["onProgress"] = (progress) => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, 1000 * patience);
        options.onProgress(progress);
      };
      try {
        return await place.perform(job, { ...options, onProgress, signal: stop.signal });
      } catch (error) {
        if (!hangs) throw error;
        throw new LostJob(`it gave no sign of life for ${patience} s and was broken off`, { cause: error });
      } finally {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", onAbort);
      }
    },
    close: () => place.close(),
  };
}
