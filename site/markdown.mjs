// Markdown to HTML: headings with the anchors that forges make, formulas set by KaTeX, drawings of mermaid's flowcharts,
// and blocks of TypeScript that can run in the page.
import katex from "katex";
import { Marked } from "marked";
import ts from "typescript";
import { anchors } from "../scripts/anchors.mjs";
import { escapeHtml } from "./escape.mjs";
import { flowchart } from "./flowchart.mjs";

/**
 * @param {string} text
 * @param {{ mathematics: boolean, link: (address: string) => string | undefined }} options
 *   mathematics: `$…$` and `$$…$$` are formulas; link: an address as the site has it, undefined where it leads nowhere
 * @returns {{ html: string, headings: { level: number, text: string, id: string }[], parts: object[], live: string[] }}
 *   parts: for the search, what stands under each heading; live: the programs that the page can run, as JavaScript
 */
export function render(text, { mathematics, link }) {
  const headings = [];
  const anchor = anchors();
  const ids = new Map();
  const live = [];
  const parts = [{ id: "", title: "", text: "" }];
  const marked = new Marked({
    extensions: mathematics ? [blockFormula, inlineFormula] : [],
    walkTokens(token) {
      if (token.type === "heading") {
        ids.set(token, anchor(token.text));
        parts.push({ id: ids.get(token), title: plain(token.text), text: "" });
      } else if (["paragraph", "text", "code", "table"].includes(token.type) && token.raw !== undefined) {
        if (token.type !== "text") parts.at(-1).text += ` ${plain(token.raw)}`;
      }
    },
    renderer: {
      heading(token) {
        const { tokens, depth, text } = token;
        const id = ids.get(token);
        const inner = this.parser.parseInline(tokens);
        headings.push({ level: depth, text: plain(text), id });
        return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="Link to this heading">#</a></h${depth}>\n`;
      },
      link({ href, title, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const to = link(href);
        if (to === undefined) return inner;
        return `<a href="${escapeHtml(to)}"${title ? ` title="${escapeHtml(title)}"` : ""}>${inner}</a>`;
      },
      image({ href, title, text }) {
        const to = link(href);
        return to === undefined
          ? escapeHtml(text)
          : `<img src="${escapeHtml(to)}" alt="${escapeHtml(text)}" loading="lazy"${title ? ` title="${escapeHtml(title)}"` : ""}>`;
      },
      table(token) {
        const cell = ({ align, tokens, text }, tag) => {
          // A head without words is no head
          const name = tag === "th" && text === "" ? "td" : tag;
          return `<${name}${align ? ` style="text-align:${align}"` : ""}>${this.parser.parseInline(tokens)}</${name}>`;
        };
        const row = (cells, tag) => `<tr>${cells.map((one) => cell(one, tag)).join("")}</tr>`;
        // A table without words above its columns has no head that a reader should be told of
        const named = token.header.some((cell) => cell.text !== "");
        const head = named ? `<thead>${row(token.header, "th")}</thead>` : "";
        const label = escapeHtml(headings.at(-1)?.text ?? "table");
        return `<div class="wide" tabindex="0" role="group" aria-label="Table: ${label}"><table>${head}<tbody>${token.rows.map((cells) => row(cells, "td")).join("\n")}</tbody></table></div>\n`;
      },
      code({ text: code, lang = "" }) {
        const language = lang.split(" ")[0];
        if (language === "mermaid") return flowchart(code);
        if (language === "math") return formula(code, true);
        const pre = `<pre tabindex="0"><code class="language-${escapeHtml(language)}">${escapeHtml(code)}</code></pre>\n`;
        if (language !== "ts" || !runsInPage(code)) return pre;
        live.push(javascript(code));
        return `<div class="live" data-program="${live.length - 1}">${pre}<div class="bar"><button type="button" class="run">Run it here</button><span class="state"></span></div><div class="output" aria-live="polite"></div></div>\n`;
      },
    },
  });
  const html = marked.parse(text);
  return { html, headings, parts, live };
}

/** It needs the library alone. */
function runsInPage(code) {
  const from = [...code.matchAll(/from "([^"]*)"/g)].map(([, name]) => name);
  return from.length > 0 && from.every((name) => name === "cellfed");
}

function javascript(code) {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  return outputText;
}

export function formula(text, displayed) {
  return katex.renderToString(text, {
    displayMode: displayed,
    throwOnError: true,
    strict: "error",
    output: "htmlAndMathml",
  });
}

const inlineFormula = {
  name: "inlineFormula",
  level: "inline",
  start: (text) => text.indexOf("$"),
  tokenizer(text) {
    const match = /^\$([^$\n]+?)\$/.exec(text);
    return match ? { type: "inlineFormula", raw: match[0], text: match[1] } : undefined;
  },
  renderer: ({ text }) => formula(text, false),
};

const blockFormula = {
  name: "blockFormula",
  level: "block",
  start: (text) => text.indexOf("$$"),
  tokenizer(text) {
    const match = /^\$\$\n?([\s\S]+?)\n?\$\$(?:\n|$)/.exec(text);
    return match ? { type: "blockFormula", raw: match[0], text: match[1] } : undefined;
  },
  renderer: ({ text }) =>
    `<div class="formula" tabindex="0" role="group" aria-label="Formula">${formula(text, true)}</div>\n`,
};

/** Words alone, for the search. */
function plain(text) {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*|$#]|-{3,}/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
