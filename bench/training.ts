import { spawnSync } from "node:child_process";
import { allocate, f32 } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { conv2dBackward, conv2dForward, convWorkBytes, gemm, gemmWorkBytes, type Window } from "../bindings/train.js";
import { defaults } from "../src/config/defaults.js";
import { createLocalTrainer } from "../src/training/local.js";
import { randomImages } from "./images.js";
import { interleave } from "./measure.js";
import { tensorflow } from "./peers/tensorflow.js";

/** Products, convolution, the paper's network and its peers, one thread. */
export async function run(): Promise<void> {
  products();
  convolution();
  paperNetwork();
  await peers();
}

/** The same step elsewhere: best of some calls each, because a peer in another process cannot be interleaved. */
async function peers(): Promise<void> {
  const dataset = randomImages(32);
  const best = (preset: "paper-cnn" | "mlp", task: "train" | "evaluate") => {
    const trainer = createLocalTrainer(dataset, { model: { preset }, training: defaults.training }, 1);
    const start = trainer.initial();
    const indices = Int32Array.from({ length: 32 }, (_, i) => i);
    const job = { client: 0, round: 1, localEpochs: 10, start, indices };
    const run = task === "train" ? () => trainer.train(job) : () => trainer.evaluate(start, dataset.test);
    const times = Array.from({ length: 25 }, () => {
      const begin = performance.now();
      run();
      return (performance.now() - begin) / 1e3 / (task === "train" ? 10 : 1);
    });
    trainer.dispose();
    return Math.min(...times);
  };
  const rows: object[] = [];
  const add = (what: string, peer: string, ours: number, seconds: number | undefined, reason = "") => {
    rows.push({
      "batch of 32": what,
      "here, ms": (ours * 1e3).toFixed(2),
      peer,
      "peer, ms": seconds === undefined ? reason : (seconds * 1e3).toFixed(2),
      ratio: seconds === undefined ? "–" : `${(seconds / ours).toFixed(1)}×`,
    });
  };
  const ours = {
    train: best("paper-cnn", "train"),
    evaluate: best("paper-cnn", "evaluate"),
    mlp: best("mlp", "train"),
  };
  const torch = pytorchStep();
  if (typeof torch === "string") console.log(`PyTorch: ${torch}`);
  else {
    add("paper's network, training", `PyTorch ${torch.torch}, 1 thread`, ours.train, torch.stepSeconds.best);
    add("paper's network, evaluation", `PyTorch ${torch.torch}, 1 thread`, ours.evaluate, torch.evaluateSeconds.best);
  }
  for (const backend of ["cpu", "wasm"] as const) {
    const name = `TensorFlow.js ${backend}`;
    const cases = [
      ["paper's network, training", "paper-cnn", "train", ours.train],
      ["paper's network, evaluation", "paper-cnn", "evaluate", ours.evaluate],
      ["perceptron, training", "mlp", "train", ours.mlp],
    ] as const;
    for (const [what, network, task, time] of cases) {
      const peer = await tensorflow(network, task, backend, backend === "cpu" ? 3 : 20);
      if (peer === undefined) {
        console.log(`${name}: not installed (npm install --no-save @tensorflow/tfjs @tensorflow/tfjs-backend-wasm)`);
        break;
      }
      add(what, name, time, peer.seconds, peer.reason);
    }
  }
  console.log("the same in other libraries, same machine, one thread, best of some calls");
  console.table(rows);
}

interface PyTorchStep {
  torch: string;
  stepSeconds: { best: number };
  evaluateSeconds: { best: number };
}

/** Runs bench/peers/pytorch.py. @returns why not, where no Python has PyTorch */
function pytorchStep(): PyTorchStep | string {
  const candidates = [...new Set([process.env.PYTHON ?? "python3", "python3", "/usr/bin/python3"])];
  const env = { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const python = candidates.find((name) => spawnSync(name, ["-c", "import torch, numpy"], { env }).status === 0);
  if (python === undefined) return `not here: none of ${candidates.join(", ")} can import torch and numpy (set PYTHON)`;
  const result = spawnSync(python, ["bench/peers/pytorch.py", "step"], { encoding: "utf8", env });
  if (result.status !== 0) return `${python}: ${result.stderr.trim().split("\n").at(-1) ?? "failed"}`;
  return JSON.parse(result.stdout) as PyTorchStep;
}

/** C = A·B against the faster plain triple loop, on typed arrays. */
function products(): void {
  const sizes = [16, 32, 64, 128, 256, 512, 1024];
  const rows = sizes.map((n) => {
    const [a, b, c] = [randomBlock(n * n), randomBlock(n * n), allocate(4 * n * n)];
    const work = allocate(gemmWorkBytes());
    const repeat = Math.ceil(4e6 / n ** 3);
    const product = (ta: boolean, tb: boolean) => () => {
      const left = { pointer: a, row: ta ? 1 : n, column: ta ? n : 1 };
      const right = { pointer: b, row: tb ? 1 : n, column: tb ? n : 1 };
      for (let i = 0; i < repeat; i++) gemm([n, n, n], left, right, c, n, 0, 0, work);
    };
    const [x, y, z] = [f32(a, n * n).slice(), f32(b, n * n).slice(), new Float32Array(n * n)];
    const loops = () => {
      for (let i = 0; i < repeat; i++) tripleLoop(n, x, y, z);
    };
    const candidates = [
      { name: "N N", run: product(false, false) },
      { name: "T N", run: product(true, false) },
      { name: "N T", run: product(false, true) },
      { name: "T T", run: product(true, true) },
    ];
    const withLoops = n <= 512 ? [{ name: "JavaScript", run: loops }, ...candidates] : candidates;
    const measured = interleave(withLoops, { rounds: 5, secondsEach: 0.08 });
    const gflops = (name: string) => {
      const one = measured.find((m) => m.name === name);
      return one === undefined ? "–" : ((2 * n ** 3 * repeat) / one.seconds / 1e9).toFixed(1);
    };
    return {
      size: n,
      JavaScript: gflops("JavaScript"),
      A·B: gflops("N N"),
      Aᵀ·B: gflops("T N"),
      A·Bᵀ: gflops("N T"),
      Aᵀ·Bᵀ: gflops("T T"),
      ratio: n <= 512 ? `${measured.find((m) => m.name === "N N")!.ratio.toFixed(1)}×` : "–",
    };
  });
  console.log("float32 matrix product, GFLOP/s; ratio: A·B over JavaScript's triple loop, same run");
  console.table(rows);
}

/** A dot product an entry: with V8 this order is the faster of the two plain ones, because the sum stays in a register. */
function tripleLoop(n: number, a: Float32Array, b: Float32Array, c: Float32Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!;
      c[i * n + j] = sum;
    }
  }
}

/** Forward and both backward passes of 3×3 convolutions. */
function convolution(): void {
  const cases = [
    { side: 32, channels: 3, filters: 32 },
    { side: 32, channels: 32, filters: 32 },
    { side: 16, channels: 64, filters: 64 },
    { side: 8, channels: 128, filters: 128 },
  ];
  const batch = 32;
  const rows = cases.map(({ side, channels, filters }) => {
    const out = side - 2;
    const g: Window = {
      height: side,
      width: side,
      channels,
      outHeight: out,
      outWidth: out,
      kernelHeight: 3,
      kernelWidth: 3,
      stride: 1,
      padTop: 0,
      padLeft: 0,
    };
    const x = randomBlock(batch * side * side * channels);
    const y = randomBlock(batch * out * out * filters);
    const w = randomBlock(9 * channels * filters);
    const dw = allocate(4 * 9 * channels * filters);
    const dx = allocate(4 * batch * side * side * channels);
    const work = allocate(convWorkBytes(g));
    const flop = 2 * batch * out * out * 9 * channels * filters;
    const [forward, weights, both] = interleave(
      [
        { name: "forward", run: () => conv2dForward(batch, g, filters, x, w, w, y, true, work) },
        { name: "weights", run: () => conv2dBackward(batch, g, filters, x, w, y, dw, 0, work) },
        { name: "both", run: () => conv2dBackward(batch, g, filters, x, w, y, dw, dx, work) },
      ],
      { rounds: 5, secondsEach: 0.1 },
    );
    const rate = (count: number, seconds: number) => ((count * flop) / seconds / 1e9).toFixed(1);
    return {
      image: `${side}×${side}×${channels}`,
      filters,
      forward: rate(1, forward!.seconds),
      "weights' gradient": rate(1, weights!.seconds),
      "both gradients": rate(2, both!.seconds),
      "all three": rate(3, forward!.seconds + both!.seconds),
    };
  });
  console.log("3×3 convolution, batch 32, GFLOP/s");
  console.table(rows);
}

/** Samples a second of the paper's network on 32×32×3 images, AdaDelta. */
function paperNetwork(): void {
  const dataset = randomImages(1024);
  const indices = Int32Array.from({ length: 1024 }, (_, i) => i);
  const rows = [8, 32, 128].map((batchSize) => {
    const training = { ...defaults.training, batchSize };
    const trainer = createLocalTrainer(dataset, { model: { preset: "paper-cnn" }, training }, 1);
    const start = trainer.initial();
    const [train, evaluate] = interleave(
      [
        { name: "train", run: () => void trainer.train({ client: 0, round: 1, localEpochs: 1, start, indices }) },
        { name: "evaluate", run: () => void trainer.evaluate(start, dataset.train) },
      ],
      { rounds: 5, secondsEach: 0.3 },
    );
    trainer.dispose();
    return {
      batch: batchSize,
      "step, ms": ((train!.seconds * 1e3 * batchSize) / 1024).toFixed(2),
      "samples/s": Math.round(1024 / train!.seconds),
      "evaluated/s": Math.round(1024 / evaluate!.seconds),
      "evaluation over training": `${(train!.seconds / evaluate!.seconds).toFixed(1)}×`,
    };
  });
  console.log("the paper's network, 462,410 parameters, AdaDelta");
  console.table(rows);
}

function randomBlock(length: number): number {
  const values = new Float32Array(length);
  stream(length, "test").fillUniform(values, -1, 1);
  const pointer = allocate(4 * length + 16);
  f32(pointer, length).set(values);
  return pointer;
}
