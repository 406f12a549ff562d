import { InputError } from "../../config/errors.js";
import { allClaims, type ReproduceResults, reproduce } from "../../papers/reproduce.js";
import { chooseScale } from "../../papers/scales.js";
import { htmlReport } from "../../report/pages/html.js";
import { claimColumns, reproductionSections } from "../../report/tables/reproduction.js";
import { csv, markdownTable, textTable } from "../../report/tables/table.js";
import type { RunSummary } from "../../study/jobs/training.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumber, wholeNumbers, workerCount } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";
import {
  commandLine,
  failureNotes,
  refuseSeeds,
  resultsFingerprint,
  versions,
  withFolderStore,
  withProgress,
  writeBelow,
} from "./comparisons.js";

export interface ReproduceFlags {
  scale: string;
  dataDir?: string;
  set?: string[];
  seeds?: string;
  drops?: string;
  out: string | false | undefined;
  resume?: true;
  workers?: string;
  json?: true;
}

/** Runs the named experiments (all where none is named) and reports claim by claim. */
export async function runReproduction(names: readonly string[], flags: ReproduceFlags): Promise<void> {
  const scale = chooseScale(flags.scale);
  if (scale.realData && flags.dataDir === undefined && needsTraining(names)) {
    throw new InputError(
      "--data-dir",
      `the scale "${scale.name}" trains on real images: name the folder that holds them (or take --scale quick)`,
    );
  }
  const sets = [
    ...(flags.dataDir === undefined ? [] : [`data.directory=${JSON.stringify(flags.dataDir)}`]),
    ...(flags.set ?? []),
  ];
  refuseSeeds(flags.set);
  const folder = flags.out === false ? undefined : (flags.out ?? `results/reproduce-${scale.name}`);
  await withFolderStore(folder, flags.resume === true || flags.out === undefined, async (store) => {
    const results = await withProgress(`reproduce ${scale.name}`, (onProgress) =>
      reproduce({
        scale,
        experiments: names,
        sets,
        ...(flags.seeds !== undefined && { seeds: wholeNumbers("--seeds", flags.seeds) }),
        ...(flags.drops !== undefined && { drops: wholeNumber("--drops", flags.drops, 1, 100_000) }),
        workers: workerCount(flags.workers),
        store,
        signal: interruption,
        onProgress,
        onPricing: (experiment) => say(`pricing: ${experiment}`),
      }),
    );
    const claims = allClaims(results);
    const brokenRuns = brokenRunNotes(results);
    const notes = [
      ...results.missing.map(({ title, reason }) => `left out: ${title}: ${reason}`),
      ...failureNotes(results),
      ...brokenRuns,
    ];
    if (folder !== undefined) {
      const { sections, figures } = await reproductionSections(results);
      const page = htmlReport({
        title: `cellfed reproduce: ${scale.name}`,
        lead: [scale.description, ...changes(flags), ...(results.interrupted ? [interruptedLead] : [])].join(" — "),
        command: commandLine(),
        versions: versions(),
        fingerprint: resultsFingerprint({ runs: results.runs }),
        sections:
          notes.length === 0
            ? sections
            : [
                ...sections,
                {
                  heading: "Left out and failed",
                  content: [{ markdown: notes.map((note) => `* ${note}`).join("\n") }],
                },
              ],
      });
      writeBelow(folder, "report.html", page);
      writeBelow(folder, "claims.csv", csv(claims, claimColumns));
      writeBelow(folder, "claims.md", `${markdownTable(claims, claimColumns)}\n`);
      writeBelow(folder, "claims.json", `${JSON.stringify(claims, null, 2)}\n`);
      for (const { file, svg } of figures) writeBelow(folder, `figures/${file}`, svg);
    }
    if (flags.json) printJson({ scale: scale.name, claims, failures: results.failures, folder: folder ?? null });
    else {
      if (claims.length > 0) process.stdout.write(`${textTable(claims, claimColumns)}\n`);
      for (const note of notes) say(note);
      if (folder !== undefined) process.stdout.write(`report  ${folder}/report.html\n`);
    }
    if (results.interrupted)
      say(`interrupted: what is finished is kept${folder ? `; go on with --out ${folder} --resume` : ""}`);
    else if (results.failures.length > 0 || brokenRuns.length > 0) process.exitCode = 1;
  });
}

const interruptedLead = "broken off: what is missing shows as –, and “samples” says how many seeds there are";

/** What this run has otherwise than the scale says. */
function changes({ seeds, drops, set }: ReproduceFlags): string[] {
  const changed = [
    ...(seeds === undefined ? [] : [`seeds ${seeds}`]),
    ...(drops === undefined ? [] : [`drops ${drops}`]),
    ...(set ?? []),
  ];
  return changed.length === 0 ? [] : [`here otherwise: ${changed.join(", ")}`];
}

/** Trainings that broke off, with the runs that had reached so far. */
function brokenRunNotes({ runs }: Pick<ReproduceResults, "runs">): string[] {
  const broken = new Map<string, { first: RunSummary; count: number }>();
  for (const run of runs.values()) {
    if (run.ended.by !== "failed") continue;
    const known = broken.get(run.trace);
    broken.set(run.trace, { first: known?.first ?? run, count: (known?.count ?? 0) + 1 });
  }
  return [...broken.values()].map(
    ({ first, count }) => `${first.cell}, seed ${first.seed}: ${count} runs failed: ${first.ended.reason}`,
  );
}

/** Only pricing was asked for. */
function needsTraining(names: readonly string[]): boolean {
  return names.length === 0 || names.some((name) => name !== "rounds" && name !== "tradeoff");
}
