import { endless, finish, laptop, phone, play, ready, rounds, small } from "./browser.mjs";

/** States of the page that are worth looking at: for pictures, and for what holds in every state. */

const scarce = "budgets.energy=0.002";
export const four = `${scarce}&compare=3&second.power.method=dinkelbach&third.power.method=max-min&fourth.power.method=sum-rate`;

/** Devices that differ, batteries, and updates that are lost. */
const unlike = [
  "budgets.compute.cpu.enabled=true&devices.frequency.distribution=log-uniform&devices.battery.enabled=true",
  "devices.battery.joules=4&loss.kind=random&loss.probability=0.3&selection.rule=round-robin&server.participation=0.8",
  "data.split.kind=dirichlet&data.split.alpha=0.3&budgets.energy=null&budgets.latency=null",
].join("&");

/** Access points that add what they decode, over links that are slow enough to be seen. */
const points = [
  "aggregation=access-points&aggregation.fronthaul.counted=true&aggregation.fronthaul.rate=1e8",
  "budgets.downlink.enabled=true&budgets.energy=null&budgets.latency=null",
].join("&");

/** Each: options of the browser, what follows the address, and what is done before the picture. */
export const states = {
  first: [laptop, "", (page) => rounds(page, 4)],
  running: [laptop, `#${endless}`, (page) => play(page, 30)],
  finished: [
    laptop,
    `#${scarce}&${small}`,
    async (page) => {
      await finish(page);
      await page.click(".lane summary");
    },
  ],
  four: [laptop, `#${four}`, (page) => finish(page, 4)],
  changed: [
    laptop,
    `#${scarce}&${small}`,
    async (page) => {
      await finish(page);
      await page.selectOption('[data-lane="0"][data-path="power.method"]', "full");
      await page.waitForSelector("#pending:not([hidden])");
    },
  ],
  unlike: [laptop, `#${unlike}&${small}`, (page) => finish(page)],
  air: [
    laptop,
    `#aggregation=over-the-air&quantizer=identity&${small.replace("rounds=8", "rounds=4")}`,
    (page) => finish(page),
  ],
  points: [laptop, `#${points}&${small}`, (page) => finish(page)],
  steps: [
    laptop,
    `#${scarce}&${small}`,
    async (page) => {
      await finish(page);
      await page.check('#steps input[value="1"]');
    },
  ],
  word: [
    laptop,
    `#${scarce}&${small}`,
    async (page) => {
      await finish(page);
      await page.click('#settings a.term[data-word="power"]');
    },
  ],
  more: [
    laptop,
    `#${scarce}&${small}`,
    async (page) => {
      await finish(page);
      await page.click('[popovertarget="share"]');
    },
  ],
  settings: [
    laptop,
    `#${small}`,
    async (page) => {
      await page.click("#more-settings summary");
      await page.fill("#search-settings", "pilot");
    },
  ],
  mistake: [laptop, "#budgets.energy=0%2C02", (page) => page.waitForSelector("[aria-invalid]"), { unready: true }],
  wrong: [
    laptop,
    "#network.clients=-3&budgets.energy=0%2C02",
    (page) => page.waitForSelector("[aria-invalid]"),
    { unready: true },
  ],
  dark: [{ ...laptop, colorScheme: "dark" }, `#${four}&${small}`, (page) => finish(page, 4)],
  forced: [{ ...laptop, forcedColors: "active" }, `#${four}&${small}`, (page) => finish(page, 4)],
  phone: [phone, `#${scarce}&${small}`, (page) => finish(page)],
  narrow: [{ viewport: { width: 320, height: 700 } }, `#${scarce}&${small}`, (page) => finish(page)],
  wide: [{ viewport: { width: 2560, height: 1440 } }, `#${four}&${small}`, (page) => finish(page, 4)],
  present: [{ viewport: { width: 1280, height: 720 } }, `?present#${four}&${small}`, async (page) => finish(page, 4)],
  embed: [
    { viewport: { width: 720, height: 420 } },
    `?embed=accuracy#${scarce}&${small}`,
    async (page) => finish(page),
  ],
  projector: [
    { viewport: { width: 1280, height: 720 } },
    `#${scarce}&${small}`,
    async (page) => {
      await page.addStyleTag({ content: ":root { font-size: 28px !important }" });
      await finish(page);
    },
  ],
};

/** Brings an opened page into the state. */
export async function bring(page, [, , act, { unready = false } = {}]) {
  if (!unready) await ready(page);
  await act(page);
  await page.waitForTimeout(300);
}
