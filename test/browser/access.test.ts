import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { root } from "../sources.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const small = "rounds=3&data.trainExamples=600&data.testExamples=200&network.clients=5";
const endless =
  "rounds=5000&data.trainExamples=60&data.testExamples=20&network.clients=2&budgets.energy=null&budgets.latency=null";
const three = `${small}&compare=2&second.power.method=full&third.quantizer.name=laq`;

const laptop = { viewport: { width: 1440, height: 900 } };
const finished = async (page: Page) => {
  await page.click("#run");
  await page.waitForSelector(".lane[data-phase=finished]");
};

/** What the page may look like, and how it comes to that. */
const states: Record<string, [BrowserContextOptions, string, (page: Page) => Promise<unknown>]> = {
  ready: [laptop, small, async () => {}],
  running: [
    laptop,
    endless,
    async (page) => {
      await page.click("#run");
      await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".lane")!.dataset.rounds) > 3);
    },
  ],
  "finished, with its table": [
    laptop,
    small,
    async (page) => {
      await finished(page);
      await page.click(".lane summary");
    },
  ],
  "three runs": [laptop, three, finished],
  "changes that wait": [
    laptop,
    small,
    async (page) => {
      await finished(page);
      await page.selectOption('#settings [data-path="power.method"]', "full");
      await page.waitForSelector("#pending:not([hidden])");
    },
  ],
  "every setting": [laptop, small, (page) => page.click("#more-settings summary")],
  wrong: [laptop, "network.clients=-3", (page) => page.waitForSelector("[aria-invalid]")],
  dark: [{ ...laptop, colorScheme: "dark" }, three, finished],
  "forced colors": [{ ...laptop, forcedColors: "active" }, three, finished],
  phone: [{ viewport: { width: 390, height: 844 }, hasTouch: true }, small, finished],
};

describe.skipIf(chromiumPath === undefined)(`everybody can use the lab${whyNot}`, () => {
  const lab = labInBrowser();

  async function open(options: BrowserContextOptions, link: string): Promise<Page> {
    const page = await (await lab.browser.newContext({ ...options, bypassCSP: true })).newPage();
    page.setDefaultTimeout(25_000);
    await page.goto(`${lab.url}#${link}`);
    await page.waitForSelector(link.includes("=-") ? "[aria-invalid]" : "#run:not([disabled])");
    return page;
  }

  it.each(Object.entries(states))("axe finds nothing: %s", async (_, [options, link, act]) => {
    const page = await open(options, link);
    await act(page);
    await page.addScriptTag({ content: axe });
    const violations = await page.evaluate(async (runOnly) => {
      const { axe } = window as never as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const found = await axe.run({ runOnly });
      return found.violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html }) => html.slice(0, 120))
            .slice(0, 3)
            .join(" | ")}`,
      );
    }, tags);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  it("shows all of it at 1440 × 900 without scrolling, and the chart on a phone after Play", async () => {
    const wide = await open(laptop, small);
    await finished(wide);
    expect(await wide.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true);
    for (const id of ["drop", "update", "accuracy", "round", "results"]) {
      const box = (await wide.locator(`#${id}`).boundingBox())!;
      expect(box.y + box.height, id).toBeLessThanOrEqual(900);
      expect(box.height, id).toBeGreaterThan(120);
    }
    await wide.context().close();
    const phone = await open({ viewport: { width: 390, height: 844 } }, small);
    await finished(phone);
    const chart = (await phone.locator("#accuracy svg").boundingBox())!;
    expect(chart.y + chart.height).toBeLessThan(844);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await phone.context().close();
  });

  it("draws larger text where the reader wants it", async () => {
    const page = await open(laptop, small);
    const size = () =>
      page.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector("#accuracy svg text")!).fontSize));
    const usual = await size();
    await page.addStyleTag({ content: ":root { font-size: 28px !important }" });
    expect(await size()).toBeCloseTo((usual * 28) / 16, 3);
    await page.context().close();
  });

  it("reads the curves out by keyboard", async () => {
    const page = await open(laptop, small);
    await finished(page);
    await page.focus("#accuracy svg");
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.querySelector(".tip")!.textContent!.includes("round 1:"));
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelector(".tip")!.textContent!.includes("round 2:"));
    expect(await page.getAttribute("#accuracy svg", "aria-label")).toMatch(/after 3 rounds/);
    await page.context().close();
  });

  it("says how a run goes on every few seconds, not at every round", async () => {
    const page = await open(laptop, endless);
    // Of the page's clock a second is a tenth of one
    await page.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => 10 * now();
      const told: [at: number, text: string][] = [];
      (window as never as { told: typeof told }).told = told;
      new MutationObserver(() =>
        told.push([performance.now(), document.getElementById("announce")!.textContent!]),
      ).observe(document.getElementById("announce")!, { childList: true, characterData: true, subtree: true });
      document.getElementById("run")!.click();
    });
    const told = () =>
      page.evaluate(() =>
        (window as never as { told: [at: number, text: string][] }).told.filter(([, text]) =>
          /^Running, round/.test(text),
        ),
      );
    await expect.poll(async () => (await told()).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
    const times = (await told()).map(([at]) => at);
    // What is told comes a moment after it is decided: at most a frame of a busy machine
    for (const [i, at] of times.slice(1).entries()) expect(at - times[i]!).toBeGreaterThan(4000);
    const rounds = await page.evaluate(() => Number(document.querySelector<HTMLElement>(".lane")!.dataset.rounds));
    expect(rounds).toBeGreaterThan(4 * times.length);
    await page.context().close();
  });

  it("says to the end of a run that it has ended", async () => {
    const page = await open(laptop, small);
    await finished(page);
    await page.waitForFunction(() =>
      document.getElementById("announce")!.textContent!.startsWith("Finished after 3 rounds."),
    );
    await page.context().close();
  });
});
