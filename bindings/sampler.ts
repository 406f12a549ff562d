import { kernels } from "./instance.js";
import { allocate, f64, free, i32, u32 } from "./memory.js";
import { purposes, stream } from "./random.js";

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
  free(): void;
}

const forms = { clients: 0, antennas: 1, "maximum-ratio": 2, mmse: 3 } as const;
/** Pairs whose estimates are held at a time: what a local combiner works through before it writes its sums. */
const batch = 4;

/**
 * @param uses whether centralized tasks also sum up how their combiners act on every client
 * @param key of the random numbers: seed, and two indices (round, drop)
 * @param pairs how many there will be: the fading's magnitudes are stratified over all of them
 */
export function createSampler(
  problem: SamplerProblem,
  local: readonly LocalTask[],
  centralized: readonly CentralizedTask[],
  uses: boolean,
  key: { seed: number; round: number; drop: number },
  pairs: number,
): Sampler {
  const { clients: K, accessPoints: L, antennas: N, pilots } = problem;
  const blocks: number[] = [];
  const hold = (bytes: number) => {
    const pointer = allocate(bytes);
    blocks.push(pointer);
    return pointer;
  };
  const put = (values: Float64Array | undefined) => {
    if (values === undefined) return 0;
    const pointer = hold(8 * values.length);
    f64(pointer, values.length).set(values);
    return pointer;
  };
  const putList = (values: Int32Array) => {
    const pointer = hold(4 * values.length);
    i32(pointer, values.length).set(values);
    return pointer;
  };
  const pilot = putList(problem.pilotIndex);
  const means = put(problem.means);
  const estimator = put(problem.estimator);
  const lineOfSight = put(problem.lineOfSight);
  const noise = put(problem.noise);
  const stride = 32 * L * K * N;
  const white = hold(32 * (L * pilots * N + L * K));
  const meanBatch = hold(batch * stride);
  const estimateBatch = estimator === 0 ? meanBatch : hold(batch * stride);

  const localTasks = local.map((task) => ({
    offset: 32 * task.accessPoint * K * N,
    served: putList(task.served),
    servedCount: task.served.length,
    set: putList(task.set),
    setCount: task.set.length,
    noise: put(task.noise),
    moments: hold(48 * task.served.length * K),
    outer: hold(32 * task.served.length * N * N),
  }));
  const centralizedTasks = centralized.map((task) => {
    const [m, count] = [task.accessPoints.length, task.members.length];
    return {
      accessPoints: putList(task.accessPoints),
      m,
      set: putList(task.set),
      setCount: task.set.length,
      members: putList(task.members),
      count,
      factors: put(task.factors),
      form: forms[task.form],
      sums: hold(32 * count),
      moments: uses ? hold(48 * count * K) : 0,
      outer: uses ? hold(32 * count * m * N * N) : 0,
    };
  });
  const scratch = hold(
    Math.max(
      16,
      ...localTasks.map((t) => 16 + 32 * N * (N + batch * t.servedCount)),
      ...centralizedTasks.map((t) => {
        const order = t.form === 1 ? t.m * N : t.setCount;
        return 16 + 32 * (2 * t.m * N + t.setCount * t.m * N + order * order + order * t.count);
      }),
    ),
  );
  const dimensions = L * pilots * N;
  const strata = hold(12 * dimensions);
  const random = stream(key.seed, "fading", 0xffffffff, key.round, key.drop);
  // Into an array of its own first: a stream takes kernel memory now and then, and growth would empty a view.
  const keys = Uint32Array.from({ length: 3 * dimensions }, (_, i) =>
    i % 3 === 2 ? random.word() : (random.word() | 1) >>> 0,
  );
  u32(strata, keys.length).set(keys);
  const bits = Math.max(1, 32 - Math.clz32(2 * pairs - 1));
  const c3 = ((purposes.fading << 24) | (key.drop & 0xffffff)) >>> 0;
  const key0 = key.seed >>> 0;
  const key1 = Math.floor(key.seed / 4294967296) >>> 0;

  function draw(pair: number, slot: number): void {
    const k = kernels();
    const phases = white + 32 * L * pilots * N;
    const count = dimensions + (lineOfSight === 0 ? 0 : L * K);
    k.normalsFill(key0, key1, pair, key.round, c3, 0, count, white);
    k.stratify(white, dimensions, strata, 2 * pair, 2 * pairs, bits);
    for (const [from, out, shared] of [
      [means, meanBatch, 0],
      [estimator, estimateBatch, problem.shared ? 1 : 0],
    ] as const) {
      if (from === 0) continue;
      const at = out + slot * stride;
      k.channelEstimates(white, from, pilot, L, K, N, pilots, Math.SQRT1_2, at);
      if (lineOfSight !== 0) k.addLineOfSight(phases, lineOfSight, pilot, L, K, N, shared, at);
    }
  }

  return {
    run(first, count) {
      for (const t of localTasks) {
        f64(t.moments, 6 * t.servedCount * K).fill(0);
        f64(t.outer, 4 * t.servedCount * N * N).fill(0);
      }
      for (const t of centralizedTasks) {
        f64(t.sums, 4 * t.count).fill(0);
        if (!uses) continue;
        f64(t.moments, 6 * t.count * K).fill(0);
        f64(t.outer, 4 * t.count * t.m * N * N).fill(0);
      }
      const k = kernels();
      for (let start = 0; start < count; start += batch) {
        const held = Math.min(batch, count - start);
        for (let slot = 0; slot < held; slot++) draw(first + start + slot, slot);
        for (const t of localTasks)
          k.localCombining(
            ...([estimateBatch + t.offset, meanBatch + t.offset, stride, held, K, N, t.served, t.servedCount] as const),
            ...([t.set, t.setCount, t.noise, t.moments, t.outer, scratch] as const),
          );
        for (let slot = 0; slot < held; slot++)
          for (const t of centralizedTasks)
            k.centralizedCombining(
              ...([estimateBatch + slot * stride, meanBatch + slot * stride, K, N, t.accessPoints, t.m] as const),
              ...([t.set, t.setCount, t.members, t.count, t.factors, noise, t.form] as const),
              ...([t.sums, t.moments, t.outer, scratch] as const),
            );
      }
      return {
        local: localTasks.map((t) => ({
          moments: lanesAdded(t.moments, 3 * t.servedCount * K),
          outer: lanesAdded(t.outer, 2 * t.servedCount * N * N),
        })),
        centralized: centralizedTasks.map((t) => ({
          rates: lanesAdded(t.sums, 2 * t.count),
          moments: lanesAdded(t.moments, uses ? 3 * t.count * K : 0),
          outer: lanesAdded(t.outer, uses ? 2 * t.count * t.m * N * N : 0),
        })),
      };
    },
    free() {
      for (const pointer of blocks.splice(0)) free(pointer);
    },
  };
}

function lanesAdded(pointer: number, length: number): Float64Array {
  const lanes = f64(pointer, 2 * length);
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = lanes[2 * i]! + lanes[2 * i + 1]!;
  return out;
}
