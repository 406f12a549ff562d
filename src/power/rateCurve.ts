import { log } from "../../bindings/math.js";

/** A convex, falling curve of error over σ = ln S, smooth once, between the least and the largest size that were measured. */
export interface RateCurve {
  lowest: number;
  highest: number;
  /** e, e′ and e″ at σ */
  at(sigma: number): { value: number; slope: number; bend: number };
}

/** Of the way to the nearer neighbour, what a corner of the curve is rounded over. */
const rounding = 0.25;

/**
 * The lower convex hull of measured points over ln S, its corners rounded by parabolas so that it stays convex; never
 * below the hull. Over ln S an error that falls by a power of S is convex everywhere, one that falls by e^(−β S) where
 * S ≥ 1/β: where a quantizer's own curve is not, the hull passes below it, and says so by what the points then lose.
 * @returns undefined where no point has a size
 */
export function rateCurve(bits: ArrayLike<number>, error: ArrayLike<number>): RateCurve | undefined {
  const { sigma, value } = hullOf(bits, error);
  const count = sigma.length;
  if (count === 0) return undefined;
  const slopes = sigma.slice(1).map((x, i) => (value[i + 1]! - value[i]!) / (x - sigma[i]!));
  const half = sigma.map((x, i) =>
    i === 0 || i === count - 1 ? 0 : rounding * Math.min(x - sigma[i - 1]!, sigma[i + 1]! - x),
  );
  return {
    lowest: sigma[0]!,
    highest: sigma[count - 1]!,
    at(given) {
      if (count === 1) return { value: value[0]!, slope: 0, bend: 0 };
      let i = 1;
      while (i < count - 1 && given > sigma[i]!) i++;
      const slope = slopes[i - 1]!;
      const line = { value: value[i - 1]! + slope * (given - sigma[i - 1]!), slope, bend: 0 };
      for (const corner of [i - 1, i]) {
        const h = half[corner]!;
        const away = Math.abs(given - sigma[corner]!);
        if (h === 0 || away >= h) continue;
        const turn = slopes[corner]! - slopes[corner - 1]!;
        const side = given <= sigma[corner]! ? 1 : -1;
        line.value += (turn * (h - away) * (h - away)) / (4 * h);
        line.slope += (side * turn * (h - away)) / (2 * h);
        line.bend = turn / (2 * h);
      }
      return line;
    },
  };
}

/** Points of the lower hull that falls, over ln S and in its order. */
function hullOf(bits: ArrayLike<number>, error: ArrayLike<number>): { sigma: number[]; value: number[] } {
  const points = Array.from(bits, (size, r) => ({ size, error: error[r]! }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => a.size - b.size || a.error - b.error);
  const [sigma, value]: [number[], number[]] = [[], []];
  for (const point of points) {
    const x = log(point.size);
    // More bits for no less error are never chosen.
    if (sigma.length > 0 && (x <= sigma.at(-1)! || point.error >= value.at(-1)!)) continue;
    while (sigma.length > 1) {
      const [x0, x1] = [sigma.at(-2)!, sigma.at(-1)!];
      const [e0, e1] = [value.at(-2)!, value.at(-1)!];
      if ((e1 - e0) * (x - x1) < (point.error - e1) * (x1 - x0)) break;
      sigma.pop();
      value.pop();
    }
    sigma.push(x);
    value.push(point.error);
  }
  return { sigma, value };
}
