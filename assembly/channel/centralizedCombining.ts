/**
 * Centralized combining over the access points of one cluster and the spectral efficiency it yields, for one pair of
 * realizations ([B] Theorem 5.1). D selects the cluster's antennas, S the clients that the combiner suppresses:
 *
 *   v_k = (D (Σ_{i ∈ S} ĥ_i ĥ_i^H + Z) D)^-1 D ĥ_k   ([B] 5.11 S = all, 5.16 P-MMSE, 5.18 P-RZF: Z = I)
 *   SINR_k = |v^H ĥ_k|² / (Σ_{i ≠ k} |v^H ĥ_i|² + v^H Z_all v),  Z_all = Σ_i C_i + I
 *
 * With F^H F = Z^-1, A = F Ĥ_S and x = (I + A^H A)^-1 e_k this is v = F^H A x: a system of the size of S. Where the
 * cluster has fewer antennas than S clients, the system in the antennas is solved instead.
 *
 * estimates, means: [L][K][N] paired; noise Z_all: [L][N][N] complex.
 * sums: [members] of (Σ, Σ', Σ of squares, Σ' of squares) of log2(1 + SINR).
 * uses: 0, or [members][K] of (re, re', im, im', square, square') of v^H ĥ_i, and outer: [members][aps][N][N] paired
 * (localCombining.ts). scratch: 32·(s·r + s·s + s·members + 2·aps·N) + 16 bytes, s and r the sizes of the smaller and larger side.
 */
import { choleskyBatched } from "../matrix/choleskyBatched";
import { gramBatched } from "../matrix/gramBatched";
import { solveBatched } from "../matrix/solveBatched";
import { log2Lanes } from "../vectorMath";
import { expand, response, responses, whitened, whitenedFour } from "./antennaTiles";

/** How a cluster's combiner is found. */
export enum CombinerForm {
  /** By a system of the size of S */
  clients,
  /** By one in the antennas */
  antennas,
  /** v = D ĥ_k */
  maximumRatio,
  /** As `clients`, and it is the MMSE combiner, whose SINR is 1/x_k − 1 */
  mmse,
}

/** A cluster of access points, the clients that its combiners suppress, and those it has combiners for. */
@unmanaged
export class Cluster {
  /** K */
  clients: i32;
  /** N */
  antennas: i32;
  /** CombinerForm */
  form: i32;
  accessPointCount: i32;
  setCount: i32;
  memberCount: i32;
  /** i32 lists; members are places in `set` */
  accessPoints: usize;
  set: usize;
  members: usize;
  /** [accessPoints][N][N] complex: F or, in the form `antennas`, Z; 0: identity, not in that form */
  factors: usize;
}

export function centralizedCombining(
  cluster: Cluster, estimates: usize, means: usize, noise: usize, sums: usize, uses: usize, outer: usize, scratch: usize,
): void {
  const form = cluster.form, setCount = cluster.setCount, memberCount = cluster.memberCount;
  const antennas = cluster.accessPointCount * cluster.antennas;
  const column = (<usize>antennas) << 5;
  const status = scratch;
  const v = scratch + 16;
  const u = v + column;
  const x = u + column;
  const g = x + <usize>setCount * column;
  let right = x;
  if (form != CombinerForm.maximumRatio) {
    const order = form == CombinerForm.antennas ? antennas : setCount;
    right = g + ((<usize>(order * order)) << 5);
    if (form == CombinerForm.antennas) inAntennas(cluster, estimates, x, g, right);
    else inClients(cluster, estimates, x, g, right);
    choleskyBatched(order, 1, g, status);
    solveBatched(order, memberCount, 1, g, right);
  }
  for (let c = 0; c < memberCount; c++) {
    const place = at(cluster.members, c);
    const client = at(cluster.set, place);
    let sinr = f64x2.splat(0);
    if (form == CombinerForm.mmse && uses == 0) {
      const own = v128.load(right + ((<usize>(place * memberCount + c)) << 5));
      sinr = f64x2.sub(f64x2.div(f64x2.splat(1.0), own), f64x2.splat(1.0));
    } else {
      if (form == CombinerForm.maximumRatio) copyEstimate(cluster, estimates, client, v);
      else if (form == CombinerForm.antennas) {
        for (let r = 0; r < antennas; r++) copy(right + ((<usize>(r * memberCount + c)) << 5), v + ((<usize>r) << 5));
      } else {
        expand(setCount, memberCount, antennas, x, right + ((<usize>c) << 5), u);
        if (cluster.factors == 0) for (let r: usize = 0; r < column; r += 32) copy(u + r, v + r);
        else adjointBlocks(cluster, u, v);
      }
      sinr = evaluate(cluster, client, means, noise, v, uses == 0 ? 0 : uses + <usize>(c * cluster.clients) * 48);
      if (uses != 0) addOuter(cluster, v, outer + <usize>(c * antennas * cluster.antennas) * 32);
    }
    // Below 0 there is only rounding. A NaN stays one: pmax takes its first argument unless the other is larger.
    sinr = f64x2.pmax(sinr, f64x2.splat(0));
    const rate = f64x2.mul(log2Lanes(f64x2.add(f64x2.splat(1.0), sinr)), f64x2.splat(1.4426950408889634));
    v128.store(sums, f64x2.add(v128.load(sums), rate));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.mul(rate, rate)), 16);
    sums += 32;
  }
}

/** X = F Ĥ, the transpose of I + A^H A (its solutions are conjugates of those wanted) and the members' unit vectors. */
function inClients(cluster: Cluster, estimates: usize, x: usize, g: usize, right: usize): void {
  const setCount = cluster.setCount, memberCount = cluster.memberCount;
  gatherRows(cluster, estimates, x);
  clear(g, setCount * setCount);
  for (let i = 0; i < setCount; i++) v128.store(g + ((<usize>(i * setCount + i)) << 5), f64x2.splat(1.0));
  gramBatched(setCount, cluster.accessPointCount * cluster.antennas, x, g);
  clear(right, setCount * memberCount);
  for (let c = 0; c < memberCount; c++)
    v128.store(right + ((<usize>(at(cluster.members, c) * memberCount + c)) << 5), f64x2.splat(1.0));
}

/** X = Ĥ, Z + X X^H and the members' estimates. */
function inAntennas(cluster: Cluster, estimates: usize, x: usize, g: usize, right: usize): void {
  const setCount = cluster.setCount, memberCount = cluster.memberCount, n = cluster.antennas;
  const antennas = cluster.accessPointCount * n;
  gatherColumns(cluster, estimates, x);
  clear(g, antennas * antennas);
  for (let l = 0; l < cluster.accessPointCount; l++)
    for (let r = 0; r < n; r++)
      for (let s = 0; s <= r; s++) {
        const to = g + ((<usize>((l * n + r) * antennas + l * n + s)) << 5);
        const from = cluster.factors + ((<usize>((l * n + r) * n + s)) << 4);
        v128.store(to, v128.load64_splat(from));
        v128.store(to, v128.load64_splat(from, 8), 16);
      }
  gramBatched(antennas, setCount, x, g);
  for (let r = 0; r < antennas; r++)
    for (let c = 0; c < memberCount; c++)
      copy(x + ((<usize>(r * setCount + at(cluster.members, c))) << 5), right + ((<usize>(r * memberCount + c)) << 5));
}

/** v = D ĥ of the client. */
function copyEstimate(cluster: Cluster, estimates: usize, client: i32, v: usize): void {
  const block = (<usize>cluster.antennas) << 5;
  for (let l = 0; l < cluster.accessPointCount; l++) {
    const from = estimates + <usize>(at(cluster.accessPoints, l) * cluster.clients + client) * block;
    for (let r: usize = 0; r < block; r += 32) copy(from + r, v + <usize>l * block + r);
  }
}

const products = memory.data(128, 16);

/** v^H ĥ_i for all clients i, added to `uses` unless that is 0. @returns the SINR of `client` */
function evaluate(cluster: Cluster, client: i32, means: usize, noise: usize, v: usize, uses: usize): v128 {
  const clients = cluster.clients;
  const block = (<usize>cluster.antennas) << 5;
  const stride = <usize>clients * block;
  let wanted = f64x2.splat(0);
  let rest = f64x2.splat(0);
  for (let first = 0; first < clients; first += 4) {
    const count = min(4, clients - first);
    const h = means + <usize>first * block;
    if (count == 4) responses(cluster.accessPoints, cluster.accessPointCount, stride, block, h, v, products);
    else
      for (let q: usize = 0; q < <usize>count; q++)
        response(cluster.accessPoints, cluster.accessPointCount, stride, block, h + q * block, v, products + (q << 5));
    for (let q = 0; q < count; q++) {
      const gr = v128.load(products + ((<usize>q) << 5));
      const gi = v128.load(products + ((<usize>q) << 5), 16);
      const square = f64x2.add(f64x2.mul(gr, gr), f64x2.mul(gi, gi));
      if (first + q == client) wanted = square;
      else rest = f64x2.add(rest, square);
      if (uses != 0) {
        v128.store(uses, f64x2.add(v128.load(uses), gr));
        v128.store(uses, f64x2.add(v128.load(uses, 16), gi), 16);
        v128.store(uses, f64x2.add(v128.load(uses, 32), square), 32);
        uses += 48;
      }
    }
  }
  rest = addNoise(cluster, noise, v, rest);
  // Nothing is received by a combiner of zeros: the limit for small ones.
  return v128.andnot(f64x2.div(wanted, rest), f64x2.eq(rest, f64x2.splat(0)));
}

/** sum + v^H Z_all v, block after block: Re Σ_rs conj(v_r) Z_rs v_s */
function addNoise(cluster: Cluster, noise: usize, v: usize, sum: v128): v128 {
  const n = cluster.antennas;
  const block = (<usize>n) << 5;
  for (let l = 0; l < cluster.accessPointCount; l++) {
    let z = noise + ((<usize>(at(cluster.accessPoints, l) * n * n)) << 4);
    for (let r: usize = 0; r < block; r += 32) {
      let sr = f64x2.splat(0);
      let si = sr;
      for (let s: usize = 0; s < block; s += 32) {
        const zr = v128.load64_splat(z);
        const zi = v128.load64_splat(z, 8);
        const yr = v128.load(v + s);
        const yi = v128.load(v + s, 16);
        sr = f64x2.sub(f64x2.add(sr, f64x2.mul(zr, yr)), f64x2.mul(zi, yi));
        si = f64x2.add(f64x2.add(si, f64x2.mul(zr, yi)), f64x2.mul(zi, yr));
        z += 16;
      }
      sum = f64x2.add(sum, f64x2.add(f64x2.mul(v128.load(v + r), sr), f64x2.mul(v128.load(v + r, 16), si)));
    }
    v += block;
  }
  return sum;
}

/** Row i of X: F ĥ_i of set's client i over the cluster's antennas; F lower triangular, or the identity where factors is 0. */
function gatherRows(cluster: Cluster, estimates: usize, x: usize): void {
  const n = cluster.antennas, set = cluster.set, setCount = cluster.setCount, factors = cluster.factors;
  const block = (<usize>n) << 5;
  const square = (<usize>(n * n)) << 4;
  const row = <usize>cluster.accessPointCount * block;
  const fours = factors == 0 || setCount < 4 ? 0 : setCount;
  for (let l = 0; l < cluster.accessPointCount; l++) {
    const from = estimates + <usize>(at(cluster.accessPoints, l) * cluster.clients) * block;
    const to = x + <usize>l * block;
    const f = factors + <usize>l * square;
    for (let i = 0; i < fours; i += 4) {
      const first = min(i, setCount - 4); // the last four overlap the ones before
      const h0 = from + <usize>at(set, first) * block, h1 = from + <usize>at(set, first + 1) * block;
      const h2 = from + <usize>at(set, first + 2) * block, h3 = from + <usize>at(set, first + 3) * block;
      whitenedFour(n, f, h0, h1, h2, h3, to + <usize>first * row, row);
    }
    for (let i = fours; i < setCount; i++) {
      const h = from + <usize>at(set, i) * block;
      const out = to + <usize>i * row;
      if (factors != 0) whitened(n, f, h, out);
      else for (let r: usize = 0; r < block; r += 32) copy(h + r, out + r);
    }
  }
}

/** X [antennas][set], the estimates as they are. */
function gatherColumns(cluster: Cluster, estimates: usize, x: usize): void {
  const clients = cluster.clients, n = cluster.antennas, aps = cluster.accessPoints, apCount = cluster.accessPointCount;
  const set = cluster.set, setCount = cluster.setCount;
  for (let l = 0; l < apCount; l++)
    for (let r = 0; r < n; r++)
      for (let i = 0; i < setCount; i++) {
        copy(estimates + ((<usize>((at(aps, l) * clients + at(set, i)) * n + r)) << 5), x);
        x += 32;
      }
}

/** v = F^H u block by block, F lower triangular. */
function adjointBlocks(cluster: Cluster, u: usize, v: usize): void {
  const n = cluster.antennas, apCount = cluster.accessPointCount;
  let factors = cluster.factors;
  const block = (<usize>n) << 5;
  for (let l = 0; l < apCount; l++) {
    for (let r = 0; r < n; r++) {
      let re = f64x2.splat(0);
      let im = re;
      for (let s = r; s < n; s++) {
        const f = factors + ((<usize>(s * n + r)) << 4);
        const fr = v128.load64_splat(f);
        const fi = v128.load64_splat(f, 8);
        const ur = v128.load(u + ((<usize>s) << 5));
        const ui = v128.load(u + ((<usize>s) << 5), 16);
        re = f64x2.add(f64x2.add(re, f64x2.mul(fr, ur)), f64x2.mul(fi, ui));
        im = f64x2.sub(f64x2.add(im, f64x2.mul(fr, ui)), f64x2.mul(fi, ur));
      }
      v128.store(v + ((<usize>r) << 5), re);
      v128.store(v + ((<usize>r) << 5), im, 16);
    }
    factors += (<usize>(n * n)) << 4;
    u += block;
    v += block;
  }
}

/** outer += v v^H block by block. */
function addOuter(cluster: Cluster, v: usize, outer: usize): void {
  const n = cluster.antennas, apCount = cluster.accessPointCount;
  const block = (<usize>n) << 5;
  for (let l = 0; l < apCount; l++) {
    for (let r: usize = 0; r < block; r += 32)
      for (let s: usize = 0; s < block; s += 32) {
        const xr = v128.load(v + r);
        const xi = v128.load(v + r, 16);
        const yr = v128.load(v + s);
        const yi = v128.load(v + s, 16);
        v128.store(outer, f64x2.add(f64x2.add(v128.load(outer), f64x2.mul(xr, yr)), f64x2.mul(xi, yi)));
        v128.store(outer, f64x2.sub(f64x2.add(v128.load(outer, 16), f64x2.mul(xi, yr)), f64x2.mul(xr, yi)), 16);
        outer += 32;
      }
    v += block;
  }
}

// @ts-ignore: decorator
@inline
function at(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2));
}

// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

function clear(pointer: usize, entries: i32): void {
  memory.fill(pointer, 0, (<usize>entries) << 5);
}
