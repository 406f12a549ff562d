import { allClaims, claimsByExperiment, type ReproductionResults } from "../../papers/reproduce.js";
import { type Claim, intervalText, valueText, verdictWords } from "../../papers/verdicts.js";
import { summarizeGrid } from "../../study/analysis/cells.js";
import { endsAt } from "../../study/analysis/intervals.js";
import type { Grid } from "../../study/plan/grid.js";
import { escapeMarkdown } from "../escape.js";
import { type ComparisonRow, comparisonColumns, comparisonRows } from "../tables/comparison.js";
import { plainTable, shownCells } from "../tables/reproduction.js";
import { type Column, markdownTable } from "../tables/table.js";
import { claimSentences } from "./reproduction.js";

/** Claims that a place has on average where each has a table of its own. */
const manyClaims = 6;

/**
 * The claims as a docs page shows them, of one experiment or of all: what was found, the interval that the verdict rests
 * on, and in words no more than the verdict allows. What all rows have alike is said once, above them.
 */
export function claimsForDocs(results: ReproductionResults, experiment?: string): string {
  const all = claimsByExperiment(results);
  const claims = experiment === undefined ? [...all.values()].flat() : all.get(experiment);
  if (claims === undefined) throw new Error(`${experiment} is not among the report's experiments`);
  const places = [...new Set(claims.map(({ where }) => where))];
  const tables =
    claims.length < manyClaims * places.length
      ? claimsTable(claims, true)
      : places
          .map((place) => {
            const here = claims.filter(({ where }) => where === place);
            return `${escapeMarkdown(place)}:\n\n${claimsTable(here, false)}`;
          })
          .join("\n\n");
  return `${tables}\n\n${claimSentences(claims.filter(({ family }) => family === "primary"))}`;
}

/** Every claim of a report in a row, wherever it was looked at: how often each verdict was given, and on what figures. */
export function verdictsForDocs(results: ReproductionResults): string {
  const claims = allClaims(results);
  const nameOf = ({ source, form, statement }: Claim) => JSON.stringify([source, form, statement]);
  const rows = [...new Set(claims.map(nameOf))].map((name) => claims.filter((claim) => nameOf(claim) === name));
  return `${markdownTable(rows, [
    { label: "claim", value: ([first]) => sourcedStatement(first!) },
    { label: "form", value: ([first]) => first!.form },
    { label: "verdicts", value: verdictCounts },
  ])}\n`;
}

/** "better here 5 (+2.0 points to +8.8 points), consistent 1 (+7.9 points)", the most frequent first */
function verdictCounts(claims: readonly Claim[]): string {
  return [...new Set(claims.map(({ verdict }) => verdict))]
    .map((verdict) => claims.filter((claim) => claim.verdict === verdict))
    .sort((a, b) => b.length - a.length)
    .map((alike) => {
      const measured = alike.filter(({ ours }) => ours !== null).sort((a, b) => a.ours!.mean - b.ours!.mean);
      const ends = new Set([measured[0], measured.at(-1)].flatMap((claim) => (claim ? [valueText(claim)] : [])));
      return `${verdictWords[alike[0]!.verdict]} ${alike.length}${ends.size > 0 ? ` (${[...ends].join(" to ")})` : ""}`;
    })
    .join(", ");
}

const sourcedStatement = ({ source, statement }: Claim): string =>
  source === "ours" ? statement : `${source} ${statement}`;

/** @param placed whether they hold in different places */
function claimsTable(claims: readonly Claim[], placed: boolean): string {
  const rows = claims.map((claim) => ({ claim, ends: claim.adjusted ?? (claim.ours && endsAt(claim.ours)) }));
  const forms = new Set(claims.map(({ form }) => form));
  const columns: Column<(typeof rows)[number]>[] = [
    { label: "claim", value: ({ claim }) => sourcedStatement(claim) },
    ...(forms.size > 1 ? [{ label: "form", value: ({ claim }: (typeof rows)[number]) => claim.form }] : []),
    ...(placed ? [{ label: "where", value: ({ claim }: (typeof rows)[number]) => claim.where }] : []),
    { label: "ours", value: ({ claim, ends }) => `${valueText(claim)}${intervalText(ends)}` },
    { label: "verdict", value: ({ claim }) => verdictWords[claim.verdict] },
  ];
  return markdownTable(rows, columns);
}

/** An experiment's own tables as a docs page shows them. */
export function tablesForDocs(results: ReproductionResults, name: string): string {
  const { experiment, scenarios } = trained(results, name);
  return scenarios
    .flatMap((scenario) => (experiment.tables?.(scenario) ?? []).map(plainTable))
    .map(({ caption = "", columns, rows }) => {
      const shown = columns.map(({ label }, i) => ({ label, value: (row: readonly string[]) => row[i]! }));
      return `${escapeMarkdown(caption)}:\n\n${markdownTable(rows, shown)}\n\n`;
    })
    .join("");
}

function trained({ training }: ReproductionResults, name: string): ReproductionResults["training"][number] {
  const found = training.find(({ experiment }) => experiment.name === name);
  if (found === undefined) throw new Error(`${name} is not among the report's experiments`);
  return found;
}

type Trained = ReproductionResults["training"][number]["scenarios"][number];
type TrainedGrid = Trained["grids"][number];

/**
 * What an experiment gave in two reports, each with the name of its scale: where both have a grid of one place, a table
 * of the cells that the second has, each beside the first's. A method is the same whatever bits were chosen for it.
 */
export function scalesForDocs(
  name: string,
  [first, firstScale]: readonly [ReproductionResults, string],
  [second, secondScale]: readonly [ReproductionResults, string],
): string {
  const earlier = trained(first, name).scenarios;
  const tables = trained(second, name).scenarios.flatMap((there) => {
    const place = placeOf(there);
    const here = earlier.find((scenario) => placeOf(scenario) === place);
    if (here === undefined) return [];
    return pairedGrids(here, there).map(([one, other]) => {
      const axis = variedAxes(other.grid)[0]!;
      const rowsHere = shownRows(one.grid, here.runs);
      const rows = shownRows(other.grid, there.runs).map((row): readonly [ComparisonRow | undefined, ComparisonRow] => [
        rowsHere.find(({ labels }) => methodOf(labels[axis]!) === methodOf(row.labels[axis]!)),
        row,
      ]);
      const columns: Column<(typeof rows)[number]>[] = [
        {
          label: axis,
          value: (both) => [...new Set(both.map((row) => row?.labels[axis]))].filter(Boolean).join(" / "),
        },
        ...scaleColumns<(typeof rows)[number]>(firstScale, one.grid, ([row]) => row),
        ...scaleColumns<(typeof rows)[number]>(secondScale, other.grid, ([, row]) => row),
      ];
      return `${escapeMarkdown(`${other.title}; ${place}`)}:\n\n${markdownTable(rows, columns)}\n\n`;
    });
  });
  if (tables.length === 0) throw new Error(`${name} has no grid in a place that both reports have`);
  return tables.join("");
}

/** Without what a training of the scale computes */
const placeOf = ({ scenario }: Trained): string => scenario.title.split(", ℓ_c")[0]!;
const methodOf = (label: string): string => label.replace(/, \d+ bits/, "");

function pairedGrids(here: Trained, there: Trained): [TrainedGrid, TrainedGrid][] {
  return there.grids
    .filter(({ mapped }) => mapped !== true)
    .flatMap((other) => {
      const one = here.grids.find(({ form, title }) => form === other.form && title === other.title);
      return one === undefined ? [] : [[one, other] satisfies [TrainedGrid, TrainedGrid]];
    });
}

function scaleColumns<Row>(scale: string, grid: Grid, rowOf: (row: Row) => ComparisonRow | undefined): Column<Row>[] {
  return comparisonColumns(grid)
    .filter(({ label }) => besideColumns.includes(label))
    .map(({ label, value }) => ({
      label: `${scale}: ${label}`,
      value(row) {
        const own = rowOf(row);
        return own === undefined ? null : value(own);
      },
    }));
}

const besideColumns = ["accuracy %", "vs. baseline", "rounds"];
const shownColumns = ["accuracy %", "vs. baseline", "last five %", "rounds", "nominal bits", "wire bits"];

/**
 * An experiment's grids as a docs page shows them: the cells of one axis, the others at the baseline's, a table for each
 * grid of each scenario.
 */
export function cellsForDocs(results: ReproductionResults, name: string): string {
  return trained(results, name)
    .scenarios.flatMap(({ scenario, grids, runs }) =>
      grids
        .filter(({ mapped }) => mapped !== true)
        .map(({ grid, title }) => {
          const rows = shownRows(grid, runs);
          const varied = variedAxes(grid);
          const columns: Column<ComparisonRow>[] = comparisonColumns(grid).filter(
            ({ label }) => shownColumns.includes(label) || varied.includes(label),
          );
          return `${escapeMarkdown(`${title}; ${scenario.title}`)}:\n\n${markdownTable(rows, columns)}\n\n`;
        }),
    )
    .join("");
}

function shownRows(grid: Grid, runs: Trained["runs"]): ComparisonRow[] {
  const all = comparisonRows(grid, summarizeGrid(grid, runs));
  return shownCells(grid).map((cell) => all[grid.cells.indexOf(cell)]!);
}

/** In which the cells that are shown differ */
function variedAxes(grid: Grid): string[] {
  const shown = shownCells(grid);
  return grid.axes.map(({ name }) => name).filter((axis) => new Set(shown.map(({ labels }) => labels[axis])).size > 1);
}
