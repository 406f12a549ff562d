import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { presetNames } from "../../src/config/presets.js";
import { configTable } from "../../src/report/config-table.js";

test("docs/configuration-fields.md lists the fields as they are (`npx vitest run test/config/docs.test.ts -u` renews it)", async () => {
  const text = `# Every field of the config\n\nAs \`cellfed schema --markdown\` prints it.\n\n${configTable()}\n`;
  await expect(text).toMatchFileSnapshot("../../docs/configuration-fields.md");
});

test("every preset is documented", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  for (const name of presetNames) expect(page).toContain(`| \`${name}\` |`);
});
