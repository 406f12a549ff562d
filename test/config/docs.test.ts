import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { presetNames } from "../../src/config/presets.js";
import { configTable } from "../../src/report/tables/configTable.js";

test("docs/configuration-fields.md lists the fields as they are (`npx vitest run test/config/docs.test.ts -u` renews it)", async () => {
  const text = `# Every field of the config\n\nAs \`cellfed schema --markdown\` prints it.\n\n${configTable()}\n`;
  await expect(text).toMatchFileSnapshot("../../docs/configuration-fields.md");
});

test("every preset is documented", () => {
  const page = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  for (const name of presetNames) expect(page).toContain(`| \`${name}\` |`);
});

test("links between the pages lead somewhere", () => {
  const folder = new URL("../../docs/", import.meta.url);
  const broken = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => {
      const links = readFileSync(new URL(name, folder), "utf8").matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g);
      return [...links].map(([, path]) => ({ name, path: path! }));
    })
    .filter(({ path }) => !existsSync(new URL(path, folder)))
    .map(({ name, path }) => `${name}: ${path}`);
  expect(broken).toEqual([]);
});
