import { existsSync } from "node:fs";
import { env } from "node:process";
import { stream } from "../../bindings/random.js";
import { loadDataset } from "../../src/data/files.js";
import { defaults } from "../../src/parts/defaults.js";
import { createLocalTrainer } from "../../src/training/local.js";
import { createServer } from "../../src/training/server.js";

const [clients, rounds, localEpochs, examples] = [10, 6, 2, 10_000];

/**
 * AdaDelta FedAvg on CIFAR-10 binary files, the same experiment as `pytorch.py fedavg DIRECTORY --examples 10000`:
 * 10 clients with equal IID shards of 10,000 images, 2 local epochs of batch 32, 6 rounds, full precision.
 * The files' folder: CELLFED_DATA, or ../shared/data. Prints one JSON value a seed.
 */
export async function run(): Promise<void> {
  const directory = env.CELLFED_DATA ?? "../shared/data";
  if (!existsSync(directory)) {
    console.log(`skipped: no folder ${directory} with CIFAR-10 binary files (set CELLFED_DATA)`);
    return;
  }
  const dataset = await loadDataset({ ...defaults.data, name: "cifar10", directory }, 1);
  for (const seed of [1, 2, 3]) {
    const training = { ...defaults.training, localEpochs };
    const trainer = createLocalTrainer(dataset, { model: { preset: "paper-cnn" }, training }, seed);
    const server = createServer(defaults.server, trainer.size);
    const order = stream(seed, "partition").shuffle(Int32Array.from({ length: dataset.train.count }, (_, i) => i));
    const weights = trainer.initial();
    const accuracy: (number | null)[] = [];
    const begin = performance.now();
    for (let round = 1; round <= rounds; round++) {
      const mean = new Float32Array(trainer.size);
      for (let client = 0; client < clients; client++) {
        const share = examples / clients;
        const indices = order.subarray(client * share, (client + 1) * share);
        const { update } = trainer.train({ client, round, localEpochs, start: weights, indices });
        for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + update[i]! / clients;
      }
      server.apply(weights, mean);
      accuracy.push(trainer.evaluate(weights, dataset.test).accuracy);
    }
    trainer.dispose();
    console.log(JSON.stringify({ seed, accuracy, seconds: (performance.now() - begin) / 1e3 }));
  }
}
