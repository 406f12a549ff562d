import { lateModels } from "../federated/answers.js";
import { cellRuns } from "../study/analysis/cells.js";
import type { Grid } from "../study/plan/grid.js";
import type { RunSummary } from "../study/store/columns.js";
import { type ClaimAbout, figureClaim, findCell, type MeasuredClaim } from "./claims.js";

type Labels = Readonly<Record<string, string>>;

/**
 * The share of nominal bits, or of another cost, saved on the way to the same accuracy, with both sides measured alike: for each seed and drop the
 * accuracy is the lower of what the two come to, each by the mean of its last five tested models, and what counts is
 * what each had sent when its mean of five first had that. Both get there by definition, and neither is helped by the
 * one lucky model of a noisy course.
 */
export function bitsToReach(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  cells: { cell: Labels; reference: Labels },
  cost: Cost = "nominalBits",
): MeasuredClaim {
  const partners = new Map(
    cellRuns(grid, findCell(grid, cells.reference), runs)
      .flat()
      .map((run) => [`${run.seed} ${run.drop}`, run]),
  );
  const saved = (run: RunSummary): number | null => {
    const reference = partners.get(`${run.seed} ${run.drop}`);
    return reference === undefined ? null : savedShare(run, reference, cost);
  };
  return figureClaim(about, grid, runs, cells.cell, saved);
}

/** What a course has used so far, round by round. */
export type Cost = "nominalBits" | "wireBits" | "energy" | "latency";

/** null where one of the two had no round. */
export function savedShare(run: RunSummary, reference: RunSummary, cost: Cost = "nominalBits"): number | null {
  const [own, other] = [levels(run), levels(reference)];
  if (own.length === 0 || other.length === 0) return null;
  const goal = Math.min(own.at(-1)!.level, other.at(-1)!.level);
  const [used, otherUsed] = [run.course[cost][roundAt(own, goal)!]!, reference.course[cost][roundAt(other, goal)!]!];
  return otherUsed === 0 ? null : 1 - used / otherUsed;
}

/** The round after which the mean of a run's last five tested models first came to a level; null where it never did. */
export function roundToReach(run: RunSummary, level: number): number | null {
  return roundAt(levels(run), level) ?? null;
}

/** After each round whose model was tested: the mean accuracy of the last five such. */
function levels({ course }: RunSummary): { level: number; round: number }[] {
  const tested: number[] = [];
  return course.accuracy.flatMap((value, round) => {
    if (round === 0 || value === null) return [];
    tested.push(value);
    const late = tested.slice(-lateModels);
    return { level: late.reduce((sum, one) => sum + one, 0) / late.length, round };
  });
}

function roundAt(levels: readonly { level: number; round: number }[], goal: number): number | undefined {
  return levels.find(({ level }) => level >= goal)?.round;
}
