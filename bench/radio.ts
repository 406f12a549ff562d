import { mmseEstimation } from "../bindings/channel.js";
import { kernels } from "../bindings/instance.js";
import { choleskyHermitian, complexMultiply } from "../bindings/matrix.js";
import { allocate, free } from "../bindings/memory.js";
import type { NetworkConfig } from "../src/config/config.js";
import { closedFormDrops, closedFormRates, compareSchemes, createNetwork } from "../src/network/index.js";
import { defaults } from "../src/parts/defaults.js";
import type { Comparison, Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { mathEstimation, mathPartialMmse } from "./peers/mathRadio.js";
import { plainNormals, plainPartialMmse } from "./peers/plainRadio.js";
import { here, shared } from "./sides.js";

const key = { seed: 1, round: 0, drop: 0 };

/** Random numbers, estimates, drops and whole Monte Carlo points, against plain JavaScript, mathjs and NumPy. */
export const comparisons: Comparison[] = [
  { name: "normals", what: "normal numbers", work: { amount: 1, unit: "numbers" }, sides: normals },
  { name: "mmse-estimation", what: "MMSE estimation, 100 APs × 40 clients, N = 4", sides: estimation },
  { name: "drops", what: "closed-form drops, K = 40, L = 16", work: { amount: 1, unit: "drops" }, sides: drops },
  ...(["p-mmse", "mmse", "lp-mmse", "l-mmse"] as const).flatMap((scheme): Comparison[] => [
    {
      name: scheme,
      what: `${scheme}, L = 100, N = 4, K = 40, a realization of 20`,
      ...(scheme === "p-mmse" ? {} : { full: true as const }),
      sides: () => monteCarlo(scheme, 100, 4, 40, 20),
    },
  ]),
  {
    name: "p-mmse-small",
    what: "p-mmse, L = 9, N = 2, K = 6, a realization of 10",
    full: true,
    sides: () => monteCarlo("p-mmse", 9, 2, 6, 10),
  },
];

async function normals(): Promise<Sides> {
  const blocks = 4096;
  const count = 4 * blocks;
  const pointer = allocate(8 * count);
  const out = new Float64Array(count);
  const k = kernels();
  const peers = await besides([{ name: "NumPy normals", task: "normals", options: { count } }]);
  return {
    ours: here("here", () => k.normalsFill(1, 2, 0, 0, 0, 0, blocks, pointer), count),
    peers: [
      here("plain JavaScript", () => plainNormals(out), count),
      ...peers.sides.map((side) => ("turn" in side ? shared(side, count) : side)),
    ],
    free: [() => free(pointer), peers.free],
  };
}

/** mathjs gets two of the hundred access points: its time is proportional to their number. */
function estimation(): Sides {
  const [K, L, N, pilots] = [40, 100, 4, 10];
  const gain = Float64Array.from({ length: K * L }, (_, i) => 10 ** (3 * Math.sin(i)));
  const pilotIndex = Int32Array.from({ length: K }, (_, k) => k % pilots);
  const one = choleskyLike(N);
  const correlation = {
    re: Float64Array.from({ length: K * L * N * N }, (_, i) => one.re[i % (N * N)]!),
    im: Float64Array.from({ length: K * L * N * N }, (_, i) => one.im[i % (N * N)]!),
  };
  const problem = { clients: K, accessPoints: L, antennas: N, gain, correlation, pilotIndex, pilots };
  const share = 2;
  return {
    ours: here("here", () => mmseEstimation(problem)),
    peers: [
      shared(
        here("mathjs, from two APs", () => mathEstimation(one, problem, share)),
        share / L,
      ),
    ],
  };
}

async function drops(): Promise<Sides> {
  const config: NetworkConfig = { ...defaults.network, clients: 40 };
  const count = 100;
  let first = 0;
  const { antennas, pilots } = createNetwork(config, { seed: 1 });
  const options = { clients: 40, side: 4, antennas, pilots, count };
  const peers = await besides([{ name: "NumPy, vectorized", task: "drops", options }]);
  const batch = () => {
    closedFormDrops(config, { seed: 1, first, count });
    first += count;
  };
  return {
    ours: here("here", batch, count),
    peers: [
      here("ours, one network at a time", () => closedFormRates(createNetwork(config, { seed: 1, drop: first++ }))),
      ...peers.sides.map((side) => ("turn" in side ? shared(side, count) : side)),
    ],
    free: [peers.free],
  };
}

/** The network of the book's running example with L APs. */
export function book(L: number, N: number, K: number): NetworkConfig {
  return {
    ...defaults.network,
    clients: K,
    accessPoints: L,
    antennas: N,
    deployment: { accessPoints: "uniform", jitter: 0, clients: "uniform" },
    pilots: Math.min(10, K),
    clusters: "dcc",
  };
}

function monteCarlo(scheme: string, L: number, N: number, K: number, realizations: number): Sides {
  const network = createNetwork(book(L, N, K), { seed: 1 });
  const ours = () => compareSchemes(network, [scheme], { realizations, key });
  if (scheme !== "p-mmse") return { ours: here("here", ours, realizations), peers: [] };
  return {
    ours: here("here", ours, realizations),
    peers: [
      here("plain typed-array JavaScript", () => plainPartialMmse(network, 2), 2),
      ...(L < 10 ? [here("mathjs", () => mathPartialMmse(network, 1))] : []),
    ],
  };
}

/** A Hermitian positive definite matrix. */
function choleskyLike(n: number): { re: Float64Array; im: Float64Array } {
  const l = choleskyHermitian(
    {
      re: Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0.3)),
      im: new Float64Array(n * n),
    },
    n,
  );
  const adjoint = { re: l.re.map((_, i) => l.re[(i % n) * n + Math.floor(i / n)]!), im: new Float64Array(n * n) };
  return complexMultiply(l, adjoint, n, n, n);
}
