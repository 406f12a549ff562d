import { counted } from "../../papers/claims.js";
import type { Experiment, ExperimentMap, ExperimentTable, ScenarioResults } from "../../papers/experiment.js";
import { allClaims, type ReproductionResults } from "../../papers/reproduce.js";
import {
  type Claim,
  intervalText,
  leastSamples,
  outcomeText,
  probability,
  sentenceOf,
  verdictWords,
} from "../../papers/verdicts.js";
import { summarizeGrid } from "../../study/analysis/cells.js";
import type { Grid } from "../../study/plan/grid.js";
import type { RunSummary } from "../../study/store/columns.js";
import { comparisonFigures } from "../figures/comparisonFigures.js";
import { drawIntervals, drawLines, drawMap, type Figure } from "../figures/drawing.js";
import { type Content, type HtmlTable, type Section, tableOf } from "../pages/html.js";
import { comparisonColumns, comparisonNotes, comparisonRows } from "./comparison.js";
import { type Column, formatNumber } from "./table.js";

/** Claim, what we find, verdict. */
export const claimColumns: readonly Column<Claim>[] = [
  { label: "source", value: ({ source }) => source },
  { label: "claim", value: ({ statement }) => statement },
  { label: "form", value: ({ form }) => form },
  { label: "where", value: ({ where }) => where },
  { label: "published", value: ({ published, unit }) => publishedText(published, unit) },
  { label: "ours [95 %]", value: ({ ours, unit }) => outcomeText(ours, unit) },
  { label: "adjusted", value: ({ adjusted }) => intervalText(adjusted).trim() || "–" },
  { label: "p (Holm)", value: ({ adjusted }) => probability(adjusted?.p ?? null) },
  { label: "verdict", value: ({ verdict }) => verdictWords[verdict] },
  { label: "last five [95 %]", value: ({ late, unit }) => outcomeText(late, unit) },
  { label: "bootstrap", value: ({ bootstrap }) => intervalText(bootstrap).trim() || "–" },
  { label: "samples", value: ({ samples }) => samples },
];

/** The claims for machines: every digit. */
export const claimCsvColumns: readonly Column<Claim>[] = [
  { label: "source", value: ({ source }) => source },
  { label: "claim", value: ({ statement }) => statement },
  { label: "form", value: ({ form }) => form },
  { label: "where", value: ({ where }) => where },
  { label: "unit", value: ({ unit }) => unit },
  { label: "bound", value: ({ published }) => published.bound },
  { label: "published", value: ({ published }) => published.value },
  { label: "family", value: ({ family }) => family },
  { label: "evidence", value: ({ evidence }) => evidence },
  { label: "ours", value: ({ ours }) => ours?.mean ?? null },
  { label: "half_width", value: ({ ours }) => ours?.halfWidth ?? null },
  { label: "standard_error", value: ({ ours }) => ours?.standardError ?? null },
  { label: "degrees", value: ({ ours }) => ours?.degrees ?? null },
  { label: "test_share", value: ({ ours }) => ours?.testShare ?? null },
  { label: "adjusted_low", value: ({ adjusted }) => adjusted?.low ?? null },
  { label: "adjusted_high", value: ({ adjusted }) => adjusted?.high ?? null },
  { label: "p_holm", value: ({ adjusted }) => adjusted?.p ?? null },
  { label: "verdict", value: ({ verdict }) => verdictWords[verdict] },
  { label: "late", value: ({ late }) => late?.mean ?? null },
  { label: "late_half_width", value: ({ late }) => late?.halfWidth ?? null },
  { label: "bootstrap_low", value: ({ bootstrap }) => bootstrap?.low ?? null },
  { label: "bootstrap_high", value: ({ bootstrap }) => bootstrap?.high ?? null },
  { label: "samples", value: ({ samples }) => samples },
];

/** Everything a reproduction shows: the claims first, then experiment by experiment. Figures are returned as files too. */
export async function reproductionSections(
  results: ReproductionResults,
): Promise<{ sections: Section[]; figures: Figure[] }> {
  const figures: Figure[] = [];
  const show = (figure: Figure): Content => {
    figures.push(figure);
    return { svg: figure.svg };
  };
  const sections: Section[] = [];
  const claims = allClaims(results);
  if (claims.length > 0) {
    sections.push({
      heading: "Claims",
      content: [
        { table: tableOf(claims, claimColumns) },
        { markdown: verdictNotes },
        { notes: claims.map(sentenceOf) },
      ],
    });
  }
  for (const { title, about, results: found } of results.pricing) {
    const drawn = await Promise.all(found.figures.map(async (figure) => ({ ...figure, ...(await drawLines(figure)) })));
    sections.push({
      heading: title,
      content: [
        { markdown: about },
        ...drawn.map(show),
        ...(await drawMaps(found.maps ?? [])).map(show),
        ...found.tables.map((table) => ({ table: plainTable(table) })),
      ],
    });
  }
  for (const { experiment, scenarios } of results.training) {
    if (scenarios.length === 0) continue;
    const content: Content[] = [{ markdown: experiment.about }];
    for (const [i, scenario] of scenarios.entries()) {
      for (const table of experiment.tables?.(scenario) ?? []) content.push({ table: plainTable(table) });
      const prefixOf = scenarios.length > 1 ? `${i + 1}-` : "";
      content.push(...(await drawOwn(experiment, scenario, prefixOf)).map(show));
      for (const [j, { grid, title, mapped }] of scenario.grids.entries()) {
        if (mapped) continue;
        const prefix = `${experiment.name}-${scenarios.length > 1 ? `${i + 1}-` : ""}${scenario.grids.length > 1 ? `${j + 1}-` : ""}`;
        content.push(...(await gridContent({ grid, title, scenario, prefix, show })));
      }
    }
    sections.push({ heading: experiment.title, content });
  }
  return { sections, figures };
}

/** The figures that an experiment itself asks for. */
async function drawOwn(experiment: Experiment, scenario: ScenarioResults, prefix: string): Promise<Figure[]> {
  const drawn = [
    ...(experiment.intervals?.(scenario) ?? []).map((figure) => ({ ...figure, drawing: drawIntervals(figure) })),
    ...(experiment.figures?.(scenario) ?? []).map((figure) => ({ ...figure, drawing: drawLines(figure) })),
  ];
  return [
    ...(await Promise.all(
      drawn.map(async ({ file, title, drawing }) => ({ file: `${prefix}${file}`, title, ...(await drawing) })),
    )),
    ...(await drawMaps(experiment.maps?.(scenario) ?? [], prefix)),
  ];
}

function drawMaps(maps: readonly ExperimentMap[], prefix = ""): Promise<Figure[]> {
  return Promise.all(
    maps.map(async (map) => ({ file: `${prefix}${map.file}`, title: map.title, ...(await drawMap(map)) })),
  );
}

/** Trainings that broke off, with the runs that had reached so far. */
export function brokenRunNotes(runs: ReadonlyMap<string, RunSummary>): string[] {
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

/** What the columns and words of the claims' table mean. */
export const verdictNotes = [
  `*ours*: mean and 95 % interval by itself: Student's t over seeds, with the test set's share where the answers were kept; over drops where nothing is trained. *adjusted*: an interval that holds together with those of all claims of its family, and Holm's p-value that there is no difference; where his steps see a difference that such an interval does not, it ends at 0 (of “at least”, at the figure). Verdicts come from the adjusted interval alone, and need ${leastSamples} samples; what has fewer is exploratory.`,
  "*confirmed* (of “better”, “at least”): all of it lies above; *contradicted*: all of it lies below 0; *reached here* (of “up to”): all of it lies at or above the published figure; *consistent*: it holds the published figure and is narrower than it; *better here*, *opposite here*: it lies above or below 0; *less here*: below an “at least”; *undecided*: it holds 0. *no verdict*: the published gain is larger than accuracy less chance. *one sample*: there is no interval.",
  "“Up to” is a maximum over settings that no source names, ours is the mean of one setting: it can reach the figure, and refutes nothing by staying below. *last five*: the same of the mean of the last five tested models instead of the last one.",
].join("\n\n");

async function gridContent(part: {
  grid: Grid;
  title: string;
  scenario: ScenarioResults;
  prefix: string;
  show(figure: Figure): Content;
}): Promise<Content[]> {
  const { grid, title, scenario, prefix, show } = part;
  const rows = comparisonRows(grid, summarizeGrid(grid, scenario.runs));
  const content: Content[] = [
    { heading: title },
    { text: `${scenario.scenario.title}; ${counted(grid.seeds.length, "seed")} × ${counted(grid.drops, "drop")}.` },
    { table: tableOf(rows, comparisonColumns(grid)) },
    { notes: comparisonNotes(grid, rows) },
  ];
  for (const figure of await comparisonFigures(grid, scenario.runs, shownCells(grid))) {
    content.push(
      show({ ...figure, file: `${prefix}${figure.file}`, title: `${title}: ${figure.title.toLowerCase()}` }),
    );
  }
  return content;
}

/** A figure stays readable with one thing varied: the grid's first axis, the others at the baseline's. */
export function shownCells({ axes, baseline, cells }: Grid): Grid["cells"] {
  const first = axes.find(({ variants }) => variants.length > 1);
  return cells.filter(({ labels }) =>
    axes.every(({ name }) => name === first?.name || labels[name] === baseline.labels[name]),
  );
}

/** An experiment's own table, in words. */
export function plainTable({ title, header, rows }: ExperimentTable): HtmlTable {
  return { columns: header.map((label) => ({ label })), rows: rows.map((row) => row.map(cellText)), caption: title };
}

function cellText(cell: ExperimentTable["rows"][number][number]): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return threeDigits(cell);
  if (cell.low === cell.high) return threeDigits(cell.value); // of one sample
  return `${threeDigits(cell.value)} [${threeDigits(cell.low)}, ${threeDigits(cell.high)}]`;
}

function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  if (Math.abs(value) < 1e-6) return "0";
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function publishedText({ bound, value }: Claim["published"], unit: Claim["unit"]): string {
  if (bound === "better") return "better";
  const points = `${value < 0 ? "−" : "+"}${Math.abs(value)} points`;
  return `${bound} ${unit === "points" ? points : `${value} %`}`;
}
