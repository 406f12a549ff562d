// Folders of results side by side, file by file and byte by byte, but for what tells of the run and not of its results.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** All that two runs of the same thing may differ in. */
const ownToARun = {
  /** Times; what a run is resumed from: its lines stand in the order in which jobs ended */
  files: [/(^|\/)timing\.json$/, /(^|\/)(journal|state)\//, /\.duckdb(\.wal)?$/],
  /** Of JSON files, however deep */
  fields: ["wallSeconds", "seconds", "versions", "host", "resumed"],
  /** Of the command as reports print it */
  words: [/ --resume\b/g, / --workers[ =]\d+/g, / --out[ =][\w./-]+/g],
};

/** Every file below a folder, by its path from there, in order. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** @returns one line for each file that is in one folder only, or differs */
export function differences(one, other) {
  const [files, others] = [one, other].map((folder) =>
    filesBelow(folder).filter((path) => !ownToARun.files.some((pattern) => pattern.test(path))),
  );
  return [...new Set([...files, ...others])].sort().flatMap((path) => {
    if (!others.includes(path)) return `${path} is missing`;
    if (!files.includes(path)) return `${path} is too many`;
    const [a, b] = [one, other].map((folder) => readFileSync(join(folder, path)));
    if (a.equals(b)) return [];
    if (!/\.(json|html|md|txt|csv)$/.test(path)) return `${path} differs`;
    const [lines, otherLines] = [a, b].map((bytes) => results(path, bytes).split("\n"));
    const at = lines.findIndex((line, i) => line !== otherLines[i]);
    if (at < 0 && lines.length === otherLines.length) return [];
    const first = at < 0 ? lines.length : at;
    const [line, otherLine] = [lines, otherLines].map((all) => (all[first] ?? "the end").trim().slice(0, 120));
    return `${path} differs: ${line} ≠ ${otherLine}`;
  });
}

function results(path, bytes) {
  if (path.endsWith(".csv")) return bytes.toString();
  const text = ownToARun.words.reduce((rest, pattern) => rest.replaceAll(pattern, ""), bytes.toString());
  if (!path.endsWith(".json")) return text;
  return JSON.stringify(JSON.parse(text), (key, value) => (ownToARun.fields.includes(key) ? undefined : value), 1);
}
