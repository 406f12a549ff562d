import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { endless, laptop, open, play, rounds, roundsDone } from "./browser.mjs";

/** How the page keeps up with its runs: tasks of its thread, drawing, memory. */

/** The longest task of the page's own thread, in ms of processor time, in three states. */
export async function tasks({ browser, url }) {
  const lanes = Math.max(1, Math.min(4, cpus().length - 1));
  const others = ["second", "third", "fourth"]
    .slice(0, lanes - 1)
    .map((name, i) => `&${name}.power.method=${["full", "max-min", "sum-rate"][i]}`);
  const found = [
    ["quick, from the load to its last round", await longest(browser, url, "seed=1", (page) => ended(page))],
    [
      `${lanes} run${lanes === 1 ? "" : "s"} side by side`,
      await longest(browser, url, `compare=${lanes - 1}${others.join("")}`, (page) => ended(page)),
    ],
    [
      "at 1000 rounds with the table open",
      await longest(browser, url, endless, async (page) => {
        await rounds(page, 10);
        await page.click(".lane summary");
        await rounds(page, 1000);
      }),
    ],
  ];
  return found.map(([what, { value, notes }]) => ({
    what: `longest task, ${what}`,
    value,
    most: 50,
    unit: " ms",
    notes,
  }));
}

const ended = (page) =>
  page.waitForSelector(".lane:not([data-phase=running]):not([data-phase=idle])", { timeout: 300_000 });

async function longest(browser, url, link, act) {
  const { page, close } = await open(browser, "about:blank", laptop, { wait: false });
  await browser.startTracing(page, { categories: ["toplevel", "__metadata", "devtools.timeline"] });
  await page.goto(`${url}#${link}`);
  await page.waitForSelector("#run:not([disabled])");
  await play(page, 1);
  await act(page);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  await close();
  const ours = pageThread(traceEvents);
  const done = traceEvents.filter(
    ({ name, pid, tid, tdur }) => /RunTask$/.test(name) && tdur !== undefined && pid === ours?.pid && tid === ours?.tid,
  );
  const worst = done.reduce((most, one) => (one.tdur > most.tdur ? one : most), { tdur: 0, ts: 0, dur: 0 });
  const inside = traceEvents
    .filter(
      ({ ts, pid, tid, dur }) =>
        pid === ours?.pid && tid === ours?.tid && dur > 5000 && ts >= worst.ts && ts < worst.ts + worst.dur,
    )
    .map(
      ({ name, dur, args }) =>
        `${name} ${(dur / 1000).toFixed(1)} ms ${JSON.stringify(args?.data ?? {}).slice(0, 160)}`,
    );
  if (done.length === 0) throw new Error("the trace has no tasks of the page");
  return { value: worst.tdur / 1000, notes: inside };
}

/** The renderer's main thread that did most: each tab has a process of its own. */
function pageThread(events) {
  const threads = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const busy = ({ pid, tid }) =>
    events.reduce((sum, event) => sum + (event.pid === pid && event.tid === tid ? (event.tdur ?? 0) : 0), 0);
  return threads.map((one) => ({ ...one, busy: busy(one) })).sort((a, b) => b.busy - a.busy)[0];
}

/** Frames are counted where the page asks for them. */
function countDraws() {
  window.draws = 0;
  const ask = requestAnimationFrame;
  let frame = -1;
  window.requestAnimationFrame = (draw) =>
    ask((now) => {
      if (now !== frame) window.draws++;
      frame = now;
      draw(now);
    });
}

/** Processor time of the page's thread a frame while a client is dragged, and how often its rates and the map follow. */
export async function dragging({ browser, url }) {
  const { page, close } = await open(browser, "about:blank", laptop, { wait: false });
  await page.addInitScript(countDraws);
  await page.goto(`${url}#network.clients=40&network.accessPoints=64`);
  await page.waitForSelector(".drop-client");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const state = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return {
      busy: 1000 * metrics.find(({ name }) => name === "TaskDuration").value,
      draws: await page.evaluate(() => window.draws),
    };
  };
  const box = await page.locator(".drop-client").first().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 5, y + 5);
  const begun = await state();
  for (let i = 0; i < 200; i++) await page.mouse.move(x + 60 * Math.sin(i / 20), y + 60 + 50 * Math.cos(i / 15));
  const end = await state();
  await page.mouse.up();
  await close();
  const frames = end.draws - begun.draws;
  return [
    { what: "a frame while a client of 40 is dragged", value: (end.busy - begun.busy) / frames, most: 20, unit: " ms" },
    { what: "frames drawn of 200 moves", value: frames, least: 50 },
  ];
}

/** Processor time of the page's thread a draw, early and after a thousand rounds, with the table open. */
export async function drawing({ browser, url }) {
  const { page, close } = await open(browser, "about:blank", laptop, { wait: false });
  await page.addInitScript(countDraws);
  await page.goto(`${url}#${endless}`);
  await page.waitForSelector("#run:not([disabled])");
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await play(page, 10);
  await page.click(".lane summary");
  const state = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const of = (name) => metrics.find((one) => one.name === name).value;
    return {
      busy: 1000 * of("TaskDuration"),
      draws: await page.evaluate(() => window.draws),
      rounds: await roundsDone(page),
    };
  };
  const over = async (from) => {
    await rounds(page, from);
    const begun = await state();
    await rounds(page, from + 150);
    const end = await state();
    return {
      draw: (end.busy - begun.busy) / (end.draws - begun.draws),
      round: (end.busy - begun.busy) / (end.rounds - begun.rounds),
    };
  };
  const [early, late] = [await over(40), await over(1000)];
  await close();
  return [
    { what: "drawing a round, rounds 40 to 190", value: early.round, most: 8, unit: " ms" },
    { what: "drawing a round, rounds 1000 to 1150", value: late.round, most: 8, unit: " ms" },
    { what: "a frame, rounds 1000 to 1150", value: late.draw, most: 16, unit: " ms" },
    { what: "a frame after 1000 rounds over one before 200", value: late.draw / early.draw, most: 1.25 },
  ];
}

/**
 * What the browser holds after five minutes over what it held after one, at ten rounds a second, with nobody asking it to
 * collect; and what is left of each round once it has.
 */
export async function memory({ launch, url }) {
  const browser = await launch();
  const { page, close } = await open(browser, `${url}#${endless}`);
  // Ten a second: at full speed the rounds themselves, which are kept, would be what is measured
  const session = await page.context().newCDPSession(page);
  await page.evaluate(() => {
    const pace = document.querySelector("#pace");
    pace.append(new Option("ten a second", "100"));
    pace.value = "100";
    pace.dispatchEvent(new Event("change"));
  });
  await play(page, 5);
  const held = async (seconds) => {
    await page.waitForTimeout(1000 * seconds);
    return { bytes: resident(), rounds: await roundsDone(page) };
  };
  const one = await held(60);
  const five = await held(240);
  await session.send("HeapProfiler.collectGarbage");
  const heap = (await session.send("Runtime.getHeapUsage")).usedSize;
  await close();
  await browser.close();
  return [
    {
      what: `memory of all the browser's processes after 5 minutes (${mega(five.bytes)} MB, ${five.rounds} rounds) over after 1 (${mega(one.bytes)} MB)`,
      value: five.bytes / one.bytes,
      most: 1.1,
    },
    {
      what: `the page's own heap after all of them, ${mega(heap)} MB: a round's share`,
      value: heap / five.rounds / 1024,
      most: 8,
      unit: " KB",
    },
  ];
}

const mega = (bytes) => Math.round(bytes / 2 ** 20);

/** Bytes that the browser's processes hold for themselves: those this process started. */
function resident() {
  let bytes = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (!command.includes("--type=renderer") || !descends(pid)) continue;
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
      bytes += 1024 * Number(pss[1]);
    } catch {
      // Ended meanwhile, or another user's
    }
  }
  return bytes;
}

function descends(pid) {
  for (let at = pid; at !== "0" && at !== "1"; ) {
    at = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${at}/status`, "utf8"))[1];
    if (Number(at) === process.pid) return true;
  }
  return false;
}
