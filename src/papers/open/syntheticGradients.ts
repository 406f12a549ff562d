import { exp, log } from "../../../bindings/math.js";
import { stream } from "../../../bindings/random.js";
import { quantizer } from "../../quantizers/index.js";
import { type Measurement, measureQuantizer } from "../../quantizers/proof/benchmark.js";
import { inverseNormal } from "../../quantizers/proof/probes.js";
import { type Interval, meanInterval } from "../../study/analysis/intervals.js";

/** Kinds of gradients, each by its quantile function: light, heavier, and heavy tails (sinh 1.5 z of a normal z). */
const kinds = {
  gaussian: inverseNormal,
  laplace: (u: number) => (u < 0.5 ? log(2 * u) : -log(2 * (1 - u))),
  "heavy-tailed": (u: number) => {
    const z = 1.5 * inverseNormal(u);
    return (exp(z) - exp(-z)) / 2;
  },
} as const;

export type GradientKind = keyof typeof kinds;
export const gradientKinds = Object.keys(kinds) as GradientKind[];

/** Independent draws of a kind, and entries of each. */
export const gradientDraws = 20;
const entries = 16_384;
const decade = Math.LN10;

/** What a quantizer makes of synthetic gradients, over the draws. */
export interface GradientFigures {
  /** ‖Q(v) − v‖² / ‖v‖² */
  error: Interval;
  /** Bits an entry */
  nominalBits: Interval;
  wireBits: Interval;
}

/**
 * Measures EMQ on draws of gradients. Each draw has a size of its own, log-uniform over a decade: EMQ's error depends on
 * where in its decade the largest entry lies, and no place is the right one. The same draws for all settings.
 */
export function measureGradients(kind: GradientKind, settings: { digits: number; threshold: number }): GradientFigures {
  const method = quantizer("emq", settings);
  const found = Array.from({ length: gradientDraws }, (_, draw) => measureQuantizer(method, gradient(kind, draw)));
  const over = (of: (one: Measurement) => number) => meanInterval(found.map(of));
  return {
    error: over(({ nmse }) => nmse),
    nominalBits: over(({ nominalBits }) => nominalBits),
    wireBits: over(({ wireBits }) => wireBits),
  };
}

function gradient(kind: GradientKind, draw: number): Float32Array {
  const random = stream(draw + 1, "probe", 6);
  const size = exp(decade * random.uniform());
  const quantile = kinds[kind];
  // 0 has no quantile.
  return Float32Array.from({ length: entries }, () => size * quantile(Math.max(random.uniform(), 2 ** -54)));
}
