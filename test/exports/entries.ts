import { tmpdir } from "node:os";
import { join } from "node:path";
import * as library from "../../src/index.js";

/** What of a list of wrong values an argument is, by its kind. */
export const wrongValues = {
  nothing: undefined,
  null: null,
  NaN: Number.NaN,
  number: 7,
  negative: -1.5,
  text: "no such thing",
  object: {},
  list: [],
  function: () => 0,
  flag: true,
} as const;
export type Wrong = keyof typeof wrongValues;

/** An argument: how the error's path begins, a value that is right, and which of the wrong ones are as good. */
export interface Argument {
  path: string;
  good: unknown;
  accepts: readonly Wrong[];
}

/** A function with its arguments; or methods of what a function gives; or something that is not called. */
export interface Entry {
  call?: (...given: never[]) => unknown;
  arguments?: readonly Argument[];
  /** Further calls that are refused: lengths that do not fit, numbers that are none; with the path */
  refused?: readonly (readonly [what: string, given: readonly unknown[], path: string])[];
  /** Why it is not called */
  data?: string;
}

export function argument(path: string, good: unknown, ...accepts: Wrong[]): Argument {
  return { path, good, accepts };
}

export const tiny = {
  rounds: 1,
  data: { trainExamples: 40, testExamples: 10 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 3, accessPoints: 4 },
  quantizer: { name: "emq" },
  power: { method: "full" },
} as const;

export const config = library.parseConfig(tiny);
export const network = library.createNetwork(config.network, { seed: 1 });
export const rates = library.closedFormRates(network);
export const problem = {
  rates,
  bits: Float64Array.of(1e4, 2e4, 0),
  computeLatency: 0.01,
  budgets: { energy: 1, latency: 10 },
};
export const dataset = library.createDataset(config.data, 1);
export const grid = library.gridOf({ file: tiny, quantizers: ["emq", "laq"] });
export const jobs = library.trainingJobs([grid]);
export const emq = library.quantizer("emq");
export const update = Float32Array.of(0.5, -0.25, 0.125, 1);
export const packet = emq.encode(update, library.freshContext())!.bytes;
export const model = library.createModel({ input: [2], layers: [{ type: "dense", units: 2 }] });
export const nowhere = join(tmpdir(), "cellfed-there-is-no-such-folder");
