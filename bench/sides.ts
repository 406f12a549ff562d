import Benchmark from "benchmark";

/** What a turn of one side gave. */
export interface Turn {
  /** s a call, the best of the turn's few short samples */
  best: number;
  /** s a call of each sample */
  samples: number[];
  /** s of processor time a call; absent where another process does the work unseen */
  processor?: number;
}

/** Someone who does the work when it is his turn. */
export interface Side {
  name: string;
  /** What else it gave, such as the bits of its packet */
  note?: string;
  turn(): Promise<Turn>;
}

/** Samples of this length are long enough for the clock and short enough to fit between two interruptions. */
const sampleSeconds = 0.002;
const samplesEach = 3;

interface ThreadUsage {
  threadCpuUsage?: () => { user: number; system: number };
}

/** s of processor time of this thread where Node can tell (23.9 and later), else of the process. */
function processorSeconds(): number {
  const { user, system } = (process as ThreadUsage).threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * A function of this process. Benchmark.js finds how many calls make a sample and times them; the turns, what is made of
 * them and the processor time are ours.
 * @param each how many of what is compared one call does
 */
export function here(name: string, run: () => unknown, each = 1): Side {
  let initCount = 1;
  let slow = false;
  for (let i = 0; i < 2; i++) run(); // past the baseline compiler
  return {
    name,
    async turn() {
      const minSamples = slow ? 1 : samplesEach;
      const bench = new Benchmark(name, run, {
        minTime: sampleSeconds,
        maxTime: 0,
        minSamples,
        async: false,
        initCount,
      });
      bench.run();
      if (bench.error !== undefined) throw bench.error;
      initCount = Math.max(1, bench.count ?? 1);
      const samples = bench.stats.sample.map((seconds) => seconds / each);
      const best = Math.min(...samples);
      slow = best * each > 0.05;
      // A sample of its own: what Benchmark.js compiles for every run would count here
      const used = processorSeconds();
      for (let i = 0; i < initCount; i++) run();
      return { best, samples, processor: (processorSeconds() - used) / (initCount * each) };
    },
  };
}

/** The same for what has to be awaited. */
export function awaited(name: string, run: () => Promise<unknown>): Side {
  let calls = 1;
  return {
    name,
    async turn() {
      const samples: number[] = [];
      const used = processorSeconds();
      let total = 0;
      for (let sample = 0; sample < samplesEach; sample++) {
        const begin = performance.now();
        for (let i = 0; i < calls; i++) await run();
        const seconds = (performance.now() - begin) / 1e3;
        samples.push(seconds / calls);
        total += calls;
        if (seconds > 0.05) break;
        if (seconds < sampleSeconds) calls = Math.ceil((calls * sampleSeconds) / Math.max(seconds, 1e-6));
      }
      return { best: Math.min(...samples), samples, processor: (processorSeconds() - used) / total };
    },
  };
}

/** A side of which one call does several of what is compared. */
export function shared(side: Side, each: number): Side {
  return {
    ...side,
    async turn() {
      const { best, samples, processor } = await side.turn();
      const scaled = { best: best / each, samples: samples.map((seconds) => seconds / each) };
      return processor === undefined ? scaled : { ...scaled, processor: processor / each };
    },
  };
}

/** A side that has its work done by a command. */
export function unseen(side: Side): Side {
  return {
    ...side,
    async turn() {
      const { best, samples } = await side.turn();
      return { best, samples };
    },
  };
}
