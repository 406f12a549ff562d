import { existsSync } from "node:fs";
import { firefox as driver } from "playwright-core";
import { finish, open, small } from "./browser.mjs";

/** A run in the system's Firefox, with Node's fingerprint. */
export async function firefox({ url }) {
  const path = process.env.FIREFOX_PATH ?? ["/usr/bin/firefox", "/usr/bin/firefox-esr"].find((one) => existsSync(one));
  if (path === undefined || !existsSync(path)) {
    return [{ skipped: "there is no Firefox on this machine (FIREFOX_PATH may name one)" }];
  }
  const { resolveConfig, simulate } = await import("../../dist/index.js");
  const browser = await driver.launch({ channel: "moz-firefox", executablePath: path });
  try {
    const { page, problems } = await open(browser, `${url}#${small}`);
    await finish(page);
    const shown = await page.getAttribute("[data-fingerprint]", "data-fingerprint");
    const sets = [...new URLSearchParams(small)].map(([key, value]) => `${key}=${value}`);
    const { fingerprint } = await simulate(resolveConfig({ preset: "quick", sets }));
    return [
      {
        what: `fingerprint of Node's in Firefox ${browser.version()}`,
        value: shown === fingerprint.results ? 1 : 0,
        least: 1,
        notes: [shown],
      },
      { what: "complaints of the page", value: problems.length, most: 0, notes: problems },
    ];
  } finally {
    await browser.close();
  }
}
