import { listOf, optional, record, seedNumber, text } from "../../config/arguments.js";
import type { Config } from "../../config/config.js";
import { InputError, unknownName } from "../../config/errors.js";
import { atOnce, type Steps } from "../../config/steps.js";
import { checkEffects } from "../../parts/effect.js";
import type { Given } from "../../parts/merge.js";
import { resolveSources } from "../../parts/resolve.js";
import { type Axis, budgetAxisName } from "./axes.js";
import { cellKey } from "./keys.js";

/** What to compare: every combination of the axes' variants, each under all seeds and drops. */
export interface GridPlan {
  preset?: string;
  /** What a config file holds */
  file?: unknown;
  /** Settings that all cells share */
  sets?: readonly string[];
  axes: readonly Axis[];
  seeds: readonly number[];
  /** Network drops of each seed */
  drops: number;
  /** Labels of the cell that differences are taken from, "·" or "," between them; the first cell if left out */
  baseline?: string;
  /** Take more runs than seem reasonable */
  insist?: boolean;
  /** Of the results that are looked for, where they are another version's */
  numerics?: number;
  /** Whether a combination is left out, by its labels */
  exclude?: (labels: Readonly<Record<string, string>>) => boolean;
  /** Say at which combination a setting is wrong */
  tellPoint?: boolean;
}

/** One combination: a complete config but for its seed and drop. */
export interface Cell {
  /** The labels of the axes that have more than one variant, " · " between them */
  id: string;
  labels: Readonly<Record<string, string>>;
  config: Config;
  /** Of `config` without its seed; see `runKey` */
  key: string;
}

export interface Grid {
  cells: readonly Cell[];
  axes: readonly Axis[];
  seeds: readonly number[];
  drops: number;
  baseline: Cell;
  /** Where budgets are varied, differences are taken at equal ones, unless the baseline names its own */
  equalBudgets: boolean;
  /** Settings of the file that have no effect in any cell, a sentence each */
  warnings: readonly string[];
}

/** A cell under one seed and drop. */
export interface RunRequest {
  /** Hash of everything the result depends on */
  key: string;
  cell: string;
  labels: Readonly<Record<string, string>>;
  seed: number;
  drop: number;
}

/**
 * Lays out the grid.
 * @throws InputError for duplicates (also two spellings of the same config), too many cells, an unknown baseline,
 *   whatever is wrong with a cell's config, and a setting that has no effect in any cell that it is given to
 * @example
 * const grid = layOutGrid({ preset: "quick", axes: [fieldAxis("network.clients=5,10")], seeds: [1, 2], drops: 3 });
 * grid.cells.map(({ id }) => id); // → ["5","10"]
 */
export function layOutGrid(plan: GridPlan): Grid {
  return atOnce(gridSteps(plan));
}

/** The same, a cell a step. */
export function* gridSteps(plan: GridPlan): Steps<Grid> {
  record({ axes: listOf(record({ name: text, variants: listOf(record({ label: text, sets: listOf(text) })) })) })(
    "plan",
    plan,
  );
  listOf(seedNumber)("--seeds", plan.seeds);
  optional(listOf(text))("sets", plan.sets);
  optional(text)("--baseline", plan.baseline);
  if (!Number.isInteger(plan.drops) || plan.drops < 1) {
    throw new InputError("--drops", `${plan.drops} is not a whole number of at least 1`);
  }
  if (plan.seeds.length === 0) throw new InputError("--seeds", "no seeds");
  const count = plan.axes.reduce((product, axis) => product * axis.variants.length, 1);
  if (count > maximumCells) throw new InputError("grid", `${count} cells; at most ${maximumCells} in one comparison`);
  checkRuns(plan, count);
  const names = plan.axes.map((axis) => axis.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError("grid", `"${twice}" is varied twice`);

  const cells: Cell[] = [];
  const sources: { config: Config; given: readonly Given[] }[] = [];
  const known = new Map<string, Cell>();
  for (const choice of combinations(plan.axes)) {
    if (plan.exclude?.(labelsOf(choice)) === true) continue;
    const { cell, given } = makeCell(plan, choice);
    const same = known.get(cell.key);
    if (same !== undefined)
      throw new InputError("grid", `"${same.id}" and "${cell.id}" are the same configuration${twoSetting(plan.axes)}`);
    known.set(cell.key, cell);
    cells.push(cell);
    sources.push({ config: cell.config, given });
    yield;
  }
  if (cells.length === 0) throw new InputError("grid", "every combination is excluded");
  const warnings = checkEffects(sources);
  const { axes, seeds, drops } = plan;
  const baseline = findBaseline(cells, plan.baseline);
  const budgets = axes.find(({ name }) => name === budgetAxisName)?.variants ?? [];
  const equalBudgets = budgets.length > 1 && !budgets.some(({ label }) => plan.baseline?.includes(label));
  return { cells, axes, seeds, drops, baseline, equalBudgets, warnings };
}

/** The cell that this one's differences are taken from: the baseline, at this one's budget where budgets must be equal. */
export function baselineOf({ cells, baseline, equalBudgets }: Grid, { labels }: Cell): Cell {
  if (!equalBudgets) return baseline;
  const wanted = { ...baseline.labels, [budgetAxisName]: labels[budgetAxisName] };
  return cells.find((cell) => Object.entries(wanted).every(([name, label]) => cell.labels[name] === label)) ?? baseline;
}

const maximumCells = 10_000;
/** More than anybody has waited for; and as many as fit into memory, laid out. */
const reasonableRuns = 200_000;
const maximumRuns = 10_000_000;

function checkRuns({ seeds, drops, insist }: GridPlan, cells: number): void {
  const runs = cells * seeds.length * drops;
  const most = insist === true ? maximumRuns : reasonableRuns;
  if (runs <= most) return;
  const of = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const days = Math.max(1, Math.round(runs / 86_400));
  const more = insist === true ? "" : `, or --insist for up to ${maximumRuns}`;
  throw new InputError(
    drops >= seeds.length ? "--drops" : "--seeds",
    `${of(cells, "cell")} × ${of(seeds.length, "seed")} × ${of(drops, "drop")} are ${runs} runs, at a second each ${of(days, "day")} (allowed: ${most} runs${more})`,
  );
}

type Choice = { axis: Axis; variant: Axis["variants"][number] }[];

function makeCell(plan: GridPlan, choice: Choice): { cell: Cell; given: readonly Given[] } {
  const shown = choice.filter(({ axis }) => axis.variants.length > 1);
  const id = (shown.length > 0 ? shown : choice).map(({ variant }) => variant.label).join(" · ") || "run";
  const sources = {
    ...(plan.preset !== undefined && { preset: plan.preset }),
    ...(plan.file !== undefined && { file: plan.file }),
    sets: [...(plan.sets ?? []), ...choice.flatMap(({ variant }) => variant.sets)],
  };
  const { config, given } =
    plan.tellPoint === true ? atPoint(id, () => resolveSources(sources)) : resolveSources(sources);
  return { cell: { id, labels: labelsOf(choice), config, key: cellKey(config, plan.numerics) }, given };
}

/** Why points may be the same: of two axes that set one field, the later one's values stand. */
function twoSetting(axes: readonly Axis[]): string {
  const first = new Map<string, string>();
  for (const { name, variants } of axes) {
    const paths = new Set(variants.flatMap(({ sets }) => sets.map((text) => text.slice(0, text.indexOf("=")))));
    for (const path of paths) {
      const other = first.get(path);
      if (other !== undefined) return `: the axes "${other}" and "${name}" both set ${path}`;
      first.set(path, name);
    }
  }
  return "";
}

function labelsOf(choice: Choice): Cell["labels"] {
  return Object.fromEntries(choice.map(({ axis, variant }) => [axis.name, variant.label]));
}

/** @throws InputError with the point at which it was thrown */
function atPoint<T>(id: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const reason = error.message.slice(error.path.length + 2);
    throw new InputError(error.path, `${reason}\n  at the point "${id}"`, { cause: error });
  }
}

function* combinations(axes: readonly Axis[]): Generator<Choice> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const variant of first.variants) {
    for (const others of combinations(rest)) yield [{ axis: first, variant }, ...others];
  }
}

/** The first cell whose labels include all those named. */
function findBaseline(cells: readonly Cell[], name: string | undefined): Cell {
  if (name === undefined) return cells[0]!;
  const all = new Set(cells.flatMap((cell) => Object.values(cell.labels)));
  if (all.size === 0) throw new InputError("--baseline", `"${name}", but nothing is varied: there is one cell`);
  // A comma stands between labels and within those of budgets.
  const wanted = name
    .split("·")
    .map((label) => label.trim())
    .flatMap((label) => (all.has(label) ? [label] : label.split(",").map((part) => part.trim())));
  for (const label of wanted) {
    if (!all.has(label)) throw new InputError("--baseline", unknownName("variant", label, [...all]));
  }
  const cell = cells.find(({ labels }) => wanted.every((label) => Object.values(labels).includes(label)));
  if (cell === undefined) throw new InputError("--baseline", `no cell of the grid is "${name}"`);
  return cell;
}
