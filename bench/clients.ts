import { inProcessExecutor } from "../src/federated/executor.js";
import { simulate } from "../src/federated/simulate.js";
import { parseConfig } from "../src/parts/resolve.js";
import { threadedExecutor } from "../src/study/run/executor.js";
import { randomImages } from "./images.js";

const [clients, imagesEach] = [1000, 10];

/**
 * The memory of many clients: one round of a thousand, each with ten random 32×32×3 images, the paper's network, on one
 * thread and on two. Memory is a model a thread and a few packets, whatever the number of clients; so full precision
 * (`identity`, 1.85 MB a packet) is the hard case. A process's peak only grows: run this area by itself, and read each
 * line as the most so far.
 */
export async function run(): Promise<void> {
  const dataset = randomImages(clients * imagesEach, 500);
  for (const threads of [1, 2]) {
    for (const name of ["emq", "identity"] as const) {
      const config = parseConfig({
        rounds: 1,
        training: { localEpochs: 1 },
        network: { clients },
        quantizer: { name },
        budgets: { energy: 1e9, latency: 1e9 },
      });
      const begin = performance.now();
      const executor = threads === 1 ? inProcessExecutor() : threadedExecutor(threads);
      const { rounds, parameters } = await simulate(config, { dataset, executor });
      const peak = process.resourceUsage().maxRSS / 1024;
      console.log(
        `${threads} thread${threads > 1 ? "s" : " "}  ${name.padEnd(8)}  ${rounds[0]?.perClient.wireBits.length} clients, ` +
          `${parameters} parameters  ${((performance.now() - begin) / 1000).toFixed(1)} s  peak so far ${peak.toFixed(0)} MiB`,
      );
    }
  }
}
