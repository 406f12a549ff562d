/**
 * Spatial correlation of a half-wavelength uniform linear array in Gaussian local scattering ([B] 2.18), trace N:
 *
 *   R_0m = Σ_a Σ_b w_a w_b exp(iπ m sin(φ + δ_a) cos(θ + ε_b)),  R Hermitian Toeplitz
 *
 * nodes δ and ε with weights that sum to 1 (src/network/correlation.ts says which); a sum of outer products of steering
 * vectors with positive weights, hence positive semidefinite whatever the nodes.
 * angles: [links] of (sin φ, cos φ, sin θ, cos θ); nodes: of the azimuth [count] of (sin δ, cos δ, w), then of the elevation
 * the same as vectors of two, (sin ε, sin ε'), (cos ε, cos ε'), (w, w'), [elevationPairs]; out: real parts [links][N][N],
 * then imaginary ones; sums: scratch, 32·N bytes.
 */
import { cosKernel, sinKernel } from "../vectorMath";

export function localScattering(
  links: i32, n: i32, azimuthCount: i32, elevationPairs: i32, angles: usize, nodes: usize, out: usize, sums: usize,
): void {
  const elevation = nodes + <usize>azimuthCount * 24;
  let re = out, im = out + ((<usize>(links * n * n)) << 3);
  const rows = (<usize>n) << 3;
  for (let link = 0; link < links; link++) {
    const sinPhi = load<f64>(angles);
    const cosPhi = load<f64>(angles, 8);
    const sinTheta = v128.load64_splat(angles, 16);
    const cosTheta = v128.load64_splat(angles, 24);
    angles += 32;
    memory.fill(sums, 0, (<usize>n) << 5);
    for (let a = 0; a < azimuthCount; a++) {
      const node = nodes + <usize>a * 24;
      const s = f64x2.splat(sinPhi * load<f64>(node, 8) + cosPhi * load<f64>(node));
      const weight = v128.load64_splat(node, 16);
      for (let b = 0; b < elevationPairs; b++) {
        const other = elevation + <usize>b * 48;
        const c = f64x2.sub(f64x2.mul(cosTheta, v128.load(other, 16)), f64x2.mul(sinTheta, v128.load(other)));
        addNode(n, f64x2.mul(s, c), f64x2.mul(weight, v128.load(other, 32)), sums);
      }
    }
    for (let m = 0; m < n; m++) {
      const at = sums + ((<usize>m) << 5);
      const x = v128.load(at);
      const y = v128.load(at, 16);
      const r = m == 0 ? 1.0 : f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
      const i = m == 0 ? 0.0 : f64x2.extract_lane(y, 0) + f64x2.extract_lane(y, 1);
      for (let p = 0; p + m < n; p++) {
        const upper = <usize>p * rows + ((<usize>(p + m)) << 3);
        const lower = <usize>(p + m) * rows + ((<usize>p) << 3);
        store<f64>(re + lower, r);
        store<f64>(im + lower, -i);
        store<f64>(re + upper, r);
        store<f64>(im + upper, i);
      }
    }
    re += <usize>n * rows;
    im += <usize>n * rows;
  }
}

/** sums_m += weight · exp(iπ m x), m = 1 … n − 1, |x| ≤ 1, in both lanes. */
function addNode(n: i32, x: v128, weight: v128, sums: usize): void {
  const twice = f64x2.add(x, x);
  const quarter = f64x2.nearest(twice);
  const t = f64x2.mul(f64x2.sub(twice, quarter), f64x2.splat(1.5707963267948966));
  const z = f64x2.mul(t, t);
  const s = sinKernel(t, z);
  const c = cosKernel(z);
  // A turn by `quarter` right angles: odd ones exchange, ±1 and ±2 differ in sign.
  const odd = f64x2.eq(f64x2.abs(quarter), f64x2.splat(1.0));
  const two = f64x2.eq(f64x2.abs(quarter), f64x2.splat(2.0));
  const sign = v128.or(v128.and(odd, v128.and(quarter, i64x2.splat(0x8000000000000000))), v128.and(two, i64x2.splat(0x8000000000000000)));
  const cr = v128.xor(v128.bitselect(f64x2.neg(s), c, odd), sign);
  const ci = v128.xor(v128.bitselect(c, s, odd), sign);
  let pr = f64x2.mul(weight, cr);
  let pi = f64x2.mul(weight, ci);
  for (let m = 1; m < n; m++) {
    sums += 32;
    v128.store(sums, f64x2.add(v128.load(sums), pr));
    v128.store(sums, f64x2.add(v128.load(sums, 16), pi), 16);
    const next = f64x2.sub(f64x2.mul(pr, cr), f64x2.mul(pi, ci));
    pi = f64x2.add(f64x2.mul(pr, ci), f64x2.mul(pi, cr));
    pr = next;
  }
}
