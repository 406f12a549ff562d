import { addScaled, dot, timesVector } from "./vector";
import {
  complementarityAt, forceSizeAt, hessian, linear, lower, multipliers, rightSide, rows, rowsOf, scratch, section, slack, solution, stationarityAt,
  strideOf, terms, unit, upper, valueAt, variablesOf, violationAt,
} from "./workspace";

/** What a residual may be of the size of its terms. */
const precision: f64 = 1e-8;
/** A rounding, some thousand times over. */
const rounding: f64 = 1e-12;

// What a pass over rows and bounds gathers.
let violation: f64 = 0;
let complementarity: f64 = 0;
/** Σ |multiplier · slack| */
let gap: f64 = 0;
let fitting: bool = true;

/**
 * What the Karush–Kuhn–Tucker conditions leave at x and its multipliers y, written into the header: value ½x'Hx + g'x;
 * stationarity max |Hx + g − C'y − y_lower + y_upper|; violation, the largest of b − Cx (|·| for equalities) and the
 * bounds'; complementarity max |y_i slack_i|; and the size of the terms in the first. H is read as a symmetric matrix of
 * full rows.
 *
 * @returns 1 if x is optimal: each residual beside its own terms, in the units of the variables (section `unit`), so that
 *   it does not depend on the units of the program (a variable in nanometers next to one in kilometers counts as much),
 *   and the duality gap beside the value's terms
 */
export function qpResidual(ws: usize, equalities: i32): i32 {
  const n = variablesOf(ws);
  const x = section(ws, solution);
  const g = section(ws, linear);
  const y = section(ws, multipliers) + (<usize>rowsOf(ws) << 3);
  const slope = section(ws, scratch);
  const sizes = section(ws, terms);
  const units = section(ws, unit);
  let size: f64 = 0;
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3;
    size = Math.max(size, Math.abs(load<f64>(x + at)) / load<f64>(units + at));
  }
  let force: f64 = 0;
  let work: f64 = 0;
  let strain: f64 = 0;
  let plain: f64 = 0;
  multiply(section(ws, hessian), n, strideOf(ws), x, slope, sizes);
  const value = 0.5 * dot(slope, x, n) + dot(g, x, n);
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3;
    const pull = load<f64>(slope + at);
    const along = load<f64>(g + at);
    const own = load<f64>(units + at);
    const sum = Math.abs(along) + Math.abs(pull);
    plain = Math.max(plain, Math.abs(along) + load<f64>(sizes + at));
    strain = Math.max(strain, own * load<f64>(sizes + at));
    force = Math.max(force, own * sum);
    work += Math.abs(load<f64>(x + at)) * sum;
    store<f64>(slope + at, along + pull - load<f64>(y + at) + load<f64>(y + (<usize>n << 3) + at));
  }
  violation = complementarity = gap = 0;
  fitting = size < Infinity;
  gatherRows(ws, equalities, size);
  gatherBounds(ws, size);
  let stationarity: f64 = 0;
  let steepest: f64 = 0;
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3;
    const rest = Math.abs(load<f64>(slope + at));
    stationarity = Math.max(stationarity, rest);
    steepest = Math.max(steepest, load<f64>(units + at) * rest);
    gap += rest * Math.abs(load<f64>(x + at));
  }
  store<f64>(ws, plain, forceSizeAt);
  store<f64>(ws, value, valueAt);
  store<f64>(ws, stationarity, stationarityAt);
  store<f64>(ws, violation, violationAt);
  store<f64>(ws, complementarity, complementarityAt);
  if (!fitting) return 0;
  // By weak duality the value is within the gap of the optimum.
  if (steepest <= precision * force && gap <= precision * work + rounding * force * size) return 1;
  // What rounding leaves of forces that cancel is nothing, unless x has run away to where they are all rounding.
  const noise = size <= 1e6 * extent(ws) ? 1e-15 * <f64>n * strain : 0;
  return steepest <= precision * force + noise && gap <= precision * work + (rounding * force + <f64>n * noise) * size ? 1 : 0;
}

/** One constraint's slack and multiplier. */
@inline
function gather(slack: f64, multiplier: f64, equal: bool, allowed: f64): void {
  const product = Math.abs(multiplier * slack);
  gap += product;
  complementarity = Math.max(complementarity, product);
  violation = Math.max(violation, equal ? Math.abs(slack) : -slack);
  if (!(-slack <= allowed && (Math.abs(slack) <= allowed || (!equal && multiplier == 0)))) fitting = false;
}

/** The rows, whose forces leave the slope. What an inactive row that holds is the sum of, nobody asks. */
function gatherRows(ws: usize, equalities: i32, size: f64): void {
  const m = rowsOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const slacks = section(ws, slack);
  const slope = section(ws, scratch);
  timesVector(section(ws, rows), m, stride, section(ws, solution), slacks);
  let row = section(ws, rows);
  for (let i = 0; i < m; i++) {
    const at = <usize>i << 3;
    const rest = load<f64>(slacks + at) - load<f64>(section(ws, rightSide) + at);
    const multiplier = load<f64>(section(ws, multipliers) + at);
    if (!(rest >= 0 && multiplier == 0 && i >= equalities)) {
      gather(rest, multiplier, i < equalities, allowance(ws, row, load<f64>(section(ws, rightSide) + at), size));
      if (multiplier != 0) addScaled(-multiplier, row, slope, stride);
    }
    row += bytes;
  }
}

/** What of a row's violation is nothing beside its terms. */
function allowance(ws: usize, row: usize, right: f64, size: f64): f64 {
  const bytes = <usize>strideOf(ws) << 3;
  const x = section(ws, solution);
  const units = section(ws, unit);
  let sizes = f64x2.splat(0);
  let reaches = f64x2.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const entry = f64x2.abs(v128.load(row + j));
    sizes = f64x2.add(sizes, f64x2.mul(entry, f64x2.abs(v128.load(x + j))));
    reaches = f64x2.add(reaches, f64x2.mul(entry, v128.load(units + j)));
  }
  const sum = f64x2.extract_lane(sizes, 0) + f64x2.extract_lane(sizes, 1) + Math.abs(right);
  return precision * sum + rounding * (f64x2.extract_lane(reaches, 0) + f64x2.extract_lane(reaches, 1)) * size;
}

/** How far from the origin the constraints speak of, in units. */
function extent(ws: usize): f64 {
  const n = variablesOf(ws);
  const units = section(ws, unit);
  let far: f64 = 0;
  let row = section(ws, rows);
  for (let i = 0; i < rowsOf(ws); i++) {
    let most: f64 = 0;
    for (let j = 0; j < n; j++) {
      const at = <usize>j << 3;
      most = Math.max(most, Math.abs(load<f64>(row + at)) * load<f64>(units + at));
    }
    if (most > 0) far = Math.max(far, Math.abs(load<f64>(section(ws, rightSide) + (<usize>i << 3))) / most);
    row += <usize>strideOf(ws) << 3;
  }
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3;
    const low = Math.abs(load<f64>(section(ws, lower) + at));
    const high = Math.abs(load<f64>(section(ws, upper) + at));
    if (low < Infinity) far = Math.max(far, low / load<f64>(units + at));
    if (high < Infinity) far = Math.max(far, high / load<f64>(units + at));
  }
  return far;
}

function gatherBounds(ws: usize, size: f64): void {
  const n = variablesOf(ws);
  const low = section(ws, multipliers) + (<usize>rowsOf(ws) << 3);
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 3;
    const value = load<f64>(section(ws, solution) + at);
    const own = load<f64>(section(ws, unit) + at);
    const least = load<f64>(section(ws, lower) + at);
    const most = load<f64>(section(ws, upper) + at);
    if (least > -Infinity) {
      gather(value - least, load<f64>(low + at), false, precision * Math.abs(least) + rounding * own * size);
    }
    if (most < Infinity) {
      gather(most - value, load<f64>(low + (<usize>n << 3) + at), false, precision * Math.abs(most) + rounding * own * size);
    }
  }
}

/** out_i = a_i · x and the sum of its terms' magnitudes. */
function multiply(a: usize, count: i32, stride: i32, x: usize, out: usize, magnitudes: usize): void {
  const bytes = <usize>stride << 3;
  for (let i = 0; i < count; i++) {
    let sum = f64x2.splat(0);
    let size = f64x2.splat(0);
    for (let j: usize = 0; j < bytes; j += 16) {
      const product = f64x2.mul(v128.load(a + j), v128.load(x + j));
      sum = f64x2.add(sum, product);
      size = f64x2.add(size, f64x2.abs(product));
    }
    const at = <usize>i << 3;
    store<f64>(out + at, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    store<f64>(magnitudes + at, f64x2.extract_lane(size, 0) + f64x2.extract_lane(size, 1));
    a += bytes;
  }
}

/**
 * The variables' units that make H's diagonal 1, 2^round(log₂(H_jj^−½)), into the section `unit`.
 * @returns 1 if all are there and within a factor of 64 of each other
 */
export function qpUnits(ws: usize): i32 {
  const n = variablesOf(ws);
  const h = section(ws, hessian);
  let least: f64 = Infinity;
  let most: f64 = 0;
  for (let j = 0; j < n; j++) {
    const curvature = load<f64>(h + (<usize>(j * strideOf(ws) + j) << 3));
    if (!(curvature > 1e-300 && curvature < 1e300)) return 0;
    const bits = reinterpret<u64>(1 / Math.sqrt(curvature));
    // The power of two nearest by ratio: with a fraction above √2's, the next one.
    const up: u64 = (bits & 0xfffffffffffff) >= 0x6a09e667f3bcd ? 1 : 0;
    const own = reinterpret<f64>(((bits >> 52) + up) << 52);
    store<f64>(section(ws, unit) + (<usize>j << 3), own);
    least = Math.min(least, own);
    most = Math.max(most, own);
  }
  return most <= 64 * least ? 1 : 0;
}
