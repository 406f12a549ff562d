/**
 * The flat memory of one quadratic program  min ½ x'Hx + g'x,  rows C x = b or ≥ b,  lower ≤ x ≤ upper,
 * for up to n variables and m rows. Everything is float64 unless said; rows have a stride of n rounded up to even,
 * their padding is zero.
 *
 * Constraints are numbered: 0 … m−1 the rows, m … m+n−1 the lower bounds, m+n … m+2n−1 the upper bounds.
 */

// The header: int32 n, m, stride, iterations, active count; float64 results and tolerances; then the sections' pointers.
export const iterationsAt: usize = 12;
export const activeCountAt: usize = 16;
export const boundedAt: usize = 20;
export const valueAt: usize = 24;
export const stationarityAt: usize = 32;
export const violationAt: usize = 40;
export const complementarityAt: usize = 48;
export const forceSizeAt: usize = 56;
/** ‖J₂'n‖ / ‖J'n‖ below which a normal depends on the active ones: rounding, unless the normals themselves are inexact */
export const dependenceAt: usize = 72;
/** What of a row's violation, over its normal's length, is nothing: relative to the size of what is compared, and at all */
export const relativeAt: usize = 80;
export const allowanceAt: usize = 88;
const sectionsAt: usize = 96;
const headerBytes: usize = 96 + 4 * 28;

// Sections, in the order of their pointers.
export const hessian = 0; //      H [n × stride]
export const linear = 1; //       g [stride]
export const rows = 2; //         C [m × stride]
export const rightSide = 3; //    b [m]
export const lower = 4; //        [stride]
export const upper = 5; //        [stride]
export const solution = 6; //     x [stride]
export const multipliers = 7; //  [m + 2n]
export const active = 8; //       int32 [n + 1]: constraint numbers, in the order of R's columns; read as a warm start
export const factor = 9; //       J' [n × stride], J J' = H⁻¹, J'N = [R; 0]
export const triangle = 10; //    R by columns [n × stride]
export const lowerFactor = 11; // L of the Cholesky factorization [n × stride]
export const inverseNorm = 12; // 1 / ‖C_i‖ [m]
export const slack = 13; //       C x − b, scratch [m]
export const direction = 14; //   z, scratch [stride]
export const normal = 15; //      n⁺, scratch [stride]
export const projected = 16; //   d = J'n⁺, scratch [stride]
export const dualStep = 17; //    r, scratch [stride]
export const dual = 18; //        u [stride + 2]
export const side = 19; //        ±1 of each active constraint [stride + 2]
export const state = 20; //       int32 [m + 2n]: 1 where active
export const scratch = 21; //     [stride]
export const pivot = 22; //       1 / R_kk [stride]
export const scaledSlack = 23; // (C x − b) / ‖C_i‖, scratch [m]
export const unit = 24; //        the variables' units [stride]
export const terms = 25; //       Σ |H_jk x_k|, scratch [stride]
const sections = 26;

@inline
export function variablesOf(ws: usize): i32 {
  return load<i32>(ws);
}

@inline
export function rowsOf(ws: usize): i32 {
  return load<i32>(ws, 4);
}

@inline
export function strideOf(ws: usize): i32 {
  return load<i32>(ws, 8);
}

@inline
export function section(ws: usize, which: i32): usize {
  return load<usize>(ws + sectionsAt + (<usize>which << 2));
}

function sectionBytes(which: i32, n: i32, m: i32): usize {
  const stride = (n + 1) & ~1;
  let count = stride + 2;
  if (which == hessian || which == factor || which == triangle || which == lowerFactor) count = n * stride;
  else if (which == rows) count = m * stride;
  else if (which == rightSide || which == inverseNorm || which == slack || which == scaledSlack) count = m;
  else if (which == multipliers || which == state) count = m + 2 * n;
  return <usize>((count + 1) & ~1) << 3;
}

/** Bytes of the workspace for n variables and m rows. */
export function qpBytes(n: i32, m: i32): usize {
  let bytes = headerBytes;
  for (let which = 0; which < sections; which++) bytes += sectionBytes(which, n, m);
  return bytes;
}

/** Lays the sections out behind the header and clears everything. */
export function qpSetup(ws: usize, n: i32, m: i32): void {
  memory.fill(ws, 0, qpBytes(n, m));
  store<i32>(ws, n);
  store<i32>(ws, m, 4);
  store<i32>(ws, (n + 1) & ~1, 8);
  store<f64>(ws, 1e-11, dependenceAt);
  store<f64>(ws, 1e-12, relativeAt);
  let at = ws + headerBytes;
  for (let which = 0; which < sections; which++) {
    store<usize>(ws + sectionsAt + (<usize>which << 2), at);
    at += sectionBytes(which, n, m);
  }
}

/** Pointer of a section: 0 Hessian, 1 linear term, 2 rows, … in the order above. */
export function qpSection(ws: usize, which: i32): usize {
  return section(ws, which);
}
