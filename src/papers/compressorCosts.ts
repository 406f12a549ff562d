import { resolveConfig } from "../parts/resolve.js";
import { cellRuns, overSeeds } from "../study/analysis/cells.js";
import { endsAt, type Interval, scaled } from "../study/analysis/intervals.js";
import { lateAccuracy, type Measure } from "../study/analysis/outcomes.js";
import { namedAxis, type Variant } from "../study/plan/axes.js";
import type { RunSummary } from "../study/store/columns.js";
import { roundToReach } from "./bitsToReach.js";
import { counted, figureClaim, findCell, type MeasuredClaim } from "./claims.js";
import {
  type Experiment,
  type ExperimentFigure,
  type ExperimentIntervals,
  type ExperimentTable,
  intervalRows,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";

const axis = "quantizer";
const [paper, full] = ["emq", "identity"];
/** What did best at few bits where everything was tried, and the paper's own with feedback. */
const rivals = [
  ...["induced:bits=0.02", "eden:bits=0.02"],
  ...["induced:bits=0.1", "eden:bits=0.1", "rate-distortion:bits=0.1", "emq:errorFeedback=true"],
];
const methods = [...rivals, paper, full];

/** Most of the way, and near its end: of what full precision comes to under the same seed. */
const shares = [0.8, 0.95];
const costs = [
  { cost: "energy", unit: "joules" },
  { cost: "latency", unit: "seconds" },
] as const;
type Spent = (typeof costs)[number]["cost"];

/** Twice as many as `compressors` has: the slower ones get time to come to the level. */
const rounds = 60;
const mostSeeds = 5;
/** Of both budgets: rounds end a run, while powers stand to joules and seconds as the scenario has it. */
const outOfReach = 1000;

const fewOf = (scenario: Scenario): Scenario => ({ ...scenario, seeds: scenario.seeds.slice(0, mostSeeds) });

/** The scenario's training for as many rounds for all, wire bits billed. */
function setsOf({ preset, sets }: Scenario): string[] {
  const { budgets } = resolveConfig({ preset, sets: [...sets] });
  const lifted = (["energy", "latency"] as const).flatMap((name) => {
    const budget = budgets[name];
    return budget === null ? [] : [`budgets.${name}=${outOfReach * budget}`];
  });
  return ["training.optimizer=adadelta", "power=most-rounds", "budgets.bits=wire", `rounds=${rounds}`, ...lifted];
}

const variants: readonly Variant[] = namedAxis(axis, methods).variants;

function runsOf({ grids, runs }: ScenarioResults, label: string): RunSummary[][] {
  const { grid } = grids[0]!;
  return cellRuns(grid, findCell(grid, { [axis]: label }), runs);
}

/** By seed: that share of the mean of full precision's last five models. A seed without such has no level. */
function levelsOf(results: ScenarioResults, share: number): ReadonlyMap<number, number> {
  return new Map(
    runsOf(results, full)
      .flat()
      .flatMap((run) => {
        const reached = lateAccuracy.measure(run);
        return reached === null ? [] : [[run.seed, share * reached] as const];
      }),
  );
}

/** What a run took to the level of its seed, in that cost or in rounds; null where it never came to it. */
function takenTo(levels: ReadonlyMap<number, number>, what: Spent | "rounds"): Measure {
  return (run) => {
    const level = levels.get(run.seed);
    const round = level === undefined ? null : roundToReach(run, level);
    if (round === null) return null;
    return what === "rounds" ? round : run.course[what][round]!;
  };
}

/** The share of the paper's method's cost that a run saved on the way to the level that both came to. */
function savedTo(results: ScenarioResults, levels: ReadonlyMap<number, number>, cost: Spent): Measure {
  const taken = takenTo(levels, cost);
  const partners = new Map(
    runsOf(results, paper)
      .flat()
      .map((run) => [`${run.seed} ${run.drop}`, run]),
  );
  return (run) => {
    const partner = partners.get(`${run.seed} ${run.drop}`);
    const [own, other] = [taken(run), partner === undefined ? null : taken(partner)];
    return own === null || other === null || other === 0 ? null : 1 - own / other;
  };
}

const percent = (share: number): string => `${Math.round(100 * share)} % of full precision's accuracy`;

/** Seeds under which a method came to the level. */
function timesReached(results: ScenarioResults, label: string, share: number): number {
  return overSeeds(runsOf(results, label), takenTo(levelsOf(results, share), "rounds"))?.count ?? 0;
}

/** As where a fiftieth of a bit an entry is less than a packet's header: of such runs nothing but this is known. */
const brokeOff = (own: RunSummary[][]): boolean => own.flat().every(({ ended }) => ended.by === "failed");

/** "under 2 of 3 seeds" */
function reachedUnder(results: ScenarioResults, label: string, share: number): string {
  if (brokeOff(runsOf(results, label))) return "broke off";
  const times = timesReached(results, label, share);
  return times === 0 ? "never" : `under ${times} of ${counted(results.grids[0]!.grid.seeds.length, "seed")}`;
}

function claimOf(
  results: ScenarioResults,
  label: string,
  share: number,
  { cost, unit }: (typeof costs)[number],
): MeasuredClaim {
  const { scenario, grids, runs } = results;
  const reached = [label, paper].map((name) => `${name} ${reachedUnder(results, name, share)}`).join(", ");
  return figureClaim(
    {
      source: "ours",
      statement: `${label} takes fewer ${unit} than ${paper} to ${percent(share)} (reached: ${reached})`,
      form: "fair",
      where: scenario.title,
      published: { bound: "better", value: 0 },
    },
    grids[0]!.grid,
    runs,
    { [axis]: label },
    savedTo(results, levelsOf(results, share), cost),
  );
}

function claimsOf(results: ScenarioResults): MeasuredClaim[] {
  return shares.flatMap((share) =>
    rivals.flatMap((label) => costs.map((cost) => claimOf(results, label, share, cost))),
  );
}

type Cell = ExperimentTable["rows"][number][number];

/** An interval where there is one: of one seed its value alone. */
function shown(interval: Interval | null): Cell {
  if (interval === null) return null;
  const ends = endsAt(interval);
  return ends === null ? interval.mean : { value: interval.mean, ...ends };
}

/** Over the seeds under which they came to it; of who never did what all rounds took. */
function shownTaken(own: RunSummary[][], levels: ReadonlyMap<number, number>, what: Spent | "rounds"): Cell {
  const found = overSeeds(own, takenTo(levels, what));
  if (found !== null) return shown(found);
  if (brokeOff(own)) return null;
  const used = overSeeds(own, ({ final }) => final[what]);
  return used === null ? null : `more than ${Number(used.mean.toPrecision(3))}`;
}

/** All of them, those that never came to the level too. */
function levelTable(results: ScenarioResults, share: number): ExperimentTable {
  const levels = levelsOf(results, share);
  return {
    title: `To ${percent(share)} (mean of five tested models, after ${rounds} rounds, seed by seed); ${results.scenario.title}`,
    header: ["method", "reached", "rounds", "joules", "seconds", "joules saved (%)", "seconds saved (%)"],
    rows: methods.map((label) => {
      const own = runsOf(results, label);
      const taken = (["rounds", "energy", "latency"] as const).map((what) => shownTaken(own, levels, what));
      const saved = costs.map(({ cost }) => {
        const found = label === paper ? null : overSeeds(own, savedTo(results, levels, cost));
        return shown(found && scaled(found, 100));
      });
      return [label, reachedUnder(results, label, share), ...taken, ...saved];
    }),
  };
}

/** Full precision would take the whole width of the figure: it stands in the table. */
function savings(results: ScenarioResults, share: number): ExperimentIntervals {
  const { scenario } = results;
  const all = results.grids[0]!.grid.seeds.length;
  const missing = [...rivals, paper]
    .filter((label) => timesReached(results, label, share) < all)
    .map((label) => `${label} reached it ${reachedUnder(results, label, share)}`);
  return {
    file: `compressor-costs-${Math.round(100 * share)}.svg`,
    title: `Saved of what ${paper} takes to ${percent(share)}`,
    caption:
      `95 % intervals over ${seedsOf(fewOf(scenario))}, paired (Student's t), of those under which both reach it` +
      `${missing.length === 0 ? "" : `: ${missing.join("; ")}`}. ${scenario.title}.`,
    x: { label: "saved (%)" },
    rows: costs.flatMap((cost) =>
      rivals.flatMap((label) =>
        intervalRows(claimOf(results, label, share, cost).ours, { name: label, group: cost.unit }),
      ),
    ),
  };
}

/** From half of full precision's accuracy to all of it. */
const drawnPercents = Array.from({ length: 11 }, (_, i) => 50 + 5 * i);

/** What every level takes, up to the highest that a method came to under all seeds. */
function way(results: ScenarioResults, { cost, unit }: (typeof costs)[number]): ExperimentFigure {
  const { scenario, grids } = results;
  const all = grids[0]!.grid.seeds.length;
  return {
    file: `compressor-costs-${unit}.svg`,
    title: `What an accuracy takes: ${unit}`,
    caption: `Means over ${seedsOf(fewOf(scenario))}; a line ends at the last level that its method came to under all of them. ${scenario.title}.`,
    x: { label: `% of full precision's accuracy after ${rounds} rounds` },
    y: { label: `${unit} until then`, scale: "log" },
    series: methods.flatMap((name) => {
      const points = drawnPercents.flatMap((x) => {
        const found = overSeeds(runsOf(results, name), takenTo(levelsOf(results, x / 100), cost));
        return found === null || found.count < all ? [] : [{ x, y: found.mean }];
      });
      if (points.length === 0) return [];
      return [{ name, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
    }),
  };
}

/** What the way to an accuracy takes, of the paper's method and of the best found. */
export const compressorCosts: Experiment = {
  name: "compressor-costs",
  byNameOnly: true,
  evidence: "exploratory",
  title: "Joules and seconds to an accuracy",
  about:
    `The paper's method (EMQ's decade, AdaDelta, powers for the most rounds) against the best that was found at few bits, for ${rounds} ` +
    "rounds that no budget cuts short, the bits that really travel billed. Levels were laid down before the runs: four fifths and " +
    "nineteen twentieths of what full precision comes to under the same seed, by the mean of its last five models. A method is there " +
    "when the mean of its last five tested models first is; what it never comes to is said.",
  grids: (scenario) => [
    {
      form: "fair",
      title: `The paper's method and others over ${rounds} rounds`,
      plan: planOf(fewOf(scenario), { axes: [{ name: axis, variants }], sets: setsOf(scenario), baseline: paper }),
    },
  ],
  claims: claimsOf,
  tables: (results) => shares.map((share) => levelTable(results, share)),
  figures: (results) => costs.map((cost) => way(results, cost)),
  intervals: (results) => shares.map((share) => savings(results, share)).filter(({ rows }) => rows.length > 0),
};
