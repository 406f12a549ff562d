import { configReference } from "../../parts/reference.js";
import { markdownTable } from "./table.js";

/** Every field of the config as a Markdown table. */
export function configTable(): string {
  return markdownTable(configReference(), [
    { label: "field", value: ({ path }) => `\`${path}\`` },
    { label: "default", value: ({ defaultValue }) => (defaultValue === undefined ? "" : `\`${defaultValue}\``) },
    { label: "allowed", value: ({ allowed }) => allowed },
    { label: "meaning", value: ({ meaning }) => meaning },
  ]);
}
