import { listOf, record, text } from "../../config/arguments.js";
import { InputError, unknownName } from "../../config/errors.js";
import { atOnce, type Steps } from "../../config/steps.js";
import { type Axis, budgetAxis, fieldAxis, namedAxis } from "./axes.js";
import { type Grid, type GridPlan, gridSteps } from "./grid.js";

/** What to compare, by the names and forms of `cellfed compare`; plain data that survives JSON. */
export interface ComparePlan extends Pick<GridPlan, "preset" | "file" | "sets" | "baseline" | "insist"> {
  /** Such as ["emq", "laq:bits=4"] */
  quantizers?: readonly string[];
  power?: readonly string[];
  optimizers?: readonly string[];
  splits?: readonly string[];
  servers?: readonly string[];
  /** Each "path=value,value" */
  vary?: readonly string[];
  /** Each "energy=0.5,latency=5" */
  budgets?: readonly string[];
  /** Default: [1] */
  seeds?: readonly number[];
  /** Default: 1 */
  drops?: number;
}

/**
 * Lays out what a plan compares.
 * @throws InputError for a plan that cannot be meant: duplicates, unknown keys and names, settings out of range
 * @example
 * const grid = gridOf({ preset: "quick", quantizers: ["emq", "identity"], power: ["most-rounds", "full"], seeds: [1, 2] });
 * grid.cells.length; // → 4
 * runRequests([grid]).length; // → 8
 */
export function gridOf(plan: ComparePlan): Grid {
  return atOnce(gridStepsOf(plan));
}

/** The same, a cell a step. */
export function gridStepsOf(plan: ComparePlan): Steps<Grid> {
  record()("compare", plan);
  const unknown = Object.keys(plan).find((key) => !planKeys.includes(key as keyof ComparePlan));
  if (unknown !== undefined) throw new InputError("compare", unknownName("key", unknown, planKeys));
  const { preset, file, sets, baseline, insist, seeds = [1], drops = 1 } = plan;
  return gridSteps({
    ...(preset !== undefined && { preset }),
    ...(file !== undefined && { file }),
    ...(sets !== undefined && { sets }),
    ...(baseline !== undefined && { baseline }),
    ...(insist !== undefined && { insist }),
    axes: axesOf(plan),
    seeds,
    drops,
  });
}

const planKeys: readonly (keyof ComparePlan)[] = [
  "preset",
  "file",
  "sets",
  "baseline",
  "quantizers",
  "power",
  "optimizers",
  "splits",
  "servers",
  "vary",
  "budgets",
  "seeds",
  "drops",
  "insist",
];

/** The axes of a plan, in the order in which tables show them. */
export function axesOf(plan: ComparePlan): Axis[] {
  const named = [
    ["quantizer", plan.quantizers],
    ["power", plan.power],
    ["optimizer", plan.optimizers],
    ["split", plan.splits],
    ["server", plan.servers],
  ] as const;
  const { vary: varied = [] } = plan;
  listOf(text)("--vary", varied);
  return [
    ...named.flatMap(([name, list]) => (list === undefined ? [] : namedAxis(name, list))),
    ...varied.map(fieldAxis),
    ...(plan.budgets === undefined ? [] : [budgetAxis(plan.budgets)]),
  ];
}
