import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lab, serveLab } from "../../src/cli/actions/lab.js";
import { closedFormRates, createNetwork, gainShares, powerMethod, resolveConfig } from "../../src/index.js";
import type { DropAnswer } from "../../web/drop/compute.js";
import type { DropState, Figure, Positions, UpdateState, UpdateView } from "../../web/figures.js";
import { root } from "../sources.js";
import { chromiumPath, launch, whyNot } from "./chromium.js";

/** What the page of the figures offers; the functions below run there. */
declare const figures: {
  ask<Answer>(question: object): Promise<Answer>;
  heard: { selected: number[]; moved: Positions[]; milliseconds: number[] };
  drop: Figure<DropState>;
  update: Figure<UpdateState>;
  timeline: Figure<unknown>;
  energy: Figure<unknown>;
  showDrop(sets: string[], rest?: Partial<DropState>): Promise<void>;
};

const ten = ["network.clients=10", "network.accessPoints=16"];

describe.skipIf(chromiumPath === undefined)(`the lab's figures in Chromium${whyNot}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-figures-"));
  const controller = new AbortController();
  let lab: Lab;
  let browser: Browser;
  beforeAll(async () => {
    const page = join(root, "test/browser/figures");
    await build({
      ...{ configFile: false, root: page, base: "./", logLevel: "error", worker: { format: "es" } },
      build: { outDir: folder, emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 2000 },
    });
    [lab, browser] = await Promise.all([
      serveLab({ port: 0, host: "127.0.0.1", folder, signal: controller.signal }),
      launch(),
    ]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    controller.abort();
    await lab?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(): Promise<{ page: Page; problems: string[] }> {
    const page = await browser.newPage({ viewport: { width: 800, height: 1000 } });
    page.setDefaultTimeout(20_000);
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(lab.url);
    await page.waitForFunction(() => "figures" in window);
    return { page, problems };
  }

  const show = async (page: Page, sets: string[], rest: Partial<DropState> = {}) => {
    await page.evaluate(([given, more]) => figures.showDrop(given, more), [sets, rest] as const);
    await page.waitForSelector(".drop-client");
  };
  const moved = (page: Page) => page.evaluate(() => figures.heard.moved);
  const rounds = async (page: Page) => (await page.textContent(".drop-sum"))!;
  const middle = async (page: Page, selector: string): Promise<[number, number]> => {
    const box = (await page.locator(selector).boundingBox())!;
    return [box.x + box.width / 2, box.y + box.height / 2];
  };

  it("shows the drop that the engine draws, with its links, powers and rounds", async () => {
    const { page, problems } = await open();
    await show(page, ten, { selected: 3 });
    const config = resolveConfig({ preset: "quick", sets: ten });
    const network = createNetwork(config.network, { seed: config.seed });
    const answer = await page.evaluate(async (sets) => {
      const given = await figures.ask<DropState["config"]>({ resolve: sets });
      const found = await figures.ask<DropAnswer>({ drop: { config: given, bits: 1e5, live: false, side: 8 } });
      return { rate: [...found.allocation.rate], shares: [...found.shares], map: [...found.map], rounds: found.rounds };
    }, ten);
    expect(answer.shares).toEqual([...gainShares(network)]);
    const rates = closedFormRates(network);
    const bits = new Float64Array(10).fill(1e5);
    const computeLatency = (config.budgets.compute.latencyPer1250 * 600 * config.training.localEpochs) / 1250;
    const budgets = { energy: config.budgets.energy!, latency: config.budgets.latency! };
    const { circuitPower } = config.budgets;
    const allocation = powerMethod(config.power).allocate({ rates, bits, computeLatency, budgets, circuitPower });
    expect(answer.rate).toEqual([...allocation.rate]);
    expect(answer.map).toHaveLength(64);
    const energy = allocation.energy.reduce((a, b) => a + b, 0);
    const latency = computeLatency + Math.max(...allocation.latency);
    const wanted = Math.floor(Math.min(budgets.energy / energy, budgets.latency / latency));
    expect(answer.rounds!.count).toBe(wanted);
    expect(await rounds(page)).toContain(`pay for ${wanted} rounds`);
    expect(await page.locator(".drop-client").count()).toBe(10);
    expect(await page.locator(".drop-access-point").count()).toBe(16);
    expect(await page.textContent(".drop-detail")).toContain("Client 3:");
    expect(await page.textContent(".drop-hidden")).toContain("10 clients and 16 access points on 1000 × 1000 m");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("lets a client be dragged, and everything follows what the engine says of the new place", async () => {
    const { page, problems } = await open();
    await show(page, ten);
    const before = await page.evaluate(() => figures.drop.summary);
    const [x, y] = await middle(page, '.drop-client[data-index="4"] .drop-disc');
    const [toX, toY] = await middle(page, '.drop-access-point[data-index="5"] .drop-tower');
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 8; i++) await page.mouse.move(x + ((toX - x) * i) / 8, y + ((toY - y) * i) / 8);
    await page.mouse.up();
    await page.waitForFunction((old) => figures.drop.summary !== old, before);
    const [positions] = await moved(page);
    const network = createNetwork(resolveConfig({ preset: "quick", sets: ten }).network, { seed: 1 });
    const [px, py] = positions!.clients[4]!;
    // A pixel is 1000 m over some 770 px; the tower's middle is below its own by less than three
    expect(Math.abs(px - network.accessPointPositions[10]!)).toBeLessThan(5);
    expect(Math.abs(py - network.accessPointPositions[11]!)).toBeLessThan(5);
    expect(positions!.clients[3]).toEqual([network.clientPositions[6], network.clientPositions[7]]);
    // The run's config with these places draws the same
    await page.evaluate(() => {
      figures.heard.milliseconds.length = 0;
    });
    await page.waitForFunction(() => document.querySelector(".drop-hidden[role=status]")?.textContent !== "");
    expect(await page.textContent(".drop-hidden[role=status]")).toContain("number 5, the strongest");
    // A press without a drag selects
    await page.mouse.click(...(await middle(page, '.drop-client[data-index="2"] .drop-disc')));
    expect(await page.evaluate(() => figures.heard.selected)).toEqual([2]);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("draws the radio map again while an access point is dragged, and in the colors of the theme", async () => {
    const { page, problems } = await open();
    await page.emulateMedia({ colorScheme: "light" });
    await show(page, ["network.clients=2", "network.accessPoints=4"]);
    /** Of the field at a share of the width and height: how far it is from the color of nothing, 0 to 1 */
    const strength = (x: number, y: number) =>
      page.evaluate(
        ([across, down]) => {
          const canvas = document.querySelector<HTMLCanvasElement>(".drop-map")!;
          const numbers = (color: string) => color.match(/[\d.]+/g)!.map(Number);
          const style = getComputedStyle(canvas);
          const [none, most] = [numbers(style.backgroundColor)[1]!, numbers(style.color)[1]!];
          const side = canvas.width;
          const at = [Math.floor(across * side), Math.floor(down * side)] as const;
          const [, green] = canvas.getContext("2d")!.getImageData(...at, 1, 1).data;
          return (green! - none) / (most - none);
        },
        [x, y] as const,
      );
    const frame = (await page.locator(".drop-frame").boundingBox())!;
    const before = await strength(0.5, 0.5);
    await page.mouse.move(...(await middle(page, '.drop-access-point[data-index="0"] .drop-tower')));
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width / 2, frame.y + frame.height / 2, { steps: 4 });
    await page.waitForFunction(() => figures.heard.milliseconds.length >= 2);
    await expect.poll(() => strength(0.5, 0.5)).toBeGreaterThan(before + 0.3);
    expect(await moved(page)).toEqual([]);
    await page.mouse.up();
    await page.waitForFunction(() => document.querySelector(".drop-hidden[role=status]")?.textContent !== "");
    const light = await strength(0.5, 0.5);
    await page.emulateMedia({ colorScheme: "dark" });
    // The same share of other colors: between both ends green has 60 steps in the light, 54 in the dark
    await expect.poll(async () => Math.abs((await strength(0.5, 0.5)) - light)).toBeLessThan(1 / 60 + 1 / 54);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("is dragged by a finger too", async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const page = await context.newPage();
    await page.goto(lab.url);
    await page.waitForFunction(() => "figures" in window);
    await show(page, ten);
    const [x, y] = await middle(page, '.drop-client[data-index="5"] .drop-disc');
    const touch = await context.newCDPSession(page);
    const send = (type: "touchStart" | "touchMove" | "touchEnd", ...points: { x: number; y: number }[]) =>
      touch.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await send("touchStart", { x, y });
    for (let i = 1; i <= 5; i++) await send("touchMove", { x, y: y - 12 * i });
    await send("touchEnd");
    await page.waitForFunction(() => figures.heard.moved.length === 1);
    const { size, up } = await page.evaluate(() => {
      const frame = document.querySelector(".drop-frame")!;
      return { size: Number(frame.getAttribute("width")), up: figures.heard.moved[0]!.clients[5]![1] };
    });
    const network = createNetwork(resolveConfig({ preset: "quick", sets: ten }).network, { seed: 1 });
    // Touches arrive in whole pixels
    expect(Math.abs(up - network.clientPositions[11]! - (60 * 1000) / size)).toBeLessThanOrEqual(2000 / size);
    await context.close();
  });

  it("is moved by keys, through the edge where the area wraps, and says so", async () => {
    const { page, problems } = await open();
    await show(page, ten);
    await page.keyboard.press("Tab"); // the first access point
    await page.keyboard.press("Tab"); // the first client
    expect(await page.evaluate(() => document.activeElement!.getAttribute("aria-label"))).toMatch(/^Client 0: /);
    await page.keyboard.press("PageDown");
    const network = createNetwork(resolveConfig({ preset: "quick", sets: ten }).network, { seed: 1 });
    const start = network.clientPositions[2]!;
    expect(await page.evaluate(() => document.activeElement!.getAttribute("aria-label"))).toMatch(/^Client 1: .*power/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowLeft");
    const places = await moved(page);
    expect(places.map(({ clients }) => clients[1]![0])).toEqual([start + 10, start - 40]);
    for (let i = 0; i < Math.ceil(start / 50); i++) await page.keyboard.press("Shift+ArrowLeft");
    const last = (await moved(page)).at(-1)!.clients[1]![0];
    expect(last).toBeGreaterThan(900);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => figures.heard.selected)).toEqual([1]);
    // Escape puts back what is held: the key is still down
    await page.keyboard.down("ArrowUp");
    await page.keyboard.press("Escape");
    await page.keyboard.up("ArrowUp");
    expect((await moved(page)).at(-1)!.clients[1]![0]).toBe(last);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("keeps its nodes, draws frames while held, and asks for the latest place only", async () => {
    const { page, problems } = await open();
    await show(page, ["network.clients=40", "network.accessPoints=64"]);
    const [x, y] = await middle(page, '.drop-client[data-index="7"] .drop-disc');
    await page.evaluate(() => {
      (window as unknown as { node: Element }).node = document.querySelector('.drop-client[data-index="7"]')!;
      figures.heard.milliseconds.length = 0;
    });
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let i = 1; i <= 40; i++) await page.mouse.move(x + 3 * i * (x > 400 ? -1 : 1), y);
    await page.mouse.up();
    await page.waitForFunction(() => figures.heard.moved.length === 1);
    expect(
      await page.evaluate(
        () =>
          (window as unknown as { node: Element }).node === document.querySelector('.drop-client[data-index="7"]') &&
          document.querySelectorAll(".drop-client").length === 40,
      ),
    ).toBe(true);
    expect(await page.evaluate(() => figures.heard.milliseconds.length)).toBeLessThanOrEqual(42);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("says what cannot be drawn, and recovers", async () => {
    const { page } = await open();
    await show(page, ten);
    await page.evaluate(async () => {
      const config = await figures.ask<DropState["config"]>({ resolve: [] });
      const wrong = { ...config, network: { ...config.network, clients: 0 } };
      const rest = { record: undefined, spent: undefined, selected: undefined, classes: undefined, bits: 1e5 };
      figures.drop.update({ config: wrong, ...rest });
    });
    await page.waitForSelector(".drop.failed");
    expect(await page.textContent(".drop-failure")).toContain("clients");
    expect(await page.locator(".drop-client").count()).toBe(10);
    await show(page, ["network.clients=6"]);
    await page.waitForSelector(".drop:not(.failed)");
    await page.waitForFunction(() => document.querySelectorAll(".drop-client").length === 6);
    await page.close();
  });

  it.each(["emq", "sign", "qsgd", "laq", "drive", "identity"])("draws an update under %s", async (name) => {
    const { page, problems } = await open();
    const drawn = await page.evaluate(async (quantizer) => {
      const run = {
        rounds: 2,
        data: { trainExamples: 300, testExamples: 50 },
        network: { clients: 3 },
        quantizer: { name: quantizer },
      };
      type Ran = { config: DropState["config"]; rounds: DropState["record"][]; views: UpdateView[] };
      const { config, rounds, views } = await figures.ask<Ran>({ run, client: 1 });
      figures.update.update({ update: views[0], quantizer: config.quantizer });
      figures.timeline.update({ config, record: rounds[0], selected: 1 });
      figures.energy.update({ config, record: rounds[0], selected: 1 });
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return { view: views[0]!, summary: figures.update.summary, entries: views[0]!.entries, record: rounds[0]! };
    }, name);
    const { view, record } = drawn;
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(view.counts) + view.zeros).toBe(view.entries);
    expect(sum(view.after) + sum(view.zeroed)).toBeLessThanOrEqual(view.entries);
    expect(view.nominalBits).toBe(record.perClient.nominalBits[1]);
    if (name === "identity") expect(view.after).toEqual(view.counts);
    if (name === "sign") expect(view.levels?.length).toBeLessThanOrEqual(20);
    expect(view.levels === undefined).toBe(name === "identity" || name === "drive");
    const levels = (await page.getAttribute(".figure-update .level", "d"))!;
    expect(levels.match(/M/g)?.length).toBe(view.levels?.length ?? view.after.length);
    expect(drawn.summary).toMatch(new RegExp(`^Client 1's update in round 1 under ${name}: `));
    expect(await page.getAttribute(".figure-update svg", "aria-label")).toBe(drawn.summary);
    // The words of a bin, by keyboard
    await page.focus(".figure-update input");
    await page.keyboard.press("End");
    expect(await page.getAttribute(".figure-update input", "aria-valuetext")).toContain(
      `${view.counts.at(-1)} entries`,
    );
    // The timeline's selected row, and one that is chosen by keyboard
    expect(await page.locator(".figure-timeline .timeline-row.selected").getAttribute("data-client")).toBe("1");
    await page.focus(".figure-timeline input");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => figures.heard.selected)).toEqual([2]);
    expect(await page.evaluate(() => figures.timeline.summary)).toContain("Round 1 takes");
    expect(await page.evaluate(() => figures.energy.summary)).toContain("radiated");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("takes its nodes away", async () => {
    const { page, problems } = await open();
    await show(page, ten);
    const left = await page.evaluate(() => {
      for (const name of ["drop", "update", "timeline", "energy"] as const) figures[name].destroy();
      return ["drop", "update", "timeline", "energy"].map((id) => document.getElementById(id)!.children.length);
    });
    expect(left).toEqual([0, 0, 0, 0]);
    expect(problems).toEqual([]);
    await page.close();
  });
});
