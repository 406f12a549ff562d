import { exp, log, log1p } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";

/**
 * What a client's row asks for at its own power p and the common v: f(p, v) ≤ ln ln(1 + SINR_k(p)). f rises with p and
 * falls with v, and is convex in (ln p, v).
 */
export interface Asked {
  value: number;
  /** ∂f/∂ ln p, 0 to 1 */
  rise: number;
  /** −∂f/∂v, above 0 */
  fall: number;
}

/** Where a curve is looked for. */
export interface Start {
  /** ln p [n] */
  y: Float64Array;
  v: number;
  /** The least ln p allowed [n] */
  floor: Float64Array;
}

/** Where the rows are all equal, v as small as can be. */
export interface Alike {
  /** ln p [n] */
  y: Float64Array;
  iterations: number;
}

/**
 * min v subject to f(p_k, v) ≤ ln ln(1 + SINR_k(p)) for all clients at powers ≤ 1, such as the least energy per bit of the
 * costliest client.
 *
 * The powers that keep a v have a least element, since more of anybody's power only asks more of all others; there every
 * row is an equality but those of clients held at the least power allowed. As v falls these least powers rise along a
 * curve, until one of them is 1 or v is at its minimum along the curve, where more power costs everybody as much as it
 * gains. So the curve's points at given ln p_m are found by Newton's method, with v as the last unknown (which keeps the
 * system regular at the curve's turn), and ln p_m is 0, or where dv / d ln p_m, which grows with it, passes 0.
 *
 * The answer is proved: at ln p_m = 0 by dv < 0 and all powers growing along the curve (then the rows' Jacobian is an
 * M-matrix's negative and no lower v has powers ≤ 1), at the turn by its null vector being positive.
 *
 * @param start near the curve's lower end, where all powers have something to gain
 * @returns undefined where rounding or an absurd scale defeats this: another method has to say what there is
 */
export function allAlike(
  workspace: PowerWorkspace,
  asked: (power: number, v: number) => Asked,
  start: Start,
): Alike | undefined {
  const curve = createCurve(workspace, asked, start);
  const { y, tangent } = curve;
  let m = indexOfLargest(y);
  let search = searchFrom(y[m]!);
  for (let round = 0; round < 60; round++) {
    if (!curve.settle(m, search.theta)) {
      // Too far for Newton's method: half as far.
      if (!search.shorten()) return undefined;
      curve.restore();
      curve.move(search.theta - y[m]!);
      continue;
    }
    const slope = curve.follow(m);
    if (Number.isNaN(slope)) return undefined;
    const first = indexOfLargest(y);
    const fastest = indexOfLargest(tangent);
    const over = y[first]! > 1e-14;
    const turning = Math.abs(slope) <= 1e-10 * tangent[fastest]!;
    if (!over && (turning || (slope < 0 && y[first]! >= 0)))
      return tangent.every((t, k) => t > (turning ? -1e-6 : 0) || curve.isHeld(k))
        ? { y: y.map((value) => Math.min(0, value)), iterations: curve.steps() }
        : undefined;
    if (over || tangent[fastest]! > 10) {
      // Another client comes to its limit first, or turns first: on by that one's power.
      const leader = over ? first : fastest;
      if (leader === m || !(tangent[leader]! > 0)) return undefined;
      const target = over ? 0 : y[leader]!;
      curve.move((target - y[leader]!) / tangent[leader]!);
      m = leader;
      search = searchFrom(target);
      continue;
    }
    let limit = 0; // of θ, where somebody's power comes to be 1
    for (let k = 0; k < y.length; k++) if (tangent[k]! > 0) limit = Math.min(limit, search.theta - y[k]! / tangent[k]!);
    curve.keep();
    const step = search.advance(slope, limit);
    if (step === 0) return undefined;
    curve.move(step);
  }
  return undefined;
}

/** Where along ln p_m the slope is 0 that grows with it, by the secant method in a bracket. */
interface Search {
  readonly theta: number;
  /** On from θ, where the slope was this, upwards to `limit` at most. @returns the step */
  advance(slope: number, limit: number): number;
  /** Half of the last step instead. @returns false if that is nothing */
  shorten(): boolean;
}

function searchFrom(start: number): Search {
  let theta = start;
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let last: { theta: number; slope: number } | undefined;
  return {
    get theta() {
      return theta;
    },
    advance(slope, limit) {
      if (slope < 0) low = theta;
      else high = theta;
      let next =
        last === undefined
          ? theta - Math.sign(slope) * 0.1
          : theta - (slope * (theta - last.theta)) / (slope - last.slope);
      if (!(next > low && next < high && Math.abs(next - theta) <= 2))
        next = Number.isFinite(low) && Number.isFinite(high) ? 0.5 * (low + high) : theta - Math.sign(slope);
      if (slope < 0) next = Math.min(next, Math.max(limit, theta));
      last = { theta, slope };
      theta = next;
      return next - last.theta;
    },
    shorten() {
      if (last === undefined || Math.abs(theta - last.theta) < 1e-9) return false;
      if (theta > last.theta) high = theta;
      else low = theta;
      theta = 0.5 * (theta + last.theta);
      return true;
    },
  };
}

function indexOfLargest(values: Float64Array): number {
  let index = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[index]!) index = k;
  return index;
}

/** A point of the curve, and its direction there. */
interface Curve {
  /** ln p [n] */
  readonly y: Float64Array;
  /** d ln p / d ln p_m [n] */
  readonly tangent: Float64Array;
  /** To the curve's point at y_m = θ, by Newton's method. @returns success */
  settle(m: number, theta: number): boolean;
  /** The tangent there. @returns dv / dy_m; NaN if there is none */
  follow(m: number): number;
  /** Along the tangent by as much as moves y_m by `step`. */
  move(step: number): void;
  /** Remembers the point; back to it. */
  keep(): void;
  restore(): void;
  /** Held at the least power allowed, its row not an equality */
  isHeld(k: number): boolean;
  steps(): number;
}

interface Point {
  y: Float64Array;
  v: number;
  /** 1 where a client is held at the least power allowed */
  held: Uint8Array;
  tangent: Float64Array;
  /** dv / dy_m */
  slope: number;
}

function createCurve(
  workspace: PowerWorkspace,
  asked: (power: number, v: number) => Asked,
  { y: startY, v, floor }: Start,
): Curve {
  const n = workspace.clients;
  const emptyPoint = (): Point => ({
    ...{ y: startY.slice(), v, slope: 0 },
    ...{ held: new Uint8Array(n), tangent: new Float64Array(n) },
  });
  const point = emptyPoint();
  const kept = emptyPoint();
  const { y, held, tangent } = point;
  const excess = new Float64Array(n); // f less ln ln(1 + SINR)
  let steps = 0;
  return {
    y,
    tangent,
    settle(m, theta) {
      for (let changes = 0; changes < 50; changes++) {
        y[m] = theta;
        const taken = newton(workspace, asked, point, excess, m);
        if (taken === undefined) return false;
        steps += taken;
        if (!changeHeld(point, floor, excess, m)) return true;
      }
      return false;
    },
    follow(m) {
      // With y_m one more, the rows have m's own column on the right-hand side.
      const { right, rowFactor, own, couplings, scale, unknown } = workspace.views();
      for (let k = 0; k < n; k++)
        right[k] = k === m ? -own[m]! : rowFactor[k]! * couplings[k * workspace.stride + m]! * scale[m]!;
      if (!(workspace.solveBordered(m, 1e-12) < 1e-8)) return Number.NaN;
      point.slope = unknown[m]!;
      tangent.set(unknown);
      tangent[m] = 1;
      return point.slope;
    },
    move(step) {
      for (let k = 0; k < n; k++) y[k] = y[k]! + step * tangent[k]!;
      point.v += step * point.slope;
    },
    keep: () => copyPoint(point, kept),
    restore: () => copyPoint(kept, point),
    isHeld: (k) => held[k] === 1,
    steps: () => steps,
  };
}

function copyPoint(from: Point, to: Point): void {
  to.y.set(from.y);
  to.held.set(from.held);
  to.tangent.set(from.tangent);
  to.v = from.v;
  to.slope = from.slope;
}

/** Those below the least power are held there, those held are let go where that is too little. @returns whether any was */
function changeHeld({ y, held }: Point, floor: Float64Array, excess: Float64Array, m: number): boolean {
  let changed = false;
  for (let k = 0; k < y.length; k++) {
    if (held[k] === 0) {
      if (k === m || y[k]! >= floor[k]! - 1e-13) continue;
      y[k] = floor[k]!;
      held[k] = 1;
    } else {
      if (excess[k]! <= 1e-13) continue;
      held[k] = 0;
    }
    changed = true;
  }
  return changed;
}

/** Newton's method to where all rows are equal, y_m given. @returns its steps; undefined if it fails */
function newton(
  workspace: PowerWorkspace,
  asked: (power: number, v: number) => Asked,
  point: Point,
  excess: Float64Array,
  m: number,
): number | undefined {
  const { y, held } = point;
  const n = y.length;
  let before = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 40; step++) {
    linearize(workspace, asked, point, excess);
    let worst = 0;
    for (let k = 0; k < n; k++) if (held[k] === 0) worst = Math.max(worst, Math.abs(excess[k]!));
    if (worst <= 2e-14 || (worst <= 1e-12 && worst > 0.5 * before)) return step;
    before = worst;
    const tolerance = Math.max(1e-12, Math.min(1e-3, 1e-14 / worst));
    if (!(worst < 1e3 && workspace.solveBordered(m, tolerance) < 1e-2)) return undefined;
    const { unknown } = workspace.views();
    let longest = 0;
    for (let k = 0; k < n; k++) longest = Math.max(longest, Math.abs(unknown[k]!));
    const share = longest > 2 ? 2 / longest : 1;
    for (let k = 0; k < n; k++) if (k !== m) y[k] = y[k]! + share * unknown[k]!;
    point.v += share * unknown[m]!;
  }
  return undefined;
}

/** The rows at a point, and their system for `solveBordered`, each over the slope of its ln ln(1 + SINR_k) in y_k. */
function linearize(
  workspace: PowerWorkspace,
  asked: (power: number, v: number) => Asked,
  { y, v, held }: Point,
  excess: Float64Array,
): void {
  const views = workspace.views();
  const { power, received, couplings, signal, noise } = views;
  for (let k = 0; k < y.length; k++) power[k] = exp(y[k]!);
  workspace.receive();
  for (let k = 0; k < y.length; k++) {
    const p = power[k]!;
    const d = received[k]! + noise[k]!;
    const ratio = (signal[k]! * p) / d;
    const nats = log1p(ratio);
    const { value, rise, fall } = asked(p, v);
    excess[k] = value - log(nats);
    const a = ratio / (1 + ratio) / nats;
    const slope = a * (1 - (couplings[k * workspace.stride + k]! * p) / d);
    const isHeld = held[k] === 1;
    views.scale[k] = p;
    views.own[k] = isHeld ? 1 : 1 - rise / slope;
    views.rowFactor[k] = isHeld ? 0 : a / (slope * d);
    views.border[k] = isHeld ? 0 : fall / slope;
    views.right[k] = isHeld ? 0 : excess[k]! / slope;
  }
}
