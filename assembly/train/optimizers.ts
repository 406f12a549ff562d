import { add, get, mul, put } from "./lanes";

/**
 * One fused pass over the n parameters w, their gradient g and the optimizer's state. Every state starts at 0
 * unless said otherwise; 1 − ρ and its like are taken in float64. All are element by element, so the vectorised body and the tail give the same bits.
 */

/** w ← w − lr·g. */
export function sgdStep(n: i32, rate: f32, w: usize, g: usize): void {
  for (let left = n; left > 0; left -= 4) {
    put(w, left, f32x4.sub(get(w, left), mul(f32x4.splat(rate), get(g, left))));
    w += 16;
    g += 16;
  }
}

/** v ← μv + g; w ← w − lr·v. */
export function momentumStep(n: i32, rate: f32, mu: f32, w: usize, g: usize, velocity: usize): void {
  for (let left = n; left > 0; left -= 4) {
    const v = add(mul(f32x4.splat(mu), get(velocity, left)), get(g, left));
    put(velocity, left, v);
    put(w, left, f32x4.sub(get(w, left), mul(f32x4.splat(rate), v)));
    w += 16;
    g += 16;
    velocity += 16;
  }
}

/**
 * AdaDelta (Zeiler 2012): G ← ρG + (1−ρ)g²; Δ = √(U+ε)/√(G+ε)·g; U ← ρU + (1−ρ)Δ²; w ← w − lr·Δ.
 */
export function adadeltaStep(
  n: i32, rate: f32, rho: f64, epsilon: f32, w: usize, g: usize, squares: usize, updates: usize,
): void {
  const keep = f32x4.splat(<f32>rho), take = f32x4.splat(<f32>(1 - rho)), tiny = f32x4.splat(epsilon);
  for (let left = n; left > 0; left -= 4) {
    const gradient = get(g, left);
    const u = get(updates, left);
    const square = add(mul(keep, get(squares, left)), mul(take, mul(gradient, gradient)));
    const delta = mul(f32x4.sqrt(f32x4.div(add(u, tiny), add(square, tiny))), gradient);
    put(squares, left, square);
    put(updates, left, add(mul(keep, u), mul(take, mul(delta, delta))));
    put(w, left, f32x4.sub(get(w, left), mul(f32x4.splat(rate), delta)));
    w += 16;
    g += 16;
    squares += 16;
    updates += 16;
  }
}

/**
 * V ← keep·V + take·g²; w ← w − lr·g/(√V + ε). RMSprop: keep = ρ, take = 1 − ρ; Adagrad: 1 and 1, V starting at its
 * initial accumulator.
 */
export function rmspropStep(
  n: i32, rate: f32, keep: f32, take: f32, epsilon: f32, w: usize, g: usize, squares: usize,
): void {
  for (let left = n; left > 0; left -= 4) {
    const gradient = get(g, left);
    const square = add(mul(f32x4.splat(keep), get(squares, left)), mul(f32x4.splat(take), mul(gradient, gradient)));
    put(squares, left, square);
    const step = f32x4.div(gradient, add(f32x4.sqrt(square), f32x4.splat(epsilon)));
    put(w, left, f32x4.sub(get(w, left), mul(f32x4.splat(rate), step)));
    w += 16;
    g += 16;
    squares += 16;
  }
}

/** The numbers of one step of Adam. */
@unmanaged
export class AdamStep {
  /** lr/(1 − β₁ᵗ) */
  rate: f64;
  beta1: f64;
  beta2: f64;
  /** 1/√(1 − β₂ᵗ) */
  correction: f64;
  epsilon: f64;
  /** What w is scaled by first: 1 − lr·decay in AdamW, else 1 */
  shrink: f64;
}

/**
 * Adam (Kingma, Ba 2015): m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← shrink·w − lr₁·m/(√v·c₂ + ε), lr₁ and c₂ the
 * record's rate and correction, which hold the bias corrections.
 */
export function adamStep(
  n: i32, step: AdamStep, w: usize, g: usize, mean: usize, squares: usize,
): void {
  const rate: f32 = <f32>step.rate, beta1: f32 = <f32>step.beta1, take1: f32 = <f32>(1 - step.beta1);
  const beta2: f32 = <f32>step.beta2, take2: f32 = <f32>(1 - step.beta2);
  const correction: f32 = <f32>step.correction, epsilon: f32 = <f32>step.epsilon, shrink: f32 = <f32>step.shrink;
  for (let left = n; left > 0; left -= 4) {
    const gradient = get(g, left);
    const m = add(mul(f32x4.splat(beta1), get(mean, left)), mul(f32x4.splat(take1), gradient));
    const v = add(mul(f32x4.splat(beta2), get(squares, left)), mul(f32x4.splat(take2), mul(gradient, gradient)));
    put(mean, left, m);
    put(squares, left, v);
    const change = f32x4.div(m, add(mul(f32x4.sqrt(v), f32x4.splat(correction)), f32x4.splat(epsilon)));
    put(w, left, f32x4.sub(mul(f32x4.splat(shrink), get(w, left)), mul(f32x4.splat(rate), change)));
    w += 16;
    g += 16;
    mean += 16;
    squares += 16;
  }
}

/** g ← g + decay·w + proximal·(w − w₀): L2 weight decay and the gradient of FedProx's μ/2 ‖w − w₀‖². */
export function regularize(n: i32, decay: f32, proximal: f32, w: usize, g: usize, start: usize): void {
  for (let left = n; left > 0; left -= 4) {
    const x = get(w, left);
    const pull = add(mul(f32x4.splat(decay), x), mul(f32x4.splat(proximal), f32x4.sub(x, get(start, left))));
    put(g, left, add(get(g, left), pull));
    w += 16;
    g += 16;
    start += 16;
  }
}

/** out = a − b. @returns 1 where every difference is finite, else 0 */
export function subtractFinite(n: i32, a: usize, b: usize, out: usize): i32 {
  let bad = f32x4.splat(0);
  for (let left = n; left > 0; left -= 4) {
    const d = f32x4.sub(get(a, left), get(b, left));
    put(out, left, d);
    bad = add(bad, f32x4.sub(d, d)); // 0, or NaN for an infinity or a NaN
    a += 16;
    b += 16;
    out += 16;
  }
  return i32x4.all_true(f32x4.eq(bad, bad)) ? 1 : 0;
}
