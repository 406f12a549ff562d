import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Marked, type Token } from "marked";
import type { Plugin } from "vite";
import { anchors as anchorsInOrder } from "./anchors.mjs";

/** The documentation's pages as HTML beside the lab, for its words to lead to: they are there offline, and in any subfolder. */

const folder = new URL("../docs/", import.meta.url).pathname;

/** Pages by their names, without their ending. */
export function docsPages(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
}

/** A page's HTML and its headings' anchors, which are those that code hosts give. */
export function docsPage(name: string): { html: string; anchors: ReadonlySet<string> } {
  const anchors = new Set<string>();
  const anchorOf = anchorsInOrder();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const id = anchorOf(plainText(tokens));
        anchors.add(id);
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const page = /^(?:\.\/)?([\w-]+)\.md(#.*)?$/.exec(href);
        if (page !== null) return `<a href="${page[1]}.html${page[2] ?? ""}">${text}</a>`;
        // What is not beside the lab is not led to
        return /^(https?:|#)/.test(href) ? `<a href="${href}">${text}</a>` : text;
      },
      // Figures and screenshots are megabytes
      image: ({ text }) => `<em>${text}</em>`,
    },
  });
  const text = readFileSync(join(folder, `${name}.md`), "utf8");
  const title = /^# (.*)$/m.exec(text)?.[1] ?? name;
  const body = marked.parse(text, { async: false });
  return { html: pageOf(title, body), anchors };
}

export const docsBesideLab: Plugin = {
  name: "docs-beside-lab",
  generateBundle() {
    for (const name of docsPages()) {
      this.emitFile({ type: "asset", fileName: `docs/${name}.html`, source: docsPage(name).html });
    }
  },
};

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => ("tokens" in token && token.tokens ? plainText(token.tokens) : "text" in token ? token.text : ""))
    .join("");
}

const style = `:root{color-scheme:light dark;font:16px/1.55 system-ui,sans-serif;background:light-dark(#fff,#12161b);color:light-dark(#17202a,#e6ebf0)}
main{max-width:56rem;margin:0 auto;padding:1rem}a{color:light-dark(#0b5fa5,#5cb3f2)}
pre{overflow:auto;padding:.7rem;background:light-dark(#f0f3f6,#1b2128)}code{font:.88em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;display:block;overflow:auto}th,td{border:1px solid light-dark(#d3dbe2,#36414c);padding:.25rem .5rem;text-align:left;vertical-align:top}
:target{background:light-dark(#e3f0fb,#20303d)}`;

function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · cellfed</title>
<style>${style}</style>
</head>
<body>
<main>
<p><a href="../index.html">The lab</a></p>
${body}</main>
</body>
</html>
`;
}
