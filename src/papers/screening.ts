import { cellRuns, overSeeds } from "../study/analysis/cells.js";
import { type Measure, type Outcome, outcomeOf } from "../study/analysis/outcomes.js";
import type { Scenario, ScenarioResults } from "./experiment.js";
import { usualTuningSeeds } from "./tuned.js";

/** A method as a screening saw it, under all its seeds. */
export interface Screened {
  label: string;
  /** Mean over the seeds, 0 to 1 */
  accuracy: number;
  /** Wire bits an entry that it sent and was sent back, likewise */
  bits: number;
}

/** A place in the finals, and who took it. */
export interface Place {
  /** At most so many bits */
  within: number;
  chosen: Screened;
  /** Who would have had it otherwise; absent where nobody was left */
  next?: Screened;
}

/**
 * The scenario under other seeds than those that see the choice: they draw images of their own, so that nothing of the
 * finals has a say in who gets there.
 */
export function screeningOf(scenario: Scenario): Scenario {
  return { ...scenario, seeds: scenario.tuningSeeds ?? usualTuningSeeds };
}

/** Bits an entry, of uploads and of what a method itself sends back. */
export const travelled: Measure = ({ final }) =>
  final.wireBitsPerEntry === null ? null : final.wireBitsPerEntry + (final.downlinkWireBitsPerEntry ?? 0);

/** What a grid saw of every method on an axis. One of which a run is not there, or broke off, is left out. */
export function screenedMethods(
  { grids, runs }: ScenarioResults,
  { at, axis, outcome }: { at: number; axis: string; outcome: Outcome },
): Screened[] {
  const { grid } = grids[at]!;
  return grid.cells.flatMap((cell) => {
    const own = cellRuns(grid, cell, runs);
    if (own.some((drops) => drops.length < grid.drops)) return [];
    const [accuracy, bits] = [overSeeds(own, outcomeOf(outcome)), overSeeds(own, travelled)];
    if (accuracy === null || bits === null) return [];
    return [{ label: cell.labels[axis]!, accuracy: accuracy.mean, bits: bits.mean }];
  });
}

/** For each limit of bits, in their order, the most accurate that has no place yet; of equal ones the first. */
export function placesOf(methods: readonly Screened[], limits: readonly number[]): Place[] {
  const left = [...methods];
  return limits.flatMap((within): Place[] => {
    const eligible = left.filter(({ bits }) => bits <= within);
    const chosen = mostAccurate(eligible);
    if (chosen === undefined) return [];
    left.splice(left.indexOf(chosen), 1);
    const next = mostAccurate(eligible.filter((one) => one !== chosen));
    return [{ within, chosen, ...(next && { next }) }];
  });
}

function mostAccurate(methods: readonly Screened[]): Screened | undefined {
  return methods.reduce<Screened | undefined>(
    (best, one) => (best === undefined || one.accuracy > best.accuracy ? one : best),
    undefined,
  );
}
