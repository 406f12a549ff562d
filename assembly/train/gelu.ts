import { exp4 } from "./float";
import { add, get, mul, put } from "./lanes";

/**
 * y = x Φ(x), Φ the normal distribution function, and its derivative Φ(x) + x φ(x); n values.
 *
 * Φ(−|x|) = ½ t (a₁ + t (a₂ + …)) e^{−x²/2}, t = 1/(1 + p|x|/√2) (Abramowitz, Stegun 7.1.26: error below 1.5e-7,
 * and relative to Φ small far out, because the exponential is a factor).
 */
export function geluForward(n: i32, x: usize, y: usize): void {
  for (let left = n; left > 0; left -= 4) {
    const value = get(x, left);
    put(y, left, mul(value, distribution(value, gauss(value))));
    x += 16;
    y += 16;
  }
}

/** dx = dy · (Φ(x) + x φ(x)); dx may be dy. */
export function geluBackward(n: i32, x: usize, dy: usize, dx: usize): void {
  for (let left = n; left > 0; left -= 4) {
    const value = get(x, left);
    const e = gauss(value);
    const slope = add(distribution(value, e), mul(value, mul(e, f32x4.splat(0.3989422804))));
    put(dx, left, mul(get(dy, left), slope));
    x += 16;
    dy += 16;
    dx += 16;
  }
}

/** e^{−x²/2}. */
// @ts-ignore: decorator
@inline
function gauss(x: v128): v128 {
  return exp4(mul(mul(x, x), f32x4.splat(-0.5)));
}

/** Φ(x), given e = e^{−x²/2}. */
// @ts-ignore: decorator
@inline
function distribution(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, add(one, mul(f32x4.abs(x), f32x4.splat(0.3275911 * 0.7071067811865476))));
  let p = f32x4.splat(1.061405429);
  p = add(mul(p, t), f32x4.splat(-1.453152027));
  p = add(mul(p, t), f32x4.splat(1.421413741));
  p = add(mul(p, t), f32x4.splat(-0.284496736));
  p = add(mul(p, t), f32x4.splat(0.254829592));
  const lower = mul(mul(p, t), mul(e, f32x4.splat(0.5)));
  return v128.bitselect(f32x4.sub(one, lower), lower, f32x4.gt(x, f32x4.splat(0)));
}
