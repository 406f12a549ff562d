import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulate } from "../../src/index.js";
import { root } from "../sources.js";
import { chromiumPath, launch, whyNot } from "./chromium.js";
import { serveFolder } from "./siteServer.js";

/** The site, built as `npm run site` does but for typedoc's pages, served below some folder of an address. */

const folder = mkdtempSync(join(tmpdir(), "cellfed-site-"));
let server: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  const { buildSite } = (await import(/* @vite-ignore */ `${root}/site/build.mjs`)) as {
    buildSite(options: { out: string; api: boolean }): Promise<{ pages: number }>;
  };
  await buildSite({ out: folder, api: false });
  server = await serveFolder(folder, "/some/where/");
}, 120_000);
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const pagesOf = () => readdirSync(folder).filter((name) => name.endsWith(".html"));
const htmlOf = (name: string) => readFileSync(join(folder, name), "utf8");

it("has no address that works at the root alone", () => {
  expect(pagesOf().length).toBeGreaterThan(30);
  for (const name of pagesOf()) expect(htmlOf(name), name).not.toMatch(/(href|src)="\//);
});

it("links to what there is, headings too", () => {
  const ids = new Map(
    pagesOf().map((name) => [name, new Set([...htmlOf(name).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
  );
  const broken: string[] = [];
  for (const name of pagesOf()) {
    for (const [, address] of htmlOf(name).matchAll(/(?:href|src)="((?!https?:|mailto:|data:)[^"]*)"/g)) {
      const [path = "", id] = address!.split("#");
      const target = path === "" ? name : path;
      const there = target.startsWith("lab/") || ids.has(target) || readable(join(folder, target));
      if (!there || (id !== undefined && ids.has(target) && !ids.get(target)!.has(id)))
        broken.push(`${name}: ${address}`);
    }
  }
  expect(broken).toEqual([]);
});

function readable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

it("sets its formulas when it is built", () => {
  const html = htmlOf("model.html");
  expect(html.match(/class="katex"/g)!.length).toBeGreaterThan(80);
  expect(html.replaceAll(/<(pre|annotation|script)[\s\S]*?<\/\1>/g, "")).not.toMatch(/\\frac|\$\$/);
});

describe.skipIf(chromiumPath === undefined)(`in Chromium${whyNot}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function open(name: string, width = 1280): Promise<{ page: Page; problems: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url)) problems.push(request.url());
    });
    await page.goto(`${server.url}${name}`);
    return { page, problems };
  }

  it("every page opens without a complaint, fits a phone, and is accessible", async () => {
    const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
    const found: string[] = [];
    for (const name of pagesOf()) {
      const { page, problems } = await open(name, 390);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) found.push(`${name} is ${overflow} px wider than a phone`);
      found.push(...problems.map((problem) => `${name}: ${problem}`));
      await page.addScriptTag({ content: axe });
      const violations = await page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: a script of the page's
        const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ["violations"] });
        // biome-ignore lint/suspicious/noExplicitAny: as above
        return violations.map((one: any) => `${one.id}: ${one.nodes[0].html}`);
      });
      found.push(...violations.map((violation: string) => `${name}: ${violation}`));
      await page.close();
    }
    expect(found).toEqual([]);
  }, 240_000);

  it("finds what one looks for", async () => {
    const { page, problems } = await open("index.html");
    await page.fill("#search", "dinkelbach");
    await page.waitForSelector("#found a");
    expect((await page.textContent("#found"))!.toLowerCase()).toContain("dinkelbach");
    await page.fill("#search", "pilots greedy");
    await page.waitForFunction(() => /pilot/i.test(document.querySelector("#found a")?.textContent ?? ""));
    await page.press("#search", "Enter");
    await page.waitForURL(/\/some\/where\/.*\.html/);
    await page.fill("#search", "zzzz no such thing");
    await page.waitForFunction(() => document.querySelector("#found")?.textContent === "Nothing found.");
    expect(problems).toEqual([]);
    await page.close();
  }, 60_000);

  it("runs every program in the page, and shows what it says", async () => {
    const names = pagesOf().filter((name) => htmlOf(name).includes('class="live"'));
    expect(names).toContain("index.html");
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) {
      const { page, problems } = await open(name);
      const count = await page.locator(".live").count();
      for (let i = 0; i < count; i++) {
        const box = page.locator(".live").nth(i);
        await box.locator(".run").click();
        await expect
          .poll(() => box.getAttribute("data-state"), { timeout: 90_000, message: `${name}, program ${i}` })
          .toMatch(/^(done|failed)/);
        expect([name, i, await box.getAttribute("data-state")]).toEqual([name, i, expect.stringMatching(/^done/)]);
      }
      expect([name, problems]).toEqual([name, []]);
      await page.close();
    }
  }, 400_000);

  it("has Node's bits, and a program can be stopped", async () => {
    const { page } = await open("reproducibility.html");
    await page.click(".run");
    await page.waitForSelector(".live[data-state^=done]", { timeout: 60_000 });
    const { fingerprint } = await simulate({ preset: "quick", rounds: 2, seed: 7, data: { trainExamples: 600 } });
    expect((await page.textContent(".output pre"))!.trim()).toBe(fingerprint.results);
    await page.close();
    const landing = await open("index.html");
    await landing.page.click(".run");
    await landing.page.waitForSelector(".output svg, .output table", { timeout: 60_000 });
    await landing.page.click(".run");
    expect(await landing.page.getAttribute(".live", "data-state")).toBe("stopped");
    expect(landing.problems).toEqual([]);
    await landing.page.close();
  }, 120_000);
});
