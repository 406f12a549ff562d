import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium, where CHROMIUM_PATH or PATH has one; where CHROMIUM_PATH is set, that or none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== "") return existsSync(named) ? named : undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((at) => join(at, name))).find((path) => existsSync(path));
}

export type PictureFormat = "png" | "pdf";

const mostTries = 5;

/** Dots a CSS pixel of a PNG: 640 px become 1920, which is 300 dpi at 16 cm. */
const scale = 3;

/**
 * Draws an SVG as a picture of its own size: a PNG of three dots a pixel, or a PDF whose page is the drawing.
 * @param svg a drawing with width and height in its first tag
 * @throws Error with what Chromium said where it drew nothing
 */
export async function drawPicture(
  chromium: string,
  svg: string,
  format: PictureFormat,
  to: string,
  millisecondsAtMost = 60_000,
): Promise<void> {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (width === undefined) throw new Error("a drawing without a size");
  const folder = mkdtempSync(join(tmpdir(), "cellfed-picture-"));
  try {
    const page = join(folder, "page.html");
    const style = `@page { size: ${width}px ${height}px; margin: 0 } html, body { margin: 0; overflow: hidden } svg { display: block }`;
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>${style}</style>${svg}`);
    const [w, h] = [Math.ceil(Number(width)), Math.ceil(Number(height!))];
    const what =
      format === "png"
        ? [`--screenshot=${to}`, `--window-size=${w},${h}`, `--force-device-scale-factor=${scale}`]
        : [`--print-to-pdf=${to}`, "--no-pdf-header-footer"];
    const draw = async (): Promise<Buffer> => {
      rmSync(to, { force: true });
      const { stderr } = await promisify(execFile)(
        chromium,
        [...quiet, `--user-data-dir=${join(folder, "profile")}`, ...what, pathToFileURL(page).href],
        { timeout: millisecondsAtMost },
      );
      if (!existsSync(to)) throw new Error(stderr.trim().split("\n").at(-1) || "it drew nothing");
      return readFileSync(to);
    };
    let picture = await draw();
    // On a busy machine a screenshot is sometimes taken before its last corner is painted: it counts when two are alike
    for (let tries = 0; format === "png" && tries < mostTries; tries++) {
      const again = await draw();
      if (again.equals(picture)) return;
      picture = again;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A browser calls home unasked. The page is ours and asks for nothing, so that the sandbox, which root has not, may go. */
const quiet = [
  ...["--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--disable-dev-shm-usage"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"],
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];
