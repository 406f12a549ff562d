import { methodSets, parseMethod } from "../config/grammar.js";
import { cellRuns, overSeeds, pairedDifference } from "../study/analysis/cells.js";
import { endsAt, scaled } from "../study/analysis/intervals.js";
import { lateAccuracy, type Measure } from "../study/analysis/outcomes.js";
import type { Variant } from "../study/plan/axes.js";
import type { RunSummary } from "../study/store/columns.js";
import { differenceClaim, findCell, type MeasuredClaim } from "./claims.js";
import {
  type ExperimentFigure,
  type ExperimentGrid,
  type ExperimentIntervals,
  type ExperimentTable,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";
import { equallyMany, equalRounds, fullPrecision } from "./zoo.js";

const axis = "both ways";
const seeds = 3;

const uplinks = ["induced:bits=0.1", "rate-distortion:bits=0.1", "eden:bits=0.1", "emq"];
/** Of the model's difference; the untrained model comes from the seed. */
const broadcasts = ["rate-distortion:bits=0.1", "emq"];

interface BothWays extends Variant {
  up: string;
  /** null: the model itself */
  down: string | null;
}

function variantOf(up: string, down: string | null): BothWays {
  const sets = methodSets("quantizer", parseMethod(up, "quantizer"));
  if (down === null) return { up, down, label: `${up} up, the model down`, sets };
  const broadcast = methodSets("downlink.quantizer", parseMethod(down, "downlink.quantizer"));
  return { up, down, label: `${up} up, ${down} down`, sets: [...sets, ...broadcast, "downlink.initial=seed"] };
}

const whole = variantOf(fullPrecision, null);
const quantized = uplinks.flatMap((up) => broadcasts.map((down) => variantOf(up, down)));
const variants = [...quantized, ...uplinks.map((up) => variantOf(up, null)), whole];

const fewOf = (scenario: Scenario): Scenario => ({ ...scenario, seeds: scenario.seeds.slice(0, seeds), drops: 1 });

/** A few uplinks with the model's difference quantized on its way down, beside the model itself. */
export function bothWaysGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: `The broadcast quantized too, over ${equallyMany} rounds`,
    mapped: true,
    plan: planOf(fewOf(scenario), { axes: [{ name: axis, variants }], sets: equalRounds, baseline: whole.label }),
  };
}

/**
 * Bits an entry and round that a client hears: of a quantized broadcast, of what a method sends back, or of the model
 * itself, which is not sent before it is trained.
 */
export const heard: Measure = ({ final }) => {
  if (final.rounds === 0) return null;
  return final.downlinkWireBitsPerEntry ?? (32 * (final.rounds - 1)) / final.rounds;
};

/** Bits an entry and round that a client sends and hears. */
export const sentAndHeard: Measure = (run) => {
  const [up, down] = [run.final.wireBitsPerEntry, heard(run)];
  return up === null || down === null ? null : up + down;
};

type Results = Pick<ScenarioResults, "scenario" | "grids" | "runs">;

/** @param at number of the grid among the results' */
export function bothWaysClaims(results: Results, at: number): MeasuredClaim[] {
  return quantized.map((variant) => lossOf(results, at, variant));
}

function lossOf({ scenario, grids, runs }: Results, at: number, { label }: Variant): MeasuredClaim {
  const { grid, form } = grids[at]!;
  const about = {
    ...{ source: "ours", form, where: scenario.title, published: { bound: "at least", value: -1 } as const },
    statement: `${label}: at most a point below full precision at equal rounds (mean of the last five models)`,
  };
  const cells = { better: { [axis]: label }, worse: { [axis]: whole.label } };
  return differenceClaim(about, grid, runs, cells, lateAccuracy);
}

/** Bits, and points against full precision; null where a variant has no run. */
function pointOf(results: Results, at: number, variant: Variant): { x: number; y: number } | null {
  const { grid } = results.grids[at]!;
  const x = overSeeds(cellRuns(grid, findCell(grid, { [axis]: variant.label }), results.runs), sentAndHeard);
  const y = lossOf(results, at, variant).ours;
  return x === null || y === null ? null : { x: x.mean, y: y.mean };
}

/** A method's runs, and full precision's under the same seeds. */
export interface Held {
  label: string;
  own: readonly (readonly RunSummary[])[];
  reference: readonly (readonly RunSummary[])[];
}

/** The variants whose broadcast is quantized. */
export function bothWaysRuns({ grids, runs }: Results, at: number): Held[] {
  const { grid } = grids[at]!;
  const of = ({ label }: Variant) => cellRuns(grid, findCell(grid, { [axis]: label }), runs);
  return quantized.map((variant) => ({ label: variant.label, own: of(variant), reference: of(whole) }));
}

/** Fewer seeds have no interval worth showing. */
const fewestSeeds = 3;

/** Points over the reference under the same seeds, with the ends of an interval where there are seeds enough for one. */
function overReference({ own, reference }: Held): { value: number; ends: ReturnType<typeof endsAt> } | null {
  const difference = pairedDifference(own, reference, lateAccuracy);
  if (difference === null) return null;
  const points = scaled(difference, 100);
  return { value: points.mean, ends: points.count >= fewestSeeds ? endsAt(points) : null };
}

/**
 * Points over the reference, from few bits to many; a bar through each that has an interval.
 * @param least points further below are left out
 */
export function lineOver(
  name: string,
  held: readonly Held[],
  bits: Measure,
  least = Number.NEGATIVE_INFINITY,
): ExperimentFigure["series"] {
  const points = held.flatMap((one) => {
    const [x, y] = [overSeeds(one.own, bits), overReference(one)];
    return x === null || y === null || y.value < least ? [] : [{ x: x.mean, ...y }];
  });
  if (points.length === 0) return [];
  points.sort((one, other) => one.x - other.x);
  const [x, y] = [points.map((point) => point.x), points.map(({ value }) => value)];
  if (points.every(({ ends }) => ends === null)) return [{ name, x, y }];
  const [low, high] = (["low", "high"] as const).map((end) => points.map(({ ends }) => ends?.[end] ?? Number.NaN));
  return [{ name, x, y, low: low!, high: high!, bars: true }];
}

/** A row of the table of bits; undefined where there is no run. */
export function bitsRow({ label, own, reference }: Held): { both: number; cells: Row } | undefined {
  const [up, down, both] = [({ final }: RunSummary) => final.wireBitsPerEntry, heard, sentAndHeard].map((bits) =>
    overSeeds(own, bits),
  );
  const reached = overSeeds(own, lateAccuracy);
  if (!up || !down || !both || reached === null) return undefined;
  const over = label === fullPrecision ? null : overReference({ label, own, reference });
  const shown = over && (over.ends === null ? over.value : { value: over.value, ...over.ends });
  return {
    both: both.mean,
    cells: [label, `${reached.count}`, up.mean, down.mean, both.mean, 100 * reached.mean, shown],
  };
}

type Row = ExperimentTable["rows"][number];

/** A line an uplink: what it comes to by what is broadcast. */
export function bothWaysSeries(results: Results, at: number): ExperimentFigure["series"] {
  const held = bothWaysRuns(results, at);
  return uplinks.flatMap((up) => {
    const own = held.filter((_, i) => quantized[i]!.up === up);
    return lineOver(`${up}, broadcast quantized`, own, sentAndHeard);
  });
}

/** The same with intervals, and the uplinks whose server sends the model itself beside them. */
export function bothWaysIntervals(results: Results, at: number): ExperimentIntervals {
  const { scenario } = results;
  return {
    file: "compressors-both-ways-distances.svg",
    title: "Against full precision, the broadcast quantized too",
    caption:
      `Points of accuracy at equal rounds, mean of the last five models; 95 % intervals over ${seedsOf(fewOf(scenario))} ` +
      `(Student's t). In brackets bits an entry and round that a client sends and hears. ${scenario.title}.`,
    x: { label: "points" },
    rows: variants
      .filter((variant) => variant !== whole)
      .flatMap((variant) => {
        const point = pointOf(results, at, variant);
        if (point === null) return [];
        const { ours } = lossOf(results, at, variant);
        return [{ name: `${variant.label} (${point.x.toPrecision(2)})`, value: point.y, ...endsAt(ours!) }];
      }),
  };
}
