import { addScaled, dot, timesVector } from "./vector";
import {
  complementarityAt, forceSizeAt, hessian, inverseNorm, linear, lower, multipliers, rightSide, rowSizeAt, rows, rowsOf, scratch, section, slack, solution,
  stationarityAt, strideOf, upper, valueAt, variablesOf, violationAt,
} from "./workspace";

/**
 * What the Karush–Kuhn–Tucker conditions leave at x and its multipliers y, written into the header:
 * value ½x'Hx + g'x; stationarity max |Hx + g − C'y − y_lower + y_upper|; violation, the largest of b − Cx (|·| for
 * equalities) and the bounds'; complementarity max |y_i slack_i|; and the sizes of the terms in the first and in the
 * rows. H is read as a symmetric matrix of full rows.
 */
export function qpResidual(ws: usize, equalities: i32): void {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const stride = strideOf(ws);
  const x = section(ws, solution);
  const g = section(ws, linear);
  const y = section(ws, multipliers);
  const gradient = section(ws, scratch);
  const s = section(ws, slack);
  timesVector(section(ws, hessian), n, stride, x, gradient);
  const value = 0.5 * dot(gradient, x, n) + dot(g, x, n);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const low = load<f64>(y + (<usize>(m + i) << 3));
    const high = load<f64>(y + (<usize>(m + n + i) << 3));
    store<f64>(gradient + at, load<f64>(gradient + at) + load<f64>(g + at) - low + high);
  }
  timesVector(section(ws, rows), m, stride, x, s);
  let violation: f64 = 0;
  let complementarity: f64 = 0;
  for (let i = 0; i < m; i++) {
    const at = <usize>i << 3;
    const multiplier = load<f64>(y + at);
    const residual = load<f64>(s + at) - load<f64>(section(ws, rightSide) + at);
    violation = Math.max(violation, i < equalities ? Math.abs(residual) : -residual);
    if (multiplier == 0) continue;
    complementarity = Math.max(complementarity, Math.abs(multiplier * residual));
    addScaled(-multiplier, section(ws, rows) + <usize>i * (<usize>stride << 3), gradient, stride);
  }
  let stationarity: f64 = 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    stationarity = Math.max(stationarity, Math.abs(load<f64>(gradient + at)));
    const below = load<f64>(x + at) - load<f64>(section(ws, lower) + at);
    const above = load<f64>(section(ws, upper) + at) - load<f64>(x + at);
    violation = Math.max(violation, Math.max(-below, -above));
    const low = load<f64>(y + (<usize>(m + i) << 3));
    const high = load<f64>(y + (<usize>(m + n + i) << 3));
    if (low != 0) complementarity = Math.max(complementarity, Math.abs(low * below));
    if (high != 0) complementarity = Math.max(complementarity, Math.abs(high * above));
  }
  // What is too small to mean anything: the sizes of the terms that the residuals are differences of.
  let size: f64 = 0;
  let force: f64 = 0;
  let unit: f64 = 0;
  for (let i = 0; i < n; i++) {
    size = Math.max(size, Math.abs(load<f64>(x + (<usize>i << 3))));
    force = Math.max(force, Math.abs(load<f64>(g + (<usize>i << 3))));
    unit = Math.max(unit, Math.abs(load<f64>(section(ws, hessian) + (<usize>(i * stride + i) << 3))));
  }
  let allowed = size;
  for (let i = 0; i < m; i++) {
    const at = <usize>i << 3;
    const terms = Math.max(size / load<f64>(section(ws, inverseNorm) + at), Math.abs(load<f64>(section(ws, rightSide) + at)));
    allowed = Math.max(allowed, terms);
  }
  store<f64>(ws, force + unit * size, forceSizeAt);
  store<f64>(ws, allowed, rowSizeAt);
  store<f64>(ws, value, valueAt);
  store<f64>(ws, stationarity, stationarityAt);
  store<f64>(ws, violation, violationAt);
  store<f64>(ws, complementarity, complementarityAt);
}
