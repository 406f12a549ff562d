/**
 * The lower triangle of G += X X^H for a pair of matrices, paired layout (dotTile.ts), 2×2 tiles.
 *
 * x: [rows][columns]; g: [rows][rows]. An even diagonal tile writes its upper entry too.
 */
export function gramBatched(rows: i32, columns: i32, x: usize, g: usize): void {
  const rowX = (<usize>columns) << 5;
  const rowG = (<usize>rows) << 5;
  for (let i = 0; i < rows; i += 2) {
    const a0 = x + <usize>i * rowX;
    const down: usize = i + 1 < rows ? rowG : 0;
    const below: usize = i + 1 < rows ? rowX : 0; // the last row of an odd count twice
    const out0 = g + <usize>i * rowG;
    for (let j = 0; j <= i; j += 2) {
      const b0 = x + <usize>j * rowX;
      const right: usize = j + 1 < rows ? 1 : 0;
      const at = out0 + ((<usize>j) << 5);
      tile(a0, a0 + below, b0, b0 + right * rowX, rowX, at, down, right << 5);
    }
  }
}

// @ts-ignore: decorator
@inline
function tile(a0: usize, a1: usize, b0: usize, b1: usize, length: usize, out: usize, down: usize, right: usize): void {
  let r00 = v128.load(out);
  let i00 = v128.load(out, 16);
  let r01 = v128.load(out + right);
  let i01 = v128.load(out + right, 16);
  let r10 = v128.load(out + down);
  let i10 = v128.load(out + down, 16);
  let r11 = v128.load(out + down + right);
  let i11 = v128.load(out + down + right, 16);
  const end = a0 + length;
  while (a0 < end) {
    const br = v128.load(b0);
    const bi = v128.load(b0, 16);
    const cr = v128.load(b1);
    const ci = v128.load(b1, 16);
    const ar = v128.load(a0);
    r00 = f64x2.add(r00, f64x2.mul(ar, br));
    r01 = f64x2.add(r01, f64x2.mul(ar, cr));
    i00 = f64x2.sub(i00, f64x2.mul(ar, bi));
    i01 = f64x2.sub(i01, f64x2.mul(ar, ci));
    if (b0 == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
    const ai = v128.load(a0, 16);
    r00 = f64x2.add(r00, f64x2.mul(ai, bi));
    r01 = f64x2.add(r01, f64x2.mul(ai, ci));
    i00 = f64x2.add(i00, f64x2.mul(ai, br));
    i01 = f64x2.add(i01, f64x2.mul(ai, cr));
    const dr = v128.load(a1);
    r10 = f64x2.add(r10, f64x2.mul(dr, br));
    r11 = f64x2.add(r11, f64x2.mul(dr, cr));
    i10 = f64x2.sub(i10, f64x2.mul(dr, bi));
    i11 = f64x2.sub(i11, f64x2.mul(dr, ci));
    if (b1 == 0) break;
    const di = v128.load(a1, 16);
    r10 = f64x2.add(r10, f64x2.mul(di, bi));
    r11 = f64x2.add(r11, f64x2.mul(di, ci));
    i10 = f64x2.add(i10, f64x2.mul(di, br));
    i11 = f64x2.add(i11, f64x2.mul(di, cr));
    a0 += 32;
    a1 += 32;
    b0 += 32;
    b1 += 32;
  }
  // The tile's own corner last: where a row or column stands twice, all its copies are equal.
  v128.store(out + down + right, r11);
  v128.store(out + down + right, i11, 16);
  v128.store(out + down, r10);
  v128.store(out + down, i10, 16);
  v128.store(out + right, r01);
  v128.store(out + right, i01, 16);
  v128.store(out, r00);
  v128.store(out, i00, 16);
}
