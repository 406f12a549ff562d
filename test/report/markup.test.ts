import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { escapeMarkup } from "../../src/report/escape.js";
import { cdfFigure, lineFigure } from "../../src/report/figures/charts.js";
import { labelFigure, shardFigure } from "../../src/report/figures/labels.js";
import { htmlReport } from "../../src/report/pages/html.js";
import { csv, markdownTable } from "../../src/report/tables/table.js";

/** What a config, a file's name or an error may hold. */
const payloads = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "</title><script>alert(1)</script>",
  "</style></svg><svg onload=alert(1)>",
  '" onmouseover="alert(1)',
  "' onfocus='alert(1)' autofocus='",
  "<a href=javascript:alert(1)>x</a>",
  "[x](javascript:alert(1))",
  "![x](https://example.com/x.png)",
  "<!--",
  "]]><script>alert(1)</script>",
  "&lt;script&gt;",
  "a\u0000b\u0007c\uD800d\uFFFE",
  "`code` *stars* _lines_ # heading\n\n<b>second</b>",
  "<style>*{display:none}</style>",
  "<iframe srcdoc='<script>alert(1)</script>'>",
  "<base href=https://example.com/>",
  "<meta http-equiv=refresh content=0>",
];

/** Elements of a page that are none of the project's, and attributes that would run or load something. */
function foreignIn(html: string): string[] {
  const { document } = parseHTML(html);
  const found: string[] = [];
  for (const element of document.querySelectorAll("*")) {
    const name = element.tagName.toLowerCase();
    if (["script", "img", "iframe", "base", "object", "embed", "link", "form", "b", "em", "code"].includes(name)) {
      if (!(name === "code" && element.parentElement?.tagName === "PRE")) found.push(name);
    }
    for (const { name: attribute, value } of element.attributes) {
      if (/^on/i.test(attribute) || (loads.has(attribute) && value !== "")) found.push(attribute);
      if (attribute === "http-equiv" && value !== "Content-Security-Policy") found.push(value);
    }
  }
  if (document.querySelectorAll("style").length > (html.startsWith("<svg") ? 0 : 1)) found.push("style");
  return found;
}

/** Attributes whose value is an address; the page has none but those of its contents. */
const loads = new Set(["src", "srcset", "srcdoc", "xlink:href", "data", "action"]);

/** What no XML may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/;

describe.each(payloads.map((payload) => [payload]))("%j shows as text", (payload) => {
  test("on a page, in every field of it", () => {
    const page = htmlReport({
      title: payload,
      lead: payload,
      command: payload,
      fingerprint: payload,
      versions: { [payload]: payload },
      config: { [payload]: payload },
      sections: [payload, "b", "c"].map((heading) => ({
        heading,
        content: [
          { heading: payload },
          { text: payload },
          { notes: [payload] },
          { table: { columns: [{ label: payload }], rows: [[payload], [null], [1]], caption: payload } },
          { svg: "<svg></svg>", caption: payload },
        ],
      })),
    });
    expect(foreignIn(page)).toEqual([]);
    expect(page).not.toMatch(illegal);
    const { document } = parseHTML(page);
    const shown = payload.replace(/[^\P{Cc}\n]|[\p{Cs}\uFFFE]/gu, "\uFFFD");
    for (const place of [
      "h1",
      ".lead",
      "header code",
      "dd",
      "h3",
      "main p",
      "li:not(nav li)",
      "th",
      "td",
      "figcaption",
    ])
      expect(document.querySelector(place)?.textContent, place).toBe(shown);
  });

  test("even where the project's own words are expected", () => {
    const page = htmlReport({ title: "", sections: [{ heading: "", content: [{ markdown: payload }] }] });
    expect(foreignIn(page).filter((name) => !["em", "code"].includes(name))).toEqual([]);
  });

  test("in figures", async () => {
    const axes = { x: { label: payload }, y: { label: payload } };
    const series = [payload, `${payload}2`].map((name) => ({ name, x: [1, 2, 3], y: [1, 3, 2] }));
    const figures = [
      await lineFigure({ title: payload, ...axes, series, rules: [{ x: 2, label: payload }] }),
      await cdfFigure({ title: payload, x: axes.x, series: series.map(({ name, y }) => ({ name, values: y })) }),
      await labelFigure({
        title: payload,
        table: [
          [1, 2],
          [3, 0],
        ],
        classNames: [payload, `${payload}2`],
      }),
      await shardFigure({ title: payload, sizes: [1, 2, 3] }),
    ];
    for (const svg of figures) {
      expect(foreignIn(svg)).toEqual([]);
      expect(svg).not.toMatch(illegal);
      expect(isWellFormed(svg), svg).toBe(true);
    }
  });

  test("in a Markdown table", () => {
    const [, , row] = markdownTable([payload], [{ label: "a", value: (text) => text }]).split("\n");
    expect(row).toMatch(/^\| .* \|$/);
    expect(row!.replaceAll(/\\./g, "")).not.toMatch(/[<>`*_[\]]/);
  });
});

/** Tags open and close in order, and no sign of markup stands in text: enough to tell that nothing has leaked. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, end, name, _attributes, alone) => {
      if (end) return open.pop() === name ? "" : "<";
      if (!alone) open.push(name);
      return "";
    },
  );
  return open.length === 0 && !/<|&(?!(?:amp|lt|gt|quot|#39|#160|nbsp);)/.test(rest);
}

describe("CSV", () => {
  const column = [{ label: "a", value: (cell: string | number | null) => cell }];
  const written = (cell: string | number | null) => csv([cell], column).split("\n").slice(1, -1).join("\n");

  test.each([
    "=cmd|' /C calc'!A0",
    "+1+cmd",
    "-2+3+cmd|x",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    '=HYPERLINK("x")',
  ])("%j is text to a spreadsheet", (cell) => {
    expect(written(cell).replace(/^"/, "")).toMatch(/^'/);
  });

  test.each([
    [-1.5, "-1.5"],
    [-1e-7, "-1e-7"],
    ["-1.5", "-1.5"],
    ["+1e-3", "+1e-3"],
    ["-", "-"],
    ["+3 points [+1, +5]", '"+3 points [+1, +5]"'],
    ["-3.2 % [-5, -1]", '"-3.2 % [-5, -1]"'],
    ["emq", "emq"],
    ["a=b", "a=b"],
    [null, ""],
  ])("%j is left alone", (cell, text) => {
    expect(written(cell)).toBe(text);
  });

  test("also as a label", () => {
    expect(csv([], [{ label: "=1", value: () => null }])).toBe("'=1\n");
  });
});

test("escaping once is escaping: what is escaped twice shows its escapes", () => {
  expect(escapeMarkup(`<a b="c" d='e'>&`)).toBe("&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
});
