import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { runnerImport } from "vite";

/** What the lab's scripts have in common: its server, a browser, and the page in a state. */

const root = join(import.meta.dirname, "../..");

/** Undefined where the system has none. */
export function chromiumPath() {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
}

/** Flags keep it from calling home: a browser does that unasked. */
export function launch(more = []) {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", ...more],
    ],
  });
}

/** The command itself, as somebody would start it. */
export async function serve() {
  const child = spawn(process.execPath, [join(root, "dist/cli.js"), "lab", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const url = await new Promise((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(String(data).trim()));
    child.once("exit", (status) => reject(new Error(`cellfed lab ended with status ${status}`)));
  });
  return { url, close: () => child.kill("SIGINT") };
}

/** A module of the source: the settings' and stories' own functions, not a copy of them. */
export async function source(path) {
  return (await runnerImport(join(root, path), { configFile: join(root, "vite.page.config.ts"), logLevel: "error" }))
    .module;
}

export const laptop = { viewport: { width: 1440, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** Opens the page in a context of its own. Whatever it complains of is collected in `problems`. */
export async function open(browser, address, options = laptop, { wait = true } = {}) {
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(address);
  if (wait) await ready(page);
  return { page, problems, close: () => context.close() };
}

export const ready = (page) => page.waitForSelector("#run:not([disabled])");

/** Not at each frame: asking for frames makes the browser draw more of them than the page does. */
const waiting = { timeout: 300_000, polling: 50 };

export function roundsDone(page) {
  return page.evaluate(() => Number(document.querySelector(".lane").dataset.rounds));
}

export async function rounds(page, least) {
  await page.waitForFunction(
    (wanted) => Number(document.querySelector(".lane").dataset.rounds) >= wanted,
    least,
    waiting,
  );
}

export async function play(page, least) {
  await page.click("#run");
  await rounds(page, least);
}

export async function finish(page, lanes = 1) {
  await page.click("#run");
  await finished(page, lanes);
}

export async function finished(page, lanes = 1) {
  await page.waitForFunction(
    (count) => document.querySelectorAll('.lane[data-phase="finished"]').length === count,
    lanes,
    waiting,
  );
}

/** Rounds that take no time to train, so that the page has as much to do as it can have. */
export const endless =
  "rounds=20000&data.trainExamples=60&data.testExamples=20&network.clients=2&budgets.energy=null&budgets.latency=null";
export const small = "rounds=8&data.trainExamples=1200&data.testExamples=400";
