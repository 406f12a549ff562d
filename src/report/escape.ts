/**
 * Text as text in HTML, XML and their attributes: the one way in which anything that is not the project's own markup
 * comes onto a page or into a figure.
 */
export function escapeMarkup(text: string): string {
  return legible(text).replace(/[&<>"']/g, (sign) => entities[sign]!);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as text in a cell of a Markdown table: every sign that could mean something there. */
export function escapeMarkdown(text: string): string {
  return legible(text)
    .replace(/[\t\r\n]+/g, " ")
    .replace(/[\\`*_[\]<>|~&]/g, (sign) => `\\${sign}`);
}

/** Text without what no XML may hold, such as control characters: the sign for that stands in its place. */
export function legible(text: string): string {
  return text.replace(foreign, "\uFFFD");
}

/** Control characters but tab and line ends, halves of surrogates, and two numbers that are no characters. */
const foreign = /[^\P{Cc}\t\n\r]|[\p{Cs}\uFFFE\uFFFF]/gu;
