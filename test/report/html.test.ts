import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { lineFigure } from "../../src/report/figures/charts.js";
import { htmlReport } from "../../src/report/pages/html.js";

test("a report stands alone and shows text as text", async () => {
  const long = "a name that is so long that it needs room to be read";
  const svg = await lineFigure({
    title: "A figure",
    x: { label: "x" },
    y: { label: "y" },
    series: [{ name: "a", x: [1, 2], y: [1, 2] }],
  });
  const page = htmlReport({
    title: "A <script>alert(1)</script> title",
    command: 'cellfed compare "quick" && more',
    fingerprint: "0123abcd",
    versions: { cellfed: "0.1.0" },
    config: { name: "</code></pre><script>" },
    sections: [
      {
        heading: "Result",
        content: [
          { markdown: "**bold** and `code`" },
          {
            table: {
              columns: [{ label: "method" }, { label: "accuracy", digits: 1 }],
              rows: [
                ["<emq>", 61.25],
                ["laq", null],
                [long, "12.3 ± 0.4"],
              ],
            },
          },
        ],
      },
      { heading: "Figures", content: [{ svg, caption: "what it shows" }] },
      { heading: "Figures", content: [] },
    ],
  });
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(/);
  expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\//);
  const { document } = parseHTML(page);
  expect(document.querySelector("h1")?.textContent).toBe("A <script>alert(1)</script> title");
  expect(document.querySelector("strong")?.textContent).toBe("bold");
  expect([...document.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual([
    "<emq>",
    "61.3",
    "laq",
    "–",
    long,
    "12.3 ± 0.4",
  ]);
  expect(document.querySelector("td.prose")?.textContent).toBe(long);
  expect(document.querySelector("td.figure")?.textContent).toBe("12.3 ± 0.4");
  expect(document.querySelector("figcaption")?.textContent).toBe("what it shows");
  expect(document.querySelector("figure svg")?.innerHTML).not.toContain('fill="white"');
  const ids = [...document.querySelectorAll("section")].map((section) => section.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const link of document.querySelectorAll("nav a")) {
    expect(ids).toContain(link.getAttribute("href")?.slice(1));
  }
});
