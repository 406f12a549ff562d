import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium as playwright } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll } from "vitest";
import { type Lab, serveLab } from "../../src/cli/actions/lab.js";
import { root } from "../sources.js";

/** The system's Chromium, where there is one. */
export const chromiumPath = find();

/** For a test's title: why it is skipped. */
export const whyNot =
  chromiumPath !== undefined
    ? ""
    : process.env.CHROMIUM_PATH === undefined
      ? " (skipped: no Chromium on this machine; CHROMIUM_PATH may name one)"
      : ` (skipped: CHROMIUM_PATH names "${process.env.CHROMIUM_PATH}", which does not exist)`;
if (whyNot !== "") console.warn(`browser tests${whyNot}`);

/** Flags keep it from calling home: a browser does that unasked. */
export function launch(): Promise<Browser> {
  return playwright.launch({
    executablePath: chromiumPath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/** Builds the page from the source as it is now and serves it. */
async function servePage(): Promise<Lab & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-lab-"));
  await build({
    configFile: join(root, "vite.page.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  const controller = new AbortController();
  const lab = await serveLab({ port: 0, host: "127.0.0.1", folder, signal: controller.signal });
  return {
    ...lab,
    async close() {
      controller.abort();
      await lab.ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The lab and a browser for the tests of a `describe`; there from the first of them on. */
export function labInBrowser(): { readonly url: string; readonly browser: Browser } {
  let lab: Awaited<ReturnType<typeof servePage>> | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    [lab, browser] = await Promise.all([servePage(), launch()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });
  return {
    get url() {
      return lab!.url;
    },
    get browser() {
      return browser!;
    },
  };
}

/** A module and all it imports as one script for the browser, as the bundler makes it. */
export async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    root,
    logLevel: "error",
    build: { write: false, target: "es2022", minify: false, lib: { entry: join(root, entry), formats: ["es"] } },
  });
  const output = (Array.isArray(result) ? result[0] : result) as { output: { code: string }[] };
  return output.output[0]!.code;
}

/** CHROMIUM_PATH decides where it is set, also that there is none. */
function find(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  return places.find((path) => existsSync(path)) ?? onPath("google-chrome-stable");
}

function onPath(name: string): string | undefined {
  try {
    return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || undefined;
  } catch {
    return undefined;
  }
}
