import type { StudyLayout, StudyPart } from "./studyPlan.js";

/** What becomes of a study's results where another plan takes the place of its own; a result is a point, a seed and a drop. */
export interface Growth {
  /** Results of the plan before, and those of them that the plan after does not have */
  before: number;
  lost: number;
  /** Results that the plan after has beside them */
  added: number;
}

/**
 * Whether a plan has everything that another one has: the same configs under the same seeds and drops, whatever they are
 * called and in whichever part they stand.
 */
export function growthOf(before: StudyLayout, after: StudyLayout): Growth {
  const there = dropsOf(after);
  const [kept, all] = [dropsOf(before), { points: 0, lost: 0 }];
  for (const [point, drops] of kept) {
    all.points += drops;
    all.lost += Math.max(0, drops - (there.get(point) ?? 0));
  }
  const now = [...there.values()].reduce((sum, drops) => sum + drops, 0);
  return { before: all.points, lost: all.lost, added: now - (all.points - all.lost) };
}

/** Drops of each point and seed. */
function dropsOf({ parts }: StudyLayout): Map<string, number> {
  const drops = new Map<string, number>();
  for (const part of parts) {
    const asked = askedOf(part);
    for (const { key } of part.grid.cells) {
      for (const seed of part.grid.seeds) {
        const point = `${asked} ${key} ${seed}`;
        drops.set(point, Math.max(part.grid.drops, drops.get(point) ?? 0));
      }
    }
  }
  return drops;
}

/** What a part asks of every point. */
function askedOf({ kind, detail, bitsPerEntry, receivers, realizations, measures }: StudyPart): string {
  return JSON.stringify({ kind, detail, bitsPerEntry, receivers, realizations, measures });
}
