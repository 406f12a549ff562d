import { cellRuns } from "../study/analysis/cells.js";
import { meanInterval } from "../study/analysis/intervals.js";
import type { Grid } from "../study/plan/grid.js";
import type { RunSummary } from "../study/store/columns.js";
import { type Claim, type ClaimAbout, counted, findCell, inPercent, verdictOf } from "./claims.js";

type Labels = Readonly<Record<string, string>>;

/**
 * The share of nominal bits saved on the way to the same accuracy: for each seed and drop, what the cell had sent when
 * it first had the accuracy at which the reference's run ended, against what the reference had sent by then. Runs that
 * never get there are left out and counted in `samples`.
 */
export function bitsToReach(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  cells: { cell: Labels; reference: Labels },
): Claim {
  const own = cellRuns(grid, findCell(grid, cells.cell), runs);
  const reference = cellRuns(grid, findCell(grid, cells.reference), runs);
  let pairs = 0;
  let reached = 0;
  const savings = own.flatMap((drops, seed) => {
    const values: number[] = [];
    for (const run of drops) {
      const other = reference[seed]!.find((one) => one.drop === run.drop);
      if (other === undefined || other.final.rounds === 0) continue;
      pairs++;
      const bits = bitsAt(run, other.final.accuracy ?? Number.POSITIVE_INFINITY);
      const otherBits = other.course.nominalBits.at(-1)!;
      if (bits === null) continue;
      reached++;
      values.push(1 - bits / otherBits);
    }
    return values.length === 0 ? [] : [values.reduce((sum, value) => sum + value, 0) / values.length];
  });
  const ours = inPercent(savings.length === 0 ? null : meanInterval(savings));
  return {
    ...about,
    unit: "percent",
    ours,
    verdict: verdictOf(about.published, ours),
    samples: `${counted(savings.length, "seed")}; ${reached} of ${pairs} runs reach it`,
  };
}

/** Bits sent when the accuracy was first reached. */
function bitsAt({ course }: RunSummary, accuracy: number): number | null {
  const round = course.accuracy.findIndex((value, i) => i > 0 && value !== null && value >= accuracy);
  return round < 0 ? null : course.nominalBits[round]!;
}
