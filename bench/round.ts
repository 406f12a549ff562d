import { existsSync } from "node:fs";
import { loadDataset } from "../src/data/files.js";
import { inProcessExecutor } from "../src/federated/executor.js";
import { simulate } from "../src/federated/simulate.js";
import { parseConfig } from "../src/parts/resolve.js";
import { threadedExecutor } from "../src/study/run/executor.js";

/**
 * One round of `paper-cifar10-k20` on real data, on one thread and on two, with the process's peak memory.
 * The data folder is CELLFED_DATA, or ../shared/data beside the clone.
 */
export async function run(): Promise<void> {
  const directory = process.env.CELLFED_DATA ?? "../shared/data";
  if (!existsSync(directory)) {
    console.log(`skipped: no data folder ${directory} (set CELLFED_DATA to one that holds cifar-10-batches-bin)`);
    return;
  }
  const config = parseConfig({ preset: "paper-cifar10-k20", rounds: 1, data: { directory } });
  const dataset = await loadDataset(config.data, config.seed);
  const seconds: number[] = [];
  for (const threads of [1, 2]) {
    const start = performance.now();
    const result = await simulate(config, {
      dataset,
      executor: threads === 1 ? inProcessExecutor() : threadedExecutor(threads),
    });
    seconds.push((performance.now() - start) / 1000);
    const samples = dataset.train.count * config.training.localEpochs;
    const rate = samples / seconds.at(-1)!;
    console.log(
      `${threads} thread${threads > 1 ? "s" : " "}  ${seconds.at(-1)!.toFixed(1)} s for ${samples} samples ` +
        `(${Math.round(rate)} samples/s)  results ${result.fingerprint.results}`,
    );
  }
  console.log(`scaling on two threads: × ${(seconds[0]! / seconds[1]!).toFixed(2)}`);
  console.log(`peak memory of the process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}
