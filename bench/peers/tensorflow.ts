import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cwd } from "node:process";
import type { Missing } from "../comparison.js";
import { awaited, type Side } from "../sides.js";

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
 * TensorFlow.js' wasm backend training and evaluating the paper's network or a multilayer perceptron. It is not a
 * dependency: it is used when `npm install --no-save @tensorflow/tfjs @tensorflow/tfjs-backend-wasm` has been run in
 * the working directory. (Its cpu backend is a hundred times slower than anything here.)
 */
export async function tensorflowSides(
  network: "paper-cnn" | "mlp",
  task: "train" | "evaluate",
  count: number,
): Promise<(Side | Missing)[]> {
  const name = "TensorFlow.js wasm";
  const tf = await open("wasm");
  if (tf === undefined)
    return [{ name, missing: "npm install --no-save @tensorflow/tfjs @tensorflow/tfjs-backend-wasm" }];
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
  const x = tf.randomUniform(network === "mlp" ? [count, 3072] : [count, 32, 32, 3], 0, 1);
  const labels = tf.tensor1d(
    Array.from({ length: count }, (_, i) => i % 10),
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
  try {
    await once();
    return [awaited(name, once)];
  } catch (error) {
    return [{ name, missing: `cannot: ${String(error).split("\n")[0]?.slice(0, 90) ?? ""}` }];
  }
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
