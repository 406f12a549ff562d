import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { journalFolder, readFolderStore } from "../../study/store/folder.js";
import { planDifference } from "../../study/store/plan.js";
import type { Json } from "../../study/store/record.js";
import { say } from "../terminal/output.js";

/** What a reproduction's folder is kept by: seeds and drops where they are not the scale's. */
export interface KeptReproduction {
  readonly [field: string]: Json;
}

/**
 * The plan of a folder that has other seeds or drops of the same. With `--resume` one goes on with these: what is there of
 * them counts, and what is not of them stays in the journals.
 * @returns undefined where the folder has this plan already, another one, or none
 * @throws InputError where it would do and was not asked for
 */
export async function otherSamples(
  folder: string | undefined,
  kept: KeptReproduction,
  { resume }: { resume: boolean },
): Promise<Json | undefined> {
  if (folder === undefined || !existsSync(join(folder, journalFolder))) return undefined;
  const store = await readFolderStore(folder);
  await store.close();
  const before = store.plan as KeptReproduction | null;
  if (before === null) return undefined;
  const difference = planDifference(before, kept);
  if (difference === "" || planDifference(withoutSamples(before), withoutSamples(kept)) !== "") return undefined;
  if (!resume)
    throw new InputError("--out", `${folder} has other samples: ${difference}; add --resume to go on with these`);
  say(`${folder} goes on with other samples: ${difference}`);
  return before;
}

function withoutSamples({ seeds: _seeds, drops: _drops, ...rest }: KeptReproduction): Json {
  return rest;
}
