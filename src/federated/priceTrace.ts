import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { powerMethod } from "../power/index.js";
import { checkPricedAlone } from "./aggregation/checks.js";
import type { LearningTrace, TracedRound } from "./learningTrace.js";
import { createLedger } from "./ledger.js";
import { createRadio } from "./radio.js";
import type { Ending } from "./result.js";
import { openSystem } from "./system.js";

/** A round of a trace with its price. */
export interface PricedRound {
  round: number;
  accuracy: number | null;
  /** Of this round and of all so far: J, s */
  energy: number;
  latency: number;
  totals: { energy: number; latency: number };
}

/** What somebody's learning costs on a drop, as far as the budgets reach. */
export interface PricedTrace {
  rounds: PricedRound[];
  /** "rounds": the whole trace is paid for */
  ended: { by: Ending; reason: string };
  /** Last accuracy that was measured within the budgets */
  accuracy: number | null;
}

/**
 * Prices a learning that was done elsewhere on a drop of a config: its radio, power method, budgets, and what is billed
 * beside the uploads. Computation takes what the trace says, and what the config says where it does not.
 * @param options.parameters d, for the downlink
 * @throws InputError for a trace of more clients than the network has
 */
export function priceTrace(
  trace: LearningTrace,
  config: Config,
  options: { drop?: number; parameters: number },
): PricedTrace {
  const { drop = 0, parameters } = options;
  const { clients } = config.network;
  if (trace.clients.length > clients)
    throw new InputError("network.clients", `${clients}, but the trace has ${trace.clients.length} clients`);
  checkPriceable(config);
  const radio = createRadio(config, { drop });
  const rounds: PricedRound[] = [];
  const totals = { energy: 0, latency: 0 };
  // What is left of the budgets: rounds that say how long they computed are billed as if by another model of computation.
  const timed = createLedger(withoutCompute(config), { powerMethod: powerMethod(config.power), radio, parameters });
  const modeled = createLedger(config, {
    ...{ powerMethod: powerMethod(config.power), radio, parameters, system: openSystem(config) },
  });
  let accuracy: number | null = null;
  for (const round of trace.rounds) {
    const says = round.clients.some(({ computeSeconds }) => computeSeconds !== null);
    const ledger = says ? timed : modeled;
    Object.assign(ledger.totals, totals);
    const price = ledger.price({ round: round.round, ...workOf(round, clients, says) });
    if (!price.fits) return { rounds, ended: { by: price.ending, reason: price.reason }, accuracy };
    totals.energy = ledger.totals.energy;
    totals.latency = ledger.totals.latency;
    accuracy = round.accuracy ?? accuracy;
    const { energy, latency } = price;
    rounds.push({ round: round.round, accuracy: round.accuracy, energy, latency, totals: { ...totals } });
  }
  return { rounds, ended: { by: "rounds", reason: `all ${rounds.length} rounds of the trace are paid for` }, accuracy };
}

/** @throws InputError for what would have changed the learning, which was done elsewhere */
function checkPriceable(config: Config): void {
  const { devices, loss } = config;
  checkPricedAlone(config);
  const why = "would change who is heard, and this learning was done elsewhere";
  if (devices.battery.enabled) throw new InputError("devices.battery.enabled", `a battery that runs empty ${why}`);
  if (loss.kind !== "none") throw new InputError("loss.kind", `an upload that is lost ${why}`);
}

/** Examples that take a second: so the seconds that a trace says go where examples are counted. */
const perSecond = 1250;

function withoutCompute(config: Config): Config {
  const { compute } = config.budgets;
  return {
    ...config,
    budgets: { ...config.budgets, compute: { ...compute, latencyPer1250: 1, cpu: { ...compute.cpu, enabled: false } } },
  };
}

function workOf({ clients: own }: TracedRound, clients: number, says: boolean) {
  const [bits, examples] = [new Float64Array(clients), new Float64Array(clients)];
  for (const { client, ...work } of own) {
    bits[client] = work.bits;
    examples[client] = says ? perSecond * (work.computeSeconds ?? 0) : work.examples;
  }
  return { nominalBits: bits, wireBits: bits, examples };
}
