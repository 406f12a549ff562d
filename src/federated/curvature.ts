import { stream } from "../../bindings/random.js";

/** How strongly a client's loss bends at the model that it was sent: uᵀHu/‖u‖², along two directions. */
export interface Curvature {
  /** Along its own update */
  along: number;
  /** Along one with a random sign for every entry: in the mean tr H / n, that of noise which is the same in every direction */
  mean: number;
}

/**
 * By second differences of the loss over steps as long as the update: f(w + u) + f(w − u) − 2 f(w) over ‖u‖². Random
 * signs have the trace as their mean (Hutchinson, Communications in Statistics 18 (3), 1989).
 * @param lossAt the loss of a parameter vector; it is called five times
 * @returns zeros for an update of zeros, which has no direction
 */
export function curvatureOf(
  lossAt: (parameters: Float32Array) => number,
  model: Float32Array,
  update: Float32Array,
  { seed, client, round }: { seed: number; client: number; round: number },
): Curvature {
  const squared = update.reduce((sum, v) => sum + v * v, 0);
  if (squared === 0) return { along: 0, mean: 0 };
  const random = stream(seed, "curvature", client, round);
  const size = Math.sqrt(squared / update.length);
  let bits = 0;
  const signs = update.map((_, i) => {
    bits = i % 32 === 0 ? random.word() : bits >>> 1;
    return (bits & 1) === 0 ? size : -size;
  });
  const here = lossAt(model);
  const moved = new Float32Array(model.length);
  const bend = (direction: Float32Array): number => {
    const beside = [1, -1].map((sign) => {
      for (let i = 0; i < moved.length; i++) moved[i] = model[i]! + sign * direction[i]!;
      return lossAt(moved);
    });
    return (beside[0]! + beside[1]! - 2 * here) / squared;
  };
  return { along: bend(update), mean: bend(signs) };
}

/** As many of a client's examples are looked at: what is averaged over clients needs no more. */
const mostExamples = 256;

/** Some of a client's examples, evenly over its shard: that may lie sorted by class. */
export function someOf(shard: Int32Array): Int32Array {
  const every = Math.ceil(shard.length / mostExamples);
  return shard.filter((_, i) => i % every === 0);
}
