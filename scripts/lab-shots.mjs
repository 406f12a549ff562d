// Screenshots of the lab in the states that are worth looking at, into docs/lab/ (or a folder that is named): npm run lab:shots
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const folder = process.argv[2] ?? "docs/lab";
const only = process.argv[3];
mkdirSync(folder, { recursive: true });
const server = spawn(process.execPath, ["dist/cli.js", "lab", "--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
const url = String(await new Promise((resolve) => server.stdout.once("data", resolve))).trim();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});

const laptop = { viewport: { width: 1440, height: 900 } };
const scarce = "budgets.energy=0.002";
const four = `${scarce}&compare=3&second.power.method=dinkelbach&third.power.method=max-min&fourth.power.method=sum-rate`;
const small = "rounds=8&data.trainExamples=1200&data.testExamples=400";

/** Each: options of the browser, the link, and what is done before the picture. */
const states = {
  first: [laptop, "", async (page) => rounds(page, 4)],
  running: [laptop, scarce, async (page) => play(page, 4)],
  four: [laptop, four, async (page) => finish(page, 4)],
  changed: [
    laptop,
    `${scarce}&${small}`,
    async (page) => {
      await finish(page, 1);
      await page.selectOption('[data-lane="0"][data-path="power.method"]', "full");
    },
  ],
  wrong: [laptop, "network.clients=-3&budgets.energy=0%2C02", async (page) => page.waitForSelector("[aria-invalid]")],
  dark: [{ ...laptop, colorScheme: "dark" }, `${four}&${small}`, async (page) => finish(page, 4)],
  forced: [{ ...laptop, forcedColors: "active" }, `${four}&${small}`, async (page) => finish(page, 4)],
  phone: [{ viewport: { width: 390, height: 844 } }, `${scarce}&${small}`, async (page) => finish(page, 1)],
  projector: [
    { viewport: { width: 1280, height: 720 } },
    `${scarce}&${small}`,
    async (page) => {
      await page.addStyleTag({ content: ":root { font-size: 28px !important }" });
      await finish(page, 1);
    },
  ],
};

async function ready(page) {
  await page.waitForSelector("#run:not([disabled])", { timeout: 60_000 });
}
async function play(page, wanted) {
  await ready(page);
  await page.click("#run");
  await rounds(page, wanted);
}
async function rounds(page, least) {
  await page.waitForFunction((wanted) => Number(document.querySelector(".lane").dataset.rounds) >= wanted, least, {
    timeout: 120_000,
  });
}
async function finish(page, lanes) {
  await ready(page);
  await page.click("#run");
  await page.waitForFunction(
    (count) => document.querySelectorAll('.lane[data-phase="finished"]').length === count,
    lanes,
    { timeout: 300_000 },
  );
}

try {
  for (const [name, [options, link, act]] of Object.entries(states)) {
    if (only !== undefined && !only.split(",").includes(name)) continue;
    const page = await (await browser.newContext(options)).newPage();
    page.on("pageerror", (error) => console.error(name, error));
    page.on("console", (message) => message.type() === "error" && console.error(name, message.text()));
    await page.goto(`${url}#${link}`);
    if (name === "wrong") await page.waitForSelector("[aria-invalid]", { timeout: 60_000 });
    else await ready(page);
    await act(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(name);
    await page.context().close();
  }
} finally {
  await browser.close();
  server.kill("SIGINT");
}
