/** out[j] = Σ_i x[i][j], x [rows][columns]: the gradient of a bias. Overwrites out. */
export function columnSums(rows: i32, columns: i32, x: usize, out: usize): void {
  const stride = <usize>columns << 2;
  let c: usize = 0;
  for (; c + 32 <= stride; c += 32) {
    let s0 = f32x4.splat(0), s1 = s0;
    let p = x + c;
    for (let i: i32 = 0; i < rows; i++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      p += stride;
    }
    v128.store(out + c, s0);
    v128.store(out + c, s1, 16);
  }
  for (; c < stride; c += 4) {
    let s: f32 = 0;
    let p = x + c;
    for (let i: i32 = 0; i < rows; i++) {
      s += load<f32>(p);
      p += stride;
    }
    store<f32>(out + c, s);
  }
}
