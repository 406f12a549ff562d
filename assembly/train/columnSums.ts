/** Rows of a stripe of columns at a time: what is read of one stripe's cache lines is still there for the next. */
const block: i32 = 64;

/** out[j] = Σ_i x[i][j], x [rows][columns]: the gradient of a bias. Overwrites out. */
export function columnSums(rows: i32, columns: i32, x: usize, out: usize): void {
  const stride = <usize>columns << 2;
  memory.fill(out, 0, stride);
  for (let first: i32 = 0; first < rows; first += block) {
    addColumnSums(min(block, rows - first), columns, x, out);
    x += <usize>block * stride;
  }
}

/** out[j] += Σ_i x[i][j], row after row. */
export function addColumnSums(rows: i32, columns: i32, x: usize, out: usize): void {
  const stride = <usize>columns << 2, end = x + <usize>rows * stride;
  let c: usize = 0;
  for (; c + 32 <= stride; c += 32) {
    let s0 = v128.load(out + c), s1 = v128.load(out + c, 16);
    for (let p = x + c; p < end; p += stride) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
    }
    v128.store(out + c, s0);
    v128.store(out + c, s1, 16);
  }
  for (; c < stride; c += 4) {
    let s = load<f32>(out + c);
    for (let p = x + c; p < end; p += stride) s += load<f32>(p);
    store<f32>(out + c, s);
  }
}
