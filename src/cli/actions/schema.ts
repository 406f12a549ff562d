import { InputError } from "../../config/errors.js";
import { configJsonSchema } from "../../parts/jsonSchema.js";
import { configTable } from "../../report/tables/configTable.js";
import { studyPlanJsonSchema } from "../../study/plan/parsePlan.js";
import { print, printJson } from "../terminal/output.js";

export function schema({ markdown, plan }: { markdown?: true; plan?: true }): void {
  if (plan === true && markdown === true)
    throw new InputError("--markdown", "is for the config's fields, not for a plan");
  if (plan === true) printJson(studyPlanJsonSchema());
  else if (markdown === true) print(`${configTable()}\n`);
  else printJson(configJsonSchema());
}
