import { open, source } from "./browser.mjs";

/** Random settings through the link: the page's config is the one that Node resolves, or is refused in the same words. */
export async function links({ browser, url, seed }, count = 200) {
  const [{ configGenerator }, settings, cellfed] = await Promise.all([
    source("test/soak/index.ts"),
    source("web/settings.ts"),
    import("../../dist/index.js"),
  ]);
  const drawn = configGenerator();
  const { page, problems, close } = await open(browser, `${url}#seed=1`);
  await page.evaluate(keepSaved);
  const wrong = [];
  let refused = 0;
  for (let number = 0; number < count; number++) {
    const sets = leaves(drawn(seed, number)).map(([path, value]) => [shorthand(settings, path, value), value]);
    // Every fifth with a slip of the pen, which is to be refused
    if (number % 5 === 4) sets[number % sets.length][1] += " o";
    const link = settings.toHash(settings.fromHash(new URLSearchParams(sets).toString()));
    const assigned = settings.assignments(settings.fromHash(link), 0);
    const wanted = attempt(() => cellfed.resolveConfig({ preset: settings.preset, sets: assigned }));
    const shown = await follow(page, link);
    if ("refused" in wanted) refused++;
    const same =
      "refused" in wanted
        ? shown.refused === wanted.refused
        : shown.config !== undefined && JSON.stringify(shown.config) === JSON.stringify(wanted.config);
    if (!same)
      wrong.push(`#${link}: ${JSON.stringify(shown).slice(0, 300)} instead of ${JSON.stringify(wanted).slice(0, 300)}`);
  }
  await close();
  return [
    {
      what: `settings that come back through the link, of ${count} (${refused} of them refused, in the same words)`,
      value: count - wrong.length,
      least: count,
      notes: wrong,
    },
    { what: "complaints of the page", value: problems.length, most: 0, notes: problems },
  ];
}

/** Half of the parts by their section's name alone, as on the command line. */
function shorthand({ nameFields }, path, value) {
  const [section] = Object.entries(nameFields).find(([section, field]) => path === `${section}.${field}`) ?? [];
  return section !== undefined && value.length % 2 === 0 ? section : path;
}

function leaves(tree, path = "") {
  return Object.entries(tree).flatMap(([key, value]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return leaves(value, at);
    return [[at, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

function attempt(resolve) {
  try {
    return { config: JSON.parse(JSON.stringify(resolve())) };
  } catch (error) {
    return { refused: words(error.message) };
  }
}

const words = (message) =>
  message
    .split("\n")
    .map((line) => line.trim())
    .sort()
    .join("\n");

/** What the page makes of a link: its config.json, or what it says is wrong. */
async function follow(page, link) {
  await page.evaluate((hash) => {
    // Another link in between, so that a settled page is this link's
    location.hash = `#${hash}`;
  }, link);
  await page.waitForFunction(() => document.querySelector("#status").dataset.settled === location.hash);
  const refused = await page.$$eval("#settings .error:not([hidden]), #other-problems:not([hidden])", (found) =>
    found.filter((one) => one.closest("#every-setting") === null).flatMap((one) => one.textContent.split("\n")),
  );
  if (refused.length > 0) return { refused: words(refused.join("\n")) };
  await page.click('.lane button:has-text("config.json")');
  return { config: JSON.parse(await page.evaluate(() => window.saved)) };
}

/** Runs in the page: a file that is saved is kept, since a browser lets a page save only so many. */
function keepSaved() {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    window.saved = blob.text();
    return make(blob);
  };
  HTMLAnchorElement.prototype.click = () => {};
}
