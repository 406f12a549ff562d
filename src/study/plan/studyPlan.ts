import { listOf, optional, record, text } from "../../config/arguments.js";
import { InputError, show, unknownName } from "../../config/errors.js";
import { presetNames } from "../../config/presets.js";
import { atOnce, type Steps } from "../../config/steps.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { numerics } from "../../version.js";
import type { Job } from "../jobs/job.js";
import type { DropsAsked } from "../jobs/priceDrops.js";
import { type QuantizerPart, quantizerJobs } from "../jobs/quantizer.js";
import { ratesJobs } from "../jobs/rates.js";
import { type Axis, budgetAxis, budgetAxisName } from "./axes.js";
import { type Cell, type Grid, gridSteps } from "./grid.js";
import { parseStudyPlan } from "./parsePlan.js";
import type { PartPlan, StudyKind, StudyPlan } from "./planForm.js";
import { priceBlockJobs } from "./priceBlocks.js";
import { planSets, studyAxis } from "./studyAxes.js";
import { partsOfPlan } from "./studySchema.js";
import { trainingJobSteps } from "./trainings.js";

/** A grid of a study, and what is done at each of its points. */
export interface StudyPart {
  name: string;
  kind: StudyKind;
  grid: Grid;
  /** Of trainings: complete rounds are kept too */
  detail: boolean;
  /** Of pricing */
  bitsPerEntry: DropsAsked["bitsPerEntry"];
  /** Of rates; those of each point's config where left out */
  receivers?: readonly string[];
  realizations?: number;
  /** Of quantizers */
  measures: readonly QuantizerPart[];
}

/** A plan laid out: plain data but for the configs' sharing, the same on every machine that has the same plan. */
export interface StudyLayout {
  /** Of the plan, the sources of its plugins and the numerics: workers and folders of one study agree in it */
  hash: string;
  parts: readonly StudyPart[];
  /** Everything that has to be done, each once however many parts ask for it */
  jobs: readonly Job[];
  /** Rows of the parts' tables: points × seeds × drops */
  points: number;
  /** Settings of bases that have no effect anywhere, a sentence each */
  warnings: readonly string[];
}

export interface LayoutOptions {
  /** Sums of the plugins' sources by their files' names; the plugins are registered already */
  sources?: Readonly<Record<string, string>>;
  /** Settings that no result depends on, such as where the data lie: texts of `--set` */
  sets?: readonly string[];
}

/**
 * Lays a plan out, the same way wherever that is done: points in the order of the axes, then seeds, then drops.
 * @param given a plan as its file has it
 * @throws InputError for axes that name no field, values that a field refuses (with the point), points that are the
 *   same, exclusions that exclude nothing known
 * @example
 * const { parts } = layOutStudy({ base: "quick", axes: { power: ["full", "min-max"] }, seeds: [1] });
 * parts[0].grid.cells.length; // → 2
 */
export function layOutStudy(given: StudyPlan, options: LayoutOptions = {}): StudyLayout {
  record({ sources: optional(record()), sets: optional(listOf(text)) })("options", options);
  return atOnce(studySteps(given, options));
}

/** The same, a point or a run a step. */
export function* studySteps(given: StudyPlan, { sources = {}, sets = [] }: LayoutOptions = {}): Steps<StudyLayout> {
  const plan = parseStudyPlan(given);
  const parts: StudyPart[] = [];
  for (const one of partsOfPlan(plan)) parts.push(yield* partSteps(one, sets));
  const trainings = parts.filter(({ kind }) => kind === "training");
  const jobs = new Map<string, Job>();
  const put = (job: Job) => jobs.set(job.key, jobs.get(job.key) ?? job);
  for (const detail of [false, true]) {
    const grids = trainings.filter((part) => part.detail === detail).map(({ grid }) => grid);
    // A training under its own key once with details and once without is two jobs of one training.
    for (const job of yield* trainingJobSteps(grids, { detail })) jobs.set(`${job.key} ${detail}`, job);
  }
  for (const part of parts) for (const job of otherJobs(part)) put(job);
  return {
    hash: studyHash(plan, sources),
    parts,
    jobs: [...jobs.values()],
    points: parts.reduce((sum, { grid }) => sum + grid.cells.length * grid.seeds.length * grid.drops, 0),
    warnings: [...new Set(parts.flatMap(({ grid }) => grid.warnings))],
  };
}

/** What a study is known by, before it is laid out. */
export function studyHash(plan: StudyPlan, sources: Readonly<Record<string, string>> = {}): string {
  const { $schema: _, ...meant } = plan;
  return fingerprint({ study: meant, sources, numerics });
}

function* partSteps(plan: PartPlan & { name: string }, sets: readonly string[]): Steps<StudyPart> {
  const kind = plan.jobs ?? "training";
  refuseForeign(plan, kind);
  const axes = axesOfPart(plan);
  const grid = yield* inPart(
    plan,
    gridSteps({
      ...base(plan.base),
      sets: [...planSets(plan.set ?? {}, "set"), ...sets],
      axes,
      seeds: seedsOf(plan.seeds ?? 1),
      drops: plan.drops ?? 1,
      insist: true,
      tellPoint: true,
      ...(plan.baseline !== undefined && { baseline: plan.baseline }),
      ...(plan.exclude !== undefined && { exclude: exclusion(plan.exclude, axes) }),
    }),
  );
  const { detail = false, bitsPerEntry = [1.05, 1.3], receivers, realizations, measures = ["inputs", "bias"] } = plan;
  if (!("rounds" in bitsPerEntry) && bitsPerEntry[0] > bitsPerEntry[1])
    throw new InputError("bitsPerEntry", `the limits ${bitsPerEntry.join(" and ")} are not in order`);
  return {
    name: plan.name,
    kind,
    grid,
    detail,
    bitsPerEntry,
    measures,
    ...(receivers && { receivers }),
    ...(realizations && { realizations }),
  };
}

/** Words of flags in the grid's messages are fields of the plan here. */
function* inPart<T>({ name }: PartPlan & { name: string }, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const reason = error.message.slice(error.path.length + 2);
    const path = error.path.replace(/^--/, "");
    throw new InputError(path, name === "study" ? reason : `${reason}\n  in "${name}"`, { cause: error });
  }
}

/** Fields that only jobs of one kind look at. */
const ownFields = {
  detail: "training",
  bitsPerEntry: "pricing",
  receivers: "rates",
  realizations: "rates",
  measures: "quantizers",
} as const;

function refuseForeign(plan: PartPlan, kind: StudyKind): void {
  for (const [field, of] of Object.entries(ownFields)) {
    if (field in plan && of !== kind)
      throw new InputError(field, `has no effect with jobs "${kind}" (it has with "${of}")`);
  }
  if (kind === "quantizers" && (plan.drops ?? 1) > 1) throw new InputError("drops", "quantizers know no network drops");
}

function base(given: PartPlan["base"] = "quick"): { preset: string } | { file: unknown } {
  if (typeof given !== "string") return { file: given };
  if ((presetNames as readonly string[]).includes(given)) return { preset: given };
  throw new InputError("base", unknownName("preset", given, presetNames));
}

function axesOfPart({ axes = {}, budgets }: PartPlan): Axis[] {
  const found = Object.entries(axes).map(([name, axis]) => studyAxis(name, axis));
  if (budgets === undefined) return found;
  const limits = budgets.map((budget, i) => {
    const texts = Object.entries(budget).flatMap(([what, limit]) =>
      limit === undefined ? [] : [`${what}=${limit ?? "none"}`],
    );
    if (texts.length === 0) throw new InputError(`budgets[${i}]`, "is empty (allowed: energy in J, latency in s)");
    return texts.join(",");
  });
  if (found.some(({ name }) => name === budgetAxisName))
    throw new InputError(`axes.${budgetAxisName}`, "budgets are given twice: as budgets and as an axis of that name");
  return [...found, budgetAxis(limits)];
}

/** "1..4", "1,3..5", 1 or [1, 3]: seeds in the order given. @throws InputError, also for one given twice */
export function seedsOf(given: string | number | readonly number[]): number[] {
  const seeds = typeof given === "string" ? seedsOfText(given) : typeof given === "number" ? [given] : [...given];
  const known = new Set<number>();
  for (const seed of seeds) {
    if (known.has(seed)) throw new InputError("seeds", `${seed} is given twice`);
    known.add(seed);
  }
  return seeds;
}

const mostSeeds = 1_000_000;

function seedsOfText(given: string): number[] {
  const bad = () =>
    new InputError("seeds", `${show(given)} is not allowed (allowed: such as "1..8" or "1,4,9", ${mostSeeds} at most)`);
  return given.split(",").flatMap((part) => {
    const match = /^\s*(\d{1,15})(?:\s*\.\.\s*(\d{1,15}))?\s*$/.exec(part);
    if (match === null) throw bad();
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first >= mostSeeds) throw bad();
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** @throws InputError for an axis or a label that there is not: it would exclude nothing without a word */
function exclusion(
  rules: NonNullable<PartPlan["exclude"]>,
  axes: readonly Axis[],
): (labels: Cell["labels"]) => boolean {
  const checked = rules.map((rule, i) => {
    const entries = Object.entries(rule).map(([name, given]) => {
      const at = `exclude[${i}].${name}`;
      const axis = axes.find((one) => one.name === name);
      if (axis === undefined)
        throw new InputError(
          at,
          unknownName(
            "axis",
            name,
            axes.map((one) => one.name),
          ),
        );
      const labels = (Array.isArray(given) ? given : [given]).map(String);
      const known = axis.variants.map(({ label }) => label);
      const unknown = labels.find((label) => !known.includes(label));
      if (unknown !== undefined) throw new InputError(at, unknownName("label", unknown, known));
      return [name, new Set(labels)] as const;
    });
    if (entries.length === 0) throw new InputError(`exclude[${i}]`, "is empty: it would exclude everything");
    return entries;
  });
  return (labels) => checked.some((rule) => rule.every(([name, wanted]) => wanted.has(labels[name]!)));
}

/** Jobs of the kinds that share no trainings. */
function otherJobs(part: StudyPart): readonly Job[] {
  const { kind, grid } = part;
  if (kind === "pricing") return priceBlockJobs(part);
  if (kind === "rates")
    return grid.cells.flatMap((cell) => grid.seeds.flatMap((seed) => ratesJobsOf(part, cell, seed)));
  if (kind === "quantizers") return quantizerJobsOf(part).map(({ job }) => job);
  return [];
}

/** The rates of a point under a seed. */
export function ratesJobsOf({ grid, receivers, realizations }: StudyPart, { config }: Cell, seed: number) {
  const { network } = config;
  const plan = {
    network,
    seed,
    schemes: receivers ?? [network.combining],
    realizations: realizations ?? network.realizations,
  };
  return ratesJobs({ ...plan, drops: grid.drops });
}

/** The benchmark of each point's quantizer under each seed. */
export function quantizerJobsOf({ grid, measures }: StudyPart) {
  return grid.cells.flatMap((cell) =>
    grid.seeds.flatMap((seed) =>
      quantizerJobs({ subjects: [{ label: cell.id, config: cell.config.quantizer }], parts: measures, seed }).map(
        (planned) => ({ ...planned, cell, seed }),
      ),
    ),
  );
}
