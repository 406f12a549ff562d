import { isByAccessPoints, isOverTheAir } from "../../src/federated/aggregation/checks.js";
import { decodedAlone } from "../../src/federated/aggregation/fronthaul.js";
import { withMargin } from "../../src/federated/ledger.js";
import { uploadProblem } from "../../src/federated/price.js";
import { openSystem } from "../../src/federated/system.js";
import {
  type Allocation,
  type Config,
  closedFormRates,
  createNetwork,
  gainShares,
  type Network,
  powerMethod,
  priceRound,
  rateModel,
  visitorEfficiency,
} from "../../src/index.js";
import type { Positions } from "../figures.js";

/** What the drop asks its worker. */
export interface DropRequest {
  config: Config;
  /** Where something was dragged to; where left out, as the config has it */
  positions?: Positions | undefined;
  /** S, bits: of every client the same, or of each */
  bits: number | readonly number[];
  /** Local epochs of a round, for its computing time; the config's where left out */
  localEpochs?: number | undefined;
  /** D_k [K]; all the same where left out */
  examples?: readonly number[] | undefined;
  /** s and J of the round that is shown, where bits do not say what one takes: over the air */
  taken?: { latency: number; energy: number } | undefined;
  /** Whether something is being dragged: receivers that only simulation rates are then taken for maximum ratio */
  live: boolean;
  /** Places on a side of the radio map */
  side: number;
}

/** Everything of a drop that its figure shows; arrays as in `Network` and `Allocation`. */
export interface DropAnswer {
  area: number;
  wrapAround: boolean;
  accessPointPositions: Float64Array;
  clientPositions: Float64Array;
  pilotIndex: Int32Array;
  /** [K·L] */
  shares: Float64Array;
  allocation: Allocation;
  /** s and J of a round at these powers */
  round: { latency: number; energy: number };
  /** Rounds that the budgets pay for, and which of them ends first; undefined where only a finished round shows what one takes */
  rounds: Affordable | undefined;
  /** Whether all send at once, as amplitudes: rates and powers of packets are then nobody's */
  overTheAir: boolean;
  /** Spectral efficiency of one more client, bit/s/Hz [side·side], row by row from y = 0 */
  map: Float64Array;
  /** Whether the rates are those of the config's receiver */
  exact: boolean;
}

interface Affordable {
  count: number;
  by: "energy" | "latency" | "rounds";
}

/** @throws InputError as createNetwork, rateModel and powerMethod */
export function computeDrop(request: DropRequest): DropAnswer {
  const { config, positions, bits, localEpochs, examples, taken, live, side } = request;
  const moved = positions === undefined ? config : withPositions(config, positions);
  const whole = createNetwork(moved.network, { seed: moved.seed });
  // Where access points add, each client is heard by one of them
  const network = isByAccessPoints(moved) ? decodedAlone(whole).network : whole;
  const simulated = moved.network.combining !== "mr" || moved.network.ageing.enabled;
  const exact = !(live && simulated);
  const rates = exact ? rateModel(network, moved.network, { seed: moved.seed, round: 1 }) : closedFormRates(network);
  const { clients } = network;
  const sent = Float64Array.from({ length: clients }, (_, k) => (typeof bits === "number" ? bits : (bits[k] ?? 0)));
  const epochs = localEpochs ?? moved.training.localEpochs;
  const known = examples ?? new Array<number>(clients).fill((moved.data.trainExamples || embeddedSize) / clients);
  const work = { nominalBits: sent, wireBits: sent, examples: known.map((count) => count * epochs) };
  const { devices, margin } = openSystem(moved);
  const problem = uploadProblem(moved, withMargin(rates, margin), work, parametersUnknown, { devices });
  const allocation = powerMethod(moved.power).allocate(problem);
  const overTheAir = isOverTheAir(moved);
  const { latency, energy } = priceRound(problem, allocation.power, allocation.frequency);
  return {
    area: network.area,
    wrapAround: network.wrapAround,
    accessPointPositions: network.accessPointPositions,
    clientPositions: network.clientPositions,
    pilotIndex: network.pilotIndex,
    shares: gainShares(network),
    allocation,
    round: { latency, energy },
    rounds: overTheAir ? taken && affordable(moved, taken) : affordable(moved, { latency, energy }),
    overTheAir,
    map: visitorEfficiency(whole, moved.network, mapPlaces(network, side)),
    exact,
  };
}

/** The embedded set's own size stands for "all" where nobody has looked yet. */
const embeddedSize = 6000;

/** The downlink is left out of the drop's price: it is the same wherever anyone stands. */
const parametersUnknown = 0;

function affordable({ budgets, rounds }: Config, price: { latency: number; energy: number }): Affordable {
  let found: Affordable = { count: rounds, by: "rounds" };
  for (const by of ["energy", "latency"] as const) {
    const budget = budgets[by];
    if (budget === null) continue;
    const count = Number.isFinite(price[by]) ? Math.floor(budget / price[by]) : 0;
    if (count < found.count) found = { count, by };
  }
  return found;
}

/** Middles of the map's fields. */
export function mapPlaces({ area }: Pick<Network, "area">, side: number): Float64Array {
  const places = new Float64Array(2 * side * side);
  for (let i = 0; i < side * side; i++) {
    places[2 * i] = ((i % side) + 0.5) * (area / side);
    places[2 * i + 1] = (Math.floor(i / side) + 0.5) * (area / side);
  }
  return places;
}

/** The config with everything at these places; shadowing stays that of its seed. */
export function withPositions(config: Config, { accessPoints, clients }: Positions): Config {
  const pairs = (from: Positions["clients"]) => from.map(([x, y]): [number, number] => [x, y]);
  return {
    ...config,
    network: {
      ...config.network,
      deployment: {
        ...config.network.deployment,
        accessPoints: "given",
        clients: "given",
        accessPointPositions: pairs(accessPoints),
        clientPositions: pairs(clients),
      },
    },
  };
}
