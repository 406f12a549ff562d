import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cwd } from "node:process";

/** One thing that TensorFlow.js was asked to do: s a call, or why it cannot. */
export interface Peer {
  backend: "cpu" | "wasm";
  seconds: number | undefined;
  reason?: string;
}

/** What is used of TensorFlow.js, whose types are not installed with it here. */
interface Tensor {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  randomUniform(shape: number[], low: number, high: number): Tensor;
  oneHot(indices: Tensor, depth: number): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  conv2d(x: Tensor, kernel: Tensor, stride: number, padding: string): Tensor;
  tensor1d(values: number[], type: string): Tensor;
  sequential(options: { layers: unknown[] }): {
    compile(options: object): void;
    trainOnBatch(x: Tensor, y: Tensor): Promise<unknown>;
    predictOnBatch(x: Tensor): Tensor;
  };
  layers: Record<"conv2d" | "maxPooling2d" | "flatten" | "dense", (options: object) => unknown>;
  train: { adadelta(rate: number, rho: number, epsilon: number): unknown };
}

/**
 * TensorFlow.js training and evaluating the paper's network or a multilayer perceptron at batch 32. It is not a
 * dependency: it is used when `npm install --no-save @tensorflow/tfjs @tensorflow/tfjs-backend-wasm` has been run in
 * the working directory.
 * @returns undefined where it is not installed
 */
export async function tensorflow(
  network: "paper-cnn" | "mlp",
  task: "train" | "evaluate",
  backend: "cpu" | "wasm",
  calls: number,
): Promise<Peer | undefined> {
  const tf = await open(backend);
  if (tf === undefined) return undefined;
  const { conv2d, maxPooling2d, flatten, dense } = tf.layers;
  const hidden = (units: number, more: object = {}) => dense({ units, activation: "relu", ...more });
  const layers =
    network === "mlp"
      ? [hidden(128, { inputShape: [3072] }), hidden(64), dense({ units: 10, activation: "softmax" })]
      : [
          conv2d({ filters: 32, kernelSize: 3, activation: "relu", inputShape: [32, 32, 3] }),
          maxPooling2d({ poolSize: 2 }),
          flatten({}),
          hidden(64),
          dense({ units: 10, activation: "softmax" }),
        ];
  const model = tf.sequential({ layers });
  model.compile({ optimizer: tf.train.adadelta(1, 0.95, 1e-7), loss: "categoricalCrossentropy" });
  const x = tf.randomUniform(network === "mlp" ? [32, 3072] : [32, 32, 32, 3], 0, 1);
  const labels = tf.tensor1d(
    Array.from({ length: 32 }, (_, i) => i % 10),
    "int32",
  );
  const y = tf.oneHot(labels, 10);
  const once = async () => {
    if (task === "train") await model.trainOnBatch(x, y);
    else {
      const out = model.predictOnBatch(x);
      out.dataSync();
      out.dispose();
    }
  };
  return time(backend, once, calls);
}

/** A product of two matrices of size n², and a 3×3 convolution of [32, side, side, 32] to 32 filters, forward. */
export async function tensorflowKernels(
  backend: "cpu" | "wasm",
  n: number,
  side: number,
  calls: number,
): Promise<{ product: Peer; convolution: Peer } | undefined> {
  const tf = await open(backend);
  if (tf === undefined) return undefined;
  const [a, b] = [tf.randomUniform([n, n], -1, 1), tf.randomUniform([n, n], -1, 1)];
  const [x, w] = [tf.randomUniform([32, side, side, 32], -1, 1), tf.randomUniform([3, 3, 32, 32], -1, 1)];
  // Backends without a queue have computed when the call returns; reading the result would only add a copy.
  const product = await time(backend, async () => tf.matMul(a, b).dispose(), calls);
  const convolution = await time(backend, async () => tf.conv2d(x, w, 1, "valid").dispose(), calls);
  for (const tensor of [a, b, x, w]) tensor.dispose();
  return { product, convolution };
}

/** TensorFlow.js from the working directory's packages, on one of its backends. @returns undefined where it is not */
async function open(backend: "cpu" | "wasm"): Promise<TensorFlow | undefined> {
  const require = createRequire(join(cwd(), "package.json"));
  let tf: TensorFlow;
  try {
    tf = require("@tensorflow/tfjs") as TensorFlow;
    if (backend === "wasm") {
      const wasm = require("@tensorflow/tfjs-backend-wasm") as {
        setWasmPaths(folder: string): void;
        setThreadsCount(count: number): void;
      };
      wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
      wasm.setThreadsCount(1);
    }
  } catch {
    return undefined;
  }
  await tf.setBackend(backend);
  await tf.ready();
  return tf;
}

/** The best of some calls, after some that warm up; the reason where the backend cannot do it. */
async function time(backend: "cpu" | "wasm", once: () => Promise<void>, calls: number): Promise<Peer> {
  try {
    for (let i = 0; i < (calls > 5 ? 3 : 1); i++) await once();
    const times: number[] = [];
    for (let i = 0; i < calls; i++) {
      const begin = performance.now();
      await once();
      times.push((performance.now() - begin) / 1e3);
    }
    return { backend, seconds: Math.min(...times) };
  } catch (error) {
    return { backend, seconds: undefined, reason: String(error).split("\n")[0]?.slice(0, 90) ?? "" };
  }
}
