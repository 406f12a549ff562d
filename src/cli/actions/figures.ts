import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError, RunError, show, unknownName } from "../../config/errors.js";
import { drawPicture, findChromium, type PictureFormat } from "../files/chromium.js";
import { namesOf } from "../terminal/options.js";
import { print, printJson } from "../terminal/output.js";

export interface FiguresOptions {
  to: string;
  json?: true;
}

const formats: readonly PictureFormat[] = ["png", "pdf"];

/** Writes every SVG again as the formats asked for, beside itself. */
export async function figures(folder: string, options: FiguresOptions): Promise<void> {
  const wanted = namesOf("--to", options.to).map((name) => {
    const format = formats.find((one) => one === name);
    if (format === undefined) throw new InputError("--to", unknownName("format", name, formats));
    return format;
  });
  const drawings = drawingsOf(folder);
  const chromium = findChromium();
  if (chromium === undefined) {
    throw new RunError(
      "PNG and PDF are drawn by Chromium, and there is none on this machine: install it, or name one by CHROMIUM_PATH " +
        "(the SVG files open in any browser, which prints them as PDF)",
    );
  }
  const written: string[] = [];
  for (const path of drawings) {
    const svg = readFileSync(path, "utf8");
    for (const format of wanted) {
      const to = path.replace(/\.svg$/, `.${format}`);
      try {
        await drawPicture(chromium, svg, format, to);
      } catch (error) {
        throw new RunError(`${to}: ${chromium} failed: ${(error as Error).message}`, {}, { cause: error });
      }
      written.push(to);
      if (!options.json) print(`${to}\n`);
    }
  }
  if (options.json) printJson(written);
}

/** The SVG files that a path stands for. @throws InputError where there are none */
function drawingsOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  const missing = (what: string) =>
    new InputError(
      "folder",
      `${show(path)} ${what} (allowed: a results folder, a folder of SVG files, or an SVG file)`,
    );
  if (found === undefined) throw missing("is not there");
  if (found.isFile()) {
    if (!path.endsWith(".svg")) throw missing("is no SVG file");
    return [path];
  }
  const inside = statSync(join(path, "figures"), { throwIfNoEntry: false });
  const folder = inside?.isDirectory() ? join(path, "figures") : path;
  const drawings = readdirSync(folder).filter((name) => name.endsWith(".svg"));
  if (drawings.length === 0) throw missing("holds no SVG files");
  return drawings.sort().map((name) => join(folder, name));
}
