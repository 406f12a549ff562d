import { here, type Side } from "./sides.js";

/** Something of ours, timed in turn with others that do the same; data, so that one harness measures and prints them all. */
export interface Comparison {
  /** As in "gemm-256": a selection names it, its beginning ("gemm") or its area */
  name: string;
  what: string;
  /** What one call does; "GFLOP" of float32 or float64 is also held against the machine's 128-bit peak */
  work?: Work;
  /** Only with --full, or when named */
  full?: true;
  /** Ours first. What could not be found stands there as the reason. */
  sides(): Promise<Sides> | Sides;
}

export interface Work {
  amount: number;
  unit: "GFLOP" | "GB" | "samples" | "drops" | "solves" | "numbers";
  precision?: "float32" | "float64";
}

export interface Sides {
  ours: Side;
  peers: (Side | Missing)[];
  /** Called when all has been measured */
  free?: (() => void)[];
}

/** A peer that is not here. */
export interface Missing {
  name: string;
  missing: string;
}

/** Ours beside others in this process. */
export function inProcess(ours: () => unknown, peers: Record<string, () => unknown>, free: (() => void)[] = []): Sides {
  return {
    ours: here("here", ours),
    peers: Object.entries(peers).map(([name, run]) => here(name, run)),
    free,
  };
}

/** A benchmark that measures and prints by itself. */
export interface Job {
  run(options: JobOptions): Promise<void>;
}

export interface JobOptions {
  /** Write the page's fragment */
  docs: boolean;
}
