import { addScaled, dotEven, scaleBy } from "./vector";
import { factor, hessian, inverseNorm, lowerFactor, rows, rowsOf, section, strideOf, variablesOf } from "./workspace";

/**
 * Cholesky: H + shift·I = L L', then J' = L⁻¹. L is made column by column and kept transposed, so that a column's
 * outer product leaves rows of memory; H's upper triangle is read.
 *
 * @returns −1, or the index of the first pivot that is not above `smallest`
 */
export function qpFactor(ws: usize, shift: f64, smallest: f64): i32 {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const l = section(ws, lowerFactor);
  const jt = section(ws, factor);
  memory.copy(l, section(ws, hessian), <usize>n * bytes);
  let column = l; // of L: a row of its transpose
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const pivot = load<f64>(column + at) + shift;
    if (!(pivot > smallest)) return k;
    const scale = 1 / Math.sqrt(pivot);
    const even = k & ~1;
    scaleBy(scale, column + (<usize>even << 3), stride - even);
    for (let i = k + 1; i < n; i++) {
      const start = i & ~1;
      const offset = <usize>start << 3;
      const factor = -load<f64>(column + (<usize>i << 3));
      addScaled(factor, column + offset, l + <usize>i * bytes + offset, stride - start);
    }
    // The diagonal holds the reciprocal, so that no loop divides.
    store<f64>(column + at, scale);
    column += bytes;
  }
  for (let i = 0; i < n; i++) {
    const target = jt + <usize>i * bytes;
    const at = <usize>i << 3;
    memory.fill(target, 0, bytes);
    const scale = load<f64>(l + <usize>i * bytes + at);
    for (let j = 0; j < i; j++) {
      addScaled(-scale * load<f64>(l + <usize>j * bytes + at), jt + <usize>j * bytes, target, (j + 2) & ~1);
    }
    store<f64>(target + at, scale);
  }
  return -1;
}

/** 1 / ‖C_i‖ of every row, 1 for a row of zeros: what the rows' violations are measured with. */
export function qpNorms(ws: usize): void {
  const m = rowsOf(ws);
  const stride = strideOf(ws);
  let row = section(ws, rows);
  const out = section(ws, inverseNorm);
  for (let i = 0; i < m; i++) {
    const square = dotEven(row, row, stride);
    store<f64>(out + (<usize>i << 3), square > 0 ? 1 / Math.sqrt(square) : 1);
    row += <usize>stride << 3;
  }
}
