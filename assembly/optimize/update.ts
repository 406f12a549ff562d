import { addScaled, dot, timesVector } from "./vector";
import { direction, factor, hessian, section, strideOf, variablesOf } from "./workspace";

/**
 * Powell's damped BFGS update of H and, in O(n²), of the factor J with J J' = H⁻¹:
 *
 *   r = θ y + (1 − θ) Hs, θ such that s'r ≥ 0.2 s'Hs          (Nocedal and Wright, Procedure 18.2)
 *   H ← H − Hs s'H / s'Hs + r r' / s'r
 *   J ← (I − s w') J,  w = r / s'r − Hs / √(s'r · s'Hs)        (Brodlie, Gourlay, Greenstadt, 1973)
 *
 * The product form holds for whatever orthogonal transformations the solver has applied to J since.
 *
 * @param s the step [stride], padded with zeros
 * @param y the change of the Lagrangian's gradient [stride]; overwritten
 * @returns 1, or 0 where the step has no curvature under H and nothing was changed
 */
export function qpUpdate(ws: usize, s: usize, y: usize): i32 {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const h = section(ws, hessian);
  const product = section(ws, direction);
  timesVector(h, n, stride, s, product);
  if (n < stride) store<f64>(product + (<usize>n << 3), 0);
  const sHs = dot(s, product, n);
  if (!(sHs > 0) || !(sHs < Infinity)) return 0;
  const sy = dot(s, y, n);
  const theta: f64 = sy >= 0.2 * sHs ? 1 : (0.8 * sHs) / (sHs - sy);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    store<f64>(y + at, theta * load<f64>(y + at) + (1 - theta) * load<f64>(product + at));
  }
  const sr = dot(s, y, n);
  if (!(sr > 0) || !(sr < Infinity)) return 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const row = h + <usize>i * bytes;
    addScaled(load<f64>(y + at) / sr, y, row, stride);
    addScaled(-load<f64>(product + at) / sHs, product, row, stride);
  }
  const square = sr * sHs;
  const scale = square > 1e-290 && square < 1e290 ? 1 / Math.sqrt(square) : 1 / Math.sqrt(sr) / Math.sqrt(sHs);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    store<f64>(y + at, load<f64>(y + at) / sr - scale * load<f64>(product + at));
  }
  // Padding is zero whatever the numbers: infinite ones would leave a NaN there for every program to come.
  if (n < stride) {
    store<f64>(y + (<usize>n << 3), 0);
    for (let i = 0; i < n; i++) store<f64>(h + <usize>i * bytes + (<usize>n << 3), 0);
  }
  let row = section(ws, factor);
  for (let i = 0; i < n; i++) {
    addScaled(-dot(row, y, n), s, row, stride);
    row += bytes;
  }
  return 1;
}
