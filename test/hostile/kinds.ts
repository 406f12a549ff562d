import { readProblem } from "../../src/cli/actions/power.js";
import { readChannel } from "../../src/cli/files/channel.js";
import { configFrom } from "../../src/cli/files/source.js";
import { loadStudy } from "../../src/cli/files/studyPlan.js";
import { InputError } from "../../src/config/errors.js";
import { loadDataset } from "../../src/data/files.js";
import { partition } from "../../src/data/partition.js";
import { readInput } from "../../src/disk/input.js";
import { parseTrace } from "../../src/federated/learningTrace.js";
import { compareSchemes, schemeNames } from "../../src/network/index.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { powerMethod, powerMethodNames } from "../../src/power/index.js";
import type { Random } from "../soak/random.js";

/** A kind of file that users write: a sound one, and what reading and using it does. */
export interface FileKind {
  sound(random: Random): unknown;
  /** @throws InputError for what is refused; anything else is a fault, and so is what it says of a result */
  use(path: string): Promise<string | undefined>;
}

const list = (length: number, make: (i: number) => unknown) => Array.from({ length }, (_, i) => make(i));

/** Every power method on what was read; a method may find a problem without a solution. */
async function useProblem(path: string): Promise<string | undefined> {
  const problem = await readProblem(path);
  for (const name of powerMethodNames) {
    if (name === "most-rounds" && problem.budgets === undefined) continue;
    const { power, status } = powerMethod({ method: name }).allocate(problem);
    const wrong = [...power].find((one) => !(one >= 0 && one <= 1));
    if (wrong !== undefined) return `${name} (${status}): a power of ${wrong}`;
  }
  return undefined;
}

async function useChannel(path: string): Promise<string | undefined> {
  const network = await readChannel(path);
  const key = { seed: 1, round: 0, drop: 0 };
  for (const [name, { spectralEfficiency }] of Object.entries(
    compareSchemes(network, schemeNames, { realizations: 4, key }),
  )) {
    const wrong = spectralEfficiency.find((rate) => !(rate >= 0 && rate < 1000));
    if (wrong !== undefined) return `${name}: a rate of ${wrong}`;
  }
  return undefined;
}

async function usePartition(path: string): Promise<string | undefined> {
  const split = { kind: "file" as const, alpha: 1, classesPerClient: 1, file: path };
  const { data } = parseConfig({ data: { trainExamples: 40, testExamples: 4 } });
  const dataset = await loadDataset({ ...data, split }, 1);
  const shards = partition(dataset, split, 4, 1);
  const wrong = shards.flatMap((shard) => [...shard]).find((example) => !(example >= 0 && example < 40));
  return wrong === undefined ? undefined : `example ${wrong} of 40`;
}

async function useTrace(path: string): Promise<string | undefined> {
  const { rounds } = parseTrace((await readInput(path)).toString("utf8"), path);
  const wrong = rounds
    .flatMap(({ clients }) => clients.map(({ bits }) => bits))
    .find((one) => !(one >= 0 && one < Number.POSITIVE_INFINITY));
  return wrong === undefined ? undefined : `${wrong} bits`;
}

export const fileKinds: Readonly<Record<string, FileKind>> = {
  config: {
    sound: (random) => ({
      preset: random.pick(["quick", "paper-mnist"]),
      rounds: 1 + random.below(9),
      data: { name: "glyphs", trainExamples: 100, split: { kind: "dirichlet", alpha: 0.4 } },
      model: { preset: "custom", layers: [{ type: "flatten" }, { type: "dense", units: 10 }] },
      quantizer: random.pick<unknown>(["laq", { name: "emq", digits: 1 }]),
      network: {
        clients: 3,
        accessPoints: 4,
        deployment: { clients: "given", clientPositions: list(3, (i) => [i, 2 * i]) },
      },
      power: { method: "joint", alpha: 0.3 },
      budgets: { energy: 1, latency: null },
    }),
    use: async (path) => void (await configFrom(path)),
  },
  problem: {
    sound(random) {
      const clients = 1 + random.below(4);
      return {
        signal: list(clients, () => 1 + random()),
        selfInterference: list(clients, () => random()),
        interference: list(clients, (k) => list(clients, (j) => (j === k ? 0 : random()))),
        noise: list(clients, () => 1),
        bandwidth: 1e6,
        transmitPower: 0.1,
        bits: list(clients, () => 1e6 * random()),
        computeLatency: 0.1,
        budgets: { energy: 100, latency: random.pick([1000, null]) },
        circuitPower: 0.01,
        fixedEnergy: 0,
      };
    },
    use: useProblem,
  },
  channel: {
    sound(random) {
      const [K, L, N] = [1 + random.below(3), 1 + random.below(3), 1 + random.below(2)];
      const identity = list(K * L * N * N, (i) => Number((i % (N * N)) % (N + 1) === 0));
      return {
        clients: K,
        accessPoints: L,
        antennas: N,
        pilots: 2,
        coherence: 100,
        bandwidth: 2e7,
        noisePower: 4e-13,
        transmitPower: 0.1,
        gain: list(K, () => list(L, () => 1e-9 * random())),
        pilotIndex: list(K, () => random.below(2)),
        serves: "all",
        correlation: { re: identity, im: identity.map(() => 0) },
      };
    },
    use: useChannel,
  },
  partition: {
    sound: () => list(4, (k) => list(10, (i) => 10 * k + i)),
    use: usePartition,
  },
  plan: {
    sound: (random) => ({
      name: "a study",
      base: random.pick<unknown>(["quick", { preset: "paper-mnist", rounds: 3 }]),
      set: { "data.trainExamples": 600, "data.split.kind": "dirichlet", model: "softmax" },
      axes: {
        quantizer: ["emq", "laq:bits=4"],
        K: { path: "network.clients", values: [4, 5] },
        alpha: { path: "data.split.alpha", from: 0.1, to: 0.3, step: 0.1 },
        draws: { path: "training.optimizer.learningRate", draw: { logUniform: [0.01, 1] }, count: 2, seed: 1 },
      },
      exclude: [{ quantizer: "emq", K: 5 }],
      seeds: random.pick<unknown>(["1..3", [1, 4], 2]),
      drops: 2,
      budgets: [{ energy: 0.02, latency: null }],
    }),
    use: async (path) => void (await loadStudy(path)),
  },
  trace: {
    sound: (random) =>
      list(6, (i) => ({
        round: 1 + Math.floor(i / 3),
        client: random.pick<unknown>([`client ${i % 3}`, i % 3]),
        bits: 1e6 * random(),
        examples: 500,
        computeSeconds: random.pick<unknown>([0.1, null]),
        accuracy: 0.5,
      })),
    use: useTrace,
  },
};

export { InputError };
