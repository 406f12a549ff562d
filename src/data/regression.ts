import { sin } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Dataset, Examples } from "../config/records.js";
import { type Allocate, plain } from "./storage.js";

/** Examples when the configuration asks for all. */
export const regressionCounts = { train: 6000, test: 1000 };

/** Features; the last five say nothing about the target. */
const features = 10;

/**
 * Mean of the noiseless target, ∫∫ sin(πuv) du dv · 10 + 20/12 + 10/2 + 5/2, and the standard deviation of the noisy
 * one; by numerical integration. Rounded: they only set the scale.
 */
const mean = 14.413;
const deviation = 4.98;

/**
 * The embedded regression task: Friedman's first function ("Multivariate adaptive regression splines", Annals of
 * Statistics 1991), ten features uniform on [0, 1],
 *
 *   y = 10 sin(π x₁ x₂) + 20 (x₃ − ½)² + 10 x₄ + 5 x₅ + n,  n ~ N(0, 1),
 *
 * given as (y − 14.413)/4.98, so that predicting the mean costs a squared error of 1. No model gets below the noise's
 * 1/4.98² = 0.0403; the best linear one leaves about 0.28.
 *
 * Example i depends on the seed, its part and i alone.
 *
 * @returns inputs [count · 10], targets [count]
 */
export function createRegression(train: number, test: number, seed: number, allocate: Allocate = plain): Dataset {
  return {
    name: "regression",
    task: "regression",
    inputShape: [features],
    outputs: 1,
    targetSize: 1,
    train: draw(train, seed, 0, allocate),
    test: draw(test, seed, 1, allocate),
  };
}

function draw(count: number, seed: number, part: number, allocate: Allocate): Examples {
  const inputs = allocate.f32(count * features);
  const targets = allocate.f32(count);
  const uniform = stream(seed, "regression", part, 0);
  const normal = stream(seed, "regression", part, 1);
  uniform.fillUniform(inputs);
  for (let i = 0; i < count; i++) {
    const [x1, x2, x3, x4, x5] = inputs.subarray(i * features, i * features + 5) as unknown as number[];
    const centered = x3! - 0.5;
    const y = 10 * sin(Math.PI * x1! * x2!) + 20 * centered * centered + 10 * x4! + 5 * x5! + normal.normal();
    targets[i] = (y - mean) / deviation;
  }
  return { count, inputs, targets };
}
