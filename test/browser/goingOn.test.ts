import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { resolveConfig, simulate } from "../../src/index.js";
import { loadDataset } from "../../src/node.js";
import { chromiumPath, labInBrowser, whyNot } from "./chromium.js";

const long = [
  ...["rounds=120", "data.trainExamples=600", "data.testExamples=100", "network.clients=4"],
  ...["budgets.energy=null", "budgets.latency=null", "quantizer.errorFeedback=true"],
];
const brief = ["rounds=3", "data.trainExamples=300", "data.testExamples=60", "network.clients=4"];

describe.skipIf(chromiumPath === undefined)(`the lab goes on in Chromium${whyNot}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-own-files-"));
  const lab = labInBrowser();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function open(settings: readonly string[]): Promise<Page> {
    const page = await lab.browser.newPage();
    page.setDefaultTimeout(50_000);
    await page.goto(`${lab.url}#${settings.join("&")}`);
    await page.waitForSelector("#run:not([disabled])");
    return page;
  }
  const fingerprint = (page: Page) => page.getAttribute("[data-fingerprint]", "data-fingerprint");
  const done = async (page: Page) => Number(await page.getAttribute(".lane", "data-rounds"));
  const rounds = (page: Page, least: number) =>
    page.waitForFunction(
      (count) => Number(document.querySelector<HTMLElement>(".lane")?.dataset.rounds) >= count,
      least,
    );
  const phase = async (page: Page, wanted: string) => {
    const lane = await page.waitForSelector(`.lane:is([data-phase="${wanted}"], [data-phase="failed"])`);
    expect(await lane.getAttribute("data-phase"), (await page.textContent(".lane .failure")) ?? "").toBe(wanted);
  };
  /** The browser writes while the page goes on; nobody reloads within the moment that it takes */
  const written = (page: Page) => page.waitForTimeout(700);
  const config = (settings: readonly string[]) => resolveConfig({ preset: "quick", sets: settings });

  it("with a training that runs, through a reload, to the same fingerprint", async () => {
    const page = await open(long);
    await page.click("#run");
    await rounds(page, 8);
    await written(page);
    await page.reload();
    await page.waitForSelector(".lane[data-phase=running]");
    expect(await done(page)).toBeGreaterThanOrEqual(8);
    await rounds(page, (await done(page)) + 3);
    // Paused it stays paused
    await page.click("#run");
    await phase(page, "paused");
    const before = await done(page);
    await page.reload();
    await phase(page, "paused");
    expect(await done(page)).toBe(before);
    await page.click("#run");
    await phase(page, "finished");
    expect(await done(page)).toBe(120);
    expect(await fingerprint(page)).toBe((await simulate(config(long))).fingerprint.results);
    await page.close();
  }, 120_000);

  it("not with a training that was stopped", async () => {
    const page = await open(long);
    await page.click("#run");
    await rounds(page, 2);
    await page.click("#stop");
    await written(page);
    const before = await done(page);
    await page.reload();
    await phase(page, "stopped");
    expect(await done(page)).toBe(before);
    await page.close();
  });

  it("on files of MNIST that are dropped, packed and plain, with the command's fingerprint", async () => {
    const files = writeDigits(folder);
    const page = await open(brief);
    await page.setInputFiles("#data-files", files.slice(0, 3));
    expect(await page.textContent("#data-files-note")).toContain("missing: t10k-labels-idx1-ubyte.");
    const contents = files.map((path) => [path.split("/").at(-1)!, readFileSync(path).toString("base64")] as const);
    await page.evaluate((given) => {
      const dropped = new DataTransfer();
      for (const [name, text] of given)
        dropped.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
    }, contents);
    await page.waitForFunction(() => location.hash.includes("data.name=mnist"));
    await page.waitForSelector("#run:not([disabled])");
    expect(await page.textContent("#data-files-note")).toMatch(/^mnist: 4 files/);
    await page.click("#run");
    await phase(page, "finished");
    const node = config([...brief, "data.name=mnist"]);
    const dataset = await loadDataset({ ...node.data, directory: folder }, node.seed);
    expect(await fingerprint(page)).toBe((await simulate(node, { dataset })).fingerprint.results);
    // A reload has them still
    await page.reload();
    await phase(page, "finished");
    expect(await page.textContent("#data-files-note")).toMatch(/^mnist: 4 files/);
    await page.close();
  });

  it("says what files are not, and that a set needs them", async () => {
    const page = await open([...brief, "data.name=cifar10"]);
    await page.click("#run");
    await page.waitForSelector(".lane[data-phase=failed]");
    expect(await page.textContent(".lane .failure")).toContain("drop them on this page");
    const evil = join(folder, "data_batch_1.bin");
    writeFileSync(evil, "<img src=x onerror=alert(1)>");
    writeFileSync(join(folder, "test_batch.bin"), new Uint8Array(3073));
    await page.setInputFiles("#data-files", [evil, join(folder, "test_batch.bin")]);
    await page.click("#run");
    await page.waitForFunction(() =>
      document
        .querySelector(".lane .failure")!
        .textContent!.includes("data_batch_1.bin: truncated or not a CIFAR file"),
    );
    await page.setInputFiles("#data-files", join(folder, "odd.txt"));
    expect(await page.textContent("#data-files-note")).toContain("No files of MNIST or CIFAR: odd.txt");
    await page.close();
  });
});

/** A small set under the publisher's names: the images of 28 × 28 depend on their label. @returns its paths */
function writeDigits(folder: string): string[] {
  const part = (count: number, images: string, labels: string) => {
    const pixels = new Uint8Array(16 + 784 * count);
    new DataView(pixels.buffer).setUint32(0, 0x803);
    for (const [i, size] of [count, 28, 28].entries()) new DataView(pixels.buffer).setUint32(4 + 4 * i, size);
    const names = new Uint8Array(8 + count);
    new DataView(names.buffer).setUint32(0, 0x801);
    new DataView(names.buffer).setUint32(4, count);
    for (let i = 0; i < count; i++) {
      const label = (i * 7) % 10;
      names[8 + i] = label;
      for (let j = 0; j < 784; j++) pixels[16 + 784 * i + j] = (j * (label + 3) + 31 * i) % 251;
    }
    return [
      [`${images}.gz`, gzipSync(pixels)],
      [labels, names],
    ] as const;
  };
  const files = [
    ...part(500, "train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    ...part(80, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
  ];
  writeFileSync(join(folder, "odd.txt"), "nothing");
  return files.map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
}
