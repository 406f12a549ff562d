import type { Config } from "../config/config.js";
import { RunError, show } from "../config/errors.js";
import type { Dataset, EncodeContext, Examples, Packet, Quantizer } from "../config/records.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";
import { createLocalTrainer } from "../training/local.js";
import { createDecoder } from "./decoder.js";
import { quantizersAt } from "./plan.js";
import type { ClientReply, ClientTask, ClientUpload, Evaluation, RunnerSetup, StartedTraining } from "./task.js";

/** Examples of a chunk of the test set; part of the result's definition, since the loss is summed chunk by chunk. */
const chunkExamples = 500;

/** Everything a worker does for a run: local training, encoding, decoding, evaluating a part of the test set. */
export function createClientRunner(setup: RunnerSetup) {
  const { config, dataset, shards, quantizer } = setup;
  const trainer = createLocalTrainer(dataset, config, config.seed);
  const method = quantizer ?? quantizerOf(config.quantizer);
  const chunks = Math.ceil(dataset.test.count / chunkExamples);
  const encodeAt = resolutionEncoder(config);
  const decode = createDecoder(setup, trainer.tensors);

  /** Trains a client and encodes its update. @throws RunError with round and client */
  function encode(parameters: Float32Array, task: ClientTask): ClientUpload {
    const { client, round, localEpochs, resolutions } = task;
    const shard = shards[client]!;
    const { update, loss, examples } = trainer.train({ client, round, localEpochs, start: parameters, indices: shard });
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
    try {
      if (resolutions !== undefined) return { ...reply, ...encodeAt(update, context, resolutions) };
      const packet = method.encode(update, context);
      if (packet !== null) checkPacket(packet);
      return { ...reply, packet };
    } catch (error) {
      throw new RunError(`${method.name}: ${(error as Error).message}`, { round, client }, { cause: error });
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

/** Encodes at every step of a ladder and measures; what the encoders remember is that of the step that is sent. */
function resolutionEncoder(config: Config) {
  let known: { ladder: string; methods: Quantizer[] } | undefined;
  return (
    update: Float32Array,
    context: EncodeContext,
    { ladder, choice }: NonNullable<ClientTask["resolutions"]>,
  ): Pick<ClientUpload, "packet" | "measured"> => {
    const key = JSON.stringify(ladder);
    if (known?.ladder !== key) known = { ladder: key, methods: quantizersAt(config, ladder) };
    const measured = { bits: new Float64Array(ladder.length), error: new Float64Array(ladder.length) };
    const decoded = new Float32Array(update.length);
    const packets = known.methods.map((method, r) => {
      const memory = r === choice ? context.memory : new Map(context.memory);
      const packet = method.encode(update, { ...context, memory });
      if (packet === null) decoded.fill(0);
      else method.decode(packet.bytes, decoded, { ...context, memory: new Map() });
      const wire = config.budgets.bits === "wire";
      measured.bits[r] = packet === null ? 0 : wire ? 8 * packet.bytes.length : packet.nominalBits;
      measured.error[r] = squaredDistance(update, decoded);
      return packet;
    });
    return { packet: packets[choice]!, measured };
  };
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) * (a[i]! - b[i]!);
  return sum;
}

/** A quantizer may be the caller's own: what it gives is paid for and decoded. @throws TypeError */
function checkPacket({ bytes, nominalBits }: Packet): void {
  if (!ArrayBuffer.isView(bytes)) throw new TypeError(`bytes are ${show(bytes)}, no Uint8Array`);
  if (!(Number.isFinite(nominalBits) && nominalBits >= 0)) {
    throw new TypeError(`nominalBits are ${show(nominalBits)}, no finite number of 0 or more`);
  }
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
