import { describe, expect, it } from "vitest";
import { simulate } from "../../src/index.js";
import { root } from "../sources.js";
import { chromiumPath, launch, whyNot } from "./chromium.js";
import { serveFolder } from "./siteServer.js";

describe.skipIf(chromiumPath === undefined)(`examples/page.html in Chromium${whyNot}`, () => {
  it("runs from the package's folder as it is, with Node's bits", async () => {
    const server = await serveFolder(root, "/node_modules/cellfed/");
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(`${server.url}examples/page.html`);
      await page.click("#run");
      await page.waitForSelector("#ended:not(:empty)", { timeout: 60_000 });
      const config = { preset: "quick", rounds: 5, network: { clients: 8 }, data: { trainExamples: 800 } } as const;
      const { fingerprint } = await simulate(config);
      expect(await page.textContent("#ended")).toContain(fingerprint.results);
      expect(await page.locator("#rounds li").count()).toBe(5);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  }, 120_000);
});
