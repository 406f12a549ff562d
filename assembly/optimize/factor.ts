import { addScaled, dot, dotEven } from "./vector";
import { factor, hessian, inverseNorm, lowerFactor, rows, rowsOf, section, strideOf, variablesOf } from "./workspace";

/**
 * Cholesky: H + shift·I = L L', then J' = L⁻¹, both row by row; H's lower triangle is read.
 *
 * @returns −1, or the index of the first pivot that is not above `smallest`
 */
export function qpFactor(ws: usize, shift: f64, smallest: f64): i32 {
  const n = variablesOf(ws);
  const bytes = <usize>strideOf(ws) << 3;
  const h = section(ws, hessian);
  const l = section(ws, lowerFactor);
  const jt = section(ws, factor);
  for (let i = 0; i < n; i++) {
    const row = l + <usize>i * bytes;
    const source = h + <usize>i * bytes;
    for (let j = 0; j < i; j++) {
      const other = l + <usize>j * bytes;
      const at = <usize>j << 3;
      // The diagonal holds the reciprocal, so that no loop divides.
      store<f64>(row + at, (load<f64>(source + at) - dot(row, other, j)) * load<f64>(other + at));
    }
    const at = <usize>i << 3;
    const pivot = load<f64>(source + at) + shift - dot(row, row, i);
    if (!(pivot > smallest)) return i;
    store<f64>(row + at, 1 / Math.sqrt(pivot));
  }
  for (let i = 0; i < n; i++) {
    const row = l + <usize>i * bytes;
    const target = jt + <usize>i * bytes;
    memory.fill(target, 0, bytes);
    const scale = load<f64>(row + (<usize>i << 3));
    for (let j = 0; j < i; j++) {
      addScaled(-scale * load<f64>(row + (<usize>j << 3)), jt + <usize>j * bytes, target, (j + 2) & ~1);
    }
    store<f64>(target + (<usize>i << 3), scale);
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
