import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline/promises";
import { stream } from "../bindings/random.js";
import type { Dataset } from "../src/config/records.js";
import { createModel } from "../src/training/model.js";
import { modelSpec } from "../src/training/presets.js";
import { peak } from "./peak.js";

/** Examples at a time, and turns of all candidates. */
const [batch, turns] = [32, 30];
const tasks = ["train", "evaluate"] as const;

/**
 * vit-tiny and char-transformer, one thread: loss and gradient, and evaluation, against what the products' operations cost
 * at the peak of 128-bit lanes and against PyTorch. All take turns, and the call with the least processor time counts.
 */
export async function run(): Promise<void> {
  const torch = await pytorch();
  if (typeof torch === "string") console.log(`PyTorch: ${torch}`);
  const networks = [vitTiny(), charTransformer()];
  const least = networks.map(() => ({ train: [Infinity, Infinity], evaluate: [Infinity, Infinity] }));
  let flops = 0;
  for (let turn = 0; turn < turns; turn++) {
    flops = Math.max(flops, peak());
    for (const [i, network] of networks.entries()) {
      for (const task of tasks) {
        const times = least[i]![task];
        for (let call = 0; call < 3; call++) times[0] = Math.min(times[0]!, milliseconds(network[task]));
        if (typeof torch !== "string") times[1] = Math.min(times[1]!, await torch.ask(`${network.name} ${task} 3`));
      }
    }
  }
  if (typeof torch !== "string") torch.end();
  console.log(`multiplications and additions in 128-bit registers: ${(flops / 1e9).toFixed(1)} GFLOP/s`);
  console.table(
    networks.flatMap((network, i) =>
      tasks.map((task) => {
        const [here, there] = least[i]![task] as [number, number];
        const bound = (1e3 * network.operations * (task === "train" ? 3 : 1)) / flops;
        return {
          [`batch of ${batch}`]: `${network.name}, ${task}`,
          "here, ms": here.toFixed(2),
          "products at the peak, ms": bound.toFixed(2),
          reached: `${((100 * bound) / here).toFixed(0)} %`,
          "PyTorch, ms": Number.isFinite(there) ? there.toFixed(2) : "–",
          ratio: Number.isFinite(there) ? `${(there / here).toFixed(2)}×` : "–",
        };
      }),
    ),
  );
}

/** Operations of a block's products on `length` positions: dense layers of 64 → 192, 64 → 64, 64 → 256 → 64; attention. */
function blockOperations(length: number): number {
  return 2 * length * 64 * (192 + 64 + 2 * 256) + 2 * 2 * length * length * 64;
}

function vitTiny() {
  const x = Float32Array.from({ length: batch * 3072 }, () => random.uniform());
  const operations = batch * (2 * 64 * 48 * 64 + 4 * blockOperations(64));
  const task = { task: "classification", inputShape: [32, 32, 3], outputs: 10 } as const;
  return { ...network("vit-tiny", task, x, batch), operations };
}

/** Half of attention's products are of positions that are not seen; they are not counted, and not computed. */
function charTransformer() {
  const x = Float32Array.from({ length: batch * 32 }, () => random.integer(64));
  const unseen = 2 * (32 * 31) * 64;
  const operations = batch * (2 * (blockOperations(32) - unseen) + 2 * 32 * 64 * 64);
  const task = { task: "next-token", inputShape: [32], outputs: 64 } as const;
  return { ...network("char-transformer", task, x, batch * 32), operations };
}

function network(
  name: "vit-tiny" | "char-transformer",
  task: Pick<Dataset, "task" | "inputShape" | "outputs">,
  x: Float32Array,
  rows: number,
) {
  const model = createModel(modelSpec({ preset: name }, task), { seed: 1 });
  const labels = Int32Array.from({ length: rows }, () => random.integer(10));
  return {
    name,
    train: () => void model.lossAndGradient(x, labels, batch),
    evaluate: () => void model.forward(x, batch),
  };
}

const random = stream(1, "test");

/** Of processor time: on a busy machine a step is seldom left alone for as long as it takes. */
function milliseconds(run: () => void): number {
  const begin = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e3;
}

/** Starts bench/peers/transformers.py. @returns why not, where no Python has PyTorch */
async function pytorch(): Promise<{ ask(line: string): Promise<number>; end(): void } | string> {
  const candidates = [...new Set([process.env.PYTHON ?? "python3", "python3", "/usr/bin/python3"])];
  const env = { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const python = candidates.find((name) => spawnSync(name, ["-c", "import torch"], { env }).status === 0);
  if (python === undefined) return `not here: none of ${candidates.join(", ")} can import torch (set PYTHON)`;
  const child = spawn(python, ["bench/peers/transformers.py"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  console.log(`PyTorch ${(await lines.next()).value}, one thread`);
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      return Number((await lines.next()).value);
    },
    end: () => child.stdin.end(),
  };
}
