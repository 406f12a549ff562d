import { describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { assignments, fromHash } from "../../web/settings.js";
import { type End, stories, storyOf } from "../../web/stories.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

describe.skipIf(chromiumPath === undefined)(`the lab's stories in Chromium${whyNot}`, () => {
  const lab = labInBrowser();

  it.each(stories.map((story) => [story.title, story] as const))(
    "%s: ends as it says, with Node's fingerprints",
    async (_, story) => {
      const page = await lab.browser.newPage();
      page.setDefaultTimeout(170_000);
      await page.goto(`${lab.url}#${story.link}`);
      await page.waitForSelector("#run:not([disabled])");
      expect(await page.textContent("#caption")).toBe(story.captions[0]![1]);
      await page.click("#run");
      const settings = fromHash(story.link);
      expect(settings.problems).toEqual([]);
      const count = settings.lanes.length;
      await page.waitForFunction((lanes) => document.querySelectorAll(".lane[data-end]").length === lanes, count);
      const ends = await page.$$eval(".lane[data-end]", (lanes) =>
        lanes.map((lane) => JSON.parse((lane as HTMLElement).dataset.end!)),
      );
      expect(story.claim.holds(ends as End[]), `${story.claim.text}: ${JSON.stringify(ends)}`).toBe(true);
      await page.waitForFunction(
        (text) => document.getElementById("caption")!.textContent === text,
        story.captions.at(-1)![1],
      );
      const shown = await page.$$eval("[data-fingerprint]", (found) =>
        found.map((one) => one.getAttribute("data-fingerprint")),
      );
      for (const lane of settings.lanes.keys()) {
        const config = resolveConfig({ preset: "quick", sets: assignments(settings, lane) });
        expect(shown[lane], `run ${lane + 1}`).toBe((await simulate(config)).fingerprint.results);
      }
      await page.close();
    },
    240_000,
  );

  it("opens on the first story, playing", async () => {
    const page = await lab.browser.newPage();
    await page.goto(lab.url);
    await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".lane")?.dataset.rounds) >= 2);
    expect(await page.inputValue("#story")).toBe(stories[0]!.id);
    expect(await page.textContent("#run")).toBe("Pause");
    expect(storyOf(await page.evaluate(() => location.hash))).toBe(stories[0]);
    // A touched setting is another page, and the runs stay
    await page.fill('#settings [data-path="network.clients"]', "6");
    await page.waitForSelector("#telling[hidden]", { state: "attached" });
    expect(await page.locator(".lane:not([hidden])").count()).toBe(4);
    await page.close();
  });
});
