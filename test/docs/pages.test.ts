import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../sources.js";
import { blocks, pages, textOf } from "./markdown.js";

/** All Markdown: its links lead somewhere, to the heading too. Its blocks of code are blocks.test.ts's. */

it("finds the pages", () => {
  expect(pages).toContain("README.md");
  expect(blocks.length).toBeGreaterThan(20);
});

/** As forges make the address of a heading. */
function anchors(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it.each(pages)("%s links to what is there", (page) => {
  const text = textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
  const broken = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].filter(
    ([, path, anchor]) => {
      const target = path === "" ? page : join(dirname(page), path!);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchors(target).includes(anchor);
    },
  );
  expect(broken.map(([link]) => link)).toEqual([]);
});
