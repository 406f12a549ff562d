import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import type { Config } from "../../config/config.js";
import type { Dataset } from "../../config/records.js";
import type { RoundRecord, RunResult } from "../../federated/result.js";
import { openThreads, shareDataset } from "./threads.js";

export interface SeedsOptions {
  workers: number;
  /** Data that does not depend on the seed; procedural data is drawn by each run from its own */
  dataset?: Dataset;
  /** After each round of each seed */
  onRound?(seed: number, record: RoundRecord, run: { parameters: number }): void;
  /** Runs not yet begun are left out, and those under way are broken off */
  signal?: AbortSignal;
}

/** What a thread says after each round. */
interface RoundMessage {
  record: RoundRecord;
  run: { parameters: number };
}

/**
 * The same config under several seeds, each run whole on one worker thread.
 * @returns the finished runs in the order of the seeds; fewer than asked for only after an abort
 */
export async function simulateSeeds(
  config: Config,
  seeds: readonly number[],
  options: SeedsOptions,
): Promise<RunResult[]> {
  const threads = openThreads(Math.min(options.workers, seeds.length));
  const dataset = options.dataset && shareDataset(options.dataset);
  const results: (RunResult | undefined)[] = seeds.map(() => undefined);
  const aborted = new Promise<void>((resolve) => {
    if (options.signal?.aborted) resolve();
    options.signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    const runs = seeds.map(async (seed, index) => {
      const { port1, port2 } = new MessageChannel();
      port1.on("message", ({ record, run }: RoundMessage) => options.onRound?.(seed, record, run));
      // The worker's end closes with the run or with its thread, after the last message has come through.
      const closed = once(port1, "close");
      results[index] = await threads.run<RunResult>({
        kind: "simulate",
        config: { ...config, seed },
        ...(dataset && { dataset }),
        progress: port2,
      });
      await closed;
    });
    await Promise.race([Promise.all(runs), aborted]);
    // What an abort leaves behind rejects when the pool closes; nobody waits for it.
    for (const run of runs) run.catch(() => {});
  } finally {
    await threads.close();
  }
  return results.filter((result) => result !== undefined);
}
