import { stream } from "../../bindings/random.js";
import type { Config } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { Dataset, DecodeContext, Quantizer, QuantizerMemory } from "../config/records.js";
import { partition } from "../data/partition.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";
import { createLocalTrainer } from "../training/local.js";
import { createServer } from "../training/server.js";
import type { ClientReply, Evaluation } from "./client.js";
import type { Executor } from "./executor.js";

/** A round that has been computed and not yet paid for: what each client would send. */
export interface Proposal {
  round: number;
  localEpochs: number;
  /** Clients that take part, ascending */
  participants: number[];
  /** [K], 0 for those that do not take part or skip */
  nominalBits: Float64Array;
  wireBits: Float64Array;
  skipped: boolean[];
  /** Weighted by examples */
  loss: number;
  /** The most examples that one client processed: what the round's computation waits for */
  slowestExamples: number;
  /** [K] examples processed by each, for the computation's energy */
  examples: Float64Array;
}

/** The learning side of a run, with no radio in it: rounds are proposed, then committed by whoever pays for them. */
export interface FederatedTraining {
  /** d */
  readonly size: number;
  /** The global model w_t */
  readonly parameters: Float32Array;
  /**
   * Trains a round and decodes its packets as they come, without touching the global model. Clients' and server's
   * memories move on: a proposal that is not committed is the run's last.
   * @param spectralEfficiency log2(1 + SINR_k) at full power, for channel-aware quantizers
   */
  propose(spectralEfficiency?: Float64Array): Promise<Proposal>;
  /** Aggregates what the last proposal's packets decoded to. */
  commit(): void;
  evaluate(): Promise<Evaluation>;
  close(): Promise<void>;
}

export interface TrainingSetup {
  config: Config;
  dataset: Dataset;
  executor: Executor;
  quantizer?: Quantizer;
  /** Called after each client's reply has been decoded, with the update as the server sees it */
  onUpdate?(client: number, round: number, decoded: Float32Array): void;
}

/** How many of the last model changes a lazy rule may look back on (LAQ's D = 10). */
const rememberedChanges = 10;

export async function createFederatedTraining(setup: TrainingSetup): Promise<FederatedTraining> {
  const { config, dataset, executor } = setup;
  const clients = config.network.clients;
  const shards = partition(dataset, config.data.split, clients, config.seed);
  for (const [client, shard] of shards.entries()) {
    if (shard.length === 0) {
      throw new InputError(
        "data.split",
        `client ${client} of ${clients} gets no examples (${dataset.train.count} in all)`,
      );
    }
  }
  const method = setup.quantizer ?? quantizerOf(config.quantizer);
  const { parameters, tensors, size } = initialModel(dataset, config);
  const server = createServer(config.server, size);
  await executor.start({ config, dataset, shards, ...(setup.quantizer && { quantizer: setup.quantizer }) });

  const clientMemory = shards.map((): QuantizerMemory => new Map());
  const serverMemory = shards.map((): QuantizerMemory => new Map());
  const modelChanges: number[] = [];
  const decoded = new Float32Array(size);
  const sum = new Float64Array(size);
  const average = new Float32Array(size);
  const loss = { first: Number.NaN, last: Number.NaN };
  let round = 0;
  let localEpochs = config.training.localEpochs;
  let pending: { loss: number } | undefined;

  async function propose(spectralEfficiency?: Float64Array): Promise<Proposal> {
    const next = round + 1;
    const { from, increment, maximum } = config.training.adaptiveEpochs;
    const epochs = increment > 0 && next >= from ? Math.min(maximum, localEpochs + increment) : localEpochs;
    const participants = chooseParticipants(config, next);
    const context = {
      modelChanges: [...modelChanges],
      loss: { ...loss },
      ...(spectralEfficiency && { spectralEfficiency }),
    };
    const weight = participants.reduce((total, client) => total + (shards[client] as Int32Array).length, 0);
    const sent: Sent[] = [];
    sum.fill(0);
    await executor.run(
      parameters,
      participants.map((client) => ({
        client,
        round: next,
        localEpochs: epochs,
        context,
        memory: clientMemory[client] as QuantizerMemory,
      })),
      (reply) => {
        receive(reply, next, (shards[reply.client] as Int32Array).length / weight);
        const { client, packet, loss, examples } = reply;
        const bits = packet && { nominal: packet.nominalBits, wire: 8 * packet.bytes.length };
        sent.push({ client, loss, examples, bits });
      },
    );
    round = next;
    localEpochs = epochs;
    const proposal = summarize(sent, next, epochs, clients);
    pending = proposal;
    return proposal;
  }

  /** Adds what a client's packet decodes to, times its share, to the round's sum; the packet is not needed any more. */
  function receive(reply: ClientReply, current: number, share: number): void {
    clientMemory[reply.client] = reply.memory;
    const decodeContext: DecodeContext = {
      client: reply.client,
      round: current,
      seed: config.seed,
      tensors,
      model: parameters,
      memory: serverMemory[reply.client] as QuantizerMemory,
    };
    decoded.fill(0);
    try {
      if (reply.packet !== null) method.decode(reply.packet.bytes, decoded, decodeContext);
      else method.absent?.(decoded, decodeContext);
    } catch (error) {
      const place = { round: current, client: reply.client };
      throw new RunError(`${method.name}, decoding: ${(error as Error).message}`, place, { cause: error });
    }
    setup.onUpdate?.(reply.client, current, decoded);
    for (let i = 0; i < size; i++) sum[i] = (sum[i] as number) + share * (decoded[i] as number);
  }

  function commit(): void {
    if (pending === undefined) throw new Error("commit: no round was proposed");
    for (let i = 0; i < size; i++) average[i] = sum[i] as number;
    const change = applyUpdate(parameters, average, server);
    if (!Number.isFinite(change)) throw new RunError("the aggregated update is not finite", { round });
    modelChanges.unshift(change);
    modelChanges.length = Math.min(modelChanges.length, rememberedChanges);
    loss.last = pending.loss;
    if (Number.isNaN(loss.first)) loss.first = loss.last;
    pending = undefined;
  }

  return {
    size,
    parameters,
    propose,
    commit,
    evaluate: () => executor.evaluate(parameters),
    close: () => executor.close(),
  };
}

function initialModel(dataset: Dataset, config: Config) {
  const trainer = createLocalTrainer(dataset, config, config.seed);
  const model = { parameters: trainer.initial().slice(), tensors: trainer.tensors, size: trainer.size };
  trainer.dispose();
  return model;
}

/** @returns ‖w_{t+1} − w_t‖² */
function applyUpdate(parameters: Float32Array, update: Float32Array, server: ReturnType<typeof createServer>): number {
  const before = parameters.slice();
  server.apply(parameters, update);
  let change = 0;
  for (let i = 0; i < before.length; i++) {
    const step = (parameters[i] as number) - (before[i] as number);
    change += step * step;
  }
  return change;
}

/** The participants of a round, at least one, drawn without replacement. */
function chooseParticipants(config: Config, round: number): number[] {
  const clients = config.network.clients;
  const all = Int32Array.from({ length: clients }, (_, k) => k);
  const count = Math.max(1, Math.round(config.server.participation * clients));
  if (count >= clients) return [...all];
  return [...stream(config.seed, "participation", round).shuffle(all).subarray(0, count)].sort((a, b) => a - b);
}

/** What is kept of a client's reply. */
interface Sent {
  client: number;
  loss: number;
  examples: number;
  /** null: skipped */
  bits: { nominal: number; wire: number } | null;
}

function summarize(replies: readonly Sent[], round: number, localEpochs: number, clients: number): Proposal {
  const nominalBits = new Float64Array(clients);
  const wireBits = new Float64Array(clients);
  const examples = new Float64Array(clients);
  const skipped = new Array<boolean>(clients).fill(true);
  for (const reply of replies) {
    examples[reply.client] = reply.examples;
    if (reply.bits === null) continue;
    skipped[reply.client] = false;
    nominalBits[reply.client] = reply.bits.nominal;
    wireBits[reply.client] = reply.bits.wire;
  }
  return {
    round,
    localEpochs,
    participants: replies.map((reply) => reply.client),
    nominalBits,
    wireBits,
    skipped,
    loss: meanLoss(replies),
    slowestExamples: examples.reduce((most, count) => Math.max(most, count), 0),
    examples,
  };
}

function meanLoss(replies: readonly Sent[]): number {
  let sum = 0;
  let weight = 0;
  for (const reply of replies) {
    sum += reply.loss * reply.examples;
    weight += reply.examples;
  }
  return sum / weight;
}
