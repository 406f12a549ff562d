import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

describe.skipIf(chromiumPath === undefined)(`the lab's words in Chromium${whyNot}`, () => {
  const lab = labInBrowser();

  async function open(options = {}): Promise<Page> {
    const page = await (await lab.browser.newContext(options)).newPage();
    page.setDefaultTimeout(25_000);
    await page.goto(`${lab.url}#seed=2`);
    await page.waitForSelector("#run:not([disabled])");
    return page;
  }
  const told = (page: Page) => page.textContent("#word");

  it("says by keyboard what a word means, and gives the focus back", async () => {
    const page = await open();
    const word = page.locator('#settings a.term[data-word="quantizer"]').first();
    await word.focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#word:popover-open");
    expect(await told(page)).toContain("Makes few bits of a client's update");
    expect(await page.locator("#word .formula").textContent()).toContain("packet");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#word:not(:popover-open)", { state: "attached" });
    expect(await word.evaluate((one) => one === document.activeElement)).toBe(true);
    await page.context().close();
  });

  it("says it to a finger, on the screen's width, with no control pressed by it", async () => {
    const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.locator('#settings a.term[data-word="energy"]').first().tap();
    await page.waitForSelector("#word:popover-open");
    const box = (await page.locator("#word").boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    expect(await page.evaluate(() => location.hash)).toBe("#seed=2");
    await page.context().close();
  });

  it("leads from every word to a page that is there", async () => {
    const page = await open();
    const addresses = await page.$$eval("a.term", (words) => [
      ...new Set(words.map((one) => (one as HTMLAnchorElement).href)),
    ]);
    expect(addresses.length).toBeGreaterThan(6);
    for (const address of addresses) {
      const [path, anchor] = address.split("#");
      const response = await fetch(path!);
      expect(response.status, address).toBe(200);
      expect(await response.text()).toContain(`id="${anchor}"`);
    }
    await page.context().close();
  });
});
