import { multiplyAdd } from "./multiplyAdd";

/**
 * Convolution's inner product on patches that lie in a padded image (paddedImage.ts): four patches times eight filters,
 * as gemm's tile, but a patch is `rows` runs of `run` bytes, one image row apart.
 */

/** Kernels w [depth][filters] as panels of eight filters, [panel][depth][8], the last padded with zeros. */
export function packFilters(depth: i32, filters: i32, w: usize, out: usize): void {
  const row = <usize>filters << 2;
  for (let f: i32 = 0; f < filters; f += 8) {
    let p = w + (<usize>f << 2);
    if (f + 8 <= filters) {
      for (let d: i32 = 0; d < depth; d++) {
        v128.store(out, v128.load(p));
        v128.store(out, v128.load(p, 16), 16);
        p += row;
        out += 32;
      }
    } else {
      const there = <usize>(filters - f) << 2;
      memory.fill(out, 0, <usize>depth << 5);
      for (let d: i32 = 0; d < depth; d++) {
        for (let e: usize = 0; e < there; e += 4) store<f32>(out + e, load<f32>(p + e));
        p += row;
        out += 32;
      }
    }
  }
}

/**
 * out[0 … 3][0 … 7] = start[0 … 7] + Σ patch · filters, followed by ReLU if asked; row p of out for the patch that lies
 * at a, a + second, a + third, a + fourth. `step`: bytes between the rows of out. Sums run along the patch, one after
 * the other, as gemm's do.
 */
export function fourPatches(
  rows: i32, run: usize, rowBytes: usize, a: usize, second: usize, third: usize, fourth: usize,
  panel: usize, start: usize, relu: i32, out: usize, step: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  const between = rowBytes - run;
  const last = a + <usize>rows * rowBytes;
  while (a != last) {
    const end = a + run;
    while (a != end) {
      const b0 = v128.load(panel), b1 = v128.load(panel, 16);
      const a0 = v128.load32_splat(a);
      c00 = multiplyAdd(a0, b0, c00);
      c01 = multiplyAdd(a0, b1, c01);
      const a1 = v128.load32_splat(a + second);
      c10 = multiplyAdd(a1, b0, c10);
      c11 = multiplyAdd(a1, b1, c11);
      const a2 = v128.load32_splat(a + third);
      c20 = multiplyAdd(a2, b0, c20);
      c21 = multiplyAdd(a2, b1, c21);
      const a3 = v128.load32_splat(a + fourth);
      c30 = multiplyAdd(a3, b0, c30);
      c31 = multiplyAdd(a3, b1, c31);
      a += 4;
      panel += 32;
    }
    a += between;
  }
  const least = f32x4.splat(relu ? 0 : -Infinity);
  v128.store(out, f32x4.pmax(c00, least));
  v128.store(out, f32x4.pmax(c01, least), 16);
  out += step;
  v128.store(out, f32x4.pmax(c10, least));
  v128.store(out, f32x4.pmax(c11, least), 16);
  out += step;
  v128.store(out, f32x4.pmax(c20, least));
  v128.store(out, f32x4.pmax(c21, least), 16);
  out += step;
  v128.store(out, f32x4.pmax(c30, least));
  v128.store(out, f32x4.pmax(c31, least), 16);
}
