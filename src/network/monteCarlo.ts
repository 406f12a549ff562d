import { createSampler, type Sums, type Uses } from "../../bindings/sampler.js";
import type { RateModel } from "../config/records.js";
import { atOnce, type Steps } from "../config/steps.js";
import { allClients } from "./clientSets.js";
import { centralizedTasks, errorPlusNoise, localTasks } from "./combiners.js";
import { traceOfProduct } from "./complex.js";
import { jackknife, meanRates, type Rates, together } from "./confidence.js";
import type { Estimates } from "./estimates.js";
import { fadingWeights } from "./fadingWeights.js";
import { distributedRates, type Moments, servedLinks } from "./moments.js";
import { type Network, prelog } from "./network.js";
import { alongPrincipalDirections } from "./principalDirections.js";
import type { CentralizedCombiner, LocalCombiner, Scheme } from "./schemes.js";
import { spectralEfficiency } from "./spectralEfficiency.js";

export interface MonteCarloOptions {
  /** Channel realizations; rounded up to an even number, at least two */
  realizations: number;
  /** Of the random numbers: seed, round, drop */
  key: { seed: number; round: number; drop: number };
  /** Told after each of the ten parts */
  onProgress?: (done: number, of: number) => void;
}

/** Parts of a simulation, whose spread gives the confidence intervals. */
const parts = 10;

/**
 * Spectral efficiencies of several schemes from the same channel realizations.
 * Centralized: E[log2(1 + SINR)] ([B] Theorem 5.1). Distributed: use-and-then-forget ([B] Theorem 5.4); the interval is
 * the jackknife's over ten parts.
 */
export function simulateRates(
  network: Network,
  estimates: Estimates,
  schemes: readonly Scheme[],
  options: MonteCarloOptions,
): Rates[] {
  const locals = unique(schemes.flatMap((s) => (s.operation === "distributed" ? [s.combiner] : [])));
  const centrals = unique(schemes.flatMap((s) => (s.operation === "centralized" ? [s.combiner] : [])));
  const simulation = atOnce(simulate(network, estimates, locals, centrals, false, options));
  const share = prelog(network);
  return schemes.map((s) =>
    s.operation === "centralized"
      ? meanRates(simulation.rates[centrals.indexOf(s.combiner)]!, simulation.counts, share)
      : jackknife(simulation.moments[locals.indexOf(s.combiner)]!, simulation.counts, (moments) =>
          spectralEfficiency(
            distributedRates(network, moments, fadingWeights(network, moments, s.weighting)),
            undefined,
            share,
          ),
        ),
  );
}

/**
 * The five-array rate model of a simulated scheme. Distributed ones are Theorem 5.4's; for centralized ones the same
 * use-and-then-forget bound is taken ([B] Theorem 5.2), since theirs has no such form.
 * Combiners and weights are those of the powers that the estimates are for (`estimatesAt`), whatever the coefficients.
 */
export function* simulateRateModel(
  network: Network,
  estimates: Estimates,
  scheme: Scheme,
  options: MonteCarloOptions,
): Steps<RateModel> {
  if (scheme.operation === "distributed") {
    const { moments, counts } = yield* simulate(network, estimates, [scheme.combiner], [], false, options);
    const mean = together(moments[0]!, counts);
    return distributedRates(network, mean, fadingWeights(network, mean, scheme.weighting));
  }
  const { uses, counts } = yield* simulate(network, estimates, [], [scheme.combiner], true, options);
  return centralizedRates(network, uses[0]!, counts);
}

interface Simulation {
  /** Realizations of each part */
  counts: number[];
  /** Means over each part: [local combiner][part] */
  moments: Moments[][];
  /** Sums of log2(1 + SINR) and of its square [K·2]: [centralized combiner][part] */
  rates: Float64Array[][];
  /** [centralized combiner][part] */
  uses: CentralizedUses[][];
}

/** Sums of v^H h_i [K·K·3: re, im, square] and of ‖v‖² [K] of a centralized combiner. */
interface CentralizedUses {
  moments: Float64Array;
  norm: Float64Array;
}

function* simulate(
  network: Network,
  estimates: Estimates,
  locals: readonly LocalCombiner[],
  centrals: readonly CentralizedCombiner[],
  withUses: boolean,
  { realizations, key, onProgress }: MonteCarloOptions,
): Steps<Simulation> {
  const { clients: K, accessPoints: L, antennas: N } = network;
  const local = locals.map((combiner) => localTasks(network, estimates, combiner));
  const central = centrals.map((combiner) => centralizedTasks(network, estimates, combiner));
  const noise = new Float64Array(2 * L * N * N);
  for (let l = 0; l < L; l++)
    noise.set(errorPlusNoise(network, estimates.error, l, allClients(network)), 2 * l * N * N);
  const { means, estimator } = alongPrincipalDirections(network, estimates);
  const matched = estimator === means;
  const pairs = Math.max(1, Math.ceil(realizations / 2));
  const sampler = createSampler(
    {
      clients: K,
      accessPoints: L,
      antennas: N,
      pilotIndex: network.pilotIndex,
      pilots: network.pilots,
      means,
      noise,
      ...(matched ? {} : { estimator, shared: estimates.shared }),
      ...(estimates.lineOfSight ? { lineOfSight: estimates.lineOfSight } : {}),
    },
    local.flat(),
    central.flatMap((tasks) => tasks.map(({ task }) => task)),
    withUses,
    key,
    pairs,
  );
  const used = Math.min(parts, pairs);
  const links = servedLinks(network);
  const result: Simulation = {
    counts: [],
    moments: locals.map(() => []),
    rates: centrals.map(() => []),
    uses: centrals.map(() => []),
  };
  try {
    for (let part = 0, first = 0; part < used; part++) {
      const last = Math.round(((part + 1) * pairs) / used);
      const sums = yield* sampler.steps(first, last - first);
      const count = 2 * (last - first);
      result.counts.push(count);
      let at = 0;
      local.forEach((tasks, c) => {
        const own = sums.local.slice(at, at + tasks.length);
        result.moments[c]!.push(gatherMoments(network, estimates, links, tasks, own, count));
        at += tasks.length;
      });
      at = 0;
      central.forEach((tasks, c) => {
        const own = sums.centralized.slice(at, at + tasks.length);
        result.rates[c]!.push(gatherRates(K, tasks, own));
        if (withUses) result.uses[c]!.push(gatherUses(network, estimates, tasks, own));
        at += tasks.length;
      });
      first = last;
      onProgress?.(part + 1, used);
    }
  } finally {
    sampler.free();
  }
  return result;
}

/** Sums by AP to means by link, the channel's own spread about the estimates added: + tr(C_il E[v v^H]). */
function gatherMoments(
  network: Network,
  estimates: Estimates,
  links: Pick<Moments, "offset" | "accessPoint">,
  tasks: ReturnType<typeof localTasks>,
  sums: Uses[],
  count: number,
): Moments {
  const { clients: K, antennas: N } = network;
  const total = links.accessPoint.length;
  const mean = new Float64Array(2 * total * K);
  const square = new Float64Array(total * K);
  const norm = new Float64Array(total);
  const next = links.offset.slice(); // APs come in order, so each client's links do
  tasks.forEach(({ accessPoint, served }, t) => {
    const { moments, outer } = sums[t]!;
    served.forEach((k, place) => {
      const link = next[k]!++;
      for (let i = 0; i < K; i++) {
        const from = 3 * (place * K + i);
        mean[2 * (link * K + i)] = moments[from]! / count;
        mean[2 * (link * K + i) + 1] = moments[from + 1]! / count;
        square[link * K + i] =
          (moments[from + 2]! + traceOfProduct(outer, place, estimates.error, accessPoint * K + i, N)) / count;
      }
      for (let n = 0; n < N; n++) norm[link]! += outer[2 * (place * N * N + n * (N + 1))]! / count;
    });
  });
  return { ...links, mean, square, norm };
}

function gatherRates(K: number, tasks: ReturnType<typeof centralizedTasks>, sums: Sums["centralized"]): Float64Array {
  const out = new Float64Array(2 * K);
  tasks.forEach(({ clients }, t) => {
    clients.forEach((k, place) => {
      out[2 * k] = sums[t]!.rates[2 * place]!;
      out[2 * k + 1] = sums[t]!.rates[2 * place + 1]!;
    });
  });
  return out;
}

function gatherUses(
  { clients: K, antennas: N }: Network,
  { error }: Estimates,
  tasks: ReturnType<typeof centralizedTasks>,
  sums: Sums["centralized"],
): CentralizedUses {
  const out = new Float64Array(3 * K * K);
  const norm = new Float64Array(K);
  tasks.forEach(({ task, clients }, t) => {
    const { moments, outer } = sums[t]!;
    const m = task.accessPoints.length;
    clients.forEach((k, place) => {
      out.set(moments.subarray(3 * place * K, 3 * (place + 1) * K), 3 * k * K);
      for (let l = 0; l < m; l++) {
        const block = place * m + l;
        for (let n = 0; n < N; n++) norm[k]! += outer[2 * (block * N * N + n * (N + 1))]!;
        for (let i = 0; i < K; i++)
          out[3 * (k * K + i) + 2]! += traceOfProduct(outer, block, error, task.accessPoints[l]! * K + i, N);
      }
    });
  });
  return { moments: out, norm };
}

function centralizedRates(network: Network, uses: CentralizedUses[], counts: number[]): RateModel {
  const K = network.clients;
  const count = counts.reduce((a, b) => a + b, 0);
  const sum = (pick: (u: CentralizedUses) => number) => uses.reduce((s, u) => s + pick(u), 0) / count;
  const signal = new Float64Array(K);
  const selfInterference = new Float64Array(K);
  const interference = new Float64Array(K * K);
  const noise = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    noise[k] = sum((u) => u.norm[k]!);
    for (let i = 0; i < K; i++) {
      const at = 3 * (k * K + i);
      const square = sum((u) => u.moments[at + 2]!);
      if (i !== k) {
        interference[k * K + i] = square;
        continue;
      }
      const re = sum((u) => u.moments[at]!);
      const im = sum((u) => u.moments[at + 1]!);
      signal[k] = re * re + im * im;
      selfInterference[k] = Math.max(0, square - signal[k]!);
    }
  }
  const bandwidth = network.bandwidth * prelog(network);
  const { transmitPower } = network;
  return { clients: K, signal, selfInterference, interference, noise, bandwidth, transmitPower };
}

function unique<T>(values: T[]): T[] {
  return [...new Set(values)];
}
