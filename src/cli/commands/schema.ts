import { Command } from "commander";

/** `cellfed schema`: the JSON Schema of the config, for editors and other programs. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the config, or of a plan")
    .option("--markdown", "print a table of all fields instead: defaults, what is allowed, meaning")
    .option("--plan", "of the plan of a study")
    .action(async (options: { markdown?: true; plan?: true }) =>
      (await import("../actions/schema.js")).schema(options),
    );
}
