import { Marked } from "marked";
import { escapeMarkup } from "../escape.js";
import { ink } from "../figures/palette.js";
import { type Column, formatNumber } from "../tables/table.js";

/**
 * One piece of a section. `markdown` and `svg` must be the project's own words and figures; what comes from a config, a
 * file or an error goes into the others, which show text as text.
 */
export type Content =
  | { markdown: string }
  | { heading: string }
  | { text: string }
  | { notes: readonly string[] }
  | { svg: string; caption?: string }
  | { table: HtmlTable };

export interface HtmlTable {
  columns: readonly { label: string; digits?: number }[];
  rows: readonly (readonly (string | number | null)[])[];
  caption?: string;
}

export interface Section {
  heading: string;
  content: readonly Content[];
}

export interface HtmlReport {
  title: string;
  /** A few words under the title */
  lead?: string;
  sections: readonly Section[];
  /** What was run: shown folded up at the end */
  config?: unknown;
  fingerprint?: string;
  versions?: Readonly<Record<string, string>>;
  /** The command lines that made the page */
  command?: string;
}

/**
 * One self-contained page: no scripts, no fonts or pictures from elsewhere, legible on light and dark screens, in print,
 * and by a screen reader.
 */
export function htmlReport(report: HtmlReport): string {
  const { title, lead, sections, config, fingerprint, versions = {}, command } = report;
  const ids = sections.map(({ heading }, i) => `${i + 1}-${slug(heading)}`);
  const facts = [
    ...(fingerprint === undefined ? [] : [["fingerprint", fingerprint] as const]),
    ...Object.entries(versions),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeMarkup(title)}</h1>
${lead === undefined ? "" : `<p class="lead">${escapeMarkup(lead)}</p>`}
${command === undefined ? "" : `<pre><code>${escapeMarkup(command)}</code></pre>`}
${facts.length === 0 ? "" : `<dl>${facts.map(([key, value]) => `<div><dt>${escapeMarkup(key)}</dt><dd>${escapeMarkup(value)}</dd></div>`).join("")}</dl>`}
</header>
${sections.length < 3 ? "" : `<nav aria-label="Contents"><ol>${sections.map(({ heading }, i) => `<li><a href="#${ids[i]}">${escapeMarkup(heading)}</a></li>`).join("")}</ol></nav>`}
<main>
${sections.map((section, i) => sectionHtml(section, ids[i]!)).join("\n")}
${config === undefined ? "" : `<section id="config"><h2>Config</h2><details><summary>complete, defaults filled in</summary><pre><code>${escapeMarkup(JSON.stringify(config, null, 2))}</code></pre></details></section>`}
</main>
</body>
</html>
`;
}

/** A table of columns as the text tables take them. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[], caption?: string): HtmlTable {
  return {
    columns,
    rows: rows.map((row) => columns.map(({ value }) => value(row))),
    ...(caption !== undefined && { caption }),
  };
}

function sectionHtml({ heading, content }: Section, id: string): string {
  return `<section id="${id}"><h2>${escapeMarkup(heading)}</h2>\n${content.map(contentHtml).join("\n")}</section>`;
}

function contentHtml(content: Content): string {
  if ("markdown" in content) return markdown.parse(content.markdown, { async: false });
  if ("heading" in content) return `<h3>${escapeMarkup(content.heading)}</h3>`;
  if ("text" in content) return `<p>${escapeMarkup(content.text)}</p>`;
  if ("notes" in content) return `<ul>${content.notes.map((note) => `<li>${escapeMarkup(note)}</li>`).join("\n")}</ul>`;
  if ("table" in content) return tableHtml(content.table);
  const caption = content.caption === undefined ? "" : `<figcaption>${escapeMarkup(content.caption)}</figcaption>`;
  return `<figure>${onPage(content.svg)}${caption}</figure>`;
}

/** Even the project's own words bring no markup but Markdown's, and nothing from elsewhere. */
const markdown = new Marked({
  renderer: {
    html: ({ text }) => escapeMarkup(text),
    image: ({ text }) => escapeMarkup(text),
    link: ({ text }) => escapeMarkup(text),
  },
});

/** The page needs nothing but its own style, and may have nothing else, whatever stands in it. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function tableHtml({ columns, rows, caption }: HtmlTable): string {
  const numeric = columns.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] !== "string"));
  const kind = (i: number): string => (numeric[i] ? ' class="number"' : "");
  // Prose needs room to be read; a figure and its interval stay in one line.
  const wide = (text: string): string =>
    text.length > 40 ? ' class="prose"' : text.includes(" ± ") ? ' class="figure"' : "";
  const cell = (value: string | number | null, i: number): string => {
    const text = value === null ? "–" : typeof value === "number" ? formatNumber(value, columns[i]!.digits) : value;
    return `<td${kind(i) || wide(text)}>${escapeMarkup(text)}</td>`;
  };
  return `<div class="scroll" tabindex="0" role="region"${caption === undefined ? "" : ` aria-label="${escapeMarkup(caption)}"`}><table>
${caption === undefined ? "" : `<caption>${escapeMarkup(caption)}</caption>`}
<thead><tr>${columns.map(({ label }, i) => `<th scope="col"${kind(i)}>${escapeMarkup(label)}</th>`).join("")}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n")}
</tbody></table></div>`;
}

/** A standalone figure brings its own white ground; on the page it takes the page's ground and ink. */
function onPage(svg: string): string {
  return svg
    .replace(/^<\?xml[^>]*\?>\s*/, "")
    .replace(`color="${ink}"`, "")
    .replace(/<rect width="\d+" height="\d+" fill="white"\/>\n?/, "")
    .replace(/^<svg ([^>]*?)width="\d+" height="\d+"/, "<svg $1");
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, "-")
    .replace(/^-|-$/g, "");
}

const style = `
:root { --ground: #fff; --ink: ${ink}; --quiet: #5a6272; --line: #d9dde4; --panel: #f5f6f8; --link: #0b5f99; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171c; --ink: #e6e9ef; --quiet: #a3abb9; --line: #333a45; --panel: #1d2129; --link: #6db3e8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p, ul, dl { max-width: 56rem; }
.lead { color: var(--quiet); margin: 0 0 1rem; }
a { color: var(--link); }
nav ol { margin: 1.5rem 0 0; padding-left: 1.4rem; }
dl { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0; font-size: .875rem; }
dl div { display: flex; gap: .4rem; }
dt { color: var(--quiet); }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto;
  font-size: .8125rem; line-height: 1.45; }
header pre { white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
figure { margin: 1.25rem 0; }
figure svg { display: block; width: 100%; max-width: 45rem; height: auto; color: var(--ink); }
figcaption, caption { color: var(--quiet); font-size: .875rem; text-align: left; }
caption { padding-bottom: .4rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .875rem; min-width: 50%; }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
.figure { white-space: nowrap; font-variant-numeric: tabular-nums; }
.prose { min-width: 15rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
summary { cursor: pointer; }
@media print { body { max-width: none; padding: 0; } details > pre { white-space: pre-wrap; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;
