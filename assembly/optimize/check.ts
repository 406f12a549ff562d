import { hessian, linear, rightSide, rows, rowsOf, section, strideOf, variablesOf } from "./workspace";

/**
 * Whether H, g, C and b hold finite numbers only and H is symmetric to 1e-10 of its largest diagonal entry:
 * 0 if so, 1 for a number that is not finite, 2 for an asymmetry.
 */
export function qpCheck(ws: usize): i32 {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const h = section(ws, hessian);
  let rest = vanishing(h, n * stride) + vanishing(section(ws, rows), rowsOf(ws) * stride);
  rest += vanishing(section(ws, linear), stride);
  for (let i = 0; i < rowsOf(ws); i++) rest += load<f64>(section(ws, rightSide) + (<usize>i << 3)) * 0;
  if (!(rest == 0)) return 1;
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(load<f64>(h + (<usize>(i * stride + i) << 3))));
  let worst: f64 = 0;
  for (let i = 0; i < n; i++) {
    let row = h + (<usize>(i * stride) << 3);
    let column = h + (<usize>i << 3);
    for (let j = 0; j < i; j++) {
      worst = Math.max(worst, Math.abs(load<f64>(row) - load<f64>(column)));
      row += 8;
      column += <usize>stride << 3;
    }
  }
  return worst > 1e-10 * largest ? 2 : 0;
}

/** Σ 0 · x_i: 0, or NaN if an entry is not finite; count even. */
function vanishing(x: usize, count: i32): f64 {
  const zero = f64x2.splat(0);
  let sum = zero;
  const end = x + (<usize>count << 3);
  for (; x < end; x += 16) sum = f64x2.add(sum, f64x2.mul(zero, v128.load(x)));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
