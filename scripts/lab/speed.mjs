import { cpus } from "node:os";
import { finished, laptop, open, source } from "./browser.mjs";

/** The page beside Node: the same rounds as fast, and the same fingerprints. */

const tried = "rounds=14&data.testExamples=500&evaluation.every=100&budgets.energy=null&budgets.latency=null";
/** Runs of each, in turn: the best of each is compared, as whatever else the machine does only ever slows one down. */
const turns = 4;

/** ms a round in the page over ms a round in Node, both with a worker a core. */
export async function speed({ browser, url }) {
  const { resolveConfig, simulate } = await import("../../dist/index.js");
  const { threadedExecutor } = await import("../../dist/node.js");
  const sets = [...new URLSearchParams(tried)].map(([path, value]) => `${path}=${value}`);
  const config = resolveConfig({ preset: "quick", sets });
  const workers = Math.min(cpus().length, config.network.clients);
  const { page, close } = await open(browser, `${url}#${tried}`, laptop);
  const [inPage, inNode] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    const times = [];
    await simulate(config, { executor: threadedExecutor(workers), onRound: () => void times.push(performance.now()) });
    inNode.push(...between(times));
    inPage.push(...between(await pageTimes(page)));
  }
  await close();
  const [node, tab] = [Math.min(...inNode), Math.min(...inPage)];
  return [
    {
      what: `speed of Node's with ${workers} workers (a round ${node.toFixed(0)} ms there, ${tab.toFixed(0)} ms in the page)`,
      value: node / tab,
      least: 0.95,
    },
  ];
}

/** The first rounds warm an engine up. */
const between = (times) => times.slice(3).map((time, i) => time - times[i + 2]);

function pageTimes(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const lane = document.querySelector(".lane");
        document.querySelector("#run").click();
        const times = [];
        let last = "0";
        const look = () => {
          const { rounds, phase } = lane.dataset;
          if (rounds !== last && rounds !== "0") times.push(performance.now());
          last = rounds;
          if (phase !== "finished" || rounds === "0") return;
          observer.disconnect();
          resolve(times);
        };
        const observer = new MutationObserver(look);
        observer.observe(lane, { attributes: true });
      }),
  );
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
