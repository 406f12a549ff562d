import { kernels } from "./instance.js";
import { type Address, allocate, f64, i32, offset } from "./memory.js";
import { pool } from "./ownership.js";

/** What qpSolve returns. */
export const qpStatus = { solved: 0, infeasible: 1, iterationLimit: 2, numerical: 3 } as const;

/** Views over one program's flat memory; see assembly/optimize/workspace.ts. Row-major, rows `stride` apart. */
export interface QpViews {
  /** H [n × stride] */
  hessian: Float64Array;
  /** g [n] */
  linear: Float64Array;
  /** C [m × stride], equalities first */
  rows: Float64Array;
  /** b [m] */
  rightSide: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  /** x [n] */
  solution: Float64Array;
  /** [m + 2n]: rows, lower bounds, upper bounds */
  multipliers: Float64Array;
  /** The units of the variables that residuals are measured in [n] */
  units: Float64Array;
  /** The active constraints' numbers; the guess before a solve */
  active: Int32Array;
  /** s and y of `update` [n]; y is overwritten */
  step: Float64Array;
  change: Float64Array;
}

export interface QpResidual {
  value: number;
  stationarity: number;
  violation: number;
  complementarity: number;
  /** Size of the terms that stationarity is a difference of */
  forceSize: number;
  /** Each residual is nothing beside its own terms, and so is the duality gap, in the variables' units */
  optimal: boolean;
}

/** A quadratic program's memory and the operations on it. Nothing is allocated after it is made. */
export interface QpWorkspace {
  readonly variables: number;
  readonly rows: number;
  /** Row stride of H and C: n rounded up to even */
  readonly stride: number;
  /** Fresh if memory has grown: ask again after anything that may allocate. */
  views(): QpViews;
  /** Cholesky of H + shift·I. @returns −1, or the index of the first pivot that is not above `smallest` */
  factor(shift: number, smallest: number): number;
  /** Damped BFGS update of H and its factor for the step and gradient change in `step` and `change`. @returns success */
  update(): boolean;
  /** 0: H, g, C, b are finite and H symmetric; 1: something is not finite; 2: H is not symmetric */
  check(): number;
  /**
   * What counts as nothing in `solve`: the share of a normal below which it depends on the active ones, and a violation,
   * relative to the size of what is compared and at all. Left out: rounding alone.
   */
  tolerances(dependence?: number, relative?: number, allowance?: number): void;
  /** To be called when the rows have changed. */
  norms(): void;
  /** @param warm how many constraint numbers stand in `active` as a guess. @returns a qpStatus */
  solve(equalities: number, warm: number, maxIterations: number): number;
  iterations(): number;
  activeCount(): number;
  /** The units that make H's diagonal 1 into `units`. @returns whether all are there, within a factor of 64 */
  evenUnits(): boolean;
  /** The residuals of the conditions at `solution` and `multipliers`. */
  residual(equalities: number): QpResidual;
}

/** Workspaces by their size; the key is exact for up to 2²⁷ rows and 2²⁶ variables. */
export const { borrow: borrowQp, giveBack: returnQp } = pool(
  createQp,
  (variables: number, rows: number) => variables * 134217728 + rows,
);

function createQp(variables: number, rows: number): QpWorkspace {
  const k = kernels();
  const stride = (variables + 1) & ~1;
  // A usize comes as int32: beyond 2 GiB as a negative number
  const bytes = k.qpBytes(variables, rows) >>> 0;
  const pointer = allocate(bytes + 16 * stride);
  k.qpSetup(pointer, variables, rows);
  const stepAt = offset(pointer, bytes);
  const changeAt = offset(stepAt, 8 * stride);
  f64(stepAt, 2 * stride).fill(0);
  const at = (section: { readonly value: number }): Address => (k.qpSection(pointer, section.value) >>> 0) as Address;
  // Where the header holds its results, in entries.
  const iterations = k.qpIterationsAt.value >> 2;
  const activeCount = k.qpActiveCountAt.value >> 2;
  const value = k.qpValueAt.value >> 3;
  const stationarity = k.qpStationarityAt.value >> 3;
  const violation = k.qpViolationAt.value >> 3;
  const complementarity = k.qpComplementarityAt.value >> 3;
  const forceSize = k.qpForceSizeAt.value >> 3;
  const tolerances = [k.qpDependenceAt.value, k.qpRelativeAt.value, k.qpAllowanceAt.value].map((at) => at >> 3);
  let cached: (QpViews & { header: Int32Array; results: Float64Array }) | undefined;
  const views = (): QpViews & { header: Int32Array; results: Float64Array } => {
    if (cached === undefined || cached.linear.buffer !== kernels().memory.buffer) {
      cached = {
        hessian: f64(at(k.qpHessian), variables * stride),
        linear: f64(at(k.qpLinear), variables),
        rows: f64(at(k.qpRows), rows * stride),
        rightSide: f64(at(k.qpRightSide), rows),
        lower: f64(at(k.qpLower), variables),
        upper: f64(at(k.qpUpper), variables),
        solution: f64(at(k.qpSolution), variables),
        multipliers: f64(at(k.qpMultipliers), rows + 2 * variables),
        units: f64(at(k.qpUnit), variables),
        active: i32(at(k.qpActive), variables),
        step: f64(stepAt, variables),
        change: f64(changeAt, variables),
        header: i32(pointer, 6),
        results: f64(pointer, 12),
      };
    }
    return cached;
  };
  return {
    variables,
    rows,
    stride,
    views,
    factor: (shift, smallest) => kernels().qpFactor(pointer, shift, smallest),
    update: () => kernels().qpUpdate(pointer, stepAt, changeAt) === 1,
    tolerances(...given) {
      const { results } = views();
      [1e-11, 1e-12, 0].forEach((usual, i) => {
        results[tolerances[i]!] = given[i] ?? usual;
      });
    },
    norms: () => kernels().qpNorms(pointer),
    solve: (equalities, warm, maxIterations) => kernels().qpSolve(pointer, equalities, warm, maxIterations),
    check: () => kernels().qpCheck(pointer),
    iterations: () => views().header[iterations]!,
    activeCount: () => views().header[activeCount]!,
    evenUnits: () => kernels().qpUnits(pointer) === 1,
    residual(equalities) {
      const optimal = kernels().qpResidual(pointer, equalities) === 1;
      const { results } = views();
      return {
        value: results[value]!,
        stationarity: results[stationarity]!,
        violation: results[violation]!,
        complementarity: results[complementarity]!,
        forceSize: results[forceSize]!,
        optimal,
      };
    },
  };
}
