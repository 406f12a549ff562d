import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { QuantizerMemory } from "../../config/records.js";
import { computeJoules, computeSeconds, type Devices } from "../../system/devices.js";
import { priceDownlink } from "../downlinkPrice.js";
import type { Executor } from "../executor.js";
import type { KeptRound, Participation } from "../keptTrace.js";
import { copyOf } from "../memory.js";
import { isPlain } from "../participation.js";
import type { RoundPlan } from "../plan.js";
import { fixedCosts } from "../price.js";
import { addUpdates } from "../sums.js";
import type { ClientReply, ClientTask } from "../task.js";
import { type Asked, advance, begin, breakOff, type ClockState, emptyMeter, type Meter, newStep } from "./clock.js";
import type { Sharing } from "./sharing.js";
import { stalenessWeight } from "./staleness.js";
import { emptyWaiting, type Flying, type WaitingState } from "./state.js";
import type { KeptStep, UsedUpdate } from "./step.js";

/** What of a training's state its rounds go by. */
export interface RoundsState {
  /** Rounds committed so far */
  readonly round: number;
  /** w */
  readonly parameters: Float32Array;
  readonly clients: QuantizerMemory[];
  readonly decoders: QuantizerMemory[];
  waiting?: WaitingState;
}

export interface WaitingSetup {
  config: Config;
  executor: Executor;
  state: RoundsState;
  shards: readonly Int32Array[];
  sharing: Sharing;
  devices: Devices;
  epochs(round: number): number;
  taskOf(part: Pick<ClientTask, "client" | "round" | "localEpochs" | "weights">, plan: RoundPlan): ClientTask;
  /** Keeps what the client's encoder and decoder remember */
  receive(reply: ClientReply, round: number): void;
  /** An update is added */
  used(client: number, round: number, decoded: Float32Array): void;
  summarize(
    sent: readonly (Pick<Flying, "loss" | "examples" | "bits"> & { client: number })[],
    participation: Participation,
  ): KeptRound;
}

/** More than anybody means: epochs of a client in a round. */
const mostEpochs = 10_000;

/**
 * Rounds on the simulated clock: a round is a server step. In it its participants begin from the model as it is, time
 * passes until the server has waited long enough, and what has arrived is added, in the order of the clients. A client that has sent waits for the next model, so that it has one update under way at most, and none
 * twice from the same model.
 */
export function waitingRounds(setup: WaitingSetup) {
  const { config, state, shards } = setup;
  let sum = new Float64Array(0);

  async function train(plan: RoundPlan): Promise<KeptRound> {
    const round = state.round + 1;
    state.waiting ??= emptyWaiting(config.network.clients);
    const waiting = state.waiting;
    const { clock, flying } = waiting;
    const meter = emptyMeter(config.network.clients);
    newStep(clock);
    const { localEpochs, download, participation } = await beginClients(setup, waiting, meter, plan);
    const { refused, allocation } = wait(setup, clock, meter, round);
    const updates = refused === undefined ? usedUpdates(config, waiting, shards, round) : [];
    const sent = updates.map(({ client }) => ({ client, ...flying[client]! }));
    const kept = { ...setup.summarize(sent, participation), localEpochs };
    sum = refused === undefined ? sumOf(config, waiting, updates, state.parameters, round) : sum;
    for (const { client, began } of updates) setup.used(client, began, flying[client]!.update);
    for (const { client } of updates) flying[client] = null;
    const dropped = config.waiting.kind === "deadline" && config.waiting.late === "drop" ? breakOffLate(state) : [];
    const needed = new Set(flying.flatMap((one) => (one === null ? [] : [`${one.began}`])));
    for (const began of [...waiting.models.keys()]) if (!needed.has(began)) waiting.models.delete(began);
    return {
      ...kept,
      ...(!isPlain(config) && { participation }),
      step: {
        ...costsOf(clock, meter, download),
        ...{ allocation, updates, dropped, spans: meter.spans },
        ...(refused !== undefined && { refused }),
      },
    };
  }

  return { sumWithout: () => sum, train };
}

/** What came of a step's beginning. */
interface Begun {
  /** The most of a client, where they train for as long as there is time */
  localEpochs: number;
  /** J */
  download: number;
  participation: Participation;
}

/** Who takes part begins: everybody trains at once, since nothing but the model decides what comes of it. */
async function beginClients(setup: WaitingSetup, waiting: WaitingState, meter: Meter, plan: RoundPlan): Promise<Begun> {
  const { participation } = plan;
  const { config, executor, state, shards, devices } = setup;
  if (participation === undefined) throw new Error("propose: the plan has no participants");
  const round = state.round + 1;
  const usual = setup.epochs(round);
  const starters = participation.clients;
  if (starters.length === 0) return { localEpochs: usual, download: 0, participation };
  const download = fixedCosts(
    config.budgets,
    [],
    priceDownlink(config.budgets, { sent: undefined, parameters: state.parameters.length }),
  );
  waiting.clock.spent += download.energy;
  const epochs = epochsOf(config, devices, shards, usual);
  const canBreakOff = config.waiting.kind === "deadline" && config.waiting.late === "drop";
  if (mixesModels(config)) waiting.models.set(`${round}`, state.parameters.slice());
  const before = starters.map((client) =>
    canBreakOff ? { memory: copyOf(state.clients[client]!), decoder: copyOf(state.decoders[client]!) } : null,
  );
  const tasks = starters.map((client) => ({
    ...setup.taskOf({ client, round, localEpochs: epochs(client), weights: [] }, plan),
    wantsDecoded: true,
  }));
  const done = new Float64Array(shards.length);
  const norms: number[] = [];
  await executor.run(state.parameters, tasks, ({ decoded, ...reply }) => {
    setup.receive(reply, round);
    const { client, loss, examples, bits, norm } = reply;
    const [update, at] = [decoded!.slice(), starters.indexOf(client)];
    waiting.flying[client] = { began: round, update, loss, examples, bits, before: before[at]! };
    done[client] = examples;
    if (norm !== undefined) norms.push(norm);
  });
  const seconds = computeSeconds(config, devices, done);
  const joules = computeJoules(config, devices, done);
  for (const client of starters) {
    const bits = waiting.flying[client]!.bits?.[config.budgets.bits] ?? 0;
    const work = { seconds: download.latency + seconds[client]!, joules: joules[client]!, bits };
    begin(waiting.clock, meter, client, work);
  }
  return {
    localEpochs: Math.max(...tasks.map(({ localEpochs }) => localEpochs)),
    download: download.energy,
    participation: { ...participation, ...(norms.length > 0 && { norm: norms }) },
  };
}

/** Local epochs of each client: the round's, or as many as fit into the period. */
function epochsOf(config: Config, devices: Devices, shards: readonly Int32Array[], usual: number) {
  if (config.waiting.kind !== "semi-synchronous") return () => usual;
  const epoch = computeSeconds(
    config,
    devices,
    shards.map(({ length }) => length),
  );
  return (client: number) => fittingEpochs(config, client, epoch[client]!);
}

/** Lets time pass as the config says. @returns why the step cannot be had, where so */
function wait({ config, sharing }: WaitingSetup, clock: ClockState, meter: Meter, round: number) {
  const { kind, deadline, buffer } = config.waiting;
  const began = clock.seconds;
  const allocation: KeptStep["allocation"] = { status: "converged", iterations: 0 };
  const share = (asked: Asked) => {
    const shared = sharing.share({ round, seconds: began }, asked);
    if ("refused" in shared) return shared;
    allocation.iterations += shared.iterations;
    if (shared.status !== "converged") allocation.status = shared.status;
    return shared;
  };
  const until = kind === "deadline" ? (deadline ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const enough = (arrived: number) => kind === "asynchronous" && arrived >= buffer;
  const refused = advance(clock, meter, { share, until, enough });
  if (refused !== undefined || clock.arrived.length > 0) return { refused, allocation };
  return { refused: nobodyInTime(config, clock, share, round), allocation };
}

/**
 * Why a step has nothing to add, and what would do.
 * @throws InputError in the first round, where nothing is lost yet
 */
function nobodyInTime(
  { waiting }: Config,
  clock: ClockState,
  share: Parameters<typeof advance>[2]["share"],
  round: number,
): string {
  if (clock.phase.every((phase) => phase === 0)) return `round ${round}: nobody takes part`;
  const meter = emptyMeter(clock.phase.length);
  const until = Number.POSITIVE_INFINITY;
  const refused = advance(clock, meter, { share, until, enough: (arrived) => arrived > 0 });
  if (refused !== undefined) return refused;
  const first = clock.arrived[0]!;
  const needs = clock.elapsed.toPrecision(4);
  // Rounded up, so that it does.
  const enough = (clock.elapsed * 1.0005).toPrecision(4);
  const message =
    `${waiting.deadline} s are too few for every client in round ${round}: the first to be there, client ${first}, ` +
    `would take ${needs} s (allowed: at least ${enough}, or null)`;
  if (round === 1) throw new InputError("waiting.deadline", message);
  return `waiting.deadline: ${message}`;
}

/** Epochs that fit into the period, at least one. @throws InputError for more than anybody means */
function fittingEpochs({ waiting }: Config, client: number, epoch: number): number {
  const epochs = Math.max(1, Math.floor(waiting.period / epoch));
  if (epochs <= mostEpochs) return epochs;
  throw new InputError(
    "waiting.period",
    epoch > 0
      ? `${waiting.period} s are ${epochs} epochs of ${epoch.toPrecision(3)} s of client ${client} ` +
          `(allowed: at most ${(mostEpochs * epoch).toPrecision(3)} s, ${mostEpochs} epochs)`
      : `${waiting.period} s are endlessly many epochs of client ${client}, whose computing takes no time: ` +
          "budgets.compute would have to count it",
  );
}

/** Those that the step adds, in the order of the clients, with what they count; the others stay. */
function usedUpdates(
  { waiting: { kind, buffer, staleness } }: Config,
  { clock, flying }: WaitingState,
  shards: readonly Int32Array[],
  round: number,
): UsedUpdate[] {
  const count = kind === "asynchronous" ? Math.min(buffer, clock.arrived.length) : clock.arrived.length;
  const clients = clock.arrived.splice(0, count).sort((a, b) => a - b);
  const examples = clients.reduce((sum, client) => sum + shards[client]!.length, 0);
  return clients.map((client) => {
    const { began } = flying[client]!;
    const weight = stalenessWeight(staleness, round - began) * (shards[client]!.length / examples);
    return { client, began, weight };
  });
}

/** Σ weight · update, or α times the way from the server's model to each client's (FedAsync) [d]. */
function sumOf(
  { waiting }: Config,
  { flying, models }: WaitingState,
  updates: readonly UsedUpdate[],
  parameters: Float32Array,
  round: number,
): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(parameters.length);
  const mixes = mixesModels({ waiting });
  for (const { client, began, weight } of updates) {
    const share = mixes ? waiting.mixingRate * weight : weight;
    addUpdates([sum], [{ weights: [share], decoded: flying[client]!.update }]);
    if (!mixes || began === round) continue;
    const start = models.get(`${began}`)!;
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + share * (start[i]! - parameters[i]!);
  }
  return sum;
}

/** Whoever is still at work was too late: neither side has seen the update. @returns who */
function breakOffLate({ waiting, clients, decoders }: RoundsState): number[] {
  const { clock, flying } = waiting!;
  const late = flying.flatMap((one, client) => (one === null ? [] : [client]));
  for (const client of late) {
    const { memory, decoder } = flying[client]!.before!;
    clients[client] = memory;
    decoders[client] = decoder;
    flying[client] = null;
    breakOff(clock, client);
  }
  return late;
}

function costsOf(
  { elapsed }: ClockState,
  { sending, energy, computing, atFullPower }: Meter,
  download: number,
): Pick<KeptStep, "latency" | "energy" | "fixedEnergy" | "perClient"> {
  let total = download;
  for (let client = 0; client < energy.length; client++) total += energy[client]! + computing[client]!;
  return {
    latency: elapsed,
    energy: total,
    fixedEnergy: download,
    perClient: {
      power: Array.from(sending, (seconds, client) => (seconds > 0 ? Math.min(1, atFullPower[client]! / seconds) : 0)),
      latency: [...sending],
      energy: [...energy],
      computing: [...computing],
    },
  };
}

/** The server goes towards the clients' models, and so needs those that they began from. */
function mixesModels({ waiting }: Pick<Config, "waiting">): boolean {
  return waiting.kind === "asynchronous" && waiting.mixing === "models";
}
