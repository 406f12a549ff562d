import { cpus } from "node:os";
import { finished, laptop, open, ready, source } from "./browser.mjs";

/** The page beside Node: the same rounds as fast, and the same fingerprints. */

const tried = "rounds=45&data.testExamples=500&evaluation.every=100&budgets.energy=null&budgets.latency=null";
/** Runs of each, in turn: the best of each is compared, as whatever else the machine does only ever slows one down. */
const turns = 6;
/** Rounds that are timed together: more of them than a fast run lets go by between two draws, so that each has its share. */
const together = 12;

/** ms a round in the page over ms a round in Node, both with a worker a core. */
export async function speed({ browser, url }) {
  const { resolveConfig, simulate } = await import("../../dist/index.js");
  const { threadedExecutor } = await import("../../dist/node.js");
  const sets = [...new URLSearchParams(tried)].map(([path, value]) => `${path}=${value}`);
  const config = resolveConfig({ preset: "quick", sets });
  const workers = Math.min(cpus().length, config.network.clients);
  const { page, close } = await open(browser, "about:blank", laptop, { wait: false });
  await page.addInitScript(noteRounds);
  await page.goto(`${url}#${tried}`);
  await ready(page);
  const [inPage, inNode] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    const times = [];
    await simulate(config, { executor: threadedExecutor(workers), onRound: () => void times.push(performance.now()) });
    inNode.push(...aRound(times));
    inPage.push(...aRound(await pageTimes(page, config.rounds)));
  }
  await close();
  const [node, tab] = [Math.min(...inNode), Math.min(...inPage)];
  return [
    {
      what: `speed of Node's with ${workers} workers (a round ${node.toFixed(1)} ms there, ${tab.toFixed(1)} ms in the page)`,
      value: node / tab,
      least: 0.95,
    },
  ];
}

/** ms a round over each stretch of rounds. The first rounds warm an engine up. */
const aRound = (times) => times.slice(3 + together).map((time, i) => (time - times[i + 3]) / together);

/** Runs in the page before its script: when each round's record comes in, which is drawn later or with others. */
function noteRounds() {
  window.cameIn = [];
  const Opened = window.Worker;
  window.Worker = class extends Opened {
    constructor(...from) {
      super(...from);
      this.addEventListener("message", ({ data }) => {
        if (data.type === "round") window.cameIn.push(performance.now());
      });
    }
  };
}

async function pageTimes(page, rounds) {
  await page.evaluate(() => {
    window.cameIn = [];
    document.querySelector("#run").click();
  });
  await page.waitForFunction((all) => window.cameIn.length === all, rounds, { polling: 200, timeout: 120_000 });
  return page.evaluate(() => window.cameIn);
}

/** Every story in the page and in Node, one after the other. */
export async function* stories({ browser, url, wanted }) {
  const [{ stories: told }, settings, { resolveConfig, simulate }] = await Promise.all([
    source("web/stories.ts"),
    source("web/settings.ts"),
    import("../../dist/index.js"),
  ]);
  for (const story of told.filter(({ id }) => wanted(id))) {
    const { lanes } = settings.fromHash(story.link);
    const { page, close } = await open(browser, `${url}#${story.link}`);
    await page.click("#run");
    await finished(page, lanes.length);
    const shown = await page.$$eval("[data-fingerprint]", (found) => found.map((one) => one.dataset.fingerprint));
    const ends = await page.$$eval(".lane[data-end]", (found) => found.map((one) => JSON.parse(one.dataset.end)));
    await close();
    const wrong = story.claim.holds(ends) ? [] : [`not ${story.claim.text}: ${JSON.stringify(ends)}`];
    for (const lane of lanes.keys()) {
      const sets = settings.assignments(settings.fromHash(story.link), lane);
      const { fingerprint } = await simulate(resolveConfig({ preset: settings.preset, sets }));
      if (fingerprint.results !== shown[lane])
        wrong.push(`run ${lane + 1}: ${shown[lane]}, in Node ${fingerprint.results}`);
    }
    yield {
      what: `${story.id}: the claim (${story.claim.text}) and ${lanes.length} fingerprints, those that are not so`,
      value: wrong.length,
      most: 0,
      notes: wrong,
    };
  }
}
