import type { Config } from "../config/config.js";
import { RunError, show } from "../config/errors.js";
import type { Dataset, EncodeContext, Examples, Packet, Quantizer, QuantizerMemory } from "../config/records.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";
import { createLocalTrainer } from "../training/local.js";

/** What every worker of a run must know before its first job. */
export interface ExecutorSetup {
  config: Config;
  dataset: Dataset;
  /** Examples of each client */
  shards: readonly Int32Array[];
  /** A quantizer passed in as an object instead of by name */
  quantizer?: Quantizer;
}

/** A client's part in a round. What it needs and returns is complete, so any worker can run any client. */
export interface ClientTask {
  client: number;
  round: number;
  localEpochs: number;
  context: Pick<EncodeContext, "modelChanges" | "loss" | "spectralEfficiency">;
  /** What the client's encoder kept from earlier rounds; belongs to the job until the reply hands it back */
  memory: QuantizerMemory;
}

/** What a client sends back for its task. */
export interface ClientReply {
  client: number;
  /** null: the client skipped the round */
  packet: Packet | null;
  /** Mean training loss of the last local epoch */
  loss: number;
  /** Examples processed over all local epochs */
  examples: number;
  memory: QuantizerMemory;
}

/** What a model is worth on (a part of) the test set. */
export interface Evaluation {
  /** null where the task has none */
  accuracy: number | null;
  /** Mean over targets */
  loss: number;
  targets: number;
}

/** Examples of a chunk of the test set; part of the result's definition, since the loss is summed chunk by chunk. */
const chunkExamples = 500;

/** Everything a worker does for a run: local training, encoding, evaluating a part of the test set. */
export function createClientRunner({ config, dataset, shards, quantizer }: ExecutorSetup) {
  const trainer = createLocalTrainer(dataset, config, config.seed);
  const method = quantizer ?? quantizerOf(config.quantizer);
  const chunks = Math.ceil(dataset.test.count / chunkExamples);

  function run(parameters: Float32Array, task: ClientTask): ClientReply {
    const { client, round, localEpochs } = task;
    const shard = shards[client] as Int32Array;
    const trained = trainer.train({ client, round, localEpochs, start: parameters, indices: shard });
    let packet: Packet | null;
    try {
      packet = method.encode(trained.update, {
        client,
        round,
        seed: config.seed,
        tensors: trainer.tensors,
        model: parameters,
        memory: task.memory,
        ...task.context,
      });
      if (packet !== null) checkPacket(packet);
    } catch (error) {
      throw new RunError(`${method.name}: ${(error as Error).message}`, { round, client }, { cause: error });
    }
    return { client, packet, loss: trained.loss, examples: trained.examples, memory: task.memory };
  }

  function evaluate(parameters: Float32Array, chunk: number): Evaluation {
    const part = testChunk(dataset, chunk);
    return { ...trainer.evaluate(parameters, part), targets: part.count * dataset.targetSize };
  }

  return {
    size: trainer.size,
    tensors: trainer.tensors,
    initial: () => trainer.initial(),
    chunks,
    run,
    evaluate,
    dispose: () => trainer.dispose(),
  };
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
