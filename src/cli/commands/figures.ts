import { Argument, Command } from "commander";
import type { FiguresOptions } from "../actions/figures.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed figures`: what a results folder has drawn, as pictures for a paper or slides. */
export function figuresCommand(): Command {
  const command = new Command("figures")
    .description("write a results folder's figures as PNG and PDF beside their SVG (by Chromium, where there is one)")
    .addArgument(new Argument("<folder>", "a results folder, its figures, or one SVG file"))
    .option("--to <formats>", "png, pdf or both", "png,pdf");
  return withExamples(withShared(command, ["json"]), [
    ["cellfed run quick --rounds 2 --out drawn", "leaves drawn/figures/*.svg"],
    ["cellfed figures drawn", "and beside each a PNG and a PDF"],
    ["cellfed figures drawn/figures/accuracy-over-energy.svg --to pdf", "one of them"],
  ]).action(async (folder: string, options: FiguresOptions) =>
    (await import("../actions/figures.js")).figures(folder, options),
  );
}
