import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../../config/errors.js";
import { parseJson } from "../../config/json.js";
import { citeConfig } from "../../report/citing/paragraph.js";
import type { citationFormats, SharedOptions } from "../commands/options.js";
import { configFrom } from "../files/source.js";
import { wholeNumbers } from "../terminal/options.js";
import { print, printJson } from "../terminal/output.js";
import { versions } from "../terminal/study.js";

export type CiteOptions = Pick<SharedOptions, "set" | "plugin" | "rounds" | "seed"> & {
  format: (typeof citationFormats)[number];
  quantizer?: string;
  power?: string;
  seeds?: string;
};

/** Prints what a run of the config simulates. Of a results folder's config.json, seeds and engine are its results'. */
export async function cite(source: string, options: CiteOptions): Promise<void> {
  if (options.seed !== undefined && options.seeds !== undefined)
    throw new InputError("--seeds", "cannot be given together with --seed");
  const { config } = await configFrom(source, options);
  const computed = existsSync(source) ? resultsBeside(source) : undefined;
  const seeds = options.seeds === undefined ? computed?.seeds : wholeNumbers("--seeds", options.seeds);
  const engine = computed?.versions ?? versions([config]);
  const { cellfed: _cellfed, node, ...machine } = engine;
  const citation = citeConfig(config, {
    ...(seeds !== undefined && { seeds }),
    engine: { ...(node !== undefined && { node: `Node ${node}` }), ...machine },
  });
  if (options.format === "json") printJson(citation);
  else if (options.format === "text") print(`${citation.text}\n\n${citation.bibtex}\n`);
  else print(`${citation[options.format]}\n`);
}

/** What summary.json beside a config says of how it was computed; a file of another kind says nothing. */
function resultsBeside(source: string): { versions?: Record<string, string>; seeds?: number[] } | undefined {
  const path = join(dirname(source), "summary.json");
  if (!existsSync(path)) return undefined;
  const summary = parseJson(readFileSync(path, "utf8"), path);
  if (typeof summary !== "object" || summary === null) return undefined;
  const { versions, runs } = summary as { versions?: Record<string, string>; runs?: { seed: number }[] };
  return { ...(versions && { versions }), ...(Array.isArray(runs) && { seeds: runs.map(({ seed }) => seed) }) };
}
