import { atOnce, type Steps } from "../src/config/steps.js";
import { type At, type Blocks, blockBytes, writeBlock } from "./blocks.js";
import { CombinerForm } from "./generated/kernels.js";
import { kernels } from "./instance.js";
import { type Address, f64, none, offset, u32 } from "./memory.js";
import { type Holdings, holdings } from "./ownership.js";
import { purposes, seedWords, stream } from "./random.js";

/**
 * Draws pairs of channel realizations and runs combiners on them. Complex blocks here are interleaved (re, im), a link's
 * blocks stand at (l·K + k), and everything is in noise-normalized units (multiples of the noise at full power).
 */
export interface SamplerProblem {
  clients: number;
  accessPoints: number;
  antennas: number;
  pilotIndex: Int32Array;
  pilots: number;
  /** W [L·K·N·N], the MMSE estimate from white noise (assembly/channel/mmseEstimation.ts) */
  means: Float64Array;
  /** T [L·K·N·N], what the combiner gets to see; absent: W */
  estimator?: Float64Array;
  /** T adds the lines of sight of all clients on the pilot */
  shared?: boolean;
  /** h̄ [L·K·N] */
  lineOfSight?: Float64Array;
  /** Σ_i C_il + I [L·N·N] */
  noise: Float64Array;
}

/** A local combiner at one AP; without `noise` maximum ratio. */
export interface LocalTask {
  accessPoint: number;
  served: Int32Array;
  /** Clients whose interference it suppresses */
  set: Int32Array;
  /** Z [N·N] */
  noise?: Float64Array;
}

/** A centralized combiner of one cluster, for the clients that have this cluster. */
export interface CentralizedTask {
  accessPoints: Int32Array;
  set: Int32Array;
  /** Places in `set` */
  members: Int32Array;
  form: "clients" | "antennas" | "maximum-ratio" | "mmse";
  /** F of each AP [m·N·N]; Z with form "antennas"; absent: identity, with the form "clients" */
  factors?: Float64Array;
}

/** Sums over realizations, both lanes already added. */
export interface Uses {
  /** Σ v^H ĥ_i, re, im, and Σ |v^H ĥ_i|² [members·K·3] */
  moments: Float64Array;
  /** Σ v v^H by AP, complex [members·m·N·N] (m = 1 for a local task) */
  outer: Float64Array;
}

export interface Sums {
  local: Uses[];
  centralized: (Uses & {
    /** Σ log2(1 + SINR) and Σ of its square [members·2] */
    rates: Float64Array;
  })[];
}

export interface Sampler {
  /** Realizations 2·first … 2·(first + count) − 1: the same ones however they are divided over calls. */
  run(first: number, count: number): Sums;
  /** The same, a few realizations at a step */
  steps(first: number, count: number): Steps<Sums>;
  free(): void;
}

const forms = {
  clients: CombinerForm.clients,
  antennas: CombinerForm.antennas,
  "maximum-ratio": CombinerForm.maximumRatio,
  mmse: CombinerForm.mmse,
} as const;

/** Pairs whose estimates are held at a time: what a local combiner works through before it writes its sums. */
const batch = 4;

/** Names the random numbers: two indices beside the seed. */
export interface SamplerKey {
  seed: number;
  round: number;
  drop: number;
}

/**
 * @param uses whether centralized tasks also sum up how their combiners act on every client
 * @param pairs how many there will be: the fading's magnitudes are stratified over all of them
 */
export function createSampler(
  problem: SamplerProblem,
  local: readonly LocalTask[],
  centralized: readonly CentralizedTask[],
  uses: boolean,
  key: SamplerKey,
  pairs: number,
): Sampler {
  const memory = holdings();
  const { channel, noise, localTasks, centralizedTasks, scratch } = memory.filledBy(() => {
    const channel = placeChannel(memory, problem, key, pairs);
    const noise = memory.put(problem.noise);
    const localTasks = local.map((task) => placeLocal(memory, problem, task, channel.stride));
    const centralizedTasks = centralized.map((task) => placeCentralized(memory, problem, task, uses));
    const most = Math.max(16, ...[...localTasks, ...centralizedTasks].map((task) => task.scratchBytes));
    return { channel, noise, localTasks, centralizedTasks, scratch: memory.hold(most) };
  });
  const sums = [...localTasks, ...centralizedTasks].flatMap((task) => Object.values(task.sums));

  const sampler: Sampler = {
    run: (first, count) => atOnce(sampler.steps(first, count)),
    *steps(first, count) {
      for (const { at, length } of sums) f64(at, 2 * length).fill(0);
      const k = kernels();
      for (let start = 0; start < count; start += batch) {
        const held = Math.min(batch, count - start);
        for (let slot = 0; slot < held; slot++) channel.draw(first + start + slot, slot);
        const { estimates, means, stride } = channel;
        for (const { link, task, sums } of localTasks) {
          const [x, mean] = [offset(estimates, link), offset(means, link)];
          k.localCombining(held, task, x, mean, sums.moments.at, sums.outer.at, scratch);
        }
        for (let slot = 0; slot < held; slot++)
          for (const { task, sums } of centralizedTasks) {
            const [x, mean] = [offset(estimates, slot * stride), offset(means, slot * stride)];
            k.centralizedCombining(task, x, mean, noise, sums.rates.at, sums.moments.at, sums.outer.at, scratch);
            yield;
          }
        yield;
      }
      return {
        local: localTasks.map(({ sums }) => lanesAdded(sums)),
        centralized: centralizedTasks.map(({ sums }) => lanesAdded(sums)),
      };
    },
    free: memory.free,
  };
  return sampler;
}

/** Paired float64 in kernel memory: `length` of each lane. */
interface Lanes {
  at: Address;
  length: number;
}

const holdLanes = (memory: Holdings, length: number): Lanes => ({ at: memory.hold(16 * length), length });

function placeLocal(memory: Holdings, { clients: K, antennas: N }: SamplerProblem, task: LocalTask, stride: number) {
  const servedCount = task.served.length;
  return {
    /** From the first link's block to those of this access point */
    link: 32 * task.accessPoint * K * N,
    task: place(memory, "LocalCombiner", {
      clients: K,
      antennas: N,
      stride,
      servedCount,
      setCount: task.set.length,
      served: memory.put(task.served),
      set: memory.put(task.set),
      noise: task.noise === undefined ? none : memory.put(task.noise),
    }),
    sums: { moments: holdLanes(memory, 3 * servedCount * K), outer: holdLanes(memory, 2 * servedCount * N * N) },
    scratchBytes: 16 + 32 * N * (N + batch * servedCount),
  };
}

function placeCentralized(memory: Holdings, problem: SamplerProblem, task: CentralizedTask, uses: boolean) {
  const { clients: K, antennas: N } = problem;
  const [m, count, setCount] = [task.accessPoints.length, task.members.length, task.set.length];
  const order = task.form === "antennas" ? m * N : setCount;
  const unused = { at: none, length: 0 };
  return {
    task: place(memory, "Cluster", {
      clients: K,
      antennas: N,
      form: forms[task.form],
      accessPointCount: m,
      setCount,
      memberCount: count,
      accessPoints: memory.put(task.accessPoints),
      set: memory.put(task.set),
      members: memory.put(task.members),
      factors: task.factors === undefined ? none : memory.put(task.factors),
    }),
    sums: {
      rates: holdLanes(memory, 2 * count),
      moments: uses ? holdLanes(memory, 3 * count * K) : unused,
      outer: uses ? holdLanes(memory, 2 * count * m * N * N) : unused,
    },
    scratchBytes: 16 + 32 * (2 * m * N + setCount * m * N + order * order + order * count),
  };
}

const place = <N extends keyof Blocks>(memory: Holdings, name: N, fields: Blocks[N]): At<N> =>
  writeBlock(name, memory.hold(blockBytes(name)), fields);

/** What realizations are drawn from, and where those of `batch` pairs go. */
function placeChannel(memory: Holdings, problem: SamplerProblem, key: SamplerKey, pairs: number) {
  const { clients: K, accessPoints: L, antennas: N, pilots } = problem;
  const put = (values: Float64Array | undefined) => (values === undefined ? none : memory.put(values));
  const links = place(memory, "Links", {
    accessPoints: L,
    clients: K,
    antennas: N,
    pilots,
    pilotOf: memory.put(problem.pilotIndex),
  });
  const estimator = put(problem.estimator);
  const lineOfSight = put(problem.lineOfSight);
  const stride = 32 * L * K * N;
  const dimensions = L * pilots * N;
  const white = memory.hold(32 * (dimensions + L * K));
  const phases = offset(white, 32 * dimensions);
  const means = memory.hold(batch * stride);
  const estimates = estimator === none ? means : memory.hold(batch * stride);
  const made = [{ from: put(problem.means), to: means, shared: 0 }];
  if (estimator !== none) made.push({ from: estimator, to: estimates, shared: problem.shared ? 1 : 0 });
  const strata = placeStrata(memory, key, dimensions);
  const bits = Math.max(1, 32 - Math.clz32(2 * pairs - 1));
  const c3 = ((purposes.fading << 24) | (key.drop & 0xffffff)) >>> 0;
  const [key0, key1] = seedWords(key.seed);
  return {
    /** Bytes from one pair's blocks to the next's */
    stride,
    means,
    estimates,
    draw(pair: number, slot: number): void {
      const k = kernels();
      const count = dimensions + (lineOfSight === none ? 0 : L * K);
      k.normalsFill(key0, key1, pair, key.round, c3, 0, count, white);
      k.stratify(dimensions, 2 * pair, 2 * pairs, bits, strata, white);
      for (const { from, to, shared } of made) {
        const out = offset(to, slot * stride);
        k.channelEstimates(Math.SQRT1_2, links, white, from, out);
        if (lineOfSight !== none) k.addLineOfSight(shared, links, phases, lineOfSight, out);
      }
    },
  };
}

/** Three words for each dimension's permutation of the strata, the first two odd. */
function placeStrata(memory: Holdings, { seed, round, drop }: SamplerKey, dimensions: number): Address {
  const strata = memory.hold(12 * dimensions);
  const random = stream(seed, "fading", 0xffffffff, round, drop);
  // Into an array of its own first: a stream takes kernel memory now and then, and growth would empty a view.
  const keys = Uint32Array.from({ length: 3 * dimensions }, (_, i) =>
    i % 3 === 2 ? random.word() : (random.word() | 1) >>> 0,
  );
  u32(strata, keys.length).set(keys);
  return strata;
}

/** Each of the sums with its two lanes added. */
function lanesAdded<S extends Record<string, Lanes>>(sums: S): { [K in keyof S]: Float64Array } {
  const added = Object.entries(sums).map(([name, { at, length }]) => {
    const lanes = f64(at, 2 * length);
    const out = new Float64Array(length);
    for (let i = 0; i < length; i++) out[i] = lanes[2 * i]! + lanes[2 * i + 1]!;
    return [name, out];
  });
  return Object.fromEntries(added);
}
