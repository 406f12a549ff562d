import { exp } from "../../../bindings/math.js";
import { emptyPoint, evaluate, moved, type Point, type Rows, rowsOf, slopes } from "./point.js";
import { hasCommon, hasEnergyRow, type Program } from "./program.js";
import { createStepper } from "./step.js";

export interface Interior {
  /** Where a bound holds a variable it is that bound */
  y: Float64Array;
  z: Float64Array;
  /** No y, z and v within the rows have a lower objective: a proof, since the program is convex */
  bound: number;
  /** By how much, at most, the objective here is above that */
  gap: number;
  iterations: number;
}

/**
 * Primal–dual interior-point method (Boyd and Vandenberghe, Convex Optimization, 11.7) from a point inside all rows: every
 * step is Newton's towards multiplier · slack = σμ, at most up to where a slack or multiplier would be gone, and shortened
 * until the residual falls.
 *
 * @param start y, z, v; inside
 * The start need not keep the rows; the search ends where the gap is a 10⁻¹¹th of the objective (of v: 10⁻¹¹), or with
 * the least gap found.
 *
 * @param start y, z, v; within the bounds
 * @param precision of the linear systems to begin with
 */
export function solveInterior(
  program: Program,
  start: { y: Float64Array; z: Float64Array; v: number },
  precision = 1e-5,
): Interior {
  let point = emptyPoint(program);
  let next = emptyPoint(program);
  const step = emptyPoint(program);
  point.y.set(start.y);
  point.z.set(start.z);
  point.v = start.v;
  evaluate(program, point);
  for (let k = 0; k < program.clients; k++) {
    // Who has nothing to do has no rows.
    if (point.compute[k]! + point.upload[k]! + (program.latency?.offset ?? 0) > 0)
      point.latencyRows.slack[k] = Math.max(0.1, -point.latencyRows.excess[k]!);
    if (point.sent[k]! + point.computed[k]! > 0) point.limitRows.slack[k] = Math.max(0.1, -point.limitRows.excess[k]!);
  }
  point.energySlack = Math.max(0.1, -point.energyExcess);
  if (!evaluate(program, point)) throw new RangeError("solveInterior: the start is not within its bounds");
  let mean = begin(program, point);
  slopes(program, point);
  const solve = createStepper(program, 40);
  let iterations = 0;
  let centering = 0.1;
  let tolerance = precision;
  let best = keep(program, point);
  while (iterations < 80 && best.gap > gapWanted * scaleOf(program, point)) {
    iterations++;
    const target = centering * mean;
    solve(point, target, step, tolerance);
    const longest = limitOf(program, point, step);
    const before = merit(program, point, target);
    let length = Math.min(1, 0.995 * longest);
    let found = false;
    for (let tries = 0; tries < 40; tries++) {
      moved(point, next, length, step);
      if (evaluate(program, next)) {
        absorb(next);
        slopes(program, next);
        if (merit(program, next, target) <= (1 - 0.01 * length) * before) {
          found = true;
          break;
        }
      }
      length *= tries < 3 ? 0.8 : 0.5;
    }
    if (length < 0.05) tolerance = Math.max(1e-12, 1e-3 * tolerance);
    if (!found) {
      // Only rounding is left, or the center is too far.
      if (centering > 0.9) break;
      centering = 1;
      continue;
    }
    [point, next] = [next, point];
    mean = meanOf(program, point);
    const here = keep(program, point);
    if (here.gap < best.gap) best = here;
    // The linear system's error stands in the slopes, where steps are long.
    if (length > 0.9 && here.gap > 3 * total(program, point).products) tolerance = Math.max(1e-12, 0.1 * tolerance);
    centering = length > 0.9 ? Math.max(0.01, 0.3 * centering) : length > 0.5 ? 0.1 : 0.4;
  }
  return { ...best, iterations };
}

const gapWanted = 1e-11;

/** What a gap is small beside: the objective, or 1 where that is a logarithm. */
const scaleOf = (program: Program, point: Point): number =>
  program.objective === "v" ? 1 : Math.abs(objectiveOf(program, point));

function objectiveOf({ objective, energy }: Program, { v, energy: spent }: Point): number {
  const weighted = typeof energy === "object" ? energy.weight * spent : 0;
  if (objective === "none") return weighted;
  return weighted + (objective === "v" ? v : objective.weight * exp(v));
}

function keep(program: Program, point: Point) {
  const { lowestPower, processors } = program;
  const gap = gapOf(program, point);
  const holds = ({ multiplier, slack }: Rows, k: number): boolean => multiplier[k]! > slack[k]!;
  return {
    gap,
    bound: objectiveOf(program, point) - gap,
    y: point.y.map((y, k) => (holds(point.upper, k) ? 0 : holds(point.lower, k) ? lowestPower[k]! : y)),
    z: point.z.map((z, k) =>
      holds(point.fastest, k) ? processors!.highest[k]! : holds(point.slowest, k) ? processors!.lowest[k]! : z,
    ),
  };
}

/**
 * Slacks that the rows' curvature has made wrong by less than half become right: convex rows always end above their
 * tangent, and where there is room that is no reason for a shorter step.
 */
function absorb(point: Point): void {
  for (const { slack, excess } of [point.latencyRows, point.limitRows])
    for (let k = 0; k < slack.length; k++) {
      if (!(Math.abs(excess[k]!) <= 0.5 * slack[k]!)) continue;
      slack[k] = slack[k]! - excess[k]!;
      excess[k] = 0;
    }
  if (Math.abs(point.energyExcess) <= 0.5 * point.energySlack) {
    point.energySlack -= point.energyExcess;
    point.energyExcess = 0;
  }
}

/** Multipliers that make all products alike. @returns the product */
function begin(program: Program, point: Point): number {
  let inverse = 0;
  const rows = rowsOf(program, point);
  const common = [...(program.latency === undefined ? [] : [point.latencyRows])];
  if (program.clientEnergy?.shared === true) common.push(point.limitRows);
  for (const { slack } of common) for (const s of slack) inverse += s > 0 ? 1 / s : 0;
  const row = hasEnergyRow(program);
  if (program.energy === "shared") inverse += (point.energy * point.energyScale) / point.energySlack;
  // Where there is a v, its multipliers add up to what it weighs.
  const weight = Math.max(1e-12, scaleOf(program, point));
  const mean = inverse > 0 ? weight / inverse : weight / Math.max(1, program.clients);
  for (const { slack, multiplier } of rows)
    slack.forEach((s, k) => {
      multiplier[k] = s > 0 ? mean / s : 0;
    });
  if (row) point.energyPrice = mean / point.energySlack;
  else point.energyPrice = typeof program.energy === "object" ? program.energy.weight : 0;
  return mean;
}

function total(program: Program, point: Point): { products: number; count: number } {
  let [products, count] = [0, 0];
  for (const { slack, multiplier } of rowsOf(program, point))
    for (let k = 0; k < slack.length; k++) {
      if (multiplier[k] === 0) continue;
      products += slack[k]! * multiplier[k]!;
      count++;
    }
  if (hasEnergyRow(program)) {
    products += point.energySlack * point.energyPrice;
    count++;
  }
  return { products, count };
}

function meanOf(program: Program, point: Point): number {
  const { products, count } = total(program, point);
  return products / count;
}

/** What the conditions lack. */
function merit(program: Program, point: Point, target: number): number {
  let sum = Math.abs(point.slopeV);
  let excess = Math.abs(point.energyExcess);
  for (const s of point.slopeY) sum += Math.abs(s);
  for (const s of point.slopeZ) sum += Math.abs(s);
  const add = (rows: Rows): void => {
    for (let k = 0; k < rows.slack.length; k++) {
      if (rows.multiplier[k] === 0) continue;
      sum += Math.abs(rows.slack[k]! * rows.multiplier[k]! - target);
      excess = Math.max(excess, Math.abs(rows.excess[k]!));
    }
  };
  for (const rows of rowsOf(program, point)) add(rows);
  if (hasEnergyRow(program)) sum += Math.abs(point.energySlack * point.energyPrice - target);
  return sum + excess;
}

/** How far the step goes before a multiplier is gone, or a slack to first order. */
function limitOf(program: Program, point: Point, step: Point): number {
  let longest = Number.POSITIVE_INFINITY;
  const now = rowsOf(program, point);
  rowsOf(program, step).forEach((rows, i) => {
    const { slack, multiplier } = now[i]!;
    for (let k = 0; k < slack.length; k++) {
      if (multiplier[k] === 0) continue;
      if (rows.slack[k]! < 0) longest = Math.min(longest, -slack[k]! / rows.slack[k]!);
      if (rows.multiplier[k]! < 0) longest = Math.min(longest, -multiplier[k]! / rows.multiplier[k]!);
    }
  });
  if (step.energySlack < 0) longest = Math.min(longest, -point.energySlack / step.energySlack);
  if (step.energyPrice < 0) longest = Math.min(longest, -point.energyPrice / step.energyPrice);
  return longest;
}

/**
 * How far the objective may be above its least: the Lagrangian is convex and lies below it everywhere, so its least is
 * at most the products and the slopes times the room of the variables away.
 */
function gapOf(program: Program, point: Point): number {
  let gap = total(program, point).products;
  for (const rows of [point.latencyRows, point.limitRows])
    for (let k = 0; k < rows.excess.length; k++) gap += Math.abs(rows.multiplier[k]! * rows.excess[k]!);
  if (hasEnergyRow(program)) gap += point.energyPrice * Math.abs(point.energyExcess);
  const { lowestPower, processors } = program;
  point.slopeY.forEach((slope, k) => {
    gap += Math.max(slope * (point.y[k]! - lowestPower[k]!), slope * point.y[k]!, 0);
  });
  if (processors !== undefined)
    point.slopeZ.forEach((slope, k) => {
      if (slope === 0) return;
      const [down, up] = [point.z[k]! - processors.lowest[k]!, processors.highest[k]! - point.z[k]!];
      gap += Math.max(slope * down, -slope * up, 0);
    });
  if (hasCommon(program)) gap += roomOfCommon * Math.abs(point.slopeV);
  return gap;
}

/** v is a logarithm of a latency's or energy's ratio to the best, which no start is further from. */
const roomOfCommon = 50;
