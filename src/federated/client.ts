import { loadProducts } from "../../bindings/products.js";
import { failureOf, placed } from "../config/errors.js";
import type { Dataset, EncodeContext, Examples } from "../config/records.js";
import { checkedQuantizer, quantizer as quantizerOf } from "../quantizers/index.js";
import { createLocalTrainer, type TrainJob } from "../training/local.js";
import { isOverTheAir } from "./aggregation/checks.js";
import { curvatureOf, someOf } from "./curvature.js";
import { createDecoder } from "./decoder.js";
import { copyOf } from "./memory.js";
import { resolutionEncoder } from "./resolutionEncoder.js";
import type { ClientReply, ClientTask, ClientUpload, Evaluation, RunnerSetup, StartedTraining } from "./task.js";

/** Examples of a chunk of the test set; part of the result's definition, since the loss is summed chunk by chunk. */
const chunkExamples = 500;

export type ClientRunner = Awaited<ReturnType<typeof createClientRunner>>;

/**
 * Everything a worker does for a run: local training, encoding, decoding, evaluating a part of the test set.
 * @throws InputError for data and a model that do not fit, and kernels that this engine cannot run
 */
export async function createClientRunner(setup: RunnerSetup) {
  const { config, dataset, shards, quantizer } = setup;
  await loadProducts(config.kernels);
  const trainer = createLocalTrainer(dataset, config, config.seed);
  const method = quantizer === undefined ? quantizerOf(config.quantizer) : checkedQuantizer(quantizer);
  const chunks = Math.ceil(dataset.test.count / chunkExamples);
  const encodeAt = resolutionEncoder(config);
  const decode = createDecoder(setup, trainer.tensors);

  /** An optimizer of the user's own does not know where it fails. */
  function trained(job: TrainJob): ReturnType<typeof trainer.train> {
    try {
      return trainer.train(job);
    } catch (error) {
      throw placed(error, { round: job.round, client: job.client });
    }
  }

  /** The client's packet, and what it measures where resolutions are planned. */
  function sentBy(parameters: Float32Array, update: Float32Array, context: EncodeContext, task: ClientTask) {
    if (task.resolutions === undefined) return { packet: method.encode(update, context) };
    const sent = encodeAt(update, context, task.resolutions);
    if (sent.measured?.sent === undefined) return sent;
    const own = someOf(shards[task.client]!);
    const curvature = curvatureOf((at) => trainer.trainingLoss(at, own), parameters, update, context);
    return { ...sent, measured: { ...sent.measured, curvature } };
  }

  /** Trains a client and encodes its update. @throws RunError with round and client */
  function encode(parameters: Float32Array, task: ClientTask): ClientUpload {
    const { client, round, localEpochs } = task;
    const shard = shards[client]!;
    const { update, loss, examples } = trained({ client, round, localEpochs, start: parameters, indices: shard });
    const context: EncodeContext = {
      client,
      round,
      seed: config.seed,
      tensors: trainer.tensors,
      model: parameters,
      memory: task.memory,
      ...task.context,
    };
    const reply = {
      client,
      loss,
      examples,
      memory: task.memory,
      ...(task.wantsUpdate && { update: update.slice() }),
    };
    // The server asks for the update itself then.
    if (method.exchange !== undefined || isOverTheAir(config)) return { ...reply, packet: null };
    const before = task.wantsFallback ? copyOf(task.memory) : undefined;
    try {
      const sent = sentBy(parameters, update, context, task);
      if (before === undefined || sent.packet === null) return { ...reply, ...sent };
      method.undelivered?.(update, { ...context, memory: before });
      return { ...reply, ...sent, fallback: before };
    } catch (error) {
      throw failureOf(method.name, error, { round, client });
    }
  }

  function evaluate(parameters: Float32Array, chunk: number, wantsAnswers = false): Evaluation {
    const part = testChunk(dataset, chunk);
    const targets = part.count * dataset.targetSize;
    const answers = wantsAnswers && dataset.task !== "regression" ? new Uint8Array(targets) : undefined;
    return { ...trainer.evaluate(parameters, part, answers), targets, ...(answers && { answers }) };
  }

  return {
    begin: (): StartedTraining => ({ parameters: trainer.initial(), tensors: trainer.tensors, shards }),
    chunks,
    encode,
    /** @param decoded gets what the server makes of the client's packet, or of its absence [d] */
    run: (parameters: Float32Array, task: ClientTask, decoded: Float32Array): ClientReply =>
      decode(parameters, task, encode(parameters, task), decoded),
    evaluate,
    dispose: () => trainer.dispose(),
  };
}

function testChunk(dataset: Dataset, chunk: number): Examples {
  const { count, inputs, targets } = dataset.test;
  const inputSize = dataset.inputShape.reduce((product, side) => product * side, 1);
  const first = chunk * chunkExamples;
  const last = Math.min(count, first + chunkExamples);
  return {
    count: last - first,
    inputs: inputs.subarray(first * inputSize, last * inputSize),
    targets: targets.subarray(first * dataset.targetSize, last * dataset.targetSize),
  };
}
