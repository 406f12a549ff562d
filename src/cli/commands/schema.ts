import { Command } from "commander";
import { withExamples } from "./options.js";

/** `cellfed schema`: the JSON Schema of the config, for editors and other programs. */
export function schemaCommand(): Command {
  const command = new Command("schema")
    .description("print the JSON Schema of the config, or of a plan")
    .option("--markdown", "print a table of all fields instead: defaults, what is allowed, meaning")
    .option("--plan", "of the plan of a study");
  return withExamples(command, [
    ["cellfed schema > config.schema.json", 'for an editor: "$schema": "./config.schema.json" in a config'],
    ["cellfed schema --markdown", "the same as a table"],
  ]).action(async (options: { markdown?: true; plan?: true }) =>
    (await import("../actions/schema.js")).schema(options),
  );
}
