/**
 * Local combining at one access point ([B] 5.29, 5.39) and the moments of what it yields ([B] Theorem 5.4):
 *
 *   v_k = (Σ_{i ∈ set} ĥ_i ĥ_i^H + Z)^-1 ĥ_k for the clients k that it serves (v_k = ĥ_k where there is no Z)
 *   mean_ki += v_k^H ĥ_i,  square_ki += |v_k^H ĥ_i|²,  outer_k += v_k v_k^H, all clients i
 *
 * The channel's own moments follow from them, since given the pilots h_i has mean ĥ_i and covariance C_i:
 * E[v^H h_i] = E[v^H ĥ_i] and E|v^H h_i|² = E|v^H ĥ_i|² + tr(C_i E[v v^H]).
 *
 * estimates: [K][N] paired, what the combiner is made of, means: the same or the MMSE estimates where those differ, both
 * of the first pair. moments: [served][K] of (re, re', im, im', square, square'), outer: [served][N][N] paired.
 * scratch: 32·N·(N + pairs·served) + 16 bytes.
 */
import { choleskyBatched } from "../matrix/choleskyBatched";
import { solveBatched } from "../matrix/solveBatched";

/** One access point's combiner. */
@unmanaged
export class LocalCombiner {
  /** K */
  clients: i32;
  /** N */
  antennas: i32;
  /** Bytes from the estimates of one pair of realizations to the next pair's */
  stride: i32;
  servedCount: i32;
  setCount: i32;
  /** i32 lists of clients */
  served: usize;
  set: usize;
  /** Z [N][N] complex, or 0: maximum ratio */
  noise: usize;
}

export function localCombining(
  pairs: i32, combiner: LocalCombiner, estimates: usize, means: usize, moments: usize, outer: usize, scratch: usize,
): void {
  const clients = combiner.clients, n = combiner.antennas, stride = <usize>combiner.stride;
  const served = combiner.served, servedCount = combiner.servedCount;
  const antennas = (<usize>n) << 5;
  const status = scratch;
  const a = scratch + 16;
  const combiners = a + <usize>n * antennas;
  const size = <usize>servedCount * antennas;
  let v = combiners; // [N][served] of each pair
  for (let p = 0; p < pairs; p++) {
    const h = estimates + <usize>p * stride;
    for (let c = 0; c < servedCount; c++) {
      const from = h + <usize>load<i32>(served + ((<usize>c) << 2)) * antennas;
      for (let r: usize = 0; r < <usize>n; r++) {
        const to = v + ((r * servedCount + c) << 5);
        v128.store(to, v128.load(from + (r << 5)));
        v128.store(to, v128.load(from + (r << 5), 16), 16);
      }
    }
    if (combiner.noise != 0) {
      covariance(combiner, h, a);
      choleskyBatched(n, 1, a, status);
      solveBatched(n, servedCount, 1, a, v);
    }
    v += size;
  }
  for (let c = 0; c < servedCount; c++) {
    const vc = combiners + ((<usize>c) << 5);
    addMoments(pairs, combiner, vc, means, moments);
    addOuter(pairs, combiner, vc, outer);
    moments += <usize>clients * 48;
    outer += <usize>n * antennas;
  }
}

/** The sums of v^H ĥ_i and of its square over the pairs, for all clients i; v: the first pair's, a column of [N][served]. */
// @ts-ignore: decorator
@inline
function addMoments(pairs: i32, combiner: LocalCombiner, v: usize, means: usize, moments: usize): void {
  const stride = <usize>combiner.stride;
  const antennas = (<usize>combiner.antennas) << 5;
  const rowV = (<usize>combiner.servedCount) << 5;
  const size = <usize>combiner.servedCount * antennas;
  for (let i = 0; i < combiner.clients; i++) {
    let re = v128.load(moments);
    let im = v128.load(moments, 16);
    let square = v128.load(moments, 32);
    let h = means + <usize>i * antennas;
    for (let p = 0; p < pairs; p++) {
      let x = v + <usize>p * size;
      let gr = f64x2.splat(0);
      let gi = gr;
      for (let y = h; y < h + antennas; y += 32) {
        const vr = v128.load(x);
        const vi = v128.load(x, 16);
        const hr = v128.load(y);
        const hi = v128.load(y, 16);
        gr = f64x2.add(f64x2.add(gr, f64x2.mul(vr, hr)), f64x2.mul(vi, hi));
        gi = f64x2.sub(f64x2.add(gi, f64x2.mul(vr, hi)), f64x2.mul(vi, hr));
        x += rowV;
      }
      re = f64x2.add(re, gr);
      im = f64x2.add(im, gi);
      square = f64x2.add(f64x2.add(square, f64x2.mul(gr, gr)), f64x2.mul(gi, gi));
      h += stride;
    }
    v128.store(moments, re);
    v128.store(moments, im, 16);
    v128.store(moments, square, 32);
    moments += 48;
  }
}

/** The sum of v v^H over the pairs. */
// @ts-ignore: decorator
@inline
function addOuter(pairs: i32, combiner: LocalCombiner, v: usize, outer: usize): void {
  const n = combiner.antennas;
  const rowV = (<usize>combiner.servedCount) << 5;
  const size = <usize>n * rowV;
  for (let r = 0; r < n; r++) {
    for (let s = 0; s < n; s++) {
      let re = v128.load(outer);
      let im = v128.load(outer, 16);
      for (let p = 0; p < pairs; p++) {
        const x = v + <usize>p * size + <usize>r * rowV;
        const y = v + <usize>p * size + <usize>s * rowV;
        const xr = v128.load(x);
        const xi = v128.load(x, 16);
        const yr = v128.load(y);
        const yi = v128.load(y, 16);
        re = f64x2.add(f64x2.add(re, f64x2.mul(xr, yr)), f64x2.mul(xi, yi));
        im = f64x2.sub(f64x2.add(im, f64x2.mul(xi, yr)), f64x2.mul(xr, yi));
      }
      v128.store(outer, re);
      v128.store(outer, im, 16);
      outer += 32;
    }
  }
}

/** The lower triangle of Σ_{i ∈ set} ĥ_i ĥ_i^H + Z. */
function covariance(combiner: LocalCombiner, h: usize, a: usize): void {
  const n = combiner.antennas, set = combiner.set, count = combiner.setCount, z = combiner.noise;
  const antennas = (<usize>n) << 5;
  for (let r = 0; r < n; r++) {
    for (let s = 0; s <= r; s++) {
      const at = <usize>(r * n + s);
      let re = v128.load64_splat(z + (at << 4));
      let im = v128.load64_splat(z + (at << 4), 8);
      for (let c = 0; c < count; c++) {
        const x = h + <usize>load<i32>(set + ((<usize>c) << 2)) * antennas;
        const xr = v128.load(x + ((<usize>r) << 5));
        const xi = v128.load(x + ((<usize>r) << 5), 16);
        const yr = v128.load(x + ((<usize>s) << 5));
        const yi = v128.load(x + ((<usize>s) << 5), 16);
        re = f64x2.add(f64x2.add(re, f64x2.mul(xr, yr)), f64x2.mul(xi, yi));
        im = f64x2.sub(f64x2.add(im, f64x2.mul(xi, yr)), f64x2.mul(xr, yi));
      }
      v128.store(a + (at << 5), re);
      v128.store(a + (at << 5), im, 16);
    }
  }
}
