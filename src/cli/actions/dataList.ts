import { join } from "node:path";
import { corpusCounts } from "../../data/corpus.js";
import { remoteSets } from "../../data/fetch/catalog.js";
import { type FileSetName, locateDataset } from "../../data/files.js";
import { glyphCounts, glyphSize } from "../../data/glyphs.js";
import { regressionCounts } from "../../data/regression.js";
import { publishedSizes } from "../../data/sets.js";
import { textTable } from "../../report/tables/table.js";
import { print, printJson } from "../terminal/output.js";

export interface ListOptions {
  dataDir?: string;
  json?: true;
}

interface Entry {
  name: string;
  task: string;
  description: string;
  /** As published, or as made when the configuration says 0 */
  train: number | null;
  test: number | null;
  source: "embedded" | "files" | "your file";
  /** Where the files are; null where there are none */
  found: string | null;
}

const embedded: readonly Entry[] = [
  {
    name: "glyphs",
    task: "classification",
    description: `ten drawn signs, ${glyphSize} × ${glyphSize} gray`,
    ...glyphCounts,
    source: "embedded",
    found: null,
  },
  {
    name: "corpus",
    task: "next character",
    description: "an invented language, by speakers",
    ...corpusCounts,
    source: "embedded",
    found: null,
  },
  {
    name: "regression",
    task: "regression",
    description: "Friedman's function of ten features",
    ...regressionCounts,
    source: "embedded",
    found: null,
  },
];

export async function dataList(options: ListOptions): Promise<void> {
  const root = options.dataDir ?? "data";
  const files = await Promise.all(
    remoteSets.map(async ({ name, description }): Promise<Entry> => {
      const found = (await locateDataset(name as FileSetName, root)) ?? null;
      const { train, test } = publishedSizes[name]!;
      return {
        name,
        task: "classification",
        description,
        train,
        test,
        source: "files",
        found: found === null ? null : join(found),
      };
    }),
  );
  const text: Entry = {
    name: "text",
    task: "next character",
    description: "any text file (data.file), in parts or by speaker",
    train: null,
    test: null,
    source: "your file",
    found: null,
  };
  const entries = [...embedded, ...files, text];
  if (options.json) return printJson(entries);
  const table = textTable(entries, [
    { label: "name", value: (entry) => entry.name },
    { label: "task", value: (entry) => entry.task },
    { label: "training", value: (entry) => entry.train, digits: 0 },
    { label: "test", value: (entry) => entry.test, digits: 0 },
    { label: "what", value: (entry) => entry.description },
    { label: "where", value: where },
  ]);
  print(`${table}\n`);
}

function where({ name, source, found }: Entry): string {
  return source === "files" ? (found ?? `cellfed data fetch ${name}`) : source;
}
