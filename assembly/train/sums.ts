import { add, get, put } from "./lanes";

/** out = a + b, n values; out may be a or b. */
export function addVectors(n: i32, a: usize, b: usize, out: usize): void {
  for (let left = n; left > 0; left -= 4) {
    put(out, left, add(get(a, left), get(b, left)));
    a += 16;
    b += 16;
    out += 16;
  }
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
