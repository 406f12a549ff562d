/** What is used of V8's .cpuprofile. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  /** µs */
  timeDeltas: number[];
}

/** A thread's time: shares of it, and the five functions with the most of their own. */
export interface Shares {
  seconds: number;
  /** s in which it was not idle */
  busy: number;
  kernels: number;
  javascript: number;
  /** Node's own code, native code under it, compiling and loading */
  node: number;
  collector: number;
  idle: number;
  largest: { name: string; share: number }[];
}

/** @param names of the kernels by index (kernelNames.ts), as far as they are known */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile, names: readonly string[]): Shares {
  const kinds = { kernels: 0, javascript: 0, node: 0, collector: 0, idle: 0 };
  const own = new Map<string, number>();
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  samples.forEach((id, i) => {
    const { functionName, url } = frames.get(id)!;
    const time = timeDeltas[i]!;
    const kind = kindOf(functionName, url);
    kinds[kind] += time;
    if (kind === "idle" || kind === "collector") return;
    const index = /^wasm-function\[(\d+)\]$/.exec(functionName);
    const name = index === null ? functionName || "(anonymous)" : (names[Number(index[1])] ?? functionName);
    own.set(name, (own.get(name) ?? 0) + time);
  });
  const total = Object.values(kinds).reduce((sum, time) => sum + time, 0);
  const shares = Object.fromEntries(Object.entries(kinds).map(([kind, time]) => [kind, time / total]));
  return {
    seconds: total / 1e6,
    busy: (total - kinds.idle) / 1e6,
    ...(shares as typeof kinds),
    largest: [...own]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 5)
      .map(([name, time]) => ({ name, share: time / total })),
  };
}

function kindOf(functionName: string, url: string): "kernels" | "javascript" | "node" | "collector" | "idle" {
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "collector";
  if (url.startsWith("wasm:") || functionName.startsWith("wasm-function")) return "kernels";
  return url === "" || url.startsWith("node:") ? "node" : "javascript";
}
