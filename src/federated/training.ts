import { stream } from "../../bindings/random.js";
import type { Config } from "../config/config.js";
import { RunError } from "../config/errors.js";
import type { Dataset, Quantizer, QuantizerMemory, TensorSlice } from "../config/records.js";
import { createServer } from "../training/server.js";
import { packAnswers } from "./answers.js";
import { createDownlink, type DownlinkState } from "./downlink.js";
import type { Executor } from "./executor.js";
import type { KeptRound, Worth } from "./keptTrace.js";
import type { Observer } from "./observer.js";
import type { Measurements, RoundPlan } from "./plan.js";
import type { ClientReply, ClientTask } from "./task.js";

/**
 * Everything that a training needs to go on after a round: its arrays are the training's own. Between two rounds, that
 * is after a commit and before the next proposal, it is complete.
 */
export interface TrainingState {
  /** Rounds committed so far */
  round: number;
  /** L of the last round */
  localEpochs: number;
  /** w */
  parameters: Float32Array;
  /** What the server's rule remembers */
  server: Float32Array[];
  /** What each client's encoder remembers, and the server's decoder of it */
  clients: QuantizerMemory[];
  decoders: QuantizerMemory[];
  /** ‖w_t − w_{t−1}‖², …, newest first */
  modelChanges: number[];
  /** Training loss of the first and of the last round; NaN before there is one */
  loss: { first: number; last: number };
  /** How the last round was planned, and what its clients measured */
  plan: RoundPlan;
  measurements?: Measurements;
  /** What the clients were sent, where that is not the model itself */
  downlink?: DownlinkState;
}

/** The learning side of a run, with no radio in it: rounds are proposed, then committed by whoever pays for them. */
export interface FederatedTraining {
  /** d */
  readonly size: number;
  readonly tensors: readonly TensorSlice[];
  /** D_k / D [K] */
  readonly weights: Float64Array;
  readonly state: Readonly<TrainingState>;
  /**
   * Trains a round and decodes its packets as they come, without touching the global model. Clients' and server's
   * memories move on: a proposal that is not committed is the training's last.
   */
  propose(plan: RoundPlan): Promise<KeptRound>;
  /** Adds what the last proposal's packets decoded to. @throws RunError, and leaves the model as it was, for a sum that is not finite */
  commit(): void;
  /** @param answers also which test examples are answered rightly */
  evaluate(answers?: boolean): Promise<Worth>;
}

export interface TrainingSetup {
  config: Config;
  dataset: Dataset;
  executor: Executor;
  quantizer?: Quantizer;
  observers: readonly Observer[];
  /** Where it goes on; from the untrained model if left out. It belongs to the training from now on */
  from?: TrainingState;
}

/** How many of the last model changes a lazy rule may look back on (LAQ's D = 10). */
const rememberedChanges = 10;

/** @throws InputError for data that cannot be shared out, or a model that does not fit them */
export async function createFederatedTraining(setup: TrainingSetup): Promise<FederatedTraining> {
  const { config, dataset, executor } = setup;
  const { parameters, tensors, shards } = await executor.start({
    config,
    dataset,
    ...(setup.quantizer && { quantizer: setup.quantizer }),
  });
  const examples = shards.reduce((sum, shard) => sum + shard.length, 0);
  const size = parameters.length;
  const state = setup.from ?? initialState(config, parameters);
  const server = createServer(config.server, size, state.server);
  state.server = server.memory;
  const round = roundOf({ setup, state, shards, tensors });
  const average = new Float32Array(size);
  let proposed: KeptRound | undefined;
  return {
    size,
    tensors,
    weights: Float64Array.from(shards, (shard) => shard.length / examples),
    state,
    async propose(plan) {
      proposed = undefined;
      proposed = await round.train(plan);
      return proposed;
    },
    commit() {
      if (proposed === undefined) throw new Error("commit: no round was proposed");
      average.set(round.sum());
      const change = applyUpdate(state.parameters, average, server);
      if (!Number.isFinite(change)) {
        throw new RunError("the aggregated update is not finite", { round: proposed.round });
      }
      state.round = proposed.round;
      state.modelChanges.unshift(change);
      state.modelChanges.length = Math.min(state.modelChanges.length, rememberedChanges);
      state.loss.last = proposed.loss;
      if (Number.isNaN(state.loss.first)) state.loss.first = proposed.loss;
      proposed = undefined;
    },
    async evaluate(wantsAnswers) {
      const { accuracy, loss, answers } = await executor.evaluate(state.parameters, wantsAnswers);
      return {
        accuracy,
        testLoss: Number.isFinite(loss) ? loss : null,
        ...(answers && { answers: packAnswers(answers, dataset) }),
      };
    },
  };
}

function initialState(config: Config, parameters: Float32Array): TrainingState {
  const memories = () => Array.from({ length: config.network.clients }, (): QuantizerMemory => new Map());
  return {
    round: 0,
    localEpochs: config.training.localEpochs,
    parameters,
    server: [],
    clients: memories(),
    decoders: memories(),
    modelChanges: [],
    loss: { first: Number.NaN, last: Number.NaN },
    plan: {},
  };
}

interface RoundSetup {
  setup: TrainingSetup;
  state: TrainingState;
  shards: readonly Int32Array[];
  tensors: readonly TensorSlice[];
}

/** A round's training, up to the sum of what its clients sent. */
function roundOf({ setup, state, shards, tensors }: RoundSetup) {
  const { config, executor, observers } = setup;
  const downlink = createDownlink(config, tensors);
  let sum: Float64Array = new Float64Array(0);

  async function train(plan: RoundPlan): Promise<KeptRound> {
    const round = state.round + 1;
    const participants = chooseParticipants(config, round);
    const weight = participants.reduce((total, client) => total + shards[client]!.length, 0);
    const localEpochs = epochsOf(config, round, state.localEpochs);
    const measuring = plan.resolutions && measurement(config, plan.resolutions.ladder.length, shards, state);
    const tasks = participants.map((client) => {
      const weights = [shards[client]!.length / weight, ...(measuring ? [measuring.weight(client)] : [])];
      return taskOf({ client, round, localEpochs, weights }, plan);
    });
    const { model, bits: sentBits, downlink: held } = downlink.send(state);
    if (held !== undefined) state.downlink = held;
    const sent: Sent[] = [];
    const [total, mean] = await executor.run(model, tasks, (reply) => {
      receive(reply, round);
      measuring?.add(reply);
      const { client, bits, loss, examples } = reply;
      sent.push({ client, loss, examples, bits });
    });
    sum = total!;
    state.localEpochs = localEpochs;
    state.plan = plan;
    if (measuring !== undefined) state.measurements = measuring.finish(mean!);
    const kept = summarize(sent, round, localEpochs, config.network.clients);
    return { ...kept, ...(sentBits && { downlink: sentBits }) };
  }

  function taskOf(
    part: Pick<ClientTask, "client" | "round" | "localEpochs" | "weights">,
    { spectralEfficiency, resolutions }: RoundPlan,
  ): ClientTask {
    const { client, round } = part;
    const context = {
      modelChanges: [...state.modelChanges],
      loss: { ...state.loss },
      ...(spectralEfficiency && { spectralEfficiency }),
    };
    const choice = resolutions?.choice[client];
    const bits = resolutions?.target?.[client];
    const wantsUpdate = observers.some((observer) => observer.wantsTrained?.(client, round));
    const wantsDecoded = observers.some(({ onUpdate }) => onUpdate !== undefined);
    return {
      ...part,
      context,
      memory: state.clients[client]!,
      decoder: state.decoders[client]!,
      ...(choice !== undefined && {
        resolutions: { ladder: resolutions!.ladder, choice, ...(bits && { target: bits }) },
      }),
      ...(wantsUpdate && { wantsUpdate }),
      ...(wantsDecoded && { wantsDecoded }),
    };
  }

  function receive({ client, memory, decoder, update, decoded }: ClientReply, round: number): void {
    state.clients[client] = memory;
    state.decoders[client] = decoder;
    for (const observer of observers) {
      if (update !== undefined && observer.wantsTrained?.(client, round)) {
        observer.onTrained?.(client, round, update, tensors);
      }
      if (decoded !== undefined) observer.onUpdate?.(client, round, decoded);
    }
  }

  return { sum: () => sum, train };
}

/** Collects what the clients measured, and the mean update by which the next round is planned. */
function measurement({ network }: Config, resolutions: number, shards: readonly Int32Array[], state: TrainingState) {
  const examples = shards.reduce((sum, shard) => sum + shard.length, 0);
  const length = network.clients * resolutions;
  const bits = state.measurements?.bits.slice() ?? new Float64Array(length);
  const error = state.measurements?.error.slice() ?? new Float64Array(length);
  return {
    /** What a client's update counts in the mean */
    weight: (client: number) => shards[client]!.length / examples,
    add({ client, measured }: ClientReply): void {
      if (measured === undefined) return;
      bits.set(measured.bits, client * resolutions);
      error.set(measured.error, client * resolutions);
    },
    finish: (mean: Float64Array): Measurements => ({
      bits,
      error,
      signal: mean.reduce((sum, entry) => sum + entry * entry, 0),
    }),
  };
}

/** L_t = min(maximum, L_{t−1} + increment) from round `from` on. */
function epochsOf({ training }: Config, round: number, before: number): number {
  const { from, increment, maximum } = training.adaptiveEpochs;
  return increment > 0 && round >= from ? Math.min(maximum, before + increment) : before;
}

/** @returns ‖w_{t+1} − w_t‖²; where that is not finite the parameters are as they were */
function applyUpdate(parameters: Float32Array, update: Float32Array, server: ReturnType<typeof createServer>): number {
  const before = parameters.slice();
  server.apply(parameters, update);
  let change = 0;
  for (let i = 0; i < before.length; i++) {
    const step = parameters[i]! - before[i]!;
    change += step * step;
  }
  if (!Number.isFinite(change)) parameters.set(before);
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

function summarize(replies: readonly Sent[], round: number, localEpochs: number, clients: number): KeptRound {
  const zeros = () => new Array<number>(clients).fill(0);
  const kept: KeptRound = {
    round,
    localEpochs,
    nominalBits: zeros(),
    wireBits: zeros(),
    skipped: new Array<boolean>(clients).fill(true),
    examples: zeros(),
    loss: meanLoss(replies),
    worth: null,
  };
  for (const { client, examples, bits } of replies) {
    kept.examples[client] = examples;
    if (bits === null) continue;
    kept.skipped[client] = false;
    kept.nominalBits[client] = bits.nominal;
    kept.wireBits[client] = bits.wire;
  }
  return kept;
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
