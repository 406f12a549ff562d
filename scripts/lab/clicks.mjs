import { endless, laptop, open, play, roundsDone } from "./browser.mjs";

/** ms that a finger stays down */
const press = 80;
/** What a press reaches is counted where it arrives, and goes no further where that would end the run or open a window. */
const stays = ".lane summary, #axis input, .lane .title, #more-settings summary";
const controls = "button, summary, select, a.term, input:not([type=search]), [role=button]";

/** Presses of every control while rounds come in, and how many did not arrive. */
export async function clicks({ browser, url }, presses = 100) {
  const { page, problems, close } = await open(
    browser,
    `${url}#${endless.replace("rounds=20000", "rounds=1000000")}&compare=1&second.power.method=full`,
    laptop,
  );
  await play(page, 5);
  await page.evaluate((allowed) => {
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
  }, stays);
  const handles = await page.$$(controls);
  const lost = [];
  let [tried, slowest] = [0, Number.POSITIVE_INFINITY];
  for (const handle of handles) {
    if (!(await handle.isVisible()) || (await handle.isDisabled())) continue;
    const name = await handle.evaluate(
      (one) =>
        `${one.tagName.toLowerCase()} ${one.id || one.textContent.trim().slice(0, 30) || one.getAttribute("aria-label")}`,
    );
    await handle.scrollIntoViewIfNeeded();
    // What is there for the keyboard alone
    if ((await handle.boundingBox()).x < 0) continue;
    const [begun, from] = [await roundsDone(page), performance.now()];
    const arrived = await pressed(page, handle, presses);
    slowest = Math.min(slowest, (1000 * ((await roundsDone(page)) - begun)) / (performance.now() - from));
    tried++;
    if (arrived !== presses) lost.push(`${name}: ${arrived} of ${presses}`);
  }
  await close();
  return [
    {
      what: `controls that lose a press, of ${tried} pressed ${presses} times for ${press} ms`,
      value: lost.length,
      most: 0,
      notes: lost,
    },
    // A few presses are too short a time, and a busy machine makes fewer rounds
    ...(presses < 50 ? [] : [{ what: "rounds a second meanwhile, the least", value: slowest, least: 10 }]),
    { what: "complaints of the page", value: problems.length, most: 0, notes: problems },
  ];
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
