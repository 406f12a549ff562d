import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

/** Small enough for seconds; as the page's address has them and as the command would. */
const small = ["rounds=3", "data.trainExamples=600", "data.testExamples=200", "network.clients=5", "seed=11"];
const long = ["rounds=5000", "data.trainExamples=60", "data.testExamples=20", "network.clients=2"];
const unlimited = ["budgets.energy=null", "budgets.latency=null"];

const resultInNode = (settings: readonly string[]) => simulate(resolveConfig({ preset: "quick", sets: settings }));
const inNode = async (settings: readonly string[]) => (await resultInNode(settings)).fingerprint.results;

describe.skipIf(chromiumPath === undefined)(`the page in Chromium${whyNot}`, () => {
  const lab = labInBrowser();

  /** Opens the page with these settings; whatever it complains of or asks of others is collected. */
  async function open(
    settings: readonly string[],
    before: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<{ page: Page; problems: string[] }> {
    const page = await lab.browser.newPage();
    page.setDefaultTimeout(25_000);
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(lab.url)) problems.push(request.url());
    });
    await before(page);
    await page.goto(`${lab.url}#${settings.join("&")}`);
    return { page, problems };
  }

  const phase = async (page: Page, wanted: string) => {
    const lane = await page.waitForSelector(`.lane:is([data-phase="${wanted}"], [data-phase="failed"])`);
    if ((await lane.getAttribute("data-phase")) !== wanted)
      throw new Error((await page.textContent(".lane .failure")) ?? "");
  };
  const fingerprints = (page: Page) =>
    page.$$eval("[data-fingerprint]", (found) => found.map((one) => one.getAttribute("data-fingerprint")));
  const roundsDone = async (page: Page) => Number(await page.getAttribute(".lane", "data-rounds"));
  const rounds = (page: Page, least: number) =>
    page.waitForFunction(
      (count) => Number(document.querySelector<HTMLElement>(".lane")!.dataset.rounds) >= count,
      least,
    );
  const hash = (page: Page) => page.evaluate(() => location.hash);
  const field = (path: string) => `#settings [data-path="${path}"]`;

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
    expect(await page.textContent("#announce")).toContain("Finished after 3 rounds. Accuracy");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("runs what a section's name alone asks for, and shows it", async () => {
    const settings = [...small, "quantizer=laq", "power=full"];
    const { page } = await open(settings);
    await page.click("#run");
    await phase(page, "finished");
    expect(await fingerprints(page)).toEqual([await inNode(settings)]);
    expect(await page.inputValue(field("quantizer.name"))).toBe("laq");
    expect(await page.inputValue(field("power.method"))).toBe("full");
    await page.close();
  });

  it("refuses what is no number, in the link and as it is typed, and lifts a budget only where that is asked for", async () => {
    const { page } = await open(["budgets.energy=0,02"]);
    await page.waitForSelector("[aria-invalid]");
    const energy = field("budgets.energy");
    const told = async () =>
      page.textContent(`#${(await page.getAttribute(energy, "aria-describedby"))?.replaceAll(".", "\\.")}`);
    expect(await told()).toContain('budgets.energy: "0,02" is not allowed');
    expect(await page.isDisabled("#run")).toBe(true);
    // The status leads to the field
    expect(await page.textContent("#status ~ .link")).toBe("Not ready, 1 to mend: budgets.energy");
    await page.click("#status ~ .link");
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-path") === "budgets.energy");
    await page.fill(energy, "1e");
    await page.waitForFunction(() =>
      document.querySelector(".field .error:not([hidden])")?.textContent?.includes('"1e"'),
    );
    expect(await hash(page)).toBe("#budgets.energy=1e");
    await page.check(".field:has([data-path='budgets.energy']) input[type=checkbox]");
    await page.waitForSelector("#run:not([disabled])");
    expect(await hash(page)).toBe("#budgets.energy=null");
    await page.close();
  });

  it("says every mistake in sight of its field, and recovers", async () => {
    const { page, problems } = await open([...small.filter((one) => !one.startsWith("network")), "network.clients=-3"]);
    const error = await page.waitForSelector(".field .error:not([hidden])");
    expect(await error.textContent()).toContain("network.clients: -3 is not allowed");
    expect(await error.isVisible()).toBe(true);
    expect(await page.textContent("#status")).toBe("Not ready.");
    await page.fill(field("network.clients"), "4");
    await page.waitForSelector("#run:not([disabled])");
    expect(await page.isVisible(".field .error")).toBe(false);
    // Budgets that allow no round: the reason stands there
    await page.goto(`${lab.url}#${[...small, "budgets.latency=1e-6"].join("&")}`);
    await page.waitForSelector("#run:not([disabled])");
    await page.click("#run");
    await phase(page, "finished");
    expect(await page.textContent(".ending")).toMatch(
      /The run ended: round 1 would bring the latency to .* of 0\.000001 s/,
    );
    // What only the run itself finds out
    const files = await open([...small, "data.name=mnist"]);
    await files.page.click("#run");
    await phase(files.page, "failed");
    expect(await files.page.textContent(".lane .failure")).toContain("data.");
    expect([...problems, ...files.problems]).toEqual([]);
    await page.close();
    await files.page.close();
  });

  it("skips to the results without touching the settings", async () => {
    const { page } = await open(["seed=7", "quantizer.name=laq"]);
    await page.waitForSelector("#run:not([disabled])");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("results");
    expect(await hash(page)).toBe("#seed=7&quantizer.name=laq");
    await page.close();
  });

  it("follows its address, and takes a change back", async () => {
    const { page } = await open(["seed=3"]);
    await page.waitForSelector("#run:not([disabled])");
    await page.evaluate(() => {
      location.hash = "#quantizer.name=laq&network.clients=7";
    });
    await page.waitForFunction(
      (path) => document.querySelector<HTMLInputElement>(path)!.value === "7",
      field("network.clients"),
    );
    expect(await page.inputValue(field("quantizer.name"))).toBe("laq");
    await page.waitForFunction(() => document.querySelectorAll("#drop .drop-client").length === 7);
    await page.click("#undo");
    await page.waitForFunction(() => location.hash === "#seed=3");
    await page.waitForFunction(() => document.querySelectorAll("#drop .drop-client").length === 10);
    await page.close();
  });

  it("runs with what was dragged, as the link says", async () => {
    const { page } = await open(small);
    await page.waitForSelector("#drop .drop-client");
    const client = (await page.locator("#drop .drop-client").nth(2).boundingBox())!;
    const [x, y] = [client.x + client.width / 2, client.y + client.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 30, y + 25, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction(() => location.hash.includes("clientPositions"));
    await page.waitForSelector("#run:not([disabled])");
    await page.click("#run");
    await phase(page, "finished");
    const sets = [...new URLSearchParams((await hash(page)).slice(1))].map(([path, value]) => `${path}=${value}`);
    const dragged = await fingerprints(page);
    expect(dragged).toEqual([await inNode(sets)]);
    expect(dragged).not.toEqual([await inNode(small)]);
    await page.close();
  });

  it("keeps what has run when a field is touched, and through a reload", async () => {
    const { page, problems } = await open(small);
    await page.click("#run");
    await phase(page, "finished");
    const [before] = await fingerprints(page);
    await page.selectOption(field("power.method"), "full");
    await page.waitForSelector("#pending:not([hidden])");
    expect(await roundsDone(page)).toBe(3);
    expect(await fingerprints(page)).toEqual([before]);
    // With another run the old curve stays, pale
    await page.click("#apply");
    await page.waitForFunction((old) => {
      const now = document.querySelector(".lane[data-phase=finished] [data-fingerprint]:not([hidden])");
      return now !== null && now.getAttribute("data-fingerprint") !== old;
    }, before);
    expect(await page.locator(".lines .ghost path").count()).toBeGreaterThan(0);
    const after = await fingerprints(page);
    await page.reload();
    await phase(page, "finished");
    expect(await roundsDone(page)).toBe(3);
    expect(await fingerprints(page)).toEqual(after);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("loses no press of 80 ms while rounds come in", async () => {
    const { page } = await open([...long, ...unlimited]);
    await page.click("#run");
    await rounds(page, 5);
    await page.evaluate(() => {
      const counted = { begun: { summary: 0, config: 0 }, clicked: { summary: 0, config: 0 } };
      Object.assign(window, { counted });
      const count = (element: Element, name: "summary" | "config") => {
        element.addEventListener("pointerdown", () => counted.begun[name]++);
        element.addEventListener("click", () => counted.clicked[name]++);
      };
      count(document.querySelector(".lane summary")!, "summary");
      for (const one of document.querySelectorAll(".lane button"))
        if (one.textContent === "config.json") count(one, "config");
    });
    const press = async (selector: string) => {
      const box = (await page.locator(selector).first().boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.waitForTimeout(80);
      await page.mouse.up();
    };
    const begun = await roundsDone(page);
    for (let i = 0; i < 10; i++) {
      await press(".lane summary");
      await press('.lane button:has-text("config.json")');
    }
    // Rounds did come in between, or the test would say nothing
    expect(await roundsDone(page)).toBeGreaterThan(begun + 20);
    type Counted = Record<"begun" | "clicked", { summary: number; config: number }>;
    const { begun: presses, clicked } = await page.evaluate(() => (window as never as { counted: Counted }).counted);
    expect(clicked).toEqual(presses);
    // A round may have moved one away between this test's look at where it is and its press.
    expect(Math.min(presses.summary, presses.config)).toBeGreaterThanOrEqual(8);
    await page.close();
  });

  it("changes as few nodes for the thousandth round as for the tenth, with the table open", async () => {
    const { page } = await open([...long, ...unlimited]);
    await page.click("#run");
    await rounds(page, 10);
    await page.evaluate(() => {
      document.querySelector<HTMLDetailsElement>(".lane details")!.open = true;
    });
    const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
    const changes = () =>
      page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const lane = document.querySelector<HTMLElement>(".lane")!;
            const from = Number(lane.dataset.rounds);
            let count = 0;
            new MutationObserver((records, observer) => {
              count += records.length;
              const done = Number(lane.dataset.rounds) - from;
              if (done < 20) return;
              observer.disconnect();
              resolve(count / done);
            }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
          }),
      );
    const early = await changes();
    const earlyNodes = await nodes();
    await rounds(page, 300);
    expect(await changes()).toBeLessThan(1.5 * early + 20);
    // Table rows are those in sight; a part of the curve is a node for 64 rounds
    expect(await nodes()).toBeLessThan(earlyNodes + 60 * 9 + 40);
    await page.close();
  });

  it("says in a sentence what a browser without SIMD lacks", async () => {
    const { page } = await open([], (made) =>
      made.addInitScript(() => {
        WebAssembly.validate = () => false;
      }),
    );
    await page.waitForSelector("#needs:not([hidden])");
    expect(await page.textContent("#needs")).toMatch(/WebAssembly SIMD.*Chrome and Edge have it since version 91/);
    expect(await page.isDisabled("#run")).toBe(true);
    await page.close();
  });

  it("says that its worker was not found", async () => {
    const { page } = await open([], (made) => made.route(/desk-/, (route) => route.abort()));
    await page.waitForSelector("#needs:not([hidden])");
    expect(await page.textContent("#needs")).toContain("could not be started");
    await page.close();
  });

  it("asks before it draws a network of absurd size", async () => {
    const { page } = await open(["network.accessPoints=2500", "network.clients=500"]);
    await page.waitForSelector("#large:not([hidden])");
    expect(await page.textContent("#large-text")).toContain("2500 access points and 500 clients");
    expect(await page.locator("#drop .drop-client").count()).toBe(0);
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

  it("pauses after a round, steps, resumes, and ends with the same fingerprint", async () => {
    const settings = ["rounds=6", ...small.slice(1)];
    const { page, problems } = await open(settings);
    await page.click("#step");
    await phase(page, "paused");
    expect(await roundsDone(page)).toBe(1);
    await page.click("#step");
    await page.waitForFunction(() => document.getElementById("status")!.textContent === "Paused after round 2.");
    // Longer than a round takes here; were it running on, there would be more
    await page.waitForTimeout(1000);
    expect(await roundsDone(page)).toBe(2);
    await page.click("#run");
    await phase(page, "finished");
    expect(await roundsDone(page)).toBe(6);
    expect(await fingerprints(page)).toEqual([await inNode(settings)]);
    // Scrubbing shows an earlier round everywhere
    await page.fill("#scrub", "2");
    await page.waitForFunction(() => document.querySelector(".tip")!.textContent!.includes("round 2:"));
    await page.waitForFunction(() => document.querySelector("#timeline svg")!.ariaLabel!.startsWith("Round 2 "));
    await page.waitForFunction(() => document.querySelector("#update")!.textContent!.includes("update in round 2 "));
    expect(problems).toEqual([]);
    await page.close();
  });

  it("compares several runs, hands out their rounds and a link that brings the page back", async () => {
    const { page, problems } = await open([...small, "compare=1", "second.quantizer.name=identity"]);
    await page.click("#run");
    await page.waitForFunction(() => document.querySelectorAll('.lane[data-phase="finished"]').length === 2);
    const both = await fingerprints(page);
    expect(both).toEqual([await inNode(small), await inNode([...small, "quantizer.name=identity"])]);
    await page.click('.lane[data-lane="0"] summary');
    await page.waitForSelector('.lane[data-lane="0"] table.rounds tbody tr:nth-child(4)');
    await page.click('.lane[data-lane="1"] .title');
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.click('.lane[data-lane="1"] button:has-text("rounds.csv")'),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain("nominal_bits");
    // The report's figure of the same runs
    const [figure] = await Promise.all([page.waitForEvent("download"), page.click("#save-svg")]);
    const parts: Buffer[] = [];
    for await (const chunk of await figure.createReadStream()) parts.push(chunk as Buffer);
    expect(Buffer.concat(parts).toString("utf8")).toMatch(/^<svg xmlns[\s\S]*full precision/);
    // A third one is started without the others being run again
    await page.click("#add-lane");
    await page.waitForSelector("#pending:not([hidden])");
    await page.click("#apply");
    await page.waitForFunction(() => document.querySelectorAll('.lane[data-phase="finished"]').length === 3);
    expect((await fingerprints(page)).slice(0, 2)).toEqual(both);
    // A change of the form is in the address
    await page.fill(field("network.clients"), "4");
    const address = await hash(page);
    expect(address).toContain("network.clients=4");
    const again = await open([address.slice(1)]);
    await again.page.waitForSelector("#run:not([disabled])");
    expect(await again.page.inputValue(field("network.clients"))).toBe("4");
    expect(await again.page.inputValue('[data-lane="1"][data-path="quantizer.name"]')).toBe("identity");
    expect(await again.page.textContent("#changed-settings")).toContain("data.trainExamples = 600");
    expect([...problems, ...again.problems]).toEqual([]);
    await page.close();
    await again.page.close();
  });
});
