import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import { presetNames } from "../../config/presets.js";
import { readInput } from "../../disk/input.js";
import { parseStudyPlan } from "../../study/plan/parsePlan.js";
import type { StudyPlan } from "../../study/plan/planForm.js";
import { type StudyLayout, studySteps } from "../../study/plan/studyPlan.js";
import type { Json } from "../../study/store/record.js";
import { whileHearing } from "../terminal/interruption.js";
import { say } from "../terminal/output.js";
import { loadPlugins, type Plugins } from "./plugins.js";
import { writeBelow } from "./studyFolder.js";

/** A plan with everything that it names read, and laid out. */
export interface LoadedStudy {
  layout: StudyLayout;
  plugins: Plugins;
  /** What a folder keeps to know its own results by: the plan, config files read into it, and the sources of plugins */
  kept: Json;
}

/**
 * Reads a plan's file, and the config files and plugins that it names, which are looked for beside it.
 * @param options.plugin modules of the command line, beside the plan's own
 * @param options.dataDir where the data are, which is no part of a plan
 * @throws InputError for what cannot be read, what is no plan, and what it cannot mean
 */
export async function loadStudy(
  file: string,
  options: { plugin?: readonly string[]; dataDir?: string } = {},
): Promise<LoadedStudy> {
  const text = await readInput(file, { allowed: "a JSON file with a study's plan, see `cellfed schema --plan`" });
  const plan = await withConfigs(parseStudyPlan(parseJson(text.toString("utf8"), file)), dirname(file));
  const beside = (plan.plugins ?? []).map((path) => (isAbsolute(path) ? path : join(dirname(file), path)));
  return layOut(plan, [...beside, ...(options.plugin ?? [])], options.dataDir);
}

/** The study of a folder, by what it keeps. @throws InputError where that is no plan of a study */
export async function loadKeptStudy(
  folder: string,
  kept: Json,
  options: { plugin?: readonly string[]; dataDir?: string } = {},
): Promise<LoadedStudy> {
  const { study } = (kept ?? {}) as { study?: StudyPlan };
  if (study === undefined) {
    throw new InputError(
      folder,
      "holds results of another command, and no study (`cellfed study PLAN.json --out DIR`)",
    );
  }
  return layOut(study, [...keptModules(folder), ...(options.plugin ?? [])], options.dataDir);
}

const modulesFile = "modules.json";

/** Writes into a study's folder where its plugins lie here; that is no part of the plan, which has their sources' sums. */
export function keepModules(folder: string, { files }: Plugins): void {
  const path = join(folder, modulesFile);
  const text = `${JSON.stringify(
    files.map((file) => file.path),
    null,
    2,
  )}\n`;
  if (files.length > 0 && !(existsSync(path) && readFileSync(path, "utf8") === text))
    writeBelow(folder, [[modulesFile, text]]);
}

function keptModules(folder: string): string[] {
  const path = join(folder, modulesFile);
  return existsSync(path) ? (parseJson(readFileSync(path, "utf8"), path) as string[]) : [];
}

async function layOut(plan: StudyPlan, modules: readonly string[], dataDir: string | undefined): Promise<LoadedStudy> {
  const plugins = await loadPlugins(modules);
  const sources = Object.fromEntries(plugins.files.map(({ name, sum }) => [nameOf(name), sum]));
  const sets = dataDir === undefined ? [] : [`data.directory=${JSON.stringify(dataDir)}`];
  const layout = await whileHearing(studySteps(plan, { sources, sets }));
  for (const warning of layout.warnings) say(`warning: ${warning}`);
  const { $schema: _, ...study } = plan;
  return { layout, plugins, kept: { study, ...(modules.length > 0 && { sources }) } as unknown as Json };
}

/** Of a module: the same wherever its folder is. */
function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "");
}

/** Config files read into the plan, so that it stands by itself. */
async function withConfigs(plan: StudyPlan, folder: string): Promise<StudyPlan> {
  const whole = async <Part extends { base?: unknown }>(part: Part): Promise<Part> => {
    const { base } = part;
    if (typeof base !== "string" || (presetNames as readonly string[]).includes(base) || !/[./\\]/.test(base))
      return part;
    const path = isAbsolute(base) ? base : join(folder, base);
    const bytes = await readInput(path, {
      name: `base ${base}`,
      allowed: `a config file, or a preset: ${presetNames.join(", ")}`,
    });
    return { ...part, base: parseJson(bytes.toString("utf8"), path) };
  };
  if (!("parts" in plan)) return whole(plan);
  return { ...plan, parts: await Promise.all(plan.parts.map(whole)) };
}
