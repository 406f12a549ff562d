import { describe, expect, it } from "vitest";
import { docsPage, docsPages } from "../../scripts/docsPages.js";
import { stories } from "../../web/stories.js";
import { type Term, termOfField, terms, withTerms } from "../../web/terms.js";

describe("the page's words", () => {
  const pages = new Map(docsPages().map((name) => [`${name}.md`, docsPage(name)]));

  it("lead to headings that the documentation has", () => {
    for (const [name, { page, sentence }] of Object.entries(terms) as [string, Term][]) {
      const [file, anchor] = page.split("#") as [string, string];
      expect([...(pages.get(file)?.anchors ?? [])], `${name}: ${page}`).toContain(anchor);
      expect(sentence, name).toMatch(/^[A-Z].*\.$/);
    }
    expect(Object.values(termOfField).filter((name) => terms[name] === undefined)).toEqual([]);
  });

  it("are found in running text, the longest first, each once and whole", () => {
    expect(withTerms("Access points, more access points and 3 pilots.")).toEqual([
      { text: "Access points", term: "access point" },
      { text: ", more access points and 3 " },
      { text: "pilots", term: "pilot" },
      { text: "." },
    ]);
    expect(withTerms("rounding the powerset")).toEqual([{ text: "rounding the powerset" }]);
    for (const [, caption] of stories.flatMap(({ captions }) => captions)) {
      expect(
        withTerms(caption)
          .map(({ text }) => text)
          .join(""),
      ).toBe(caption);
    }
    // Every story has something to explain
    for (const { id, captions } of stories) {
      expect(
        captions.flatMap(([, text]) => withTerms(text)).some(({ term }) => term !== undefined),
        id,
      ).toBe(true);
    }
  });

  it("stand in pages without scripts or pictures, whose own links lead on", () => {
    for (const [name, { html }] of pages) {
      expect(html, name).not.toMatch(/<script|<img/);
      for (const [, page, anchor] of html.matchAll(/href="([\w-]+)\.html(?:#([^"]*))?"/g)) {
        const found = pages.get(`${page}.md`);
        expect(found, `${name} → ${page}`).toBeDefined();
        if (anchor !== undefined) expect([...found!.anchors], `${name} → ${page}#${anchor}`).toContain(anchor);
      }
    }
  });
});
