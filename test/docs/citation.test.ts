import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bibtex } from "../../src/report/citing/bibtex.js";
import { sources } from "../../src/report/citing/sources.js";
import { root } from "../sources.js";

/** CITATION.cff by the rules of the Citation File Format 1.2.0: what is required, what there is, and what is allowed. */

type Tree = Record<string, unknown>;
const text = readFileSync(join(root, "CITATION.cff"), "utf8");
const citation = parse(text) as Tree & { references: Tree[] };
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const required = {
  file: ["authors", "cff-version", "message", "title"],
  reference: ["authors", "title", "type"],
};
const known = {
  file: [
    ...["abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords"],
    ...["license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact"],
    ...["repository-code", "title", "type", "url", "version"],
  ],
  /** Of some sixty, those that this file may need */
  reference: [
    ...["abstract", "authors", "conference", "doi", "end", "identifiers", "institution", "isbn", "issue", "journal"],
    ...[
      "license",
      "month",
      "number",
      "pages",
      "publisher",
      "start",
      "title",
      "type",
      "url",
      "version",
      "volume",
      "year",
    ],
  ],
};
const types = "article book conference-paper generic software-code software report thesis unpublished".split(" ");

const references = [...citation.references, citation["preferred-citation"] as Tree];

it("has what the format requires, and nothing that it does not know", () => {
  expect(required.file.filter((key) => !(key in citation))).toEqual([]);
  expect(Object.keys(citation).filter((key) => !known.file.includes(key))).toEqual([]);
  expect(citation["cff-version"]).toBe("1.2.0");
  expect(["software", "dataset"]).toContain(citation.type);
  expect(references.length).toBeGreaterThan(3);
});

describe.each(references.map((reference) => [reference.title as string, reference] as const))("%s", (_, reference) => {
  it("is a reference", () => {
    expect(required.reference.filter((key) => !(key in reference))).toEqual([]);
    expect(Object.keys(reference).filter((key) => !known.reference.includes(key))).toEqual([]);
    expect(types).toContain(reference.type);
    if (reference.doi !== undefined) expect(reference.doi).toMatch(/^10\.\d{4,9}(\.\d+)?\/\S+$/);
    if (reference.url !== undefined) expect(reference.url).toMatch(/^https:\/\/\S+$/);
    for (const identifier of (reference.identifiers ?? []) as Tree[])
      expect(Object.keys(identifier)).toEqual(expect.arrayContaining(["type", "value"]));
    for (const author of reference.authors as Tree[]) {
      const keys = Object.keys(author).join();
      expect(["family-names,given-names", "name"]).toContain(keys);
    }
  });
});

it("says what package.json says", () => {
  expect(citation.version).toBe(manifest.version);
  expect((citation["preferred-citation"] as Tree).version).toBe(manifest.version);
  expect(citation.license).toBe(manifest.license);
});

it("and cellfed cite agree", () => {
  const byTitle = new Map(Object.values(sources).map((source) => [source.title as string, source]));
  for (const { title, year } of citation.references) {
    expect(byTitle.get(title as string), title as string).toBeDefined();
    expect(byTitle.get(title as string)!.year).toBe(year);
  }
  expect(bibtex(["cellfed"])).toContain(`Version ${manifest.version}`);
});

it("stands in the docs, as the command prints it", () => {
  const page = readFileSync(join(root, "docs/citing.md"), "utf8");
  const [, entries] = /^```bibtex\n([\s\S]*?)\n```$/m.exec(page)!;
  expect(entries).toBe(bibtex(["cellfed", "mahmoudi2025accelerating", "mahmoudi2025tradeoff", "demir2021foundations"]));
});
