import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, chromiumPath, launch, whyNot } from "./chromium.js";
import { probe } from "./probe.js";

/** Nothing listens there: the browser gets both files from this test. */
const page = "http://engines.test/";

describe.skipIf(chromiumPath === undefined)(`Chromium computes what Node computes${whyNot}`, () => {
  let browser: Browser;
  let script: string;
  beforeAll(async () => {
    [browser, script] = await Promise.all([launch(), bundle("test/browser/probe.ts")]);
  }, 60_000);
  afterAll(() => browser?.close());

  it("bit for bit, in every room, on the page's own thread", async () => {
    const tab = await browser.newPage();
    await tab.route(page, (route) => route.fulfill({ body: "<title>probe</title>", contentType: "text/html" }));
    await tab.route(`${page}probe.js`, (route) => route.fulfill({ body: script, contentType: "text/javascript" }));
    await tab.goto(page);
    // A text, since the test runner rewrites what is imported in a function
    const inBrowser = await tab.evaluate('import("./probe.js").then((module) => module.probe())');
    const inNode = probe();
    expect(Object.keys(inNode).length).toBeGreaterThan(20);
    expect(inBrowser).toEqual(inNode);
  });
});
