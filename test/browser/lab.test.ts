import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { chromiumPath, launch, servePage, whyNot } from "./chromium.js";

/** Small enough for seconds; as the page's address has them and as the command would. */
const small = ["rounds=3", "data.trainExamples=600", "data.testExamples=200", "network.clients=5", "seed=11"];

const resultInNode = (settings: readonly string[]) => simulate(resolveConfig({ preset: "quick", sets: settings }));
const inNode = async (settings: readonly string[]) => (await resultInNode(settings)).fingerprint.results;

describe.skipIf(chromiumPath === undefined)(`the page in Chromium${whyNot}`, () => {
  let lab: Awaited<ReturnType<typeof servePage>>;
  let browser: Browser;
  beforeAll(async () => {
    [lab, browser] = await Promise.all([servePage(), launch()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });

  /** Opens the page with these settings; whatever it complains of or asks of others is collected. */
  async function open(settings: readonly string[]): Promise<{ page: Page; problems: string[] }> {
    const page = await browser.newPage();
    page.setDefaultTimeout(25_000);
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(lab.url)) problems.push(request.url());
    });
    await page.goto(`${lab.url}#${settings.join("&")}`);
    return { page, problems };
  }

  const phase = async (page: Page, wanted: string) => {
    const lane = await page.waitForSelector(`.lane:is([data-phase="${wanted}"], [data-phase="failed"])`);
    if ((await lane.getAttribute("data-phase")) !== wanted) throw new Error((await page.textContent(".failure")) ?? "");
  };
  const fingerprints = (page: Page) =>
    page.$$eval("[data-fingerprint]", (found) => found.map((one) => one.getAttribute("data-fingerprint")));
  const roundsDone = async (page: Page) => Number(await page.getAttribute(".lane", "data-rounds"));

  it("gives the fingerprint that Node gives", async () => {
    const { page, problems } = await open(small);
    await page.click("#run");
    await phase(page, "finished");
    const { fingerprint, final } = await resultInNode(small);
    expect(await fingerprints(page)).toEqual([fingerprint.results]);
    // The same figures as the command's closing table
    const numbers = await page.textContent(".numbers");
    expect(numbers).toContain(`bits an entry${final.nominalBitsPerEntry.toFixed(2)}`);
    expect(numbers).toContain(`saved${(100 * final.nominalSaving).toFixed(1)} %`);
    expect(await page.textContent("#status")).toBe("Finished after 3 rounds.");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("takes the relaxed kernels where they are asked for, and loads them only then", async () => {
    for (const kernels of ["exact", "relaxed"]) {
      const { page, problems } = await open([...small, `kernels=${kernels}`]);
      const loaded: string[] = [];
      page.context().on("request", (request) => loaded.push(request.url()));
      await page.click("#run");
      await phase(page, "finished");
      const of = kernels === "relaxed" ? "on this machine and engine" : "on any engine";
      expect(await page.textContent(".fingerprint")).toContain(of);
      expect(loaded.some((url) => url.includes("kernels-relaxed"))).toBe(kernels === "relaxed");
      expect(problems).toEqual([]);
      await page.close();
    }
  });

  it("pauses after a round, resumes, and ends with the same fingerprint", async () => {
    const settings = ["rounds=6", ...small.slice(1)];
    const { page, problems } = await open(settings);
    // Both clicks in one task of the page: a fast machine would be through before a second click came from here
    await page.evaluate(() => {
      const button = document.getElementById("run") as HTMLButtonElement;
      button.click();
      button.click();
    });
    await phase(page, "paused");
    const held = await roundsDone(page);
    expect(held).toBe(1);
    expect(await page.textContent("#status")).toBe(`Paused after round ${held}.`);
    // Longer than a round takes here; were it running on, there would be more
    await page.waitForTimeout(1000);
    expect(await roundsDone(page)).toBe(held);
    await page.click("#run");
    await phase(page, "finished");
    expect(await roundsDone(page)).toBe(6);
    expect(await fingerprints(page)).toEqual([await inNode(settings)]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("compares two runs, hands out their rounds and a link that brings the page back", async () => {
    const { page, problems } = await open([...small, "compare=1", "second.quantizer.name=identity"]);
    await page.click("#run");
    await page.waitForFunction(() => document.querySelectorAll('.lane[data-phase="finished"]').length === 2);
    const both = await fingerprints(page);
    expect(both).toEqual([await inNode(small), await inNode([...small, "quantizer.name=identity"])]);
    await page.click('.lane[data-lane="first"] summary');
    await page.waitForSelector('.lane[data-lane="first"] table.rounds tbody tr:nth-child(3)');
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.click('.lane[data-lane="second"] button:has-text("rounds.csv")'),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain("nominal_bits");
    // A change of the form is in the address
    await page.fill('[data-path="seed"]', "12");
    const hash = await page.evaluate(() => location.hash);
    expect(hash).toContain("seed=12");
    const again = await open([hash.slice(1)]);
    expect(await again.page.inputValue('[data-path="seed"]')).toBe("12");
    expect(await again.page.isChecked("#compare")).toBe(true);
    expect(await again.page.inputValue('#second [data-path="quantizer.name"]')).toBe("identity");
    expect(await again.page.textContent("#hidden-list")).toContain("data.trainExamples = 600");
    expect([...problems, ...again.problems]).toEqual([]);
    await page.close();
    await again.page.close();
  });

  it("says what is wrong with a setting, beside it, and recovers", async () => {
    const { page, problems } = await open([...small, "budgets.energy=-1"]);
    await page.waitForSelector(".failure");
    expect(await page.textContent(".failure")).toContain("budgets.energy: -1 is not allowed");
    expect(await page.getAttribute('[data-path="budgets.energy"]', "aria-invalid")).toBe("true");
    expect(await page.isDisabled("#run")).toBe(true);
    await page.fill('[data-path="budgets.energy"]', "1");
    await page.waitForSelector(".failure", { state: "detached" });
    expect(await page.isDisabled("#run")).toBe(false);
    // Budgets that allow no round: the reason stands there
    await page.fill('[data-path="budgets.latency"]', "1e-6");
    await page.click("#run");
    await phase(page, "finished");
    expect(await page.textContent(".ending")).toMatch(
      /The run ended: round 1 would bring the latency to .* of 0\.000001 s/,
    );
    // What only the run itself finds out
    const files = await open([...small, "data.name=mnist"]);
    await files.page.click("#run");
    await phase(files.page, "failed");
    expect(await files.page.textContent(".failure")).toContain("data.");
    expect(await files.page.textContent("#run")).toBe("Run again");
    expect([...problems, ...files.problems]).toEqual([]);
    await page.close();
    await files.page.close();
  });
});
