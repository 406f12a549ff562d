import { configJsonSchema } from "../../parts/jsonSchema.js";
import { configTable } from "../../report/tables/configTable.js";
import { print, printJson } from "../terminal/output.js";

export function schema({ markdown }: { markdown?: true }): void {
  if (markdown === true) print(`${configTable()}\n`);
  else printJson(configJsonSchema());
}
