/**
 * The discrete cosine transform along one axis, in place: y_k = Σ_j c_kj x_j for each of the outer · inner columns of
 * `size` entries, `inner` apart. c: size × size float32, row by row; orthonormal, so that its transpose undoes it.
 * work: 16 · size bytes. Sums in the order of j.
 */
export function transformAxis(outer: i32, size: i32, inner: i32, c: usize, x: usize, work: usize): void {
  const stride = <usize>inner << 2;
  for (let o: i32 = 0; o < outer; o++) {
    let i: i32 = 0;
    for (; i + 4 <= inner; i += 4) {
      const column = x + (<usize>i << 2);
      let p = column;
      for (let j: i32 = 0; j < size; j++) {
        v128.store(work + (<usize>j << 4), v128.load(p));
        p += stride;
      }
      let row = c;
      p = column;
      for (let k: i32 = 0; k < size; k++) {
        let sum = f32x4.splat(0);
        for (let j: i32 = 0; j < size; j++) {
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(row), v128.load(work + (<usize>j << 4))));
          row += 4;
        }
        v128.store(p, sum);
        p += stride;
      }
    }
    for (; i < inner; i++) {
      const column = x + (<usize>i << 2);
      let p = column;
      for (let j: i32 = 0; j < size; j++) {
        store<f32>(work + (<usize>j << 2), load<f32>(p));
        p += stride;
      }
      let row = c;
      p = column;
      for (let k: i32 = 0; k < size; k++) {
        let sum: f32 = 0;
        for (let j: i32 = 0; j < size; j++) {
          sum += load<f32>(row) * load<f32>(work + (<usize>j << 2));
          row += 4;
        }
        store<f32>(p, sum);
        p += stride;
      }
    }
    x += stride * <usize>size;
  }
}
