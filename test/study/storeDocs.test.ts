import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { courseColumns, runColumns, timingColumns } from "../../src/study/store/columns.js";

describe("docs/results.md", () => {
  it("has every column as it is declared", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/results.md"), "utf8");
    for (const { name, type, unit = "", about } of [...runColumns, ...courseColumns, ...timingColumns]) {
      expect(page).toContain(`| \`${name}\` | ${type} | ${unit} | ${about} |`);
    }
  });
});
