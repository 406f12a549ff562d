import { spawnSync } from "node:child_process";
import { blockBytes, type PooledConvolution, writeBlock } from "../bindings/blocks.js";
import {
  convPool2dForward,
  convPoolWorkBytes,
  winogradPool2dForward,
  winogradPoolWorkBytes,
} from "../bindings/layers.js";
import { type Address, allocate, f32, none } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { conv2dBackward, conv2dForward, convWorkBytes, gemm, gemmWorkBytes } from "../bindings/train.js";
import { defaults } from "../src/parts/defaults.js";
import { createLocalTrainer } from "../src/training/local.js";
import { randomImages } from "./images.js";
import { interleave } from "./measure.js";
import { tensorflow, tensorflowKernels } from "./peers/tensorflow.js";

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
    const seconds = bestOf(run, 60) / (task === "train" ? 10 : 1);
    trainer.dispose();
    return seconds;
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
    product: bestOf(productOf(512), 40),
    convolution: bestOf(convolutionOf(32, 32, 32).forward, 40),
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
    const kernels = await tensorflowKernels(backend, 512, 32, backend === "cpu" ? 2 : 40);
    if (kernels === undefined) continue;
    add("product of 512 × 512", name, ours.product, kernels.product.seconds);
    add("3×3 convolution, 32 channels to 32", name, ours.convolution, kernels.convolution.seconds);
  }
  console.log("the same in other libraries, same machine, one thread, best of some calls");
  console.table(rows);
}

/** s */
function bestOf(run: () => void, calls: number): number {
  const times = Array.from({ length: calls }, () => {
    const begin = performance.now();
    run();
    return (performance.now() - begin) / 1e3;
  });
  return Math.min(...times);
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
    const repeat = Math.ceil(4e6 / n ** 3);
    const product = (ta: boolean, tb: boolean) => productOf(n, ta, tb, repeat);
    const [x, y, z] = [0, 1, 2].map((i) => Float32Array.from({ length: n * n }, (_, j) => ((i + j) % 7) - 3)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
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

/** C = A·B of size n², `repeat` times a call. */
function productOf(n: number, ta = false, tb = false, repeat = 1): () => void {
  const [a, b, c, work] = [randomBlock(n * n), randomBlock(n * n), allocate(4 * n * n), allocate(gemmWorkBytes())];
  const left = { pointer: a, row: ta ? 1 : n, column: ta ? n : 1 };
  const right = { pointer: b, row: tb ? 1 : n, column: tb ? n : 1 };
  return () => {
    for (let i = 0; i < repeat; i++) gemm([n, n, n], 0, left, right, none, { pointer: c, row: n }, work);
  };
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

/** Forward and both backward passes of 3×3 convolutions; then with ReLU and 2×2 pooling, as training and testing do it. */
function convolution(): void {
  const cases = [
    [32, 3, 32],
    [32, 32, 32],
    [16, 64, 64],
    [8, 128, 128],
  ] as const;
  const options = { rounds: 5, secondsEach: 0.1 };
  const rows = cases.map(([side, channels, filters]) => {
    const { flop, forward, weights, both } = convolutionOf(side, channels, filters);
    const measured = interleave(
      [
        { name: "forward", run: forward },
        { name: "weights", run: weights },
        { name: "both", run: both },
      ],
      options,
    );
    const [f, w, b] = measured.map(({ seconds }) => seconds) as [number, number, number];
    const rate = (count: number, seconds: number) => ((count * flop) / seconds / 1e9).toFixed(1);
    return {
      image: `${side}×${side}×${channels}`,
      filters,
      forward: rate(1, f),
      "weights' gradient": rate(1, w),
      "both gradients": rate(2, b),
      "all three": rate(3, f + b),
    };
  });
  console.log("3×3 convolution, batch 32, GFLOP/s");
  console.table(rows);
  const fused = cases.map(([side, channels, filters]) => {
    const { direct, training, testing } = convolutionOf(side, channels, filters);
    const [directly, trained, tested] = interleave(
      [
        { name: "directly", run: direct },
        { name: "training", run: training },
        { name: "testing", run: testing },
      ],
      options,
    );
    return {
      image: `${side}×${side}×${channels}`,
      filters,
      "directly, µs an image": ((directly!.seconds * 1e6) / 32).toFixed(1),
      "training, µs an image": ((trained!.seconds * 1e6) / 32).toFixed(1),
      "testing, µs an image": ((tested!.seconds * 1e6) / 32).toFixed(1),
      ratio: `${trained!.ratio.toFixed(2)}×`,
    };
  });
  console.log(
    "3×3 convolution, ReLU and 2×2 max-pooling as one: directly and by Winograd's form, with winners (training) and without",
  );
  console.table(fused);
}

/** The passes of a 3×3 convolution without padding on 32 images, and what one of them costs by its definition. */
function convolutionOf(side: number, channels: number, filters: number) {
  const batch = 32;
  const out = side - 2;
  const fields: PooledConvolution = {
    ...{ height: side, width: side, channels, outHeight: out, outWidth: out },
    ...{ kernelHeight: 3, kernelWidth: 3, stride: 1, padTop: 0, padLeft: 0, filters },
    ...{ poolSize: 2, poolHeight: out >> 1, poolWidth: out >> 1 },
  };
  const g = writeBlock("PooledConvolution", allocate(blockBytes("PooledConvolution")), fields);
  const x = randomBlock(batch * side * side * channels);
  const y = randomBlock(batch * out * out * filters);
  const winner = allocate(4 * batch * out * out * filters);
  const w = randomBlock(9 * channels * filters);
  const dw = allocate(4 * 9 * channels * filters);
  const dx = allocate(4 * batch * side * side * channels);
  const fusedBytes = Math.max(convPoolWorkBytes(fields), winogradPoolWorkBytes(fields));
  const work = allocate(Math.max(convWorkBytes(fields), fusedBytes));
  return {
    flop: 2 * batch * out * out * 9 * channels * filters,
    forward: () => conv2dForward(batch, true, g, x, w, w, y, work),
    weights: () => conv2dBackward(batch, g, x, w, y, dw, none, work),
    both: () => conv2dBackward(batch, g, x, w, y, dw, dx, work),
    direct: () => convPool2dForward(batch, g, x, w, w, y, winner, work),
    training: () => winogradPool2dForward(batch, g, x, w, w, y, winner, work),
    testing: () => winogradPool2dForward(batch, g, x, w, w, y, none, work),
  };
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
  console.log(
    "the paper's network, 462,410 parameters, AdaDelta; evaluation is in batches of its own, whatever training's",
  );
  console.table(rows);
}

function randomBlock(length: number): Address {
  const values = new Float32Array(length);
  stream(length, "test").fillUniform(values, -1, 1);
  const pointer = allocate(4 * length + 16);
  f32(pointer, length).set(values);
  return pointer;
}
