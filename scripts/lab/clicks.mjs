import { endless, laptop, open, play, roundsDone } from "./browser.mjs";

/** ms that a finger stays down */
const press = 80;
/** What a press reaches is counted where it arrives, and goes no further where that would end the run or open a window. */
const stays = ".lane summary, #axis input, .lane .title, #more-settings summary";
const controls = "button, summary, select, a.term, input:not([type=search]), [role=button]";

/** Presses of every control while rounds come in, and how many did not arrive: a figure for each control. */
export async function* clicks({ browser, url, presses, wanted }) {
  const { page, problems, close } = await open(
    browser,
    `${url}#${endless.replace("rounds=20000", "rounds=1000000")}&compare=1&second.power.method=full`,
    laptop,
  );
  await play(page, 5);
  await page.evaluate(count, stays);
  let slowest = Number.POSITIVE_INFINITY;
  for (const handle of await page.$$(controls)) {
    if (!(await handle.isVisible()) || (await handle.isDisabled())) continue;
    const name = await handle.evaluate(nameOf);
    if (!wanted(name)) continue;
    await handle.scrollIntoViewIfNeeded();
    // What is there for the keyboard alone
    if ((await handle.boundingBox()).x < 0) continue;
    const [begun, from] = [await roundsDone(page), performance.now()];
    const arrived = await pressed(page, handle, presses).catch((cause) => {
      throw new Error(`${name}: ${cause.message}; --from "${name}" goes on there`, { cause });
    });
    slowest = Math.min(slowest, (1000 * ((await roundsDone(page)) - begun)) / (performance.now() - from));
    yield { what: `${name}: presses of ${press} ms that are lost, of ${presses}`, value: presses - arrived, most: 0 };
  }
  await close();
  // A few presses are too short a time, and a busy machine makes fewer rounds
  if (presses >= 50) yield { what: "rounds a second meanwhile, the least", value: slowest, least: 10 };
  yield { what: "complaints of the page", value: problems.length, most: 0, notes: problems };
}

/** Runs in the page: counts the presses of `window.pressed` that arrive, and ends those that are not `allowed` there. */
function count(allowed) {
  window.arrived = 0;
  window.pressed = undefined;
  // What can be dragged takes the pointer, not the click
  let held = false;
  const watch = (type, act) => addEventListener(type, act, { capture: true });
  watch("pointerdown", (event) => {
    held = window.pressed?.contains(event.target) && event.target.closest("svg") !== null;
  });
  watch("pointerup", () => {
    if (held) window.arrived++;
    held = false;
  });
  watch("click", (event) => {
    if (window.pressed?.contains(event.target) && event.target.closest("svg") === null) window.arrived++;
    if (event.target.closest(allowed) !== null) return;
    event.stopImmediatePropagation();
    event.preventDefault();
  });
}

/** Runs in the page: what a reader would call the control. */
function nameOf(one) {
  const text = one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent;
  return `${one.tagName.toLowerCase()} ${one.id || one.dataset.path || text.trim().replace(/\s+/g, " ").slice(0, 30)}`;
}

async function pressed(page, handle, presses) {
  await handle.evaluate((one) => {
    window.pressed = one;
    window.arrived = 0;
  });
  for (let i = 0; i < presses; i++) {
    const box = await handle.boundingBox();
    if (box === null) continue;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.waitForTimeout(press);
    await page.mouse.up();
    // A list that opens is closed again
    if (await handle.evaluate((one) => one.tagName === "SELECT")) await page.keyboard.press("Escape");
  }
  return handle.evaluate(() => window.arrived);
}
