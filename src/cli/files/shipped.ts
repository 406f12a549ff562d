import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import {
  concludeReproduction,
  finalistsOf,
  planReproduction,
  planTunings,
  type ReproductionResults,
} from "../../papers/reproduce.js";
import { chooseScale, type Scale } from "../../papers/scales.js";
import { recordsFile, type ShippedStudy } from "../../report/pages/shippedStudy.js";
import { choicesOf } from "../../study/plan/tunings.js";
import { openShipped, watched } from "../../study/store/shipped.js";

/**
 * The results of a study from its records alone.
 * @param folder it came from, for messages
 * @throws InputError for damaged records, and where the experiments ask for others than were shipped
 */
export async function concludeShipped(
  study: ShippedStudy,
  bytes: Uint8Array,
  folder: string,
): Promise<{ results: ReproductionResults; scale: Scale }> {
  const path = join(folder, recordsFile);
  const { store, records, numerics } = await openShipped(bytes, path);
  if (records !== study.records) throw new InputError(path, `${records} records, but ${study.records} were shipped`);
  const scale = chooseScale(study.scale);
  const { experiments, sets, seeds, drops, without } = study;
  const request = {
    scale,
    experiments,
    sets,
    ...(seeds !== undefined && { seeds }),
    ...(drops !== undefined && { drops }),
    without: new Set(scale.scenarios.filter(({ title }) => without.includes(title))),
    numerics,
  };
  const read = watched(store);
  const choices = await choicesOf(planTunings(request), read.store);
  const screened = planReproduction({ ...request, choices });
  const finalists = await finalistsOf(screened, read.store);
  const plan = finalists.size === 0 ? screened : planReproduction({ ...request, choices, finalists });
  const results = await concludeReproduction(plan, read.store);
  const used = read.keys().length;
  if (used !== records) {
    const reason = "the experiments of this version ask for others than those that made it";
    throw new InputError(path, `${used} of ${records} records are used: ${reason}`);
  }
  return { results, scale };
}
