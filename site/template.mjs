// A page around its text.
import { contents } from "./contents.mjs";
import { escapeHtml } from "./escape.mjs";

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M8 1 14 4.5v7L8 15 2 11.5v-7z' fill='%230b6ab5'/%3E%3Ccircle cx='8' cy='8' r='2.2' fill='%23fff'/%3E%3C/svg%3E";

/** @param {{ name: string, title: string, html: string, headings: object[], live: string[], titles: Map<string, string>, version: string, api: boolean }} page */
export function page({ name, title, html, headings, live, titles, version, api }) {
  const here = (other) => (other === name ? ' aria-current="page"' : "");
  const menu = contents
    .map(
      ({ title, pages }) =>
        `<h2>${title}</h2><ul>${pages
          .filter(([one]) => titles.has(one))
          .map(([one]) => `<li><a href="${one}.html"${here(one)}>${escapeHtml(titles.get(one))}</a></li>`)
          .join("")}</ul>`,
    )
    .join("");
  const apiLink = api ? '<h2>Library</h2><ul><li><a href="api/index.html">Every function and type</a></li></ul>' : "";
  const within = headings.filter(({ level }) => level === 2 || level === 3);
  const aside =
    within.length < 3
      ? ""
      : `<nav class="within" aria-label="On this page"><h2>On this page</h2><ul>${within
          .map(({ level, text, id }) => `<li class="level${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`)
          .join("")}</ul></nav>`;
  const programs = live.length === 0 ? "" : `<script type="application/json" id="programs">${json(live)}</script>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}${name === "index" ? "" : " – cellfed"}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="assets/katex/katex.min.css">
<link rel="stylesheet" href="assets/style.css">
<script type="module" src="assets/client.js"></script>
</head>
<body class="${name === "index" ? "landing" : ""}">
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="home" href="index.html">cellfed</a> <span class="version">${escapeHtml(version)}</span>
<div class="search" role="search"><input id="search" type="search" placeholder="Search" aria-label="Search" autocomplete="off"><ol id="found" hidden></ol></div>
</header>
<div class="columns">
<details class="menu" open><summary>Contents</summary><nav aria-label="All pages">${menu}${apiLink}</nav></details>
<main id="main" tabindex="-1">
${html}</main>
${aside}
</div>
${programs}
</body>
</html>
`;
}

/** Inside a script's element nothing must end it. */
function json(value) {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
