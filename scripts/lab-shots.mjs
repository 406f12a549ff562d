// Screenshots of the lab in the states that are worth looking at, into docs/lab/ (or a folder that is named):
// npm run lab:shots -- [folder] [state,state…]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, serve } from "./lab/browser.mjs";
import { bring, states } from "./lab/states.mjs";

const folder = process.argv[2] ?? "docs/lab";
const only = process.argv[3]?.split(",");
mkdirSync(folder, { recursive: true });
const server = await serve();
const browser = await launch();
try {
  for (const [name, state] of Object.entries(states)) {
    if (only !== undefined && !only.includes(name)) continue;
    const { page, problems, close } = await open(browser, server.url + state[1], state[0], { wait: false });
    await bring(page, state);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    for (const problem of problems) console.error(name, problem);
    console.log(name);
    await close();
  }
} finally {
  await browser.close();
  server.close();
}
