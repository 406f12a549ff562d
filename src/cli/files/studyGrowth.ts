import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { growthOf } from "../../study/plan/growth.js";
import type { StudyPlan } from "../../study/plan/planForm.js";
import { studySteps } from "../../study/plan/studyPlan.js";
import { journalFolder, readFolderStore } from "../../study/store/folder.js";
import { planDifference } from "../../study/store/plan.js";
import type { Json } from "../../study/store/record.js";
import { whileHearing } from "../terminal/interruption.js";
import { say } from "../terminal/output.js";
import type { LoadedStudy } from "./studyPlan.js";

/**
 * The plan of a folder that a study's plan takes the place of, because it has everything in it and more.
 * @returns undefined where the folder has this plan already, or none
 * @throws InputError where it may but was not asked to, and where it was asked to and something would be left out
 */
export async function replacedPlan(
  { layout, kept }: LoadedStudy,
  folder: string,
  { extend }: { extend?: boolean | undefined },
): Promise<Json | undefined> {
  const before = existsSync(join(folder, journalFolder)) ? await planIn(folder) : null;
  if (before === null) {
    if (extend) throw new InputError("--extend", `${folder} holds no study that could be added to: leave it out`);
    return undefined;
  }
  const difference = planDifference(before, kept);
  if (difference === "") return undefined;
  const { study, sources = {} } = before as { study?: StudyPlan; sources?: Record<string, string> };
  const own = (kept as { sources?: Record<string, string> }).sources ?? {};
  const samePlugins = Object.entries(sources).every(([name, sum]) => own[name] === sum);
  if (study === undefined || !samePlugins) return refuse(`another plan: ${difference}`);
  const growth = growthOf(await whileHearing(studySteps(study, { sources: own })), layout);
  if (growth.lost > 0) {
    const left = `${growth.lost} of the ${growth.before} results of ${folder} are not in this plan`;
    return refuse(`another plan (${left}): ${difference}`);
  }
  if (!extend) {
    const what =
      growth.added === 0 ? "the same results as" : `${growth.before} of the ${growth.before + growth.added} results of`;
    const held = `${folder} holds results of another plan, which has ${what} this one: ${difference}`;
    throw new InputError("--out", `${held}; --extend goes on with this one`);
  }
  say(`${folder} gets ${growth.added} results more beside the ${growth.before} of its plan: ${difference}`);
  return before;

  function refuse(what: string): undefined {
    // Without the option the store says so itself.
    if (extend) throw new InputError("--extend", `only adds to a study, and ${folder} holds results of ${what}`);
  }
}

async function planIn(folder: string): Promise<Json> {
  const store = await readFolderStore(folder);
  await store.close();
  return store.plan;
}
