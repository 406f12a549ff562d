import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

const small = ["rounds=3", "data.trainExamples=600", "data.testExamples=200", "network.clients=5"];
const laptop = { viewport: { width: 1440, height: 900 } };

describe.skipIf(chromiumPath === undefined)(`the lab in other places, in Chromium${whyNot}`, () => {
  const lab = labInBrowser();

  async function open(address: string): Promise<Page> {
    const page = await (await lab.browser.newContext(laptop)).newPage();
    page.setDefaultTimeout(25_000);
    await page.goto(address);
    await page.waitForSelector("#run:not([disabled])");
    return page;
  }
  const finished = async (page: Page) => {
    await page.click("#run");
    await page.waitForSelector(".lane[data-phase=finished]", { state: "attached" });
  };
  const link = (query = "") => `${lab.url}${query}#${small.join("&")}`;
  const seen = (page: Page) =>
    page.$$eval("main > *", (panels) => panels.filter((one) => one.checkVisibility()).map(({ id }) => id));

  it("shows one figure at a time, large, and turns by the arrow keys", async () => {
    const page = await open(link("?present"));
    await finished(page);
    expect(await seen(page)).toEqual(["accuracy-panel"]);
    const chart = (await page.locator("#accuracy svg").boundingBox())!;
    expect(chart.width * chart.height).toBeGreaterThan(0.5 * 1440 * 900);
    expect(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    for (const id of ["drop", "update", "round", "results", "accuracy-panel"]) {
      await page.keyboard.press("ArrowRight");
      expect(await seen(page)).toEqual([id]);
    }
    await page.keyboard.press("ArrowLeft");
    expect(await seen(page)).toEqual(["results"]);
    // The settings came along, and go back
    await page.keyboard.press("Escape");
    expect(await seen(page)).toContain("settings");
    expect(page.url()).toBe(link());
    await page.context().close();
  });

  it("stands in another page as one figure that runs", async () => {
    const page = await (await lab.browser.newContext(laptop)).newPage();
    page.setDefaultTimeout(25_000);
    const host = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<iframe width="720" height="420" src="${link("?embed=accuracy").replaceAll("&", "&amp;")}"></iframe>`,
      );
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
    const frame = page.frameLocator("iframe");
    await frame.locator("#run:not([disabled])").click();
    await frame.locator('.lane[data-phase="finished"]').waitFor({ state: "attached" });
    expect(await frame.locator("#accuracy svg").isVisible()).toBe(true);
    expect(await frame.locator("#settings").isVisible()).toBe(false);
    expect(await frame.locator("#whole").getAttribute("href")).toBe(link());
    host.close();
    await page.context().close();
  });

  it("gives a citation and a report of what has run", async () => {
    const page = await open(`${link()}&compare=1&second.power.method=full`);
    await page.evaluate(() => {
      const window_ = window as never as { copied: string };
      navigator.clipboard.writeText = async (text) => {
        window_.copied = text;
      };
    });
    await page.click("#run");
    await page.waitForFunction(() => document.querySelectorAll('.lane[data-phase="finished"]').length === 2);
    const shown = await page.$$eval("[data-fingerprint]", (found) =>
      found.map((one) => one.getAttribute("data-fingerprint")!),
    );
    await page.click('[popovertarget="share"]');
    await page.click("#cite");
    const cited = await page.evaluate(() => (window as never as { copied: string }).copied);
    expect(cited).toMatch(/^@software\{cellfed,/);
    for (const print of shown) expect(cited).toContain(print.slice(0, 16));
    await page.click("#embed");
    expect(await page.evaluate(() => (window as never as { copied: string }).copied)).toContain(
      "?embed=accuracy#rounds=3&amp;",
    );
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#report")]);
    const report = readFileSync((await download.path())!, "utf8");
    for (const part of [...shown, "Accuracy over energy", "--set &#39;rounds=3&#39;"]) expect(report).toContain(part);
    expect(report.match(/<svg/g)).toHaveLength(4);
    expect(report).not.toContain("<script");
    await page.context().close();
  });

  it("gives every figure as a picture that stands alone", async () => {
    const page = await open(link());
    await page.click("#run");
    await page.waitForSelector('.lane[data-phase="finished"]');
    await page.click('[popovertarget="share"]');
    for (const name of ["network", "update", "timeline", "energy"]) {
      const bytes = async (kind: string) => {
        const press = page.click(`#pictures [aria-label="${kind} of the ${name}"]`);
        const [download] = await Promise.all([page.waitForEvent("download"), press]);
        expect(download.suggestedFilename()).toBe(`${name}.${kind.toLowerCase()}`);
        return readFileSync((await download.path())!);
      };
      const svg = (await bytes("SVG")).toString("utf8");
      // With nothing of the page: neither classes nor variables, and its map within it
      expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 /);
      expect(svg).not.toMatch(/class=|var\(|light-dark/);
      expect(svg.includes('href="data:image/png;base64,')).toBe(name === "network");
      const [inks, ground] = await page.evaluate(async (text) => {
        const image = new Image();
        image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext("2d")!;
        context.drawImage(image, 0, 0);
        const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return [new Set(pixels).size, pixels[0]! >>> 24] as const;
      }, svg);
      expect(inks).toBeGreaterThan(5);
      expect(ground).toBe(255);
      expect((await bytes("PNG")).subarray(1, 4).toString()).toBe("PNG");
    }
    await page.context().close();
  });

  it("says what happens within the round that is shown", async () => {
    const page = await open(link());
    await page.click("#step");
    await page.waitForSelector(".lane[data-phase=paused]");
    for (const [step, panel, words] of [
      ["0", "update", /trains 2 epochs of adadelta/],
      ["1", "update", /emq makes [\d.]+ bits an entry of client 0's update/],
      ["2", "drop", /sets powers from/],
      ["3", "round", /takes .* of computing/],
      ["4", "accuracy-panel", /decodes 5 updates and averages them/],
    ] as const) {
      await page.check(`#steps input[value="${step}"]`);
      await page.waitForSelector(`#${panel}.stepped`);
      expect(await page.textContent("#step-words")).toMatch(words);
    }
    await page.context().close();
  });

  it("works from a subfolder of a static host, and without it after the first visit", async () => {
    const host = await staticHost(lab.url);
    const page = await open(`${host.url}some/where/#${small.join("&")}`);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await host.close();
    await page.reload();
    await page.waitForSelector("#run:not([disabled])");
    await finished(page);
    const { fingerprint } = await simulate(resolveConfig({ preset: "quick", sets: small }));
    expect(await page.getAttribute("[data-fingerprint]", "data-fingerprint")).toBe(fingerprint.results);
    // Also what was not looked at before
    await page.goto(`${host.url}some/where/docs/power.html#power-allocation`);
    expect(await page.textContent("h1")).toBe("Power allocation");
    await page.context().close();
  });
});

/** Hands the lab's files out below /some/where/, with no headers of its own, as a static host would. */
async function staticHost(lab: string): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(async (request, response) => {
    const path = /^\/some\/where\/(.*)$/.exec(request.url ?? "")?.[1];
    const found = path === undefined ? undefined : await fetch(new URL(path, lab));
    response.writeHead(found?.status ?? 404, { "Content-Type": found?.headers.get("content-type") ?? "text/plain" });
    response.end(found === undefined ? "" : Buffer.from(await found.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
