import type { Config } from "../config/config.js";
import { RunError } from "../config/errors.js";
import type { Dataset, Quantizer, QuantizerMemory, TensorSlice } from "../config/records.js";
import type { Network } from "../network/index.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";
import { drawDevices } from "../system/devices.js";
import { createServer } from "../training/server.js";
import { isOverTheAir } from "./aggregation/checks.js";
import { collectOverTheAir } from "./aggregation/overTheAir.js";
import { packAnswers } from "./answers.js";
import { createDownlink } from "./downlink.js";
import { epochsOf } from "./epochs.js";
import { collectExchange, sharedOf, takeBits, withExchange } from "./exchange.js";
import type { Executor } from "./executor.js";
import type { KeptRound, Participation, Worth } from "./keptTrace.js";
import type { Observer } from "./observer.js";
import { isPlain, sees } from "./participation.js";
import type { Measurements, RoundPlan } from "./plan.js";
import type { ClientReply, ClientTask } from "./task.js";
import type { Sent, TrainingState } from "./trainingState.js";
import { endsOf, undoing } from "./undoing.js";
import { waitingRounds } from "./waiting/rounds.js";
import type { Sharing } from "./waiting/sharing.js";

/** The learning side of a run, with no radio in it: rounds are proposed, then committed by whoever pays for them. */
export interface FederatedTraining {
  /** d */
  readonly size: number;
  readonly tensors: readonly TensorSlice[];
  /** D_k / D [K] */
  readonly weights: Float64Array;
  /** D_k [K] */
  readonly examples: readonly number[];
  readonly state: Readonly<TrainingState>;
  /**
   * Trains a round and decodes its packets as they come, without touching the global model. Clients' and server's
   * memories move on: a proposal that is not committed is the training's last.
   */
  propose(plan: RoundPlan): Promise<KeptRound>;
  /**
   * Adds what the last proposal's packets decoded to.
   * @param silent clients that did not send after all: they count nothing, and what both ends remember of them goes back
   * @throws RunError, and leaves the model as it was, for a sum that is not finite
   */
  commit(silent?: readonly number[]): void;
  /** @param answers also which test examples are answered rightly */
  evaluate(answers?: boolean): Promise<Worth>;
}

export interface TrainingSetup {
  config: Config;
  dataset: Dataset;
  executor: Executor;
  quantizer?: Quantizer;
  observers: readonly Observer[];
  /** The radio, where the training is on the simulated clock; asked for with the first round */
  sharing?(): Sharing;
  /** The network when a round begins, and which drop it is, where all send at once */
  air?(round: number): { network: Network; drop: number };
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
  const counts = shards.map(({ length }) => length);
  const state = setup.from ?? initialState(config, parameters);
  const server = createServer(config.server, size, state.server);
  state.server = server.memory;
  const round = roundsOf({ setup, state, shards, tensors });
  const average = new Float32Array(size);
  let proposed: KeptRound | undefined;
  return {
    size,
    tensors,
    weights: Float64Array.from(shards, (shard) => shard.length / examples),
    examples: counts,
    state,
    async propose(plan) {
      proposed = undefined;
      proposed = await round.train(plan);
      return proposed;
    },
    commit(silent = []) {
      if (proposed === undefined) throw new Error("commit: no round was proposed");
      average.set(round.sumWithout(silent));
      const change = applyUpdate(state.parameters, average, server);
      if (!Number.isFinite(change)) {
        throw new RunError("the aggregated update is not finite", { round: proposed.round });
      }
      state.round = proposed.round;
      state.modelChanges.unshift(change);
      state.modelChanges.length = Math.min(state.modelChanges.length, rememberedChanges);
      state.loss.last = proposed.loss;
      if (Number.isNaN(state.loss.first)) state.loss.first = proposed.loss;
      if (followsLosses(config)) state.losses = [...(state.losses ?? []), proposed.loss];
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
function roundsOf(given: RoundSetup): Pick<ReturnType<typeof roundOf>, "train" | "sumWithout"> {
  const { setup, state, shards } = given;
  const { config, executor, observers } = setup;
  if (config.waiting.kind === "synchronous") return roundOf(given);
  const { taskOf, receive } = roundOf(given);
  return waitingRounds({
    ...{ config, executor, state, shards, taskOf, devices: drawDevices(config) },
    sharing: {
      share: (...asked) => setup.sharing!().share(...asked),
    },
    epochs(round) {
      state.localEpochs = epochsOf(config, round, state.localEpochs);
      return state.localEpochs;
    },
    receive,
    used(client, round, decoded) {
      for (const observer of observers) observer.onUpdate?.(client, round, decoded);
    },
    summarize: (sent) =>
      summarize(sent, {
        round: state.round + 1,
        localEpochs: state.localEpochs,
        clients: config.network.clients,
      }),
  });
}

/** Where all who take part begin and send together. */
function roundOf(given: RoundSetup) {
  const { setup, state, shards, tensors } = given;
  const { config, executor, observers } = setup;
  const downlink = createDownlink(config, tensors);
  let sum: Float64Array = new Float64Array(0);
  let undo: ReturnType<typeof undoing> | undefined;
  const exchanging = setup.quantizer === undefined ? withExchange(quantizerOf(config.quantizer)) : undefined;
  const { taskOf, receive } = clientEnds(given, exchanging);

  async function train(plan: RoundPlan): Promise<KeptRound> {
    const round = state.round + 1;
    const { participation, ...planned } = plan;
    if (participation === undefined) throw new Error("propose: the plan has no participants");
    const localEpochs = epochsOf(config, round, state.localEpochs);
    const measuring = plan.resolutions && measurement(config, plan.resolutions.ladder.length, shards, state);
    const all = followsLosses(config) ? participation.weights : undefined;
    const tasks = participation.clients.map((client, i) => {
      const weights = [participation.weights[i]!, ...(measuring ? [measuring.weight(client)] : [])];
      return taskOf({ client, round, localEpochs, weights }, plan, all);
    });
    const { model, bits: sentBits, downlink: held } = downlink.send(state);
    if (held !== undefined) state.downlink = held;
    undo = config.devices.battery.enabled ? undoing(participation, config.selection.weights, state) : undefined;
    const exchange =
      exchanging && collectExchange(exchanging, { round, seed: config.seed, tensors, shared: sharedOf(state) });
    const air = isOverTheAir(config) ? collectOverTheAir({ config, round, ...setup.air!(round) }) : undefined;
    const sent: Sent[] = [];
    const norms: number[] = [];
    const [total, mean] = await executor.run(model, tasks, (reply) => {
      const lost = participation.lost?.includes(reply.client) ?? false;
      undo?.keep(reply);
      receive(reply, round, lost);
      measuring?.add(reply, lost);
      const collected = exchange ?? air;
      collected?.add(reply, participation.weights[participation.clients.indexOf(reply.client)]!);
      const { client, bits, loss, examples, norm } = reply;
      sent.push({ client, loss, examples, bits });
      if (norm !== undefined) norms.push(norm);
    });
    sum = total!;
    state.localEpochs = localEpochs;
    state.plan = planned;
    if (measuring !== undefined) state.measurements = measuring.finish(mean!);
    const exchanged = exchange?.finish();
    if (exchanged !== undefined) {
      sum = Float64Array.from(exchanged.mean);
      takeBits(sent, exchanged);
      for (const { client } of sent) for (const { onUpdate } of observers) onUpdate?.(client, round, exchanged.mean);
    }
    const received = air?.finish();
    if (received !== undefined) {
      sum = received.mean;
      for (const one of sent) if (received.air.power[one.client]! > 0) one.bits = { nominal: 0, wire: 0 };
    }
    return {
      ...summarize(sent, { round, localEpochs, clients: config.network.clients, participation }),
      ...(received && { air: received.air }),
      ...(!isPlain(config) && { participation: { ...participation, ...(norms.length > 0 && { norm: norms }) } }),
      ...(sentBits && { downlink: sentBits }),
      ...(exchanged && { exchange: exchanged.returned }),
    };
  }

  /** The round's sum; without some of its updates, where batteries may have kept them */
  const sumWithout = (silent: readonly number[]) => (silent.length === 0 ? sum : undo!.without(sum, silent));

  return { sumWithout, train, taskOf, receive };
}

/** What clients are given for a round, and what is kept of what comes back. */
function clientEnds({ setup, state, tensors }: RoundSetup, exchanging: Quantizer | undefined) {
  const { config, observers } = setup;

  function taskOf(
    part: Pick<ClientTask, "client" | "round" | "localEpochs" | "weights">,
    { participation, spectralEfficiency, resolutions }: RoundPlan,
    all?: readonly number[],
  ): ClientTask {
    const { client, round } = part;
    const context = {
      modelChanges: [...state.modelChanges],
      loss: { ...state.loss },
      ...(all && { losses: [...(state.losses ?? [])], shares: { own: part.weights[0]!, all } }),
      ...(spectralEfficiency && { spectralEfficiency }),
    };
    const choice = resolutions?.choice[client];
    const bits = resolutions?.target?.[client];
    const asItIs = exchanging !== undefined || isOverTheAir(config);
    const wantsUpdate = asItIs || observers.some((observer) => observer.wantsTrained?.(client, round));
    const watched = !asItIs && observers.some(({ onUpdate }) => onUpdate !== undefined);
    const wantsDecoded = config.devices.battery.enabled || watched;
    return {
      ...part,
      context,
      ...endsOf({ config, state, participation }, client),
      ...(choice !== undefined && {
        resolutions: { ladder: resolutions!.ladder, choice, ...(bits && { target: bits }) },
      }),
      ...(sees(config, "updates") && { wantsNorm: true }),
      ...(wantsUpdate && { wantsUpdate }),
      ...(wantsDecoded && { wantsDecoded }),
    };
  }

  function receive(reply: ClientReply, round: number, lost: boolean): void {
    const { client, memory, fallback, decoder, update, decoded } = reply;
    const returned = lost && config.loss.acknowledged ? fallback : undefined;
    state.clients[client] = returned ?? memory;
    state.decoders[client] = decoder;
    for (const observer of observers) {
      if (update !== undefined && observer.wantsTrained?.(client, round)) {
        observer.onTrained?.(client, round, update, tensors);
      }
      if (decoded !== undefined) observer.onUpdate?.(client, round, decoded);
    }
  }

  return { taskOf, receive };
}

/** Collects what the clients measured, and the mean update by which the next round is planned. */
function measurement({ network }: Config, resolutions: number, shards: readonly Int32Array[], state: TrainingState) {
  const examples = shards.reduce((sum, shard) => sum + shard.length, 0);
  const length = network.clients * resolutions;
  const bits = state.measurements?.bits.slice() ?? new Float64Array(length);
  const error = state.measurements?.error.slice() ?? new Float64Array(length);
  const perClient = () => new Float64Array(network.clients);
  const norms = state.measurements?.norms?.slice() ?? perClient();
  const before = state.measurements?.isotropic;
  // Of who stays away this time the noise is not in what the server decodes.
  let isotropic = before && { sent: perClient(), along: before.along.slice(), mean: before.mean.slice() };
  return {
    /** What a client's update counts in the mean */
    weight: (client: number) => shards[client]!.length / examples,
    add({ client, measured }: ClientReply, lost: boolean): void {
      if (measured === undefined) return;
      bits.set(measured.bits, client * resolutions);
      error.set(measured.error, client * resolutions);
      norms[client] = measured.norm;
      const { sent, curvature } = measured;
      if (sent === undefined || curvature === undefined) return;
      isotropic ??= { sent: perClient(), along: perClient(), mean: perClient() };
      isotropic.sent[client] = lost ? 0 : sent;
      isotropic.along[client] = curvature.along;
      isotropic.mean[client] = curvature.mean;
    },
    finish: (mean: Float64Array): Measurements => ({
      bits,
      error,
      norms,
      ...(isotropic && { isotropic }),
      signal: mean.reduce((sum, entry) => sum + entry * entry, 0),
    }),
  };
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

/** Whether the quantizer's schedule looks at every round's loss and at the clients' weights. */
function followsLosses({ quantizer }: Config): boolean {
  return quantizer.schedule === "plateau" || quantizer.schedule === "doubly-adaptive";
}

function summarize(
  replies: readonly Sent[],
  round: { round: number; localEpochs: number; clients: number; participation?: Participation },
): KeptRound {
  const zeros = () => new Array<number>(round.clients).fill(0);
  const kept: KeptRound = {
    round: round.round,
    localEpochs: round.localEpochs,
    nominalBits: zeros(),
    wireBits: zeros(),
    skipped: new Array<boolean>(round.clients).fill(true),
    examples: zeros(),
    loss: meanLoss(replies),
    worth: null,
  };
  for (const [i, { client, examples, bits }] of replies.entries()) {
    kept.examples[client] = examples;
    if (bits === null) continue;
    const attempts = round.participation?.attempts?.[i] ?? 1;
    kept.skipped[client] = false;
    kept.nominalBits[client] = attempts * bits.nominal;
    kept.wireBits[client] = attempts * bits.wire;
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
