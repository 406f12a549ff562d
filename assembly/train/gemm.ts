import { columnTile, Product, rowTile } from "./gemmTiles";

/**
 * C ← A·B, C ← C + A·B or C ← A·B + bias (one value a column), float32, optionally followed by ReLU.
 *
 * A [m×k] and B [k×n] have any row and column stride (in elements), so that all transposes are one kernel;
 * C is row-major with row stride ldc. Blocks of k are KC long; in each, tiles of 4×8 of C stay in registers (gemmTiles.ts).
 * An operand that can be read in place is (A by rows or by columns of four, B by rows of eight); otherwise,
 * and at ragged edges, it is packed into `work` (gemmWorkBytes), padded with zeros.
 */
const KC: i32 = 256;
const MC: i32 = 64;
const NC: i32 = 512;

/** Bytes of scratch that gemm needs, whatever its sizes. */
export function gemmWorkBytes(): i32 {
  return (KC * (MC + NC + 16) + 64) << 2;
}

export function gemm(
  m: i32, n: i32, k: i32, rsA: i32, csA: i32, rsB: i32, csB: i32, ldc: i32, flags: i32,
  a: usize, b: usize, bias: usize, c: usize, work: usize,
): void {
  const edge = work; // one tile of C
  const packedA = work + 256;
  const packedB = packedA + ((KC * MC) << 2);
  const tail = packedB + ((KC * NC) << 2); // last ragged panel of a B read in place
  const rowA = rsA << 2, colA = csA << 2, rowB = rsB << 2, colB = csB << 2, rowC = ldc << 2;
  for (let jc: i32 = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc: i32 = 0; pc < k; pc += KC) {
      const kc = min(KC, k - pc);
      let mode = pc > 0 ? Product.accumulate : flags & (Product.accumulate | Product.bias);
      if (pc + kc == k) mode |= flags & Product.relu;
      const bBlock = b + <usize>pc * rowB + <usize>jc * colB;
      const directB = csB == 1 && m <= 16;
      if (directB) {
        const full = nc & ~7;
        if (full < nc) packB(kc, nc - full, bBlock + <usize>(full << 2), rowB, colB, tail);
      } else packB(kc, nc, bBlock, rowB, colB, packedB);
      for (let ic: i32 = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        const aBlock = a + <usize>ic * rowA + <usize>pc * colA;
        // Rows are read in place; columns too, unless they lie so far apart that each value costs a cache line.
        const directA = csA == 1 || (rsA == 1 && (nc <= 16 || colA <= 1024));
        if (!directA) packA(kc, mc, aBlock, rowA, colA, packedA);
        else if (mc & 3 && rsA != 1) packA(kc, mc & 3, aBlock + <usize>(mc & ~3) * rowA, rowA, colA, packedA);
        for (let jr: i32 = 0; jr < nc; jr += 8) {
          const ragged = jr + 8 > nc;
          let bPanel: usize, stepB: usize;
          if (directB && !ragged) {
            bPanel = bBlock + <usize>(jr << 2);
            stepB = rowB;
          } else {
            bPanel = directB ? tail : packedB + <usize>(jr * kc << 2);
            stepB = 32;
          }
          const cColumn = c + <usize>ic * rowC + <usize>((jc + jr) << 2);
          const biasColumn = bias + <usize>((jc + jr) << 2);
          for (let ir: i32 = 0; ir < mc; ir += 4) {
            const short = ir + 4 > mc;
            let out = cColumn + <usize>ir * rowC;
            let biasAt = biasColumn;
            let step = <usize>rowC;
            const spill = short || ragged;
            if (spill) {
              const rows = min(4, mc - ir), columns = min(8, nc - jr);
              if (mode & Product.bias) {
                copyTile(biasColumn, 0, edge + 128, 32, 1, columns);
                biasAt = edge + 128;
              } else if (mode & Product.accumulate) copyTile(out, rowC, edge, 32, rows, columns);
              out = edge;
              step = 32;
            }
            let p = aBlock + <usize>ir * rowA;
            const packed = !directA || (short && rsA != 1);
            if (packed) p = directA ? packedA : packedA + <usize>(ir * kc << 2);
            if (packed || rsA == 1) {
              const stepA: usize = packed ? 16 : colA;
              columnTile(p + <usize>kc * stepA, p, stepA, bPanel, stepB, out, step, mode, biasAt);
            } else rowTile(kc, p, rowA, bPanel, stepB, out, step, mode, biasAt);
            if (spill) copyTile(edge, 32, cColumn + <usize>ir * rowC, rowC, min(4, mc - ir), min(8, nc - jr));
          }
        }
      }
    }
  }
}

/** rows × columns floats, row by row. */
function copyTile(from: usize, fromStep: usize, to: usize, toStep: usize, rows: i32, columns: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    for (let j: usize = 0; j < <usize>(columns << 2); j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromStep;
    to += toStep;
  }
}

/** Panels of four rows, [panel][k][4], the last padded with zeros. */
function packA(kc: i32, mc: i32, a: usize, row: i32, column: i32, out: usize): void {
  for (let i: i32 = 0; i < mc; i += 4) {
    const at = a + <usize>i * row;
    if (i + 4 > mc) {
      const rows = mc - i;
      let p = at;
      for (let q: i32 = 0; q < kc; q++) {
        for (let r: i32 = 0; r < 4; r++) {
          store<f32>(out + <usize>(r << 2), r < rows ? load<f32>(p + <usize>r * row) : 0);
        }
        p += column;
        out += 16;
      }
    } else if (row == 4) {
      let p = at;
      for (let q: i32 = 0; q < kc; q++) {
        v128.store(out, v128.load(p));
        p += column;
        out += 16;
      }
    } else {
      let p0 = at, p1 = at + row, p2 = p1 + row, p3 = p2 + row;
      let q: i32 = 0;
      if (column == 4) {
        for (; q + 4 <= kc; q += 4) {
          transpose4(p0, p1, p2, p3, out, 16);
          p0 += 16;
          p1 += 16;
          p2 += 16;
          p3 += 16;
          out += 64;
        }
      }
      for (; q < kc; q++) {
        store<f32>(out, load<f32>(p0));
        store<f32>(out, load<f32>(p1), 4);
        store<f32>(out, load<f32>(p2), 8);
        store<f32>(out, load<f32>(p3), 12);
        p0 += column;
        p1 += column;
        p2 += column;
        p3 += column;
        out += 16;
      }
    }
  }
}

/** Panels of eight columns, [panel][k][8], the last padded with zeros. */
function packB(kc: i32, nc: i32, b: usize, row: i32, column: i32, out: usize): void {
  for (let j: i32 = 0; j < nc; j += 8) {
    let p = b + <usize>j * column;
    if (j + 8 > nc) {
      const columns = nc - j;
      for (let q: i32 = 0; q < kc; q++) {
        for (let r: i32 = 0; r < 8; r++) {
          store<f32>(out + <usize>(r << 2), r < columns ? load<f32>(p + <usize>r * column) : 0);
        }
        p += row;
        out += 32;
      }
    } else if (column == 4) {
      for (let q: i32 = 0; q < kc; q++) {
        v128.store(out, v128.load(p));
        v128.store(out, v128.load(p, 16), 16);
        p += row;
        out += 32;
      }
    } else {
      let q: i32 = 0;
      if (row == 4) {
        for (; q + 4 <= kc; q += 4) {
          const p4 = p + 4 * column;
          transpose4(p, p + column, p + 2 * column, p + 3 * column, out, 32);
          transpose4(p4, p4 + column, p4 + 2 * column, p4 + 3 * column, out + 16, 32);
          p += 16;
          out += 128;
        }
      }
      for (; q < kc; q++) {
        for (let r: i32 = 0; r < 8; r++) store<f32>(out + <usize>(r << 2), load<f32>(p + <usize>r * column));
        p += row;
        out += 32;
      }
    }
  }
}

/** Four rows of four floats become four columns, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(p0: usize, p1: usize, p2: usize, p3: usize, out: usize, step: usize): void {
  const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(out + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
  v128.store(out + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
  v128.store(out + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
}
