import { stream } from "../bindings/random.js";
import { simulate } from "../src/federated/simulate.js";
import { closedFormRates, compareSchemes, createNetwork } from "../src/network/index.js";
import { defaults } from "../src/parts/defaults.js";
import { parseConfig } from "../src/parts/resolve.js";
import { allocatePower } from "../src/power/index.js";
import { freshContext, quantizer } from "../src/quantizers/index.js";
import { uploads } from "./optimize.js";
import { book } from "./radio.js";

/** One size of the problem, the others fixed. */
export interface Axis {
  what: string;
  /** The size's letter or name */
  size: string;
  sizes: number[];
  /** What is done again and again is returned */
  prepare(size: number): Promise<() => unknown> | (() => unknown);
}

const clients = [10, 20, 50, 100, 200, 400, 1000];
const monteCarloBase = { L: 100, N: 4, K: 40, realizations: 20 };

export const axes: Record<string, Axis> = {
  ...Object.fromEntries(
    ["min-max", "joint", "most-rounds", "dinkelbach", "sum-rate"].map((method) => [
      method,
      {
        what: `power, ${method}`,
        size: "K",
        sizes: method === "dinkelbach" || method === "sum-rate" ? clients.slice(0, 5) : clients,
        prepare(K: number) {
          const [problem] = uploads(K, 1);
          return () => allocatePower(problem!, { method });
        },
      },
    ]),
  ),
  "closed-form": {
    what: "a network and its closed-form rates",
    size: "K",
    sizes: clients,
    prepare(K) {
      const config = { ...defaults.network, clients: K };
      let drop = 0;
      return () => closedFormRates(createNetwork(config, { seed: 1, drop: drop++ }));
    },
  },
  "radio-clients": monteCarlo("K", [10, 20, 40, 80, 160]),
  "radio-access-points": monteCarlo("L", [25, 50, 100, 200, 400]),
  "radio-antennas": monteCarlo("N", [1, 2, 4, 8, 16]),
  "radio-realizations": monteCarlo("realizations", [20, 40, 80, 160, 320, 640]),
  entries: {
    what: "EMQ, an update to its packet and back",
    size: "entries",
    sizes: [1e4, 1e5, 1e6, 1e7, 3e7],
    prepare(entries) {
      const update = new Float32Array(entries);
      stream(1, "test").fillNormal(update);
      for (let i = 0; i < entries; i++) update[i] = 1e-3 * update[i]! ** 3;
      const method = quantizer("emq", { digits: 0 });
      const out = new Float32Array(entries);
      return () => {
        const { bytes } = method.encode(update, freshContext())!;
        method.decode(bytes, out, freshContext());
      };
    },
  },
  rounds: {
    what: "the quick preset, whole runs",
    size: "rounds",
    sizes: [1, 2, 4, 8],
    prepare: (rounds) => quick({ rounds }),
  },
  "quick-clients": {
    what: "one round of the quick preset, min-max power, budgets lifted",
    size: "K",
    sizes: [10, 30, 100, 300, 1000],
    prepare: (K) => quick({ rounds: 1, power: "min-max", network: { clients: K } }),
  },
};

function monteCarlo(size: keyof typeof monteCarloBase, sizes: number[]): Axis {
  return {
    what: "P-MMSE and LP-MMSE, else L = 100, N = 4, K = 40, 20 realizations",
    size,
    sizes,
    prepare(value) {
      const { L, N, K, realizations } = { ...monteCarloBase, ...({ [size]: value } as Partial<typeof monteCarloBase>) };
      const network = createNetwork(book(L, N, K), { seed: 1 });
      const options = { realizations, key: { seed: 1, round: 0, drop: 0 } };
      return () => compareSchemes(network, ["p-mmse", "lp-mmse"], options);
    },
  };
}

function quick(settings: object): () => Promise<unknown> {
  const config = parseConfig({ preset: "quick", budgets: { energy: 1e9, latency: 1e9 }, ...settings });
  return () => simulate(config);
}
