/**
 * C = A B, complex float64, planar: each matrix is a row-major plane of real parts and one of imaginary parts behind it.
 *
 * a: [2][m][k]; b: [2][k][n]; c: [2][m][n]. panel: scratch of 4·k float64.
 * Two columns of lanes (four numbers) of B at a time are packed as (re re re re im im im im) for every row of B, and a
 * tile of two rows of A runs down them: four real products an entry, row by row, real part first.
 */
export function complexMultiply(m: i32, k: i32, n: i32, a: usize, b: usize, c: usize, panel: usize): void {
  const ar = a, br = b, cr = c;
  const ai = a + ((<usize>(m * k)) << 3), bi = b + ((<usize>(k * n)) << 3), ci = c + ((<usize>(m * n)) << 3);
  const rowA = (<usize>k) << 3;
  const rowB = (<usize>n) << 3;
  for (let j: i32 = 0; j < n; j += 4) {
    const width = min(4, n - j);
    pack(br + ((<usize>j) << 3), bi + ((<usize>j) << 3), rowB, k, width, panel);
    for (let i: i32 = 0; i < m; i += 2) {
      const a0 = ar + <usize>i * rowA;
      const x0 = ai + <usize>i * rowA;
      const down = i + 1 < m ? rowA : 0; // the last row of an odd count twice
      const at = <usize>i * rowB + ((<usize>j) << 3);
      tile(a0, x0, a0 + down, x0 + down, panel, k, cr + at, ci + at, i + 1 < m ? rowB : 0, width);
    }
  }
}

function pack(br: usize, bi: usize, rowB: usize, k: i32, width: i32, panel: usize): void {
  if (width == 4) {
    for (let p = 0; p < k; p++) {
      v128.store(panel, v128.load(br));
      v128.store(panel, v128.load(br, 16), 16);
      v128.store(panel, v128.load(bi), 32);
      v128.store(panel, v128.load(bi, 16), 48);
      br += rowB;
      bi += rowB;
      panel += 64;
    }
    return;
  }
  for (let p = 0; p < k; p++) {
    for (let q = 0; q < 4; q++) {
      const at = (<usize>q) << 3;
      store<f64>(panel + at, q < width ? load<f64>(br + at) : 0.0);
      store<f64>(panel + at, q < width ? load<f64>(bi + at) : 0.0, 32);
    }
    br += rowB;
    bi += rowB;
    panel += 64;
  }
}

// @ts-ignore: decorator
@inline
function tile(
  a0: usize, x0: usize, a1: usize, x1: usize, panel: usize, k: i32, cr: usize, ci: usize, rowC: usize, width: i32,
): void {
  let r00 = f64x2.splat(0);
  let r01 = r00;
  let i00 = r00;
  let i01 = r00;
  let r10 = r00;
  let r11 = r00;
  let i10 = r00;
  let i11 = r00;
  const end = a0 + ((<usize>k) << 3);
  while (a0 < end) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const y0 = v128.load(panel, 32);
    const y1 = v128.load(panel, 48);
    const p = v128.load64_splat(a0);
    r00 = f64x2.add(r00, f64x2.mul(p, b0));
    r01 = f64x2.add(r01, f64x2.mul(p, b1));
    i00 = f64x2.add(i00, f64x2.mul(p, y0));
    i01 = f64x2.add(i01, f64x2.mul(p, y1));
    if (a1 == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
    const q = v128.load64_splat(x0);
    r00 = f64x2.sub(r00, f64x2.mul(q, y0));
    r01 = f64x2.sub(r01, f64x2.mul(q, y1));
    i00 = f64x2.add(i00, f64x2.mul(q, b0));
    i01 = f64x2.add(i01, f64x2.mul(q, b1));
    const s = v128.load64_splat(a1);
    r10 = f64x2.add(r10, f64x2.mul(s, b0));
    r11 = f64x2.add(r11, f64x2.mul(s, b1));
    i10 = f64x2.add(i10, f64x2.mul(s, y0));
    i11 = f64x2.add(i11, f64x2.mul(s, y1));
    if (a0 == 0) break;
    const t = v128.load64_splat(x1);
    r10 = f64x2.sub(r10, f64x2.mul(t, y0));
    r11 = f64x2.sub(r11, f64x2.mul(t, y1));
    i10 = f64x2.add(i10, f64x2.mul(t, b0));
    i11 = f64x2.add(i11, f64x2.mul(t, b1));
    a0 += 8;
    x0 += 8;
    a1 += 8;
    x1 += 8;
    panel += 64;
  }
  put(cr + rowC, r10, r11, width);
  put(ci + rowC, i10, i11, width);
  put(cr, r00, r01, width);
  put(ci, i00, i01, width);
}

// @ts-ignore: decorator
@inline
function put(c: usize, low: v128, high: v128, width: i32): void {
  if (width == 4) {
    v128.store(c, low);
    v128.store(c, high, 16);
    return;
  }
  v128.store64_lane(c, low, 0);
  if (width > 1) v128.store64_lane(c, low, 1, 8);
  if (width > 2) v128.store64_lane(c, high, 0, 16);
}
