import { allClaims, type ReproductionResults } from "../../papers/reproduce.js";
import type { Scale } from "../../papers/scales.js";
import { type Claim, sentenceOf } from "../../papers/verdicts.js";
import { escapeMarkdown } from "../escape.js";
import { drawingFiles } from "../figures/drawing.js";
import { claimColumns, claimCsvColumns, reproductionSections } from "../tables/reproduction.js";
import { csv, markdownTable } from "../tables/table.js";
import { runsFingerprint } from "./comparison.js";
import { htmlReport, type Section } from "./html.js";

/** What a reproduction's page says of how it came about. */
export interface ReproductionOrigin {
  scale: Pick<Scale, "name" | "description">;
  /** What is otherwise than the scale says */
  changes: readonly string[];
  command: string;
  versions: Readonly<Record<string, string>>;
  interrupted: boolean;
  /** What was left out and what failed */
  notes: readonly string[];
}

const interruptedLead = "broken off: what is missing shows as –, and “samples” says how many seeds there are";

/** The files of a reproduction's folder by their names: report.html, the claims in three forms, figures. */
export async function reproductionFiles(
  results: ReproductionResults,
  { scale, changes, command, versions, interrupted, notes }: ReproductionOrigin,
): Promise<Map<string, string>> {
  const { sections, figures } = await reproductionSections(results);
  const claims = allClaims(results);
  const otherwise = changes.length === 0 ? [] : [`here otherwise: ${changes.join(", ")}`];
  const leftOut: Section = {
    heading: "Left out and failed",
    content: [{ notes }],
  };
  const page = htmlReport({
    title: `cellfed reproduce: ${scale.name}`,
    lead: [scale.description, ...otherwise, ...(interrupted ? [interruptedLead] : [])].join(" — "),
    command,
    versions,
    fingerprint: runsFingerprint(results.runs),
    sections: notes.length === 0 ? sections : [...sections, leftOut],
  });
  return new Map([
    ["claims.csv", csv(claims, claimCsvColumns)],
    ["claims.md", `${markdownTable(claims, claimColumns)}\n\n${claimSentences(claims)}`],
    ["claims.json", `${JSON.stringify(claims, null, 2)}\n`],
    ...figures.flatMap((figure) => drawingFiles(`figures/${figure.file}`, figure)),
    ["report.html", page],
  ]);
}

/** What each claim comes to, in words that its verdict allows. */
export function claimSentences(claims: readonly Claim[]): string {
  return claims.map((claim) => `* ${escapeMarkdown(sentenceOf(claim))}\n`).join("");
}
