import { atOnce, type Steps } from "../config/steps.js";
import { withoutEffect } from "../parts/effect.js";
import { resolveConfig } from "../parts/resolve.js";
import type { Job } from "../study/jobs/job.js";
import { type Grid, gridSteps } from "../study/plan/grid.js";
import { type PricingStudy, pricesOf, pricingJobs } from "../study/plan/pricings.js";
import { runRequests, trainingJobSteps, trainingJobs } from "../study/plan/trainings.js";
import type { Choice, Tuning } from "../study/plan/tunings.js";
import { gridRuns } from "../study/run/compare.js";
import type { RunSummary } from "../study/store/columns.js";
import type { Store } from "../study/store/contract.js";
import type { MeasuredClaim } from "./claims.js";
import type { Experiment, Scenario, ScenarioResults } from "./experiment.js";
import { chooseExperiments } from "./index.js";
import { type PricingExperiment, type PricingResults, type PricingScope, refuseUnpriced } from "./pricing.js";
import type { Scale } from "./scales.js";
import { computationText, setUpOf } from "./setup.js";
import { type Claim, judge } from "./verdicts.js";

export interface ReproductionRequest {
  scale: Scale;
  /** Experiments by name; the scale's where empty */
  experiments: readonly string[];
  /** Settings over every scenario's own, such as `data.directory` */
  sets: readonly string[];
  /** Instead of the scale's */
  seeds?: readonly number[];
  drops?: number;
  /** Take more runs than seem reasonable */
  insist?: boolean;
  /** Scenarios of the scale that are left out, for want of their files */
  without?: ReadonlySet<Scenario>;
  /** What `planTunings` had to choose; the usual as long as it is not chosen */
  choices?: ReadonlyMap<string, Choice>;
  /** Who went on after the screenings, as `finalistsOf` found; those declared as long as nobody knows */
  finalists?: Finalists;
  /** Of the results that are looked for, where they are another version's */
  numerics?: number;
}

/** By an experiment's name and a scenario's title. */
export type Finalists = ReadonlyMap<string, readonly string[]>;

/** The papers' comparisons laid out: what has to be priced and trained, each once however many ask for it. */
export interface Reproduction {
  pricing: { experiment: PricingExperiment; scope: PricingScope; studies: PricingStudy[] }[];
  training: { experiment: Experiment; scenarios: Omit<ScenarioResults, "runs">[] }[];
  jobs: Job[];
}

/** What came of it, as far as a store has it. */
export interface ReproductionResults {
  pricing: (Pick<PricingExperiment, "name" | "title" | "about"> & { results: PricingResults })[];
  training: { experiment: Experiment; scenarios: ScenarioResults[]; claims: MeasuredClaim[] }[];
  runs: ReadonlyMap<string, RunSummary>;
}

/** Whether some of the experiments train, and so need data. @throws InputError for an unknown name */
export function needsTraining({ scale, experiments }: Pick<ReproductionRequest, "scale" | "experiments">): boolean {
  return choose(scale, experiments).training.length > 0;
}

/** Seeds of what is only priced: its drops are the samples */
const pricingSeeds: readonly number[] = [1];

/** Which samples of a request are others than its experiments have of the scale. */
export function changedSamples(request: ReproductionRequest): { seeds: boolean; drops: boolean } {
  const { scale, experiments, seeds, drops } = request;
  const { pricing } = choose(scale, experiments);
  const usual = [
    ...(pricing.length > 0 ? [{ seeds: pricingSeeds, drops: scale.pricingDrops }] : []),
    ...trainedScenarios(request),
  ];
  return {
    seeds: seeds !== undefined && usual.some((one) => String(one.seeds) !== String(seeds)),
    drops: drops !== undefined && usual.some((one) => one.drops !== drops),
  };
}

/** @throws InputError for an unknown experiment, and whatever is wrong with a setting */
export function planReproduction(request: ReproductionRequest): Reproduction {
  return atOnce(reproductionSteps(request));
}

/** The same in steps: millions of runs take minutes to lay out. */
export function* reproductionSteps(request: ReproductionRequest): Steps<Reproduction> {
  const { scale, sets } = request;
  const of = numericsOf(request);
  const chosen = choose(scale, request.experiments);
  if (chosen.training.length === 0) refuseUnpriced(sets);
  const scope: PricingScope = {
    drops: request.drops ?? scale.pricingDrops,
    seeds: request.seeds ?? pricingSeeds,
    clients: scale.clients,
    sets,
  };
  const pricing = chosen.pricing.map((experiment) => {
    const studies = experiment.studies(scope).map((study) => ({ ...study, ...of }));
    return { experiment, scope, studies };
  });
  const scenarios = scenariosOf(request);
  const insist = { ...(request.insist && { insist: true }) };
  const training: Reproduction["training"] = [];
  for (const experiment of chosen.training) {
    const laidOut: Reproduction["training"][number]["scenarios"] = [];
    for (const one of scenarios) {
      if (!isMadeOn(experiment, one)) continue;
      const finalists = request.finalists?.get(screeningName(experiment, one));
      const scenario = finalists === undefined ? one : { ...one, finalists };
      const grids: (typeof laidOut)[number]["grids"][number][] = [];
      for (const { plan, ...about } of experiment.grids(scenario)) {
        grids.push({ ...about, grid: yield* gridSteps({ ...plan, ...insist, ...of }) });
      }
      laidOut.push({ scenario, grids });
    }
    training.push({ experiment, scenarios: laidOut });
  }
  const trainings = yield* trainingJobSteps(gridsOf(training));
  return { pricing, training, jobs: [...pricing.flatMap(({ studies }) => studies.flatMap(pricingJobs)), ...trainings] };
}

/**
 * What has to be chosen before a reproduction is laid out, each once: on the first scenario that is there, for all of
 * the scale, by no more than is held out of its training images.
 */
export function planTunings(request: ReproductionRequest): Tuning[] {
  const [first] = scenariosOf(request);
  if (first === undefined) return [];
  const tunings = choose(request.scale, request.experiments).training.flatMap(({ tunings }) => tunings?.(first) ?? []);
  const of = numericsOf(request);
  return [...new Map(tunings.map((tuning) => [tuning.name, { ...tuning, ...of }])).values()];
}

/** What has to be trained before it is known who goes on. */
export function screeningJobs({ training }: Reproduction): Job[] {
  return trainingJobs(training.flatMap(({ scenarios }) => scenarios.flatMap(screeningGrids)));
}

/** Who goes on, of the screenings whose runs are all there, broken-off ones too; the others' wait. */
export async function finalistsOf({ training }: Reproduction, store: Store): Promise<Finalists> {
  const found = new Map<string, readonly string[]>();
  for (const { experiment, scenarios } of training) {
    if (experiment.finalists === undefined) continue;
    for (const laidOut of scenarios) {
      const grids = screeningGrids(laidOut);
      if (grids.length === 0 || !(await isComplete(grids, store))) continue;
      const runs = await gridRuns(grids, store);
      found.set(screeningName(experiment, laidOut.scenario), experiment.finalists({ ...laidOut, runs }));
    }
  }
  return found;
}

type LaidOut = Reproduction["training"][number]["scenarios"][number];

const screeningName = ({ name }: Experiment, { title }: Scenario): string => `${name}, ${title}`;

function screeningGrids({ grids }: LaidOut): Grid[] {
  return grids.filter(({ screening }) => screening === true).map(({ grid }) => grid);
}

async function isComplete(grids: readonly Grid[], store: Store): Promise<boolean> {
  for (const { key } of runRequests(grids)) if ((await store.get(key)) === undefined) return false;
  return true;
}

/** Whether an experiment is made on a scenario: all are where it names none, by their names or by their group's. */
function isMadeOn({ name, group, onlyWhereNamed }: Experiment, { experiments }: Scenario): boolean {
  if (experiments === undefined) return onlyWhereNamed !== true;
  return experiments.includes(name) || (group !== undefined && experiments.includes(group));
}

/** Scenarios of a scale on which some of the experiments train. @throws InputError for an unknown name */
export function trainedScenarios({
  scale,
  experiments,
}: Pick<ReproductionRequest, "scale" | "experiments">): Scenario[] {
  const { training } = choose(scale, experiments);
  return scale.scenarios.filter((scenario) => training.some((experiment) => isMadeOn(experiment, scenario)));
}

/** The scale's scenarios that are there, with what the request says otherwise; every title names the computation. */
function scenariosOf({ scale, sets, without, ...request }: ReproductionRequest): Scenario[] {
  return scale.scenarios
    .filter((scenario) => without?.has(scenario) !== true)
    .map((scenario) => {
      const here = { ...scenario, sets: [...samplingOf(scenario), ...scenario.sets, ...usedIn(scale, scenario, sets)] };
      return {
        ...here,
        title: `${scenario.title}, ${computationText(setUpOf(here))}`,
        seeds: request.seeds ?? scenario.seeds,
        drops: request.drops ?? scenario.drops,
        ...(request.choices && { choices: request.choices }),
      };
    });
}

/** The experiments' claims, tables and figures. One that only prices is left out until all its drops are there. */
export async function concludeReproduction(plan: Reproduction, store: Store): Promise<ReproductionResults> {
  const pricing: ReproductionResults["pricing"] = [];
  for (const { experiment, scope, studies } of plan.pricing) {
    const prices = new Map(
      await Promise.all(studies.map(async (study) => [study.name, await pricesOf(study, store)] as const)),
    );
    const whole = studies.every(({ name, seeds, drops }) =>
      prices.get(name)!.every((found) => found.length === seeds.length * drops),
    );
    if (!whole) continue;
    const { name, title, about } = experiment;
    pricing.push({ name, title, about, results: experiment.conclude(scope, (study) => prices.get(study)!) });
  }
  const runs = await gridRuns(gridsOf(plan.training), store);
  const training = plan.training.map(({ experiment, scenarios }) => {
    const results = scenarios.map((one) => ({ ...one, runs }));
    const claims = results.flatMap((one) =>
      experiment
        .claims(one)
        .map((claim) => ({ ...claim, evidence: experiment.evidence ?? one.scenario.evidence ?? "exploratory" })),
    );
    return { experiment, scenarios: results, claims };
  });
  return { pricing, training, runs };
}

/** Every claim that was looked at, in the order of the experiments, and judged: those of a family together. */
export function allClaims(results: ReproductionResults): Claim[] {
  return [...claimsByExperiment(results).values()].flat();
}

/** The same, by the names of their experiments. */
export function claimsByExperiment({ pricing, training }: ReproductionResults): Map<string, Claim[]> {
  const measured = [
    ...pricing.map(({ name, results }): [string, readonly MeasuredClaim[]] => [name, results.claims]),
    ...training.map(({ experiment, claims }): [string, readonly MeasuredClaim[]] => [experiment.name, claims]),
  ];
  const judged = judge(measured.flatMap(([, claims]) => claims));
  return new Map(measured.map(([name, { length }]) => [name, judged.splice(0, length)]));
}

/** What a request says over a scenario: where some have files and some do not, the folder of the files is for those that do. */
function usedIn(scale: Scale, { preset, sets: own }: Scenario, sets: readonly string[]): string[] {
  const path = "data.directory";
  const config = resolveConfig({ preset, sets: [...own] });
  const embedded = scale.realData && withoutEffect(config, [path]).length > 0;
  return sets.filter((set) => !(embedded && set.startsWith(`${path}=`)));
}

/**
 * What every reproduction asks for: seeds that draw their own images, where a subset is taken, and the answers to the
 * test images, so that what is seen over seeds holds for other images too.
 */
function samplingOf({ preset, sets }: Scenario): string[] {
  return ["data.subset=drawn", "evaluation.answers=true"].filter((setting) => {
    const [path] = setting.split("=") as [string];
    return withoutEffect(resolveConfig({ preset, sets: [...sets, setting] }), [path]).length === 0;
  });
}

function numericsOf({ numerics }: ReproductionRequest): Pick<ReproductionRequest, "numerics"> {
  return numerics === undefined ? {} : { numerics };
}

function choose(scale: Scale, names: readonly string[]): ReturnType<typeof chooseExperiments> {
  return chooseExperiments(names.length > 0 ? names : (scale.experiments ?? []));
}

function gridsOf(training: Reproduction["training"]) {
  return training.flatMap(({ scenarios }) => scenarios.flatMap(({ grids }) => grids.map(({ grid }) => grid)));
}
