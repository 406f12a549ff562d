import { Argument, Command, Option } from "commander";
import type { CiteOptions } from "../actions/cite.js";
import { citationFormats, withExamples, withShared } from "./options.js";

/** `cellfed cite`: a config as a paragraph of a paper, with what it cites. */
export function citeCommand(): Command {
  const command = new Command("cite")
    .description("write a config as a paper's paragraph on methods, with BibTeX entries of all that it cites")
    .addArgument(
      new Argument("[config]", "a preset or a JSON file, such as a results folder's config.json").default("quick"),
    )
    .addOption(
      new Option("--format <name>", "text with the entries behind it, or one of them alone for a program")
        .choices(citationFormats)
        .default("text"),
    )
    .option("--quantizer <method>", "as of run")
    .option("--power <method>", "as of run")
    .option("--seeds <list>", "of the runs, such as 1..8 (default: the config's, or those of the results beside it)");
  return withExamples(withShared(command, ["set", "plugin", "rounds", "seed"]), [
    ["cellfed cite paper-cifar10-k20", "what the preset simulates, in words and symbols"],
    ["cellfed cite quick --quantizer laq:bits=8 --format latex > methods.tex", "for \\input{methods}"],
    ["cellfed cite quick --quantizer laq:bits=8 --format bibtex > cellfed.bib", "and its bibliography"],
  ]).action(async (source: string, options: CiteOptions) => (await import("../actions/cite.js")).cite(source, options));
}
