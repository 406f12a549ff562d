import { get, put } from "./lanes";

/** out = a + b, n values; out may be a or b. */
export function addVectors(n: i32, a: usize, b: usize, out: usize): void {
  const end = out + (<usize>(n & -4) << 2);
  for (; out < end; out += 16) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  if (n & 3) put(out, n & 3, f32x4.add(get(a, n & 3), get(b, n & 3)));
}

/** out = a·b value by value, n of them; out may be a or b. */
export function multiplyVectors(n: i32, a: usize, b: usize, out: usize): void {
  const end = out + (<usize>(n & -4) << 2);
  for (; out < end; out += 16) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  if (n & 3) put(out, n & 3, f32x4.mul(get(a, n & 3), get(b, n & 3)));
}

/** out[r] = x[r] + row for every row r: positions added to each example of a batch. */
export function addRow(rows: i32, n: i32, x: usize, row: usize, out: usize): void {
  for (let r: i32 = 0; r < rows; r++) {
    addVectors(n, x, row, out);
    x += <usize>n << 2;
    out += <usize>n << 2;
  }
}

/** out = x, n values. */
export function copyVector(n: i32, x: usize, out: usize): void {
  memory.copy(out, x, <usize>n << 2);
}
