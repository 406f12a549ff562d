import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../sources.js";

/** All Markdown: its links lead somewhere, to the heading too, and its blocks of code are what they say. */

const pages = ["", "docs", "examples", ".github", ".github/ISSUE_TEMPLATE"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);
const textOf = (page: string) => readFileSync(join(root, page), "utf8");
const blocks = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
    ...{ page, language: language!, code: code! },
  })),
);
const within = (language: string) => blocks.filter((block) => block.language === language);

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

describe("blocks of code", () => {
  it.each([...within("ts"), ...within("js")])("of $page in $language are parsed", ({ code }) => {
    const { diagnostics } = ts.transpileModule(code, {
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    expect(diagnostics!.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))).toEqual([]);
  });

  it("in sh call commands and options that there are", async () => {
    const { cellfed } = await import("../cli/spawn.js");
    const help = new Map<string, string>();
    const wrong: string[] = [];
    for (const { page, code } of within("sh")) {
      for (const line of code.replaceAll(/\\\n/g, " ").split("\n")) {
        const [, words] = /^(?:npx )?cellfed (.*)$/.exec(line.replace(/\s#.*$/, "")) ?? [];
        if (words === undefined) continue;
        const [first = "", second = ""] = words.split(/\s+/);
        const command =
          first === "data" || (first === "study" && /^[a-z]+$/.test(second)) ? `${first} ${second}` : first;
        if (!help.has(command)) {
          const { status, stdout } = await cellfed([...command.split(" "), "--help"]);
          help.set(command, status === 0 ? stdout : "");
        }
        const known = help.get(command)!;
        if (known === "") wrong.push(`${page}: ${command}`);
        for (const [option] of words.matchAll(/(?<=\s)--[a-z-]+/g)) {
          if (!known.includes(option)) wrong.push(`${page}: ${command} ${option}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});
