import type { StudyPlan } from "../../study/plan/planForm.js";
import { layOutStudy } from "../../study/plan/studyPlan.js";
import { print } from "../terminal/output.js";
import { writeFiles } from "./outputs.js";

/** Writes a plan where `--plan` says, once it is known to lay out. @throws InputError */
export function writePlan(path: string, plan: StudyPlan): void {
  const { jobs } = layOutStudy(plan);
  writeFiles([{ flag: "--plan", path, content: `${JSON.stringify(plan, null, 2)}\n` }]);
  print(`${path}  ${jobs.length} jobs: cellfed study ${path} --out DIR\n`);
}
