import { version } from "../../version.js";
import { type Source, type SourceKey, sources } from "./sources.js";

/** The package itself, as CITATION.cff has it. */
const software: Source = {
  type: "software",
  authors: ["{The cellfed authors}"],
  title: "cellfed: energy-efficient federated learning over cell-free massive MIMO networks, simulated",
  year: 2026,
  note: `Version ${version}`,
};

/** BibTeX entries of these keys, in their order; "cellfed" is the package. ASCII alone, for every engine of LaTeX. */
export function bibtex(keys: readonly (SourceKey | "cellfed")[]): string {
  return keys.map((key) => entry(key, key === "cellfed" ? software : sources[key])).join("\n\n");
}

const whereIn: Readonly<Record<Source["type"], string>> = {
  article: "journal",
  inproceedings: "booktitle",
  book: "series",
  misc: "howpublished",
  techreport: "series",
  software: "organization",
};

function entry(key: string, source: Source): string {
  // BibTeX's old styles know no software
  const type = source.type === "software" ? "misc" : source.type;
  const fields: [name: string, value: string | number | undefined][] = [
    ["author", source.authors.join(" and ")],
    ["title", braced(source.title)],
    [whereIn[source.type], source.in],
    [source.type === "techreport" ? "institution" : "publisher", source.publisher],
    ["volume", source.volume],
    ["number", source.number],
    ["pages", source.pages?.replaceAll("-", "--")],
    ["year", source.year],
    ["doi", source.doi],
    ["eprint", source.arxiv],
    ["archivePrefix", source.arxiv && "arXiv"],
    ["note", source.note],
  ];
  const lines = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name} = {${latexLetters(String(value))}}`],
  );
  return `@${type}{${key},\n${lines.join(",\n")}\n}`;
}

/** Capitals inside a word, and of whole words, stay where a style lowers the title. */
function braced(title: string): string {
  return title.replaceAll(/[\p{L}-]*\p{L}*\p{Lu}[\p{L}-]*/gu, (word) =>
    word.match(/\p{Lu}/gu)!.length > 1 ? `{${word}}` : word,
  );
}

const accents: Readonly<Record<string, string>> = {
  "\u0300": "`",
  "\u0301": "'",
  "\u0302": "^",
  "\u0303": "~",
  "\u0306": "u ",
  "\u0308": '"',
  "\u030c": "v ",
  "\u0327": "c ",
};

/** Letters with marks as TeX's commands. */
export function latexLetters(text: string): string {
  return text
    .replaceAll("Ľ", "{\\v L}")
    .normalize("NFD")
    .replaceAll(/(\p{L})(\p{M})/gu, (both, letter, mark) => {
      const accent = accents[mark as string];
      return accent === undefined ? both : `{\\${accent}${letter === "i" ? "\\i" : letter}}`;
    });
}
