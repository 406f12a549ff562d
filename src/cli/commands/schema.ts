import { Command } from "commander";
import { printJson } from "../terminal/output.js";

/** `cellfed schema`: the JSON Schema of the config, for editors and other programs. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the config")
    .option("--markdown", "print a table of all fields instead: defaults, what is allowed, meaning")
    .action(async ({ markdown }: { markdown?: true }) => {
      if (markdown !== true) {
        const { configJsonSchema } = await import("../../config/jsonSchema.js");
        return printJson(configJsonSchema());
      }
      const { configTable } = await import("../../report/tables/configTable.js");
      process.stdout.write(`${configTable()}\n`);
    });
}
