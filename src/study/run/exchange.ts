import type { Dataset } from "../../config/records.js";

type Answer = (dataset: Dataset | null) => void;

interface Entry<Maker> {
  /** Who makes it, until it is there */
  maker: Maker;
  dataset?: Dataset;
  waiting: { maker: Maker; answer: Answer }[];
}

/**
 * Data sets that workers share: who asks first makes it, on shared memory, and the others wait for it, so that neither
 * the main thread nor a second worker has the work again.
 * @param limit finished sets that are kept; those in use by a job stay with it
 */
export function datasetExchange<Maker>(limit: number) {
  const entries = new Map<string, Entry<Maker>>();

  /** The maker could not: the next who waits tries, and tells its own job why not. */
  function passOn(key: string, entry: Entry<Maker>): void {
    const next = entry.waiting.shift();
    if (next === undefined) entries.delete(key);
    else {
      entry.maker = next.maker;
      next.answer(null);
    }
  }

  return {
    /** @param answer gets the set, or null where the maker has to make it */
    want(key: string, maker: Maker, answer: Answer): void {
      const entry = entries.get(key);
      if (entry === undefined) {
        entries.set(key, { maker, waiting: [] });
        answer(null);
      } else if (entry.dataset === undefined) entry.waiting.push({ maker, answer });
      else {
        entries.delete(key); // the last used is the last in order
        entries.set(key, entry);
        answer(entry.dataset);
      }
    },
    /** @param dataset null where it could not be made */
    made(key: string, dataset: Dataset | null): void {
      const entry = entries.get(key);
      if (entry === undefined) return;
      if (dataset === null) {
        passOn(key, entry);
        return;
      }
      entry.dataset = dataset;
      for (const { answer } of entry.waiting.splice(0)) answer(dataset);
      const finished = [...entries].filter(([, { dataset: there }]) => there !== undefined);
      for (const [old] of finished.slice(0, Math.max(0, finished.length - limit))) entries.delete(old);
    },
    /** A maker is gone. */
    lost(maker: Maker): void {
      for (const [key, entry] of [...entries]) {
        entry.waiting = entry.waiting.filter((one) => one.maker !== maker);
        if (entry.dataset === undefined && entry.maker === maker) passOn(key, entry);
      }
    },
  };
}
