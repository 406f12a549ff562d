import { exp } from "../../../bindings/math.js";
import { createGmres } from "./gmres.js";
import { eliminateClient, emptyLocals, type Locals } from "./local.js";
import { type Point, partsOf } from "./point.js";
import { choosesFrequency, hasCommon, hasEnergyRow, type Program } from "./program.js";

/**
 * Newton's step towards multiplier · slack = σμ in all rows. What belongs to one client is eliminated there (`local.ts`);
 * left are of each client dy_k and dρ_k, ρ_k the price of its latency, and dv and the energy's dε:
 *
 *   [R (dy, dρ, dv, dε) + r]_ρ = a ∘ (dy − W dy)
 *   [R (dy, dρ, dv, dε) + r]_y + J' (ρ + dρ) + Σ_i ρ_i ∇² ln ℓ_i dy = 0,  J = −diag(a) (I − W)
 *
 * Clients meet only in W = diag(1/D) C diag(p). Without what others receive this is a system of two unknowns a client and
 * a border of two, solved directly; with that as the preconditioner GMRES has little left to do, since many clients'
 * interference comes by few ways. A step of it is one product with C and one with C'.
 */
export function createStepper(program: Program, dimensions: number) {
  const { senders: n } = program;
  const size = 2 * n + 2;
  const system = emptySystem(program);
  const gmres = createGmres(size, dimensions);
  const vectors = { right: new Float64Array(size), unknown: new Float64Array(size), applied: new Float64Array(size) };

  /** @returns what is left of the right-hand side, by 2-norms */
  return (point: Point, target: number, out: Point, tolerance: number): number => {
    assemble(program, point, target, system);
    const { right, unknown, applied } = vectors;
    const { constant } = system.locals;
    for (let k = 0; k < n; k++) {
      right[k] = -constant[4 * k + 1]!;
      right[n + k] = -constant[4 * k]! - system.charged[k]!;
    }
    right[2 * n] = -system.border.slopeV;
    right[2 * n + 1] = -system.border.slopeE;
    precondition(system, right);
    const apply = (x: Float64Array, to: Float64Array): void => {
      applySystem(program, point, system, x, applied);
      precondition(system, applied);
      to.set(applied);
    };
    const left = gmres(apply, right, unknown, tolerance, 4);
    recover(program, point, system, unknown, target, out);
    return left;
  };
}

/** The step's equations after elimination; names as in createStepper. */
interface System {
  n: number;
  locals: Locals;
  border: { vv: number; ve: number; ee: number; slopeV: number; slopeE: number };
  /** J' ρ, W' (ρ a) and ρ [n] */
  charged: Float64Array;
  spread: Float64Array;
  price: Float64Array;
  own: Own;
  /** W dy [n] */
  received: Float64Array;
}

/** The preconditioner: each client's own two equations in dy and dρ, and the border after their elimination. */
interface Own {
  yy: Float64Array;
  yr: Float64Array;
  /** The border's columns solved for dy and dρ / ρ [n] */
  byV: { y: Float64Array; r: Float64Array };
  byE: { y: Float64Array; r: Float64Array };
  /** Of the border's inverse */
  inverse: [number, number, number, number];
}

function emptySystem({ senders: n, clients: m }: Program): System {
  const vector = (): Float64Array => new Float64Array(n);
  const pair = () => ({ y: vector(), r: vector() });
  return {
    n,
    locals: emptyLocals(m),
    border: { vv: 0, ve: 0, ee: 0, slopeV: 0, slopeE: 0 },
    ...{ charged: vector(), spread: vector(), price: vector(), received: vector() },
    own: { yy: vector(), yr: vector(), byV: pair(), byE: pair(), inverse: [0, 0, 0, 0] },
  };
}

function assemble(program: Program, point: Point, target: number, system: System): void {
  const { senders: n, clients: m, objective, workspace } = program;
  const { locals, border } = system;
  const rise = typeof objective === "object" ? objective.weight * exp(point.v) : 0;
  const shared = program.energy === "shared" ? point.energy * point.energyScale : 0;
  const row = hasEnergyRow(program);
  border.vv = rise + point.energyPrice * shared;
  border.ve = -shared;
  border.ee = row ? -point.energySlack / point.energyPrice : 0;
  border.slopeV = point.slopeV;
  border.slopeE = row ? target / point.energyPrice - point.energySlack + point.energyExcess : 0;
  for (let k = 0; k < m; k++) {
    eliminateClient(program, point, target, k, locals);
    const { reduced, constant } = locals;
    border.vv += reduced[16 * k + 10]!;
    border.ve += reduced[16 * k + 11]!;
    border.ee += reduced[16 * k + 15]!;
    border.slopeV += constant[4 * k + 2]!;
    border.slopeE += constant[4 * k + 3]!;
  }
  if (workspace !== undefined) {
    const { right, unknown } = workspace.views();
    for (let k = 0; k < n; k++) right[k] = (point.first[k]! * point.price[k]!) / point.disturbance[k]!;
    workspace.charge();
    for (let k = 0; k < n; k++) {
      system.spread[k] = point.power[k]! * unknown[k]!;
      system.price[k] = point.price[k]!;
      system.charged[k] = system.spread[k]! - point.first[k]! * point.price[k]!;
    }
  }
  prepare(system, point, hasCommon(program), row);
}

function prepare(system: System, { first, second, ownShare }: Point, common: boolean, row: boolean): void {
  const { n, own, border, price, spread } = system;
  const { reduced } = system.locals;
  let { vv, ve, ee } = border;
  for (let k = 0; k < n; k++) {
    const w = ownShare[k]!;
    const at = 16 * k;
    own.yy[k] = reduced[at]! + price[k]! * (second[k]! * (1 - w) * (1 - w) - first[k]! * w * w) + spread[k]!;
    own.yr[k] = reduced[at + 1]! - first[k]! * (1 - w);
    ownSolve(system, k, reduced[at + 6]!, reduced[at + 2]!);
    [own.byV.y[k], own.byV.r[k]] = solved;
    ownSolve(system, k, reduced[at + 7]!, reduced[at + 3]!);
    [own.byE.y[k], own.byE.r[k]] = solved;
    vv -= borderRow(system, k, 2, own.byV);
    ve -= borderRow(system, k, 2, own.byE);
    ee -= borderRow(system, k, 3, own.byE);
  }
  if (!common && !row) own.inverse = [0, 0, 0, 0];
  else if (!row) own.inverse = [1 / vv, 0, 0, 0];
  else if (!common) own.inverse = [0, 0, 0, 1 / ee];
  else {
    const determinant = vv * ee - ve * ve;
    own.inverse = [ee / determinant, -ve / determinant, -ve / determinant, vv / determinant];
  }
}

/** Client k's part of the border's row over dy and dρ / ρ. */
function borderRow({ locals: { reduced }, price }: System, k: number, row: 2 | 3, { y, r }: Own["byV"]): number {
  const at = 16 * k + row;
  return reduced[at]! * y[k]! + reduced[at + 4]! * price[k]! * r[k]!;
}

/** dy and dρ / ρ of a client's own two equations. */
const solved: [number, number] = [0, 0];

/** @param top of the equation of ρ, `bottom` of that of y */
function ownSolve({ own, locals: { reduced }, price }: System, k: number, top: number, bottom: number): void {
  const [yy, yr, rr] = [own.yy[k]!, own.yr[k]!, reduced[16 * k + 5]!];
  const determinant = yy * rr - yr * yr;
  solved[0] = (bottom * rr - top * yr) / determinant;
  solved[1] = (yy * top - yr * bottom) / (determinant * price[k]!);
}

function precondition(system: System, x: Float64Array): void {
  const { n, own, price } = system;
  const { reduced } = system.locals;
  let [v, e] = [x[2 * n]!, x[2 * n + 1]!];
  for (let k = 0; k < n; k++) {
    ownSolve(system, k, x[k]!, x[n + k]!);
    const [y, r] = solved;
    const dr = price[k]! * r;
    v -= reduced[16 * k + 2]! * y + reduced[16 * k + 6]! * dr;
    e -= reduced[16 * k + 3]! * y + reduced[16 * k + 7]! * dr;
    x[k] = y;
    x[n + k] = r;
  }
  const [a, b, c, d] = own.inverse;
  const dv = a * v + b * e;
  const de = c * v + d * e;
  for (let k = 0; k < n; k++) {
    x[k] = x[k]! - own.byV.y[k]! * dv - own.byE.y[k]! * de;
    x[n + k] = x[n + k]! - own.byV.r[k]! * dv - own.byE.r[k]! * de;
  }
  x[2 * n] = dv;
  x[2 * n + 1] = de;
}

/** W dy into `received`. */
function propagate({ workspace }: Program, point: Point, x: Float64Array, received: Float64Array): void {
  if (workspace === undefined) return;
  const views = workspace.views();
  for (let k = 0; k < received.length; k++) views.power[k] = point.power[k]! * x[k]!;
  workspace.receive();
  for (let k = 0; k < received.length; k++) received[k] = views.received[k]! / point.disturbance[k]!;
}

function applySystem(program: Program, point: Point, system: System, x: Float64Array, out: Float64Array): void {
  const { n, border, price, spread, received } = system;
  const { reduced } = system.locals;
  propagate(program, point, x, received);
  const [dv, de] = [x[2 * n]!, x[2 * n + 1]!];
  let [v, e] = [border.vv * dv + border.ve * de, border.ve * dv + border.ee * de];
  const views = program.workspace?.views();
  for (let k = 0; k < n; k++) {
    const at = 16 * k;
    const dy = x[k]!;
    const u = received[k]!;
    const rho = price[k]!;
    const a = point.first[k]!;
    const dr = rho * x[n + k]!;
    const bent = rho * point.second[k]! * (dy - u);
    out[k] =
      reduced[at + 4]! * dy + reduced[at + 5]! * dr + reduced[at + 6]! * dv + reduced[at + 7]! * de - a * (dy - u);
    out[n + k] =
      (reduced[at]! + spread[k]!) * dy +
      (reduced[at + 1]! - a) * dr +
      reduced[at + 2]! * dv +
      reduced[at + 3]! * de +
      bent;
    views!.right[k] = (a * dr - bent - rho * a * u) / point.disturbance[k]!;
    v += reduced[at + 2]! * dy + reduced[at + 6]! * dr;
    e += reduced[at + 3]! * dy + reduced[at + 7]! * dr;
  }
  out[2 * n] = v;
  out[2 * n + 1] = e;
  if (views === undefined) return;
  program.workspace!.charge();
  for (let k = 0; k < n; k++) out[n + k] = out[n + k]! + point.power[k]! * views.unknown[k]!;
}

/** All that was eliminated, from what was solved. */
function recover(
  program: Program,
  point: Point,
  { n, locals: { response }, price }: System,
  x: Float64Array,
  target: number,
  out: Point,
): void {
  const row = hasEnergyRow(program);
  const dv = hasCommon(program) ? x[2 * n]! : 0;
  const de = row ? x[2 * n + 1]! : 0;
  out.v = dv;
  out.energyPrice = de;
  if (row) out.energySlack = (target - point.energySlack * de) / point.energyPrice - point.energySlack;
  const onV = program.clientEnergy?.shared === true ? dv : 0;
  for (let k = 0; k < program.clients; k++) {
    const dy = k < n ? x[k]! : 0;
    const dr = k < n ? price[k]! * x[n + k]! : 0;
    const entry = (i: number): number => {
      const at = 20 * k + 5 * i;
      return -(
        response[at]! * dy +
        response[at + 1]! * dr +
        response[at + 2]! * dv +
        response[at + 3]! * de +
        response[at + 4]!
      );
    };
    const free = choosesFrequency(program, k);
    const dz = free ? entry(0) : 0;
    const dl = k < n ? entry(1) : 0;
    out.z[k] = dz;
    const { theta, psi, eta } = partsOf(program, point, k);
    const share = k < n ? point.sentShare[k]! : 0;
    respond(point.latencyRows, out.latencyRows, k, entry(2), theta * dl - psi * dz - dv, target);
    respond(point.limitRows, out.limitRows, k, entry(3), eta * (dl + share * dy) + 2 * (1 - eta) * dz - onV, target);
    if (free) {
      bound(point.fastest, out.fastest, k, dz, target);
      bound(point.slowest, out.slowest, k, -dz, target);
    }
    if (k >= n) continue;
    out.y[k] = dy;
    bound(point.upper, out.upper, k, dy, target);
    bound(point.lower, out.lower, k, -dy, target);
  }
}

/** A row's multiplier and slack; the slack by the equation that is the more exact one. */
function respond(
  { slack, excess, multiplier }: Point["latencyRows"],
  out: Point["latencyRows"],
  k: number,
  change: number,
  growth: number,
  target: number,
): void {
  const lambda = multiplier[k]!;
  if (lambda === 0) return;
  out.multiplier[k] = change;
  out.slack[k] = slack[k]! < lambda ? (target - slack[k]! * change) / lambda - slack[k]! : -excess[k]! - growth;
}

/** The same where the slack is a variable's own room. */
function bound(
  { slack, multiplier }: Point["upper"],
  out: Point["upper"],
  k: number,
  growth: number,
  target: number,
): void {
  out.slack[k] = -growth;
  out.multiplier[k] = (target + multiplier[k]! * growth) / slack[k]! - multiplier[k]!;
}
