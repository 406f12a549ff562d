// Folders of results side by side, file by file and byte by byte, but for what tells of the run and not of its results.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** All that two runs of the same thing may differ in. */
const ownToARun = {
  /** Times; what a run is resumed from: its lines stand in the order in which jobs ended */
  files: [/(^|\/)timing\.json$/, /(^|\/)(journal|state)\//, /\.duckdb(\.wal)?$/],
  /** Of JSON files, however deep */
  fields: ["wallSeconds", "seconds", "versions", "host"],
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
    return same(path, readFileSync(join(one, path)), readFileSync(join(other, path))) ? [] : `${path} differs`;
  });
}

function same(path, a, b) {
  return a.equals(b) || (/\.(json|html|md|txt)$/.test(path) && results(path, a) === results(path, b));
}

function results(path, bytes) {
  const text = ownToARun.words.reduce((rest, pattern) => rest.replaceAll(pattern, ""), bytes.toString());
  if (!path.endsWith(".json")) return text;
  return JSON.stringify(JSON.parse(text), (key, value) => (ownToARun.fields.includes(key) ? undefined : value));
}
