import { connect, createServer } from "node:net";
import { laptop, open, rounds, small } from "./browser.mjs";

/** Loads that the best is taken of: what else the machine does only ever makes them slower. */
const loads = 7;

/** Milliseconds from the request to the first paint, and to a drop that can be dragged. */
export async function painting({ browser, url }) {
  const found = [];
  for (let i = 0; i < loads; i++) {
    const { page, close } = await open(browser, "about:blank", laptop, { wait: false });
    await page.addInitScript(() => {
      const look = () => {
        if (document.querySelector(".drop-client") === null) return requestAnimationFrame(look);
        // Drawn with the frame that follows
        requestAnimationFrame(() => {
          window.dropDrawn = performance.now();
        });
      };
      requestAnimationFrame(look);
    });
    await page.goto(`${url}#${small}`);
    await page.waitForFunction(() => window.dropDrawn !== undefined);
    const times = await page.evaluate(() => ({
      paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
      drop: window.dropDrawn,
    }));
    found.push({ ...times, drags: await drags(page) });
    await close();
  }
  const best = (of) => Math.min(...found.map(of));
  return [
    { what: `first paint, best of ${loads} loads`, value: best(({ paint }) => paint), most: 500, unit: " ms" },
    { what: `drop drawn, best of ${loads} loads`, value: best(({ drop }) => drop), most: 1200, unit: " ms" },
    {
      what: "loads whose drop could be dragged as soon as it was there",
      value: found.filter(({ drags }) => drags).length,
      least: loads,
    },
  ];
}

async function drags(page) {
  const client = page.locator(".drop-client").nth(2);
  const box = await client.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 40, y + 20, { steps: 4 });
  await page.waitForTimeout(50);
  const moved = await client.boundingBox();
  await page.mouse.up();
  return Math.abs(moved.x + 40 - box.x) < 12;
}

/** What is sent, compressed and with its headers, until the first picture and until a run has gone through a round. */
export async function bytes({ browser, url }) {
  const sent = { bytes: 0 };
  // Workers load by themselves: what goes over the wire is counted on the wire
  const between = createServer((socket) => {
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    upstream.on("data", (data) => {
      sent.bytes += data.length;
    });
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on("error", () => socket.destroy());
  });
  await new Promise((resolve) => between.listen(0, "127.0.0.1", resolve));
  const { page, close } = await open(browser, `http://127.0.0.1:${between.address().port}/#${small}`);
  await page.waitForSelector(".drop-client");
  const toPicture = sent.bytes;
  await page.click("#run");
  await rounds(page, 1);
  const toRun = sent.bytes;
  await close();
  between.close();
  return [
    { what: "sent until the first picture", value: toPicture / 1024, most: 280, unit: " KB" },
    { what: "sent until a round is done", value: toRun / 1024, most: 400, unit: " KB" },
  ];
}
