import type { Config } from "../../config/config.js";
import type { Dataset } from "../../config/records.js";
import { loadDataset } from "../../data/files.js";
import { labelTable, partition } from "../../data/partition.js";
import { type Column, textTable } from "../../report/tables/table.js";
import type { SharedOptions } from "../commands/options.js";
import { type FileToWrite, writeFiles } from "../files/outputs.js";
import { configFrom } from "../files/source.js";
import { print, printJson, say } from "../terminal/output.js";

export interface PartitionOptions extends Pick<SharedOptions, "set" | "dataDir" | "seed" | "json"> {
  figure?: string;
  save?: string;
}

/** More classes than this do not fit beside one another. */
const mostColumns = 12;

/** @throws InputError a config, data folder or split that cannot be; a figure or list that cannot be written */
export async function dataPartition(source: string, options: PartitionOptions): Promise<void> {
  const { config } = await configFrom(source, options);
  const dataset = await loadDataset(config.data, config.seed);
  const shards = partition(dataset, config.data.split, config.network.clients, config.seed);
  const table = dataset.task === "classification" ? labelTable(dataset, shards) : undefined;
  writeFiles([
    { flag: "--save", path: options.save, content: `${JSON.stringify(shards.map((shard) => [...shard]))}\n` },
    ...(options.figure === undefined ? [] : await drawn(options.figure, config, dataset, shards, table)),
  ]);
  const dealt = shards.reduce((sum, shard) => sum + shard.length, 0);
  if (options.json) {
    return printJson({
      data: dataset.name,
      split: config.data.split,
      seed: config.seed,
      trainExamples: dataset.train.count,
      unused: dataset.train.count - dealt,
      classNames: table === undefined ? null : namesOf(dataset),
      clients: shards.map((shard, client) => ({ examples: shard.length, labels: table?.[client] ?? null })),
    });
  }
  print(`${printed(dataset, shards, table)}\n`);
  say(`${heading(config, dataset)}: ${dealt} of ${dataset.train.count} training examples dealt`);
}

function heading({ data: { split }, network, seed }: Config, dataset: Dataset): string {
  const setting =
    split.kind === "dirichlet" || split.kind === "quantity"
      ? `, α = ${split.alpha}`
      : split.kind === "shards"
        ? `, ${split.classesPerClient} classes a client`
        : "";
  return `${dataset.name}, ${split.kind}${setting}, ${network.clients} clients, seed ${seed}`;
}

function printed(dataset: Dataset, shards: readonly Int32Array[], table: readonly Int32Array[] | undefined): string {
  interface Row {
    client: string;
    examples: number;
    labels: Int32Array;
  }
  const none = new Int32Array(0);
  const rows: Row[] = shards.map((shard, client) => ({
    client: String(client),
    examples: shard.length,
    labels: table?.[client] ?? none,
  }));
  const columns: Column<Row>[] = [
    { label: "client", value: (row) => row.client },
    { label: "examples", value: (row) => row.examples, digits: 0 },
  ];
  if (table !== undefined) {
    const names = namesOf(dataset);
    const total = Int32Array.from(names, (_, label) => table.reduce((sum, row) => sum + row[label]!, 0));
    rows.push({ client: "all", examples: total.reduce((sum, count) => sum + count, 0), labels: total });
    if (names.length <= mostColumns) {
      names.forEach((label, i) => {
        columns.push({ label, value: (row) => row.labels[i]!, digits: 0 });
      });
    } else {
      columns.push(
        { label: "classes", value: (row) => row.labels.filter((count) => count > 0).length, digits: 0 },
        { label: "largest", value: (row) => largest(row.labels, names) },
      );
    }
  }
  return textTable(rows, columns);
}

function largest(labels: Int32Array, names: readonly string[]): string {
  return Array.from(labels, (count, label) => ({ count, label }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.label - b.label)
    .slice(0, 4)
    .map(({ count, label }) => `${names[label]} ${count}`)
    .join(", ");
}

async function drawn(
  path: string,
  config: Config,
  dataset: Dataset,
  shards: readonly Int32Array[],
  table: readonly Int32Array[] | undefined,
): Promise<FileToWrite[]> {
  const { drawingFiles } = await import("../../report/figures/drawing.js");
  const { drawLabels, drawShards } = await import("../../report/figures/labels.js");
  const title = heading(config, dataset);
  const drawing = await (table === undefined
    ? drawShards({ title, sizes: shards.map((shard) => shard.length) })
    : drawLabels({ title, table, classNames: namesOf(dataset) }));
  return drawingFiles(path, drawing).map(([path, content]) => ({ flag: "--figure", path, content }));
}

function namesOf(dataset: Dataset): readonly string[] {
  return dataset.classNames ?? Array.from({ length: dataset.outputs }, (_, label) => String(label));
}
