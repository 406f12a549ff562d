import type { Weighting } from "./fadingWeights.js";

/** How a receiver works: its combiner, where it is computed, and the fading weights of distributed ones. */
export type Scheme =
  | { operation: "centralized"; combiner: CentralizedCombiner }
  | { operation: "distributed"; combiner: LocalCombiner; weighting: Weighting };

/** [B] (5.11), (5.16), (5.18), (5.14) */
export type CentralizedCombiner = "mmse" | "p-mmse" | "p-rzf" | "mr-centralized";
/** [B] (5.29), (5.39), (5.32) */
export type LocalCombiner = "l-mmse" | "lp-mmse" | "mr";

const schemes: Readonly<Record<string, Scheme>> = {
  mmse: { operation: "centralized", combiner: "mmse" },
  "p-mmse": { operation: "centralized", combiner: "p-mmse" },
  "p-rzf": { operation: "centralized", combiner: "p-rzf" },
  "mr-centralized": { operation: "centralized", combiner: "mr-centralized" },
  ...distributed("l-mmse"),
  ...distributed("lp-mmse"),
  ...distributed("mr"),
};

/** How a built-in receiver works; receivers.ts has their names. */
export function schemeOf(name: string): Scheme {
  return schemes[name]!;
}

function distributed(combiner: LocalCombiner): Record<string, Scheme> {
  return {
    [combiner]: { operation: "distributed", combiner, weighting: "none" },
    [`${combiner}+n-lsfd`]: { operation: "distributed", combiner, weighting: "nearly-optimal" },
    [`${combiner}+lsfd`]: { operation: "distributed", combiner, weighting: "optimal" },
  };
}
