import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import type { Scenario } from "../../papers/experiment.js";
import type { Scale } from "../../papers/scales.js";
import { journalFolder, readFolderStore } from "../../study/store/folder.js";
import { planDifference } from "../../study/store/plan.js";
import type { Json } from "../../study/store/record.js";
import { say } from "../terminal/output.js";

/** What a reproduction's folder is kept by: seeds and drops where they are not the scale's. */
export interface KeptReproduction {
  readonly [field: string]: Json;
}

/**
 * The plan of a folder that more seeds or drops of the same are added to: with `--resume` that is going on.
 * @throws InputError where that would do and was not asked for
 * @returns undefined where the folder has this plan already, another one, or none
 */
export async function grownReproduction(
  folder: string | undefined,
  kept: KeptReproduction,
  { scale, resume }: { scale: Scale; resume: boolean },
): Promise<Json | undefined> {
  if (folder === undefined || !existsSync(join(folder, journalFolder))) return undefined;
  const store = await readFolderStore(folder);
  await store.close();
  const before = store.plan as KeptReproduction | null;
  if (before === null || planDifference(before, kept) === "") return undefined;
  if (planDifference(withoutSamples(before), withoutSamples(kept)) !== "") return undefined;
  const grows = scale.scenarios.every((scenario) => {
    const [then, now] = [samplesOf(before, scenario), samplesOf(kept, scenario)];
    return then.drops <= now.drops && then.seeds.every((seed) => now.seeds.includes(seed));
  });
  if (!grows) return undefined;
  const difference = planDifference(before, kept);
  if (!resume)
    throw new InputError("--out", `${folder} holds fewer samples: ${difference}; add --resume to go on with it`);
  say(`${folder} gets more samples: ${difference}`);
  return before;
}

function withoutSamples({ seeds: _seeds, drops: _drops, ...rest }: KeptReproduction): Json {
  return rest;
}

function samplesOf(plan: KeptReproduction, scenario: Scenario): { seeds: readonly number[]; drops: number } {
  return {
    seeds: (plan.seeds as readonly number[] | undefined) ?? scenario.seeds,
    drops: (plan.drops as number | undefined) ?? scenario.drops,
  };
}
