import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, chromiumPath, launch, servePage, whyNot } from "./chromium.js";
import { probe } from "./probe.js";

describe.skipIf(chromiumPath === undefined)(`Chromium computes what Node computes${whyNot}`, () => {
  let lab: Awaited<ReturnType<typeof servePage>>;
  let browser: Browser;
  let script: string;
  beforeAll(async () => {
    [lab, browser, script] = await Promise.all([servePage(), launch(), bundle("test/browser/probe.ts")]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });

  it("bit for bit, in every room, on the page's own thread", async () => {
    const page = await browser.newPage();
    await page.route(`${lab.url}probe.js`, (route) =>
      route.fulfill({
        body: script,
        contentType: "text/javascript",
        headers: { "Cross-Origin-Resource-Policy": "same-origin" },
      }),
    );
    await page.goto(lab.url);
    // A text, since the test runner rewrites what is imported in a function
    const inBrowser = await page.evaluate('import("./probe.js").then((module) => module.probe())');
    const inNode = probe();
    expect(Object.keys(inNode).length).toBeGreaterThan(20);
    expect(inBrowser).toEqual(inNode);
    await page.close();
  });
});
