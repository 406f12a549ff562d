import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { QuantizerMemory } from "../../config/records.js";
import { allowance, harvested } from "../../system/battery.js";
import { computeJoules, computeSeconds, type Devices } from "../../system/devices.js";
import { priceDownlink } from "../downlinkPrice.js";
import { clientEpochs } from "../epochs.js";
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
  /** Keeps what the client's encoder and decoder remember, the packet being lost or not */
  receive(reply: ClientReply, round: number, lost: boolean): void;
  /** An update is added */
  used(client: number, round: number, decoded: Float32Array): void;
  summarize(sent: readonly (Pick<Flying, "loss" | "examples" | "bits"> & { client: number })[]): KeptRound;
}

/**
 * Rounds on the simulated clock: a round is a server step. In it its participants begin from the model as it is, time
 * passes until the server has waited long enough, and what has arrived is added, in the order of the clients. A client that
 * has sent waits for the next model, so that it has one update under way at most, and none twice from the same model; so
 * does one whose packets were lost, or whose battery did not carry them.
 */
export function waitingRounds(setup: WaitingSetup) {
  const { config, state, shards } = setup;
  let sum = new Float64Array(0);

  async function train(plan: RoundPlan): Promise<KeptRound> {
    const round = state.round + 1;
    const { charge } = setup.devices;
    state.waiting ??= emptyWaiting(config.network.clients, config.devices.battery.enabled ? charge : undefined);
    const waiting = state.waiting;
    const { clock, flying } = waiting;
    const meter = emptyMeter(config.network.clients);
    newStep(clock);
    const { localEpochs, download, participation } = await beginClients(setup, waiting, meter, plan);
    const { refused, allocation } = wait(setup, waiting, meter, round);
    const { updates, lost, out } = refused === undefined ? endedUploads(config, waiting, shards, round) : noneEnded;
    const ended = [...updates.map(({ client }) => client), ...lost, ...out].sort((a, b) => a - b);
    const sent = ended.map((client) => ({ client, ...flying[client]!, ...(out.includes(client) && { bits: null }) }));
    const kept = { ...setup.summarize(sent), localEpochs };
    sum = refused === undefined ? sumOf(config, waiting, updates, state.parameters, round) : sum;
    for (const { client, began } of updates) setup.used(client, began, flying[client]!.update);
    for (const client of out) remember(state, client, flying[client]!.unsent!);
    for (const client of ended) flying[client] = null;
    const dropped = config.waiting.kind === "deadline" && config.waiting.late === "drop" ? breakOffLate(state) : [];
    const needed = new Set(flying.flatMap((one) => (one === null ? [] : [`${one.began}`])));
    for (const began of [...waiting.models.keys()]) if (!needed.has(began)) waiting.models.delete(began);
    return {
      ...kept,
      ...(!isPlain(config) && { participation }),
      step: {
        ...costsOf(clock, meter, download),
        ...{ allocation, updates, dropped, spans: meter.spans },
        ...(config.loss.kind !== "none" && { lost }),
        ...(clock.batteries !== undefined && { out }),
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
  const counts = shards.map(({ length }) => length);
  const epochs = clientEpochs(config, devices, counts, usual);
  const canBreakOff = config.waiting.kind === "deadline" && config.waiting.late === "drop";
  if (mixesModels(config)) waiting.models.set(`${round}`, state.parameters.slice());
  const before = starters.map((client) =>
    canBreakOff || config.devices.battery.enabled
      ? { memory: copyOf(state.clients[client]!), decoder: copyOf(state.decoders[client]!) }
      : null,
  );
  const tasks = starters.map((client) => ({
    ...setup.taskOf({ client, round, localEpochs: epochs(client), weights: [] }, plan),
    wantsDecoded: true,
  }));
  const done = new Float64Array(shards.length);
  const norms: number[] = [];
  await executor.run(state.parameters, tasks, ({ decoded, ...reply }) => {
    const { client, loss, examples, norm } = reply;
    const [update, at] = [decoded!.slice(), starters.indexOf(client)];
    const lost = participation.lost?.includes(client) ?? false;
    setup.receive(reply, round, lost);
    const bits = timesSent(reply.bits, participation.attempts?.[at] ?? 1);
    const kept = { began: round, update, loss, examples, bits, before: canBreakOff ? before[at]! : null };
    waiting.flying[client] = { ...kept, ...(lost && { lost }), ...unsentOf(config, reply, before[at]!) };
    done[client] = examples;
    if (norm !== undefined) norms.push(norm);
  });
  const seconds = computeSeconds(config, devices, done);
  const joules = computeJoules(config, devices, done);
  openBatteries(config, waiting.clock, starters, round);
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

/** What all attempts at sending a packet come to. */
function timesSent(bits: Flying["bits"], attempts: number): Flying["bits"] {
  return bits && { nominal: attempts * bits.nominal, wire: attempts * bits.wire };
}

/** What both ends go back to if the client's battery does not carry its packets. */
function unsentOf(
  { devices }: Config,
  { fallback, memory }: ClientReply,
  before: Flying["before"],
): Pick<Flying, "unsent"> {
  return devices.battery.enabled ? { unsent: { memory: fallback ?? memory, decoder: before!.decoder } } : {};
}

/** What a step's clients may use of their batteries, and what comes in meanwhile. */
function openBatteries(
  { seed, rounds, devices }: Config,
  clock: ClockState,
  starters: readonly number[],
  round: number,
) {
  const { batteries } = clock;
  if (batteries === undefined) return;
  const { harvest, horizon } = devices.battery;
  batteries.out = [];
  for (let client = 0; client < batteries.left.length; client++) {
    batteries.harvest[client] = harvested(harvest, seed, round, client);
  }
  // Without a horizon all that it has and that comes in.
  const share = allowance(batteries, horizon, rounds - round + 1);
  for (const client of starters) batteries.allowed[client] = horizon ? share[client]! : Number.POSITIVE_INFINITY;
}

/** Lets time pass as the config says. @returns why the step cannot be had, where so */
function wait({ config, sharing }: WaitingSetup, { clock, flying }: WaitingState, meter: Meter, round: number) {
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
  const delivered = () => clock.arrived.reduce((count, client) => count + (flying[client]!.lost ? 0 : 1), 0);
  const enough = () => kind === "asynchronous" && delivered() >= buffer;
  const refused = advance(clock, meter, { share, until, enough });
  if (refused !== undefined || clock.arrived.length > 0) return { refused, allocation };
  const stuck = allOut(config, { clock, flying }, round);
  return { refused: stuck === null ? nobodyInTime(config, clock, share, round) : stuck, allocation };
}

/**
 * Why a step in which every battery gave out is the end: it is the first one, or nobody could send in a later one either.
 * @returns null where it was not the batteries, undefined where it is an empty step
 * @throws InputError in the first round, where nothing is lost yet
 */
function allOut(
  { devices, budgets }: Config,
  { clock: { batteries, phase }, flying }: Pick<WaitingState, "clock" | "flying">,
  round: number,
): string | undefined | null {
  if (batteries === undefined || batteries.out.length === 0 || phase.some((does) => does !== 0)) return null;
  const { left, out } = batteries;
  const { harvest } = devices.battery;
  const others = left.some((joules, client) => joules > 0 && !out.includes(client));
  if (round > 1 && (others || (harvest.kind !== "none" && harvest.power > 0))) return undefined;
  const fullest = out.reduce((best, client) => (left[client]! > left[best]! ? client : best));
  const reason =
    `round ${round}: no battery carries an upload at any power: client ${fullest}'s, the fullest, holds ` +
    `${left[fullest]!.toPrecision(3)} J for the rest of its ${flying[fullest]!.bits![budgets.bits]} bits ` +
    "(larger batteries, devices.battery, or a coarser quantizer would do)";
  if (round === 1) throw new InputError("devices.battery", reason);
  return reason;
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
  const first = clock.arrived[0];
  if (first === undefined)
    return `waiting.deadline: nobody is there by ${waiting.deadline} s, and then no battery lasts`;
  const needs = clock.elapsed.toPrecision(4);
  // Rounded up, so that it does.
  const enough = (clock.elapsed * 1.0005).toPrecision(4);
  const message =
    `${waiting.deadline} s are too few for every client in round ${round}: the first to be there, client ${first}, ` +
    `would take ${needs} s (allowed: at least ${enough}, or null)`;
  if (round === 1) throw new InputError("waiting.deadline", message);
  return `waiting.deadline: ${message}`;
}

/** What has come of uploads in a step. */
interface Ended {
  /** Those that the step adds */
  updates: UsedUpdate[];
  /** Clients whose packets did not arrive */
  lost: number[];
  /** Clients whose batteries did not carry theirs */
  out: number[];
}

const noneEnded: Ended = { updates: [], lost: [], out: [] };

/** Those that the step adds, in the order of the clients, with what they count; others that are there stay. */
function endedUploads(
  { waiting: { kind, buffer, staleness } }: Config,
  { clock, flying }: WaitingState,
  shards: readonly Int32Array[],
  round: number,
): Ended {
  const lost = clock.arrived.filter((client) => flying[client]!.lost === true);
  const delivered = clock.arrived.filter((client) => !lost.includes(client));
  const count = kind === "asynchronous" ? Math.min(buffer, delivered.length) : delivered.length;
  clock.arrived = delivered.slice(count);
  const clients = delivered.slice(0, count).sort((a, b) => a - b);
  const examples = clients.reduce((sum, client) => sum + shards[client]!.length, 0);
  const updates = clients.map((client) => {
    const { began } = flying[client]!;
    const weight = stalenessWeight(staleness, round - began) * (shards[client]!.length / examples);
    return { client, began, weight };
  });
  return { updates, lost: lost.sort((a, b) => a - b), out: [...(clock.batteries?.out ?? [])].sort((a, b) => a - b) };
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

/** What both ends of a client's quantizer remember from now on. */
function remember(
  { clients, decoders }: RoundsState,
  client: number,
  { memory, decoder }: NonNullable<Flying["before"]>,
) {
  clients[client] = memory;
  decoders[client] = decoder;
}

/** Whoever is still at work was too late: neither side has seen the update. @returns who */
function breakOffLate(state: RoundsState): number[] {
  const { clock, flying } = state.waiting!;
  const late = flying.flatMap((one, client) => (one === null ? [] : [client]));
  for (const client of late) {
    remember(state, client, flying[client]!.before!);
    flying[client] = null;
    breakOff(clock, client);
  }
  return late;
}

function costsOf(
  { elapsed, batteries }: ClockState,
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
      ...(batteries && { battery: [...batteries.left] }),
    },
  };
}

/** The server goes towards the clients' models, and so needs those that they began from. */
function mixesModels({ waiting }: Pick<Config, "waiting">): boolean {
  return waiting.kind === "asynchronous" && waiting.mixing === "models";
}
