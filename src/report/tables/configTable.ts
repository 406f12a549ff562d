import { type ConfigField, configReference } from "../../parts/reference.js";
import { type Column, markdownTable } from "./table.js";

/** Every field of the config as a Markdown table. */
export function configTable(): string {
  const columns: Column<ConfigField>[] = [
    { label: "field", value: ({ path }) => `\`${path}\`` },
    { label: "default", value: ({ defaultValue }) => (defaultValue === undefined ? "" : `\`${defaultValue}\``) },
    { label: "allowed", value: ({ allowed }) => allowed },
    { label: "meaning", value: ({ meaning }) => meaning },
  ];
  return markdownTable(configReference(), columns, { ownWords: true });
}
