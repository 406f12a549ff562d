import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as math from "../../bindings/math.js";
import { createDataset } from "../../src/data/index.js";
import {
  allocatePower,
  closedFormRates,
  createModel,
  createNetwork,
  createOptimizer,
  powerMethodNames,
  resolveConfig,
  stream,
} from "../../src/index.js";
import { rateModel, schemeNames } from "../../src/network/index.js";
import { freshContext, quantizer, quantizerNames } from "../../src/quantizers/index.js";

/**
 * Runs what results are made of and hashes every bit of it. The browser test bundles this file for Chromium and
 * compares with Node; a name that differs says which room depends on the engine.
 */
export function probe(): Record<string, string> {
  return { ...elementary(), ...random(), ...images(), ...radio(), ...updates(), ...training() };
}

/** Over the ranges that are used, from the tiniest to the largest numbers. */
function elementary(): Record<string, string> {
  const inputs = new Float64Array(4000);
  stream(1, "test").fillUniform(inputs, -1, 1);
  const over = (apply: (x: number, y: number) => number) =>
    hash(inputs.map((x, i) => apply(x, inputs[(i + 1) % inputs.length]!)));
  const magnitude = (x: number) => math.exp(600 * x);
  return {
    exp: over((x) => math.exp(700 * x)),
    expm1: over((x) => math.expm1(x)),
    log: over((x) => math.log(magnitude(x))),
    log1p: over((x) => math.log1p(x)),
    log2: over((x) => math.log2(magnitude(x))),
    log10: over((x) => math.log10(magnitude(x))),
    pow: over((x, y) => math.pow(10 * Math.abs(x), 20 * y)),
    sin: over((x) => math.sin(1000 * x)),
    cos: over((x) => math.cos(1000 * x)),
    tanh: over((x) => math.tanh(5 * x)),
    atan2: over((x, y) => math.atan2(y, x)),
  };
}

function random(): Record<string, string> {
  const normals = new Float64Array(10_001);
  stream(2, "test").fillNormal(normals);
  const words = stream(3, "test", 1, 2, 3);
  return {
    normals: hash(normals),
    words: hash(Float64Array.from({ length: 5000 }, () => words.word())),
    shuffle: hash(stream(4, "test").shuffle(Int32Array.from({ length: 999 }, (_, i) => i))),
  };
}

function images(): Record<string, string> {
  const data = { ...resolveConfig({ preset: "quick" }).data, trainExamples: 200, testExamples: 50 };
  const { train, test } = createDataset(data, 5);
  return { "glyphs.train": hash(train.inputs), "glyphs.test": hash(test.inputs), labels: hash(train.targets) };
}

/** The drop, the powers of every method, the rates of every receiver. */
function radio(): Record<string, string> {
  const { network } = resolveConfig({ sets: ["network.clients=12", "network.pilots=6"] });
  const drop = createNetwork(network, { seed: 6 });
  const rates = closedFormRates(drop);
  const problem = {
    rates,
    bits: Float64Array.from({ length: 12 }, (_, k) => 400_000 + 1000 * k),
    computeLatency: 0.075,
    budgets: { energy: 0.5, latency: 5 },
  };
  const powers = powerMethodNames.map((method) => [`power.${method}`, hash(allocatePower(problem, { method }).power)]);
  const receivers = schemeNames.map((combining) => {
    const { signal, interference } = rateModel(drop, { ...network, combining, realizations: 40 }, { seed: 6 });
    return [`combining.${combining}`, hash(signal) + hash(interference)];
  });
  return { gains: hash(drop.gain), ...Object.fromEntries([...powers, ...receivers]) };
}

/** What every quantizer makes of the same update, as it travels and as it arrives. */
function updates(): Record<string, string> {
  const update = new Float32Array(5003);
  stream(7, "test").fillNormal(update, 0.01);
  return Object.fromEntries(
    quantizerNames.flatMap((name) => {
      const method = quantizer(name);
      const packet = method.encode(update.slice(), freshContext());
      if (packet === null) return [[`quantizer.${name}`, "skipped"]];
      const decoded = new Float32Array(update.length);
      method.decode(packet.bytes, decoded, freshContext());
      return [
        [`quantizer.${name}.bytes`, hash(packet.bytes)],
        [`quantizer.${name}.decoded`, hash(decoded)],
      ];
    }),
  );
}

/** A small convolutional network under every optimizer. */
function training(): Record<string, string> {
  const names = ["adadelta", "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"] as const;
  const batch = 5;
  const inputs = new Float32Array(batch * 12 * 12 * 2);
  stream(8, "test").fillUniform(inputs);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 3);
  return Object.fromEntries(
    names.map((name) => {
      const model = createModel(
        {
          input: [12, 12, 2],
          layers: [
            { type: "conv2d", filters: 6, kernel: 3, activation: "relu" },
            { type: "maxPool2d", size: 2 },
            { type: "flatten" },
            { type: "dense", units: 3 },
          ],
        },
        { seed: 9 },
      );
      const optimizer = createOptimizer(name, {}, model.parameters.length);
      for (let step = 0; step < 5; step++) {
        const { gradient } = model.lossAndGradient(inputs, labels, batch);
        optimizer.step(model.parameters, gradient);
      }
      return [`training.${name}`, hash(model.parameters)];
    }),
  );
}

function hash(values: Float64Array | Float32Array | Int32Array | Uint8Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return bytesToHex(sha256(bytes)).slice(0, 16);
}
