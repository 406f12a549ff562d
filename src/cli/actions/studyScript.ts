import { basename } from "node:path";
import { InputError, unknownName } from "../../config/errors.js";
import type { SharedOptions } from "../commands/options.js";
import { type ScriptSettings, scripts } from "../files/clusterScripts.js";
import { loadStudy } from "../files/studyPlan.js";
import { duration } from "../terminal/duration.js";
import { wholeNumber } from "../terminal/options.js";
import { print, say } from "../terminal/output.js";

export interface StudyScriptOptions extends SharedOptions {
  tasks: string;
  time: string;
  fixed?: true;
  hosts: string;
  image: string;
  claim: string;
  command: string;
}

/** Prints a script, after the plan has been read: a typo is better seen here than in a queue. */
export async function studyScript(kind: string, plan: string, options: StudyScriptOptions): Promise<void> {
  if (!Object.hasOwn(scripts, kind)) throw new InputError("script", unknownName("kind", kind, Object.keys(scripts)));
  if (options.out === false) throw new InputError("--no-out", "workers need a folder that they share: leave it out");
  const { layout } = await loadStudy(plan, options);
  const name = basename(plan).replace(/\.[^.]*$/, "");
  const tasks = wholeNumber("--tasks", options.tasks, 1, 1_000_000);
  if (tasks > layout.jobs.length)
    say(`warning: ${tasks} tasks for ${layout.jobs.length} jobs: some have nothing to do`);
  const settings: ScriptSettings = {
    ...{ name: name.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase(), plan, tasks, fixed: options.fixed === true },
    out: options.out ?? `results/study-${name}`,
    seconds: duration("--time", options.time),
    threads: options.workers === undefined ? 1 : wholeNumber("--workers", options.workers, 1, 256),
    more: [
      ...(options.plugin ?? []).flatMap((file) => ["--plugin", file]),
      ...(options.dataDir === undefined ? [] : ["--data-dir", options.dataDir]),
    ],
    ...{ hosts: options.hosts, image: options.image, claim: options.claim, command: options.command },
  };
  print(scripts[kind as keyof typeof scripts](settings));
}
