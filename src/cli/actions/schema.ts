import { configJsonSchema } from "../../parts/jsonSchema.js";
import { configTable } from "../../report/tables/configTable.js";
import { printJson } from "../terminal/output.js";

export function schema({ markdown }: { markdown?: true }): void {
  if (markdown === true) process.stdout.write(`${configTable()}\n`);
  else printJson(configJsonSchema());
}
