import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../sources.js";

/** All pages of Markdown, from the root. */
export const pages = ["", "docs", "examples", ".github", ".github/ISSUE_TEMPLATE", "site/pages"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  );

export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A fenced piece of a page. */
export interface Block {
  page: string;
  line: number;
  language: string;
  code: string;
}

export const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = textOf(page);
  return [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    ...{ page, language: language!, code: code! },
    line: text.slice(0, index).split("\n").length,
  }));
});

export function within(...languages: readonly string[]): Block[] {
  return blocks.filter(({ language }) => languages.includes(language));
}

/** The command's lines of the blocks in sh, without comments, continued lines joined. */
export const commandLines: readonly { page: string; line: string }[] = within("sh").flatMap(({ page, code }) =>
  code
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .map((text) => text.replace(/(^|\s)#.*$/, "").trim())
    .filter((text) => /^(npx )?cellfed /.test(text))
    .map((text) => ({ page, line: text.replace(/^npx /, "").replaceAll(/\s+/g, " ") })),
);
