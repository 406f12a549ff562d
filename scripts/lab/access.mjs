import { readFileSync } from "node:fs";
import { join } from "node:path";
import { finish, laptop, open, phone, small } from "./browser.mjs";
import { contrasts } from "./contrast.mjs";
import { bring, four, states } from "./states.mjs";

/** That everybody can use the page: axe and contrast in all its states, and what fits where. */

const axe = readFileSync(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function access({ browser, url }) {
  const [violations, pale, mute] = [[], [], []];
  for (const [name, state] of Object.entries(states)) {
    const { page, close } = await open(browser, url + state[1], state[0], { wait: false });
    await bring(page, state);
    await page.addScriptTag({ content: axe });
    const found = await page.evaluate(async (runOnly) => {
      const { violations } = await window.axe.run({ runOnly });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3)}`);
    }, tags);
    violations.push(...found.map((one) => `${name}: ${one}`));
    if (name !== "forced") pale.push(...(await page.evaluate(contrasts, 3)).map((one) => `${name}: ${one}`));
    mute.push(...(await page.evaluate(mutes)).map((one) => `${name}: ${one}`));
    await close();
  }
  const among = `in ${Object.keys(states).length} states`;
  return [
    { what: `violations that axe finds ${among}`, value: violations.length, most: 0, notes: violations },
    { what: `marks of figures under 3 : 1 ${among}`, value: pale.length, most: 0, notes: pale },
    {
      what: `figures without a role, a summary or a way to their points by keyboard ${among}`,
      value: mute.length,
      most: 0,
      notes: mute,
    },
  ];
}

/** Runs in the page: figures that a listener or a keyboard does not reach. */
function mutes() {
  const reached = (figure) =>
    figure.tabIndex >= 0 ||
    figure.querySelector('[tabindex="0"]') !== null ||
    figure.closest(".figure")?.querySelector(".reader input") != null;
  return [...document.querySelectorAll("main svg:not(.drop-marks *)")]
    .filter((figure) => figure.checkVisibility({ visibilityProperty: true }))
    .filter(
      (figure) =>
        !["img", "group"].includes(figure.getAttribute("role")) ||
        (figure.getAttribute("aria-label") ?? "") === "" ||
        !reached(figure),
    )
    .map((figure) => `${figure.closest("[id]").id} ${figure.outerHTML.slice(0, 120)}`);
}

export async function layout(context) {
  return [...(await screens(context)), ...(await onPaper(context)), ...(await still(context))];
}

async function screens({ browser, url }) {
  const wide = await open(browser, `${url}#${four}&${small}`, laptop);
  await finish(wide.page, 4);
  const scrolled = await wide.page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  const usual = await wide.page.evaluate(textHeights);
  const cut = [];
  for (const [width, height] of windows) {
    await wide.page.setViewportSize({ width, height });
    await wide.page.waitForTimeout(300);
    cut.push(...(await wide.page.evaluate(cutTexts)).map((one) => `${width} × ${height}: ${one}`));
  }
  await wide.page.addStyleTag({ content: ":root { font-size: 28px !important }" });
  await wide.page.waitForTimeout(500);
  const larger = await wide.page.evaluate(textHeights);
  const unscaled = Object.keys(usual).filter((figure) => larger[figure] < 1.7 * usual[figure]);
  await wide.close();
  const narrow = await open(browser, `${url}#${small}`, phone);
  await finish(narrow.page);
  const chart = await narrow.page.locator("#accuracy svg").boundingBox();
  const sideways = await narrow.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await narrow.close();
  return [
    { what: "to scroll at 1440 × 900 with four runs", value: scrolled, most: 0, unit: " px" },
    { what: "figures whose text does not follow a root of 28 px", value: unscaled.length, most: 0, notes: unscaled },
    { what: "words in figures that are cut, from 390 to 1440 px", value: cut.length, most: 0, notes: cut },
    {
      what: "end of the chart after Play at 390 × 844",
      value: Math.round(chart.y + chart.height),
      most: 844,
      unit: " px",
    },
    { what: "to scroll sideways there", value: sideways, most: 0, unit: " px" },
  ];
}

/** From a phone's to a laptop's, which comes last: the page goes on with it. */
const windows = [
  [390, 844],
  [1024, 768],
  [1120, 800],
  [1200, 1000],
  [1366, 768],
  [1440, 900],
];

/** Runs in the page: words of figures that begin or end beyond their panel or, where that cuts them, their picture. */
function cutTexts() {
  return [...document.querySelectorAll("main svg text")]
    .filter((text) => text.textContent !== "" && text.checkVisibility({ visibilityProperty: true }))
    .filter((text) => {
      const { left, right } = text.getBoundingClientRect();
      const cutBy = [text.closest(".panel"), text.ownerSVGElement].filter(
        (one) => one !== null && getComputedStyle(one).overflowX !== "visible",
      );
      return cutBy.some((one) => {
        const room = one.getBoundingClientRect();
        return left < room.left - 1 || right > room.right + 1;
      });
    })
    .map((text) => `${text.closest("[id]").id}: ${text.textContent}`);
}

/** Runs in the page: px of the text in each figure. */
function textHeights() {
  const figures = [...document.querySelectorAll("main svg")].filter((one) => one.querySelector("text") !== null);
  return Object.fromEntries(
    figures.map((figure) => [
      figure.closest("[id]").id,
      Number.parseFloat(getComputedStyle(figure.querySelector("text")).fontSize),
    ]),
  );
}

async function onPaper({ browser, url }) {
  const { page, close } = await open(browser, `${url}#${four}&${small}`, laptop);
  await finish(page, 4);
  const pdf = (await page.pdf({ format: "A4", printBackground: true })).toString("latin1");
  const pages = pdf.match(/\/Type\s*\/Page(?!s)/g).length;
  await page.emulateMedia({ media: "print" });
  const missing = await page.evaluate(() => {
    const parts = [
      "#accuracy svg",
      "#drop .drop-marks",
      "#update svg",
      "#timeline svg",
      "#split svg",
      "[data-fingerprint]",
      "#changed-settings",
      "#lane-settings",
    ];
    return parts.filter((one) => !document.querySelector(one)?.checkVisibility());
  });
  await close();
  return [
    { what: "pages of a print with four runs", value: pages, most: 1 },
    { what: "figures, settings or fingerprints missing from it", value: missing.length, most: 0, notes: missing },
  ];
}

/** With less motion wanted nothing moves by itself: no animation, no story that plays before it is asked for. */
async function still({ browser, url }) {
  const { page, close } = await open(browser, url, { ...laptop, reducedMotion: "reduce" });
  await page.waitForTimeout(2500);
  const byItself = await page.evaluate(() => Number(document.querySelector(".lane")?.dataset.rounds ?? 0));
  await page.click("#run");
  await page.waitForFunction(() => Number(document.querySelector(".lane").dataset.rounds) > 2);
  const moving = await page.evaluate(() =>
    document.getAnimations().map((one) => String(one.transitionProperty ?? one.animationName)),
  );
  await close();
  return [
    { what: "rounds that play by themselves with reduced motion", value: byItself, most: 0 },
    { what: "animations with reduced motion", value: moving.length, most: 0, notes: moving },
  ];
}
