import { stream } from "../bindings/random.js";
import type { Dataset } from "../src/config/records.js";

/** Random 32×32×3 images of ten classes: what training costs does not depend on what they show. */
export function randomImages(train: number, test = train): Dataset {
  const random = stream(1, "test");
  const inputs = Uint8Array.from({ length: Math.max(train, test) * 3072 }, () => random.integer(256));
  const targets = Int32Array.from({ length: Math.max(train, test) }, (_, i) => i % 10);
  const part = (count: number) => ({
    count,
    inputs: inputs.subarray(0, 3072 * count),
    targets: targets.subarray(0, count),
  });
  return {
    name: "random",
    task: "classification",
    inputShape: [32, 32, 3],
    outputs: 10,
    targetSize: 1,
    train: part(train),
    test: part(test),
  };
}
