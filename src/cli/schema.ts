import { Command } from "commander";
import { printJson } from "./output.js";

/** `cellfed schema`: the JSON Schema of the config, for editors and other programs. */
export function schemaCommand(): Command {
  return new Command("schema").description("print the JSON Schema of the config").action(async () => {
    const { configJsonSchema } = await import("../config/json-schema.js");
    printJson(configJsonSchema());
  });
}
