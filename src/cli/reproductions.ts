import { InputError } from "../config/errors.js";
import { htmlReport } from "../report/html.js";
import { claimColumns, reproductionSections } from "../report/reproduction.js";
import { csv, markdownTable, textTable } from "../report/table.js";
import { chooseScale } from "../study/experiments/scales.js";
import { allClaims, reproduce } from "../study/reproduce.js";
import {
  commandLine,
  failureNotes,
  openFolderStore,
  resultsFingerprint,
  versions,
  withProgress,
  writeBelow,
} from "./comparisons.js";
import { interruption } from "./interruption.js";
import { wholeNumber, wholeNumbers, workerCount } from "./options.js";
import { printJson, say } from "./output.js";
import { undoFolder } from "./results.js";

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
  const folder = flags.out === false ? undefined : (flags.out ?? `results/reproduce-${scale.name}`);
  const undo = folder === undefined ? () => {} : undoFolder(folder);
  const store = await openFolderStore(folder, flags.resume === true || flags.out === undefined);
  try {
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
    const notes = [
      ...results.missing.map(({ title, reason }) => `left out: ${title}: ${reason}`),
      ...failureNotes(results),
    ];
    if (folder !== undefined) {
      const { sections, figures } = await reproductionSections(results);
      const page = htmlReport({
        title: `cellfed reproduce: ${scale.name}`,
        lead: `${scale.description}${results.interrupted ? ` — ${interruptedLead}` : ""}`,
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
      process.stdout.write(`${textTable(claims, claimColumns)}\n`);
      for (const note of notes) say(note);
      if (folder !== undefined) process.stdout.write(`report  ${folder}/report.html\n`);
    }
    if (results.interrupted)
      say(`interrupted: what is finished is kept${folder ? `; go on with --out ${folder} --resume` : ""}`);
    else if (results.failures.length > 0) process.exitCode = 1;
  } catch (error) {
    // Found before anything was computed: names, flags, data that is not there
    if (error instanceof InputError) undo();
    throw error;
  } finally {
    store.close();
  }
}

const interruptedLead = "broken off: what is missing shows as –, and “samples” says how many seeds there are";

/** Only pricing was asked for. */
function needsTraining(names: readonly string[]): boolean {
  return names.length === 0 || names.some((name) => name !== "rounds" && name !== "tradeoff");
}
