import { stream } from "../../../bindings/random.js";
import { InputError } from "../../config/errors.js";
import type { Dataset, Examples } from "../../config/records.js";

/**
 * A data set whose training examples are shared out: a random part of them, drawn from the seed, becomes the test set,
 * the others are trained on. The test examples proper are not in it, so that nothing can be chosen by them.
 * @param share of the training examples that is held out
 * @throws InputError where the data come with shards of their own, or no example is left for one of the two
 */
export function holdOut(dataset: Dataset, share: number, seed: number): Dataset {
  if (dataset.shards !== undefined)
    throw new InputError("data.split.kind", '"file" shares out all training examples: none can be held out');
  const { train } = dataset;
  const held = Math.round(share * train.count);
  if (held < 1 || held >= train.count)
    throw new InputError("data.trainExamples", `${train.count} examples leave none to hold out and train on`);
  const order = stream(seed, "study", 0, 1).shuffle(Int32Array.from({ length: train.count }, (_, i) => i));
  const chosen = order.slice(0, held).sort();
  const rest = order.slice(held).sort();
  return {
    ...dataset,
    train: pick(train, rest),
    test: pick(train, chosen),
    ...(dataset.groups && { groups: Int32Array.from(rest, (i) => dataset.groups![i]!) }),
  };
}

function pick({ count, inputs, targets }: Examples, which: Int32Array): Examples {
  return { count: which.length, inputs: rows(inputs, count, which), targets: rows(targets, count, which) };
}

function rows<T extends Uint8Array | Float32Array | Int32Array>(values: T, count: number, which: Int32Array): T {
  const size = values.length / count;
  const out = new (values.constructor as new (length: number) => T)(which.length * size);
  which.forEach((from, to) => {
    out.set(values.subarray(from * size, (from + 1) * size), to * size);
  });
  return out;
}
