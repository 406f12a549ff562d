import type { Page, Worker } from "playwright-core";
import { describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

const brief = ["rounds=6", "data.trainExamples=300", "data.testExamples=60", "network.clients=4"];

describe.skipIf(chromiumPath === undefined)(`the lab keeps its ground in Chromium${whyNot}`, () => {
  const lab = labInBrowser();

  /** Whatever the page throws, opens or lets in is collected. */
  async function open(hash: string, before: (page: Page) => Promise<unknown> = async () => {}) {
    const page = await lab.browser.newPage();
    page.setDefaultTimeout(25_000);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("dialog", (dialog) => {
      problems.push(dialog.message());
      dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(lab.url)) problems.push(request.url());
    });
    await before(page);
    await page.goto(`${lab.url}#${hash}`);
    return { page, problems };
  }
  const settled = (page: Page) => page.waitForSelector("#status[data-settled]", { state: "attached" });
  const ended = (page: Page) => page.waitForSelector(".lane:is([data-phase=finished], [data-phase=failed])");
  const fingerprint = (page: Page) => page.getAttribute("[data-fingerprint]", "data-fingerprint");

  const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  it.each([
    ["markup as a value", `seed=${encodeURIComponent(markup)}`],
    ["markup as a setting", `${encodeURIComponent(markup)}=1`],
    ["markup in a list of another run", `compare=1&second.power.method=${encodeURIComponent(markup)}`],
    ["the prototype", "__proto__.polluted=1&constructor.prototype.polluted=1&network.__proto__.polluted=1"],
    [
      "the prototype within a value",
      `network.deployment.clientPositions=${encodeURIComponent('{"__proto__":{"polluted":1}}')}`,
    ],
    ["what is huge", `seed=${"9".repeat(300_000)}`],
    ["many settings", Array.from({ length: 3000 }, (_, i) => `network.clients=${i}`).join("&")],
    ["what is nested", `network.deployment.clientPositions=${"[".repeat(20_000)}`],
    ["what is cut off within a character", "seed=%E0%A4%A"],
    ["a byte of zero", "seed=1%00"],
    ["a script's address", "data.name=javascript:alert(1)"],
    ["more runs than there are", "compare=99"],
    ["no number", "rounds=NaN&network.clients=Infinity"],
  ])("refuses in words, and evaluates nothing of: %s", async (_, hash) => {
    const { page, problems } = await open(hash);
    await settled(page);
    expect(await page.isDisabled("#run")).toBe(true);
    expect(await page.isVisible("#status ~ .link")).toBe(true);
    const told = await page.$$eval(".error, #other-problems", (found) =>
      found.map((one) => one.textContent!.trim()).filter((text) => text !== ""),
    );
    expect(told.join("\n")).toMatch(/allowed|unknown|twice|runs|not/);
    // Told in words that can be read, not in all that was given
    expect(Math.max(...told.map((text) => text.length))).toBeLessThan(5000);
    expect(await page.evaluate(() => ({}) as { polluted?: unknown }).then(({ polluted }) => polluted)).toBeUndefined();
    expect(await page.locator("img, main script").count()).toBe(0);
    // A sound link mends it
    await page.evaluate((sound) => location.replace(`#${sound}`), brief.join("&"));
    await page.waitForSelector("#run:not([disabled])");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("says that the browser lets it open no workers", async () => {
    const { page, problems } = await open(brief.join("&"), (made) =>
      made.addInitScript(() => {
        window.Worker = class {
          constructor() {
            throw new DOMException("Workers are blocked here", "SecurityError");
          }
        } as never;
      }),
    );
    await page.waitForSelector("#needs:not([hidden])");
    expect(await page.textContent("#needs")).toMatch(
      /could not be started: Workers are blocked here.*may this page open/,
    );
    expect(problems).toEqual([]);
    await page.close();
  });

  it.each(["run", "client"])("names a blocked worker, and starts it once it is let in: %s", async (script) => {
    const { page } = await open(brief.join("&"), (made) =>
      made.context().route(new RegExp(`/${script}-`), (route) => route.abort()),
    );
    await page.click("#run");
    await page.waitForSelector(".lane[data-phase=failed]");
    expect(await page.textContent(".lane .failure")).toMatch(
      /^The run has stopped: .*lost.*"Run again" starts it anew/,
    );
    await page.context().unroute(new RegExp(`/${script}-`));
    // A script that could not be fetched is tried again by another page only
    await page.reload();
    await page.click("#run:not([disabled])");
    await page.waitForSelector(".lane[data-phase=finished]");
    await page.close();
  });

  it.each(["run", "client"])("goes on where a worker is gone, to the same fingerprint: %s", async (role) => {
    const longer = [...brief.slice(1), "rounds=12"];
    const { page } = await open(longer.join("&"));
    await page.waitForSelector("#run:not([disabled])");
    await page.selectOption("#pace", "200");
    await page.click("#run");
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".lane")!.dataset.rounds) >= 3);
    await close(page.workers(), role);
    await page.waitForFunction(() => document.querySelector(".lane .failure")!.textContent!.includes("was lost"));
    expect(await page.textContent(".lane .failure")).toBe("A worker was lost; the run goes on with another.");
    await ended(page);
    const { fingerprint: node } = await simulate(resolveConfig({ preset: "quick", sets: longer }));
    expect(await fingerprint(page)).toBe(node.results);
    expect(await page.isVisible(".lane .failure")).toBe(false);
    await page.close();
  });

  it("reads settings again after the worker that did is gone", async () => {
    const { page } = await open(brief.join("&"));
    await page.waitForSelector("#run:not([disabled])");
    await close(page.workers(), "desk");
    // The page hears of it by itself; a question in between would be told that it was lost
    await page.waitForTimeout(500);
    await page.fill('#settings [data-path="network.clients"]', "5");
    await page.waitForFunction(() => document.querySelectorAll(".drop-client").length === 5);
    await page.close();
  });
});

/** Ends a worker from within, without a word. */
async function close(workers: readonly Worker[], role: string): Promise<void> {
  for (const worker of workers) {
    const name = await worker.evaluate(() => (globalThis as { name?: string }).name ?? "").catch(() => "");
    if (!name.startsWith(role)) continue;
    await worker.evaluate(() => (globalThis as unknown as { close(): void }).close()).catch(() => {});
    return;
  }
  throw new Error(`no worker "${role}"`);
}
