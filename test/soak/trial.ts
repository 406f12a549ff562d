import { allocatedBytes } from "../../bindings/memory.js";
import { InputError } from "../../src/config/errors.js";
import type { PartialConfig } from "../../src/config/presets.js";
import type { Executor } from "../../src/federated/executor.js";
import type { RunResult } from "../../src/federated/result.js";
import { simulate } from "../../src/federated/simulate.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { threadedExecutor } from "../../src/study/run/executor.js";

/** How a run ended, to be compared: equal wherever it is computed. */
export interface Outcome {
  /** "ended", with why; "refused", with the message */
  kind: "ended" | "refused";
  why: string;
  /** Of the results; the message of a refusal */
  fingerprint: string;
  rounds: number;
}

/** Something that must not happen. */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** Words of errors that tell a user nothing: they come from below. */
const fromBelow =
  /cannot read prop|is not a function|is not iterable|undefined|kernel check|unreachable|out of bounds|call stack|invalid (typed )?array|detached|kernel memory|no such block|\bNaN bits|TypeError|RangeError/i;

/**
 * One run, with whatever may be said of any result checked.
 * @throws Fault, or what the run threw that is no InputError
 */
export async function outcomeOf(config: PartialConfig, executor?: Executor): Promise<Outcome> {
  let finite = true;
  let result: RunResult;
  try {
    result = await simulate(parseConfig(structuredClone(config)), {
      ...(executor && { executor }),
      observers: [
        {
          onEnd(_, { model }) {
            finite = model === undefined || model.every(Number.isFinite);
          },
        },
      ],
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.path === "" || fromBelow.test(error.message)) throw new Fault(`refused with: ${error.message}`);
    return { kind: "refused", why: error.message, fingerprint: error.message, rounds: 0 };
  }
  checkResult(result);
  if (!finite) throw new Fault(`the model is not finite, after ${result.rounds.length} rounds (${result.ended.by})`);
  const { by, reason } = result.ended;
  if (fromBelow.test(reason)) throw new Fault(`ended with: ${reason}`);
  const fingerprint = `${result.fingerprint.config} ${result.fingerprint.results} ${by}: ${reason}`;
  return { kind: "ended", why: `${by}: ${reason}`, fingerprint, rounds: result.rounds.length };
}

/** @throws Fault for a number that is none, and for what no run can have */
function checkResult({ config: _, ...result }: RunResult): void {
  checkNumbers(result, "result");
  for (const record of result.rounds) {
    const at = `round ${record.round}`;
    const { perClient, accuracy } = record;
    if (perClient.power.some((power) => power < 0 || power > 1)) throw new Fault(`${at}: powers ${perClient.power}`);
    if (accuracy !== null && (accuracy < 0 || accuracy > 1)) throw new Fault(`${at}: accuracy ${accuracy}`);
    for (const name of ["energy", "latency", "nominalBits", "wireBits"] as const) {
      if (record[name] < 0) throw new Fault(`${at}: ${name} ${record[name]}`);
      if (perClient[name].some((value) => value < 0)) throw new Fault(`${at}: ${name} of clients ${perClient[name]}`);
    }
  }
}

function checkNumbers(value: unknown, path: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Fault(`${path} is ${value}`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) checkNumbers(inner, `${path}.${key}`);
}

/**
 * Runs a config twice and looks at what of the kernels' memory it has kept.
 * @param collect collects garbage, and lets what that sets free be given back
 */
export async function outcomeWithoutLeak(config: PartialConfig, collect: () => Promise<void>): Promise<Outcome> {
  const first = await outcomeOf(config);
  await collect();
  const mark = allocatedBytes();
  const second = await outcomeOf(config);
  await collect();
  if (second.fingerprint !== first.fingerprint) {
    throw new Fault(`a second run in the same process differs: ${first.fingerprint} and ${second.fingerprint}`);
  }
  const kept = allocatedBytes() - mark;
  if (kept > 0) throw new Fault(`kernel memory: a second run leaves ${kept} bytes more than the first`);
  return first;
}

/** Threads that outlive the runs that they are lent to. */
export function lastingThreads(count: number): Executor & { end(): Promise<void> } {
  const executor = threadedExecutor(count);
  return { ...executor, close: async () => {}, end: () => executor.close() };
}
