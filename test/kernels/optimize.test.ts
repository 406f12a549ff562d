import { describe, expect, it } from "vitest";
import { kernels } from "../../bindings/instance.js";
import { type Address, allocate, f64, free, offset } from "../../bindings/memory.js";
import { borrowQp, type QpWorkspace, qpStatus, returnQp } from "../../bindings/optimize.js";
import { borrowPower, type PowerWorkspace, returnPower } from "../../bindings/power.js";
import { stream } from "../../bindings/random.js";
import { everyActiveSet } from "../reference/activeSets.js";
import { type PlainModel, plainHessian, plainLatencies } from "../reference/powerDerivatives.js";

const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17];

function matrix(rows: number, columns: number, entry: (i: number, j: number) => number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));
}

function multiply(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

function positiveDefinite(seed: number, n: number): number[][] {
  const random = stream(seed, "test", 21);
  const root = matrix(n, n, () => random.normal());
  return matrix(n, n, (i, j) => root.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? 0.3 : 0));
}

function load(target: Float64Array, rows: number[][], stride: number): void {
  for (const [i, row] of rows.entries()) target.set(row, i * stride);
}

/** Largest |J'HJ − I|: zero exactly if J J' = H⁻¹. */
function factorError(hessian: number[][], transposed: number[][]): number {
  const product = multiply(
    multiply(transposed, hessian),
    transposed[0]!.map((_, j) => transposed.map((r) => r[j]!)),
  );
  return Math.max(...product.flatMap((row, i) => row.map((value, j) => Math.abs(value - (i === j ? 1 : 0)))));
}

/** J' as it stands in the workspace. */
function readFactor(qp: QpWorkspace, pointer: Address): number[][] {
  const values = f64(kernels().qpSection(pointer, kernels().qpInverseFactor.value), qp.variables * qp.stride);
  return matrix(qp.variables, qp.variables, (i, j) => values[i * qp.stride + j]!);
}

/** A workspace whose pointer is known, for looking inside. */
function rawWorkspace(n: number, m: number) {
  const pointer = allocate(kernels().qpBytes(n, m));
  kernels().qpSetup(pointer, n, m);
  const stride = (n + 1) & ~1;
  const hessianView = (): Float64Array => f64(kernels().qpSection(pointer, kernels().qpHessian.value), n * stride);
  return { pointer, stride, hessianView, variables: n };
}

describe("factors of the Hessian", () => {
  it.each(sizes)("n = %i: Cholesky, and Powell's damped BFGS update of H and of its factor", (n) => {
    const { pointer, stride, hessianView } = rawWorkspace(n, 0);
    const vectors = allocate(16 * stride);
    let hessian = positiveDefinite(n, n);
    load(hessianView(), hessian, stride);
    expect(kernels().qpFactor(pointer, 0, 0)).toBe(-1);
    const view = { variables: n, stride } as QpWorkspace;
    expect(factorError(hessian, readFactor(view, pointer))).toBeLessThan(1e-11);

    const random = stream(n, "test", 22);
    for (let update = 0; update < 5; update++) {
      const s = Array.from({ length: n }, () => random.normal());
      // Every other change has negative curvature, so that the damping is at work.
      const y = s.map((value) => (update % 2 === 0 ? 1 : -1) * value + 0.1 * random.normal());
      const both = f64(vectors, 2 * stride);
      both.fill(0);
      both.set(s, 0);
      both.set(y, stride);
      expect(kernels().qpUpdate(pointer, vectors, offset(vectors, 8 * stride))).toBe(1);
      const hs = hessian.map((row) => row.reduce((sum, value, j) => sum + value * s[j]!, 0));
      const shs = hs.reduce((sum, value, i) => sum + value * s[i]!, 0);
      const sy = y.reduce((sum, value, i) => sum + value * s[i]!, 0);
      const theta = sy >= 0.2 * shs ? 1 : (0.8 * shs) / (shs - sy);
      const r = y.map((value, i) => theta * value + (1 - theta) * hs[i]!);
      const sr = r.reduce((sum, value, i) => sum + value * s[i]!, 0);
      hessian = matrix(n, n, (i, j) => hessian[i]![j]! - (hs[i]! * hs[j]!) / shs + (r[i]! * r[j]!) / sr);
      const now = hessianView();
      const size = Math.max(...hessian.flat());
      for (const [i, row] of hessian.entries())
        for (const [j, value] of row.entries())
          expect(Math.abs(now[i * stride + j]! - value)).toBeLessThan(1e-10 * size);
      expect(factorError(hessian, readFactor(view, pointer))).toBeLessThan(1e-8);
    }
    free(vectors);
    free(pointer);
  });

  it("gives the index of the pivot that fails", () => {
    const { pointer, stride, hessianView } = rawWorkspace(3, 0);
    load(
      hessianView(),
      [
        [1, 0, 0],
        [0, 1, 2],
        [0, 2, 4],
      ],
      stride,
    );
    expect(kernels().qpFactor(pointer, 0, 1e-12)).toBe(2);
    expect(kernels().qpFactor(pointer, 0.1, 1e-12)).toBe(-1);
    free(pointer);
  });
});

describe("the dual active-set kernel", () => {
  it.each([1, 2, 3, 4])("n = %i: solves with bounds, rows and equalities as every active set does", (n) => {
    const random = stream(n, "test", 23);
    for (let trial = 0; trial < 40; trial++) {
      const m = random.integer(5);
      const equalities = m > 1 && trial % 3 === 0 ? 1 : 0;
      const hessian = positiveDefinite(100 * n + trial, n);
      const linear = Array.from({ length: n }, () => 3 * random.normal());
      const rows = matrix(m, n, () => random.normal());
      const right = Array.from({ length: m }, () => random.normal() - 0.3);
      const qp = borrowQp(n, m);
      const views = qp.views();
      load(views.hessian, hessian, qp.stride);
      load(views.rows, rows, qp.stride);
      views.linear.set(linear);
      views.rightSide.set(right);
      views.lower.fill(-1);
      views.upper.fill(1.5);
      qp.norms();
      expect([qp.check(), qp.factor(0, 0)]).toEqual([0, -1]);
      const status = qp.solve(equalities, 0, 1000);
      const box = matrix(2 * n, n, (i, j) => (i % n === j ? (i < n ? 1 : -1) : 0));
      const sides = [...new Array(n).fill(-1), ...new Array(n).fill(-1.5)];
      const reference = everyActiveSet(hessian, linear, [...rows, ...box], [...right, ...sides], equalities);
      expect([trial, status]).toEqual([trial, reference === undefined ? qpStatus.infeasible : qpStatus.solved]);
      if (reference !== undefined) {
        reference.x.forEach((x, i) => {
          expect(views.solution[i]).toBeCloseTo(x, 9);
        });
        const { value, stationarity, violation, complementarity } = qp.residual(equalities);
        expect(value).toBeCloseTo(reference.value, 9);
        expect(Math.max(stationarity, violation, complementarity)).toBeLessThan(1e-10);
        // From its own active set there is nothing to change.
        expect([qp.solve(equalities, qp.activeCount(), 1000), qp.iterations()]).toEqual([qpStatus.solved, 0]);
      }
      returnQp(qp);
    }
  });

  it.each([5, 9, 16, 17])("n = %i: leaves no residual with many rows, whatever the remainder of the lanes", (n) => {
    const random = stream(n, "test", 24);
    for (const m of [2 * n, 2 * n + 1, 3 * n + 3]) {
      const qp = borrowQp(n, m);
      const views = qp.views();
      const inside = Array.from({ length: n }, () => random.normal());
      const rows = matrix(m, n, () => random.normal());
      load(views.hessian, positiveDefinite(m, n), qp.stride);
      load(views.rows, rows, qp.stride);
      for (let i = 0; i < m; i++)
        views.rightSide[i] = rows[i]!.reduce((sum, c, j) => sum + c * inside[j]!, -random.uniform());
      for (let i = 0; i < n; i++) views.linear[i] = 9 * random.normal();
      views.lower.fill(Number.NEGATIVE_INFINITY);
      views.upper.fill(Number.POSITIVE_INFINITY);
      qp.norms();
      qp.factor(0, 0);
      expect(qp.solve(0, 0, 1000)).toBe(qpStatus.solved);
      const { stationarity, violation, complementarity, forceSize } = qp.residual(0);
      expect(Math.max(stationarity, violation, complementarity)).toBeLessThan(1e-10 * forceSize);
      expect(Math.min(...views.multipliers)).toBeGreaterThanOrEqual(0);
      returnQp(qp);
    }
  });

  it("takes what is said to be nothing for nothing", () => {
    const qp = borrowQp(2, 2);
    const views = qp.views();
    load(
      views.hessian,
      [
        [1, 0],
        [0, 1],
      ],
      qp.stride,
    );
    // Twice the same row but for 1e-9, with right-hand sides 1e-8 apart.
    load(
      views.rows,
      [
        [1, 1],
        [1, 1 + 1e-9],
      ],
      qp.stride,
    );
    views.linear.fill(0);
    views.rightSide.set([1, 1 + 1e-8]);
    views.lower.fill(Number.NEGATIVE_INFINITY);
    views.upper.fill(Number.POSITIVE_INFINITY);
    qp.norms();
    expect([qp.factor(0, 0), qp.solve(2, 0, 100)]).toEqual([-1, qpStatus.solved]);
    expect(views.solution[1]).toBeCloseTo(10, 3);
    qp.tolerances(1e-7);
    expect([qp.factor(0, 0), qp.solve(2, 0, 100)]).toEqual([-1, qpStatus.infeasible]);
    qp.tolerances(1e-7, undefined, 1e-7);
    expect([qp.factor(0, 0), qp.solve(2, 0, 100)]).toEqual([-1, qpStatus.solved]);
    expect(views.solution[1]).toBeCloseTo(0.5, 6);
    qp.tolerances();
    expect([qp.factor(0, 0), qp.solve(2, 0, 100)]).toEqual([-1, qpStatus.solved]);
    expect(views.solution[1]).toBeCloseTo(10, 3);
    returnQp(qp);
  });

  it("sees what is not finite, and what is not symmetric", () => {
    const qp = borrowQp(3, 1);
    const views = qp.views();
    load(
      views.hessian,
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      qp.stride,
    );
    views.rows.fill(0);
    views.rightSide[0] = 0;
    views.linear.fill(0);
    expect(qp.check()).toBe(0);
    views.hessian[1] = 0.5;
    expect(qp.check()).toBe(2);
    views.hessian[1] = 0;
    for (const view of [views.hessian, views.rows, views.linear, views.rightSide]) {
      const held = view[0]!;
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        view[0] = bad;
        expect(qp.check()).toBe(1);
      }
      view[0] = held;
    }
    returnQp(qp);
  });
});

describe("power kernels", () => {
  function model(n: number): PlainModel {
    const random = stream(n, "test", 25);
    return {
      couplings: matrix(n, n, () => 0.2 * random.uniform()),
      signal: Array.from({ length: n }, () => 1 + 5 * random.uniform()),
      noise: Array.from({ length: n }, () => 0.05 + 0.2 * random.uniform()),
      demand: Array.from({ length: n }, () => 0.5 + random.uniform()),
    };
  }

  function borrow(plain: PlainModel): PowerWorkspace {
    const workspace = borrowPower(plain.signal.length);
    const views = workspace.views();
    load(views.couplings, plain.couplings, workspace.stride);
    views.signal.set(plain.signal);
    views.noise.set(plain.noise);
    views.demand.set(plain.demand);
    return workspace;
  }

  const prices = [{}, { circuit: 0.3 }, { fixed: 2 }, { circuit: 1e-4, fixed: 0.5 }];
  it.each(sizes.flatMap((n) => prices.map((price) => [n, price] as const)))(
    "n = %i, %o: latencies, energies, their slopes and a combined Hessian",
    (n, price) => {
      const plain = model(n);
      const workspace = borrow(plain);
      const random = stream(n, "test", 26);
      const y = Array.from({ length: n }, () => -4 * random.uniform());
      const views = workspace.views();
      views.logPower.set(y);
      const { circuit = 0, fixed = 0 } = price as { circuit?: number; fixed?: number };
      const logEnergy = workspace.logLatencies(Math.log(0.1), circuit, 0.1 * fixed);
      const expected = plainLatencies(plain, y, { circuit, fixed });
      const close = (actual: ArrayLike<number>, wanted: readonly number[]): void =>
        wanted.forEach((value, i) => {
          expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
        });
      expect(logEnergy).toBeCloseTo(Math.log(0.1 * expected.total), 12);
      close(views.logLatency, expected.latency.map(Math.log));
      close(views.first, expected.first);
      close(views.second, expected.second);
      close(views.sentShare, expected.sent);
      close(views.energySlope, expected.slope);
      close(
        views.energyShare,
        expected.energy.map((e) => e / expected.total),
      );
      for (const [k, row] of expected.shares.entries()) close(views.shares.subarray(k * workspace.stride), row);

      const weights = matrix(4, n, () => random.normal());
      load(views.weights, weights, workspace.stride);
      for (const outStride of [n, n + 1]) {
        const out = new Float64Array(n * outStride);
        workspace.combineHessian(0.7, out, outStride);
        const wanted = plainHessian(expected.shares, weights, 0.7, expected.slope);
        for (const [i, row] of wanted.entries()) close(out.subarray(i * outStride), row);
      }
      returnPower(workspace);
    },
  );

  it.each([1, 2, 5, 8])("n = %i: the Hessian of the round's energy is what its slope's differences say", (n) => {
    const workspace = borrow(model(n));
    const random = stream(n, "test", 27);
    const y = Array.from({ length: n }, () => -4 * random.uniform());
    const slopeAt = (at: readonly number[]): Float64Array => {
      workspace.views().logPower.set(at);
      workspace.logLatencies(0, 0.2, 1.5);
      return workspace.views().energySlope.slice();
    };
    slopeAt(y);
    const { first: a, second: b, sentShare: r, energyShare, weights } = workspace.views();
    for (let k = 0; k < n; k++) {
      const own = r[k]! - a[k]!;
      const terms = [b[k]! - a[k]! + a[k]! ** 2, a[k]! * own - b[k]!, b[k]! + own ** 2 + r[k]! * (1 - r[k]!), a[k]!];
      for (const [i, term] of terms.entries()) weights[i * workspace.stride + k] = energyShare[k]! * term;
    }
    const hessian = new Float64Array(n * n);
    workspace.combineHessian(1, hessian, n);
    for (let j = 0; j < n; j++) {
      const moved = (by: number) => slopeAt(y.map((value, i) => (i === j ? value + by : value)));
      const [above, below] = [moved(1e-5), moved(-1e-5)];
      for (let i = 0; i < n; i++) expect(hessian[i * n + j]).toBeCloseTo((above[i]! - below[i]!) / 2e-5, 8);
    }
    returnPower(workspace);
  });
});
