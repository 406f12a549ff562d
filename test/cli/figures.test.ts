import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findChromium } from "../../src/cli/files/chromium.js";
import { intervalsTable, planeTable, pointsTable } from "../../src/report/figures/points.js";
import { shell } from "./shell.js";
import { cellfed, inFolder } from "./spawn.js";

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="50" viewBox="0 0 120 50"><rect width="120" height="50" fill="#0b6ab5"/></svg>`;
const chromium = findChromium();

it.skipIf(chromium === undefined)(
  "draws a PNG of three dots a pixel and a PDF of one page beside each SVG",
  async () => {
    await inFolder(async (folder) => {
      mkdirSync(join(folder, "figures"));
      for (const name of ["a", "b"]) writeFileSync(join(folder, "figures", `${name}.svg`), svg);
      const { status, stdout, stderr } = await cellfed(["figures", folder, "--json"]);
      expect([status, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toHaveLength(4);
      expect(readdirSync(join(folder, "figures"))).toEqual(["a.pdf", "a.png", "a.svg", "b.pdf", "b.png", "b.svg"]);
      const png = readFileSync(join(folder, "figures/a.png"));
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([360, 150]);
      const pdf = readFileSync(join(folder, "figures/b.pdf"), "latin1");
      expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(1);
      const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf)!;
      // 120 × 50 px are 90 × 37.5 pt; Chromium rounds a page to its hundredths of an inch
      expect(Math.abs(Number(width) - 90)).toBeLessThan(0.73);
      expect(Math.abs(Number(height) - 37.5)).toBeLessThan(0.73);
    });
  },
  120_000,
);

it("says in a sentence where there is no Chromium, and what is no folder of drawings", async () => {
  await inFolder(async (folder) => {
    writeFileSync(join(folder, "a.svg"), svg);
    const without = await shell("CHROMIUM_PATH=/not/there cf figures a.svg", folder);
    expect([without.status, without.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: PNG and PDF are drawn by Chromium.*\n$/),
    ]);
    for (const [path, what] of [
      ["nothing", "is not there"],
      ["empty", "holds no SVG files"],
    ] as const) {
      if (path === "empty") mkdirSync(join(folder, path));
      const { status, stderr } = await cellfed(["figures", path], { cwd: folder });
      expect([status, stderr]).toEqual([2, expect.stringContaining(what)]);
    }
    const format = await cellfed(["figures", "a.svg", "--to", "jpg"], { cwd: folder });
    expect([format.status, format.stderr]).toEqual([2, expect.stringContaining("png")]);
  });
});

it("lays points side by side for pgfplots", () => {
  const table = pointsTable([
    { name: "a, b", x: [1, 2], y: [0.5, Number.NaN], low: [0.25, 0.5], high: [1, 1] },
    { name: "c", x: [3], y: [4] },
  ]);
  expect(table).toBe('"a, b x","a, b y","a, b low","a, b high",c x,c y\n1,0.5,0.25,1,3,4\n2,nan,0.5,1,nan,nan\n');
});

it("lays intervals, planes and places out in rows, with nan for what there is not", () => {
  const interval = { name: "a", value: 2, low: 1, high: 3 };
  expect(intervalsTable([interval, { name: "b", value: 4 }])).toBe("name,value,low,high\na,2,1,3\nb,4,nan,nan\n");
  expect(intervalsTable([{ ...interval, group: "g" }])).toBe("name,group,value,low,high\na,g,2,1,3\n");
  const plane = {
    x: { values: [1, 2] },
    y: { values: [10, 20] },
    values: [
      [0.5, null],
      [3, 4],
    ],
  };
  expect(planeTable(plane)).toBe("x,y,value\n1,10,0.5\n2,10,nan\n1,20,3\n2,20,4\n");
});

const problem = new URL("../../examples/problem.json", import.meta.url).pathname;

/** Commands that draw, each with what is in the numbers of one of its figures. */
const drawers: [line: string, numbers: string, head: RegExp, rows: number][] = [
  ["rates quick --realizations 50 --out .", "figures/spectral-efficiency.csv", /^[^,]+ x,[^,]+ y$/, 10],
  ["rates quick --realizations 50 --out .", "figures/drop.csv", /^what,index,x,y,pilot,best gain$/, 26],
  [`power --problem ${problem}`, "power.csv", /^"?front.* x"?,.*,full x,full y/, 1],
  ["data partition quick --figure shares.svg", "shares.csv", /^client,/, 10],
  [
    "quantizers --quantizers emq,laq --parts inputs --out .",
    "figures/error-bits.csv",
    /^bound .* x,.*,emq x,emq y/,
    57,
  ],
];

it.each(drawers)(
  "%s leaves the numbers of its figure in %s",
  async (line, numbers, head, rows) => {
    await inFolder(async (folder) => {
      const { status, stderr } = await cellfed(line.split(" "), { cwd: folder });
      expect(status, stderr).toBe(0);
      expect(readFileSync(join(folder, numbers.replace(/csv$/, "svg")), "utf8")).toMatch(/^<svg /);
      const [first, ...others] = readFileSync(join(folder, numbers), "utf8").trimEnd().split("\n");
      expect(first).toMatch(head);
      expect(others.length).toBeGreaterThanOrEqual(rows);
      const width = first!.replace(/"[^"]*"/g, "").split(",").length;
      for (const row of others) expect(row.split(",")).toHaveLength(width);
    });
  },
  60_000,
);
