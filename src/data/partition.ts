import { stream } from "../../bindings/random.js";
import { listOf, numberArray, record, seedNumber, whole } from "../config/arguments.js";
import type { SplitConfig } from "../config/config.js";
import { splitKinds } from "../config/declaration.js";
import { InputError, unknownName } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { apportion, dirichlet } from "./dirichlet.js";

/** Sub-streams of the purpose "partition". */
const use = { order: 0, proportions: 1, refill: 2, classes: 3, groups: 4 };

/**
 * Deals the training examples out to the clients: who holds which, as example numbers, a shard a client.
 * No example is dealt twice and no shard is empty; the same seed deals the same.
 *
 * - `iid`: shuffled, ⌊n / clients⌋ each; fewer than `clients` examples stay unused.
 * - `dirichlet`: shards of that same size; each client draws class proportions from Dirichlet(α, …, α) and
 *   takes that many of each class, class by class; what a class can no longer give is drawn at random from
 *   everything that is left.
 * - `shards`: each client gets exactly `classesPerClient` classes and the same number of examples of each,
 *   the most that all can get; the classes are used as evenly as possible.
 * - `quantity`: shuffled, shard sizes in proportions drawn from Dirichlet(α, …, α), at least one example each.
 * - `contiguous`: ⌊n / clients⌋ neighbors each, in the order of the data.
 * - `groups`: the data's own owners (speakers), each wholly with one client, dealt around in random order.
 * - `file`: as a file said (`Dataset.shards`).
 *
 * @throws InputError fewer examples, classes or groups than it takes, a setting out of range, a file that
 * deals an example twice or leaves a client without any
 * @example
 * const { data, seed } = parseConfig({ data: { split: { kind: "dirichlet", alpha: 0.4 } } });
 * const dataset = createDataset(data, seed);
 * const shards = partition(dataset, data.split, 20, seed);
 * shards.length; // → 20
 * // Examples of each class that client 0 holds
 * labelTable(dataset, shards)[0]!.length; // → 10
 */
export function partition(dataset: Dataset, split: SplitConfig, clients: number, seed: number): Int32Array[] {
  checkExamples(dataset);
  record()("split", split);
  seedNumber("seed", seed);
  const count = dataset.train.count;
  if (!Number.isInteger(clients) || clients < 1) {
    throw new InputError("network.clients", `${clients}: expected a whole number of at least 1`);
  }
  if (count < clients) {
    throw new InputError(
      "network.clients",
      `${clients} clients, but only ${count} training examples: a shard would be empty`,
    );
  }
  switch (split.kind) {
    case "iid":
      return equal(shuffled(count, seed), clients);
    case "contiguous":
      return equal(ascending(count), clients);
    case "dirichlet":
      return dirichletShards(classesOf(dataset, split), clients, concentration(split), seed);
    case "shards":
      return classShards(classesOf(dataset, split), clients, split.classesPerClient, seed);
    case "quantity":
      return unequal(shuffled(count, seed), clients, concentration(split), seed);
    case "groups":
      return groupShards(dataset, clients, seed);
    case "file":
      return givenShards(dataset, clients);
    default:
      throw new InputError("data.split.kind", unknownName("split", split.kind, splitKinds));
  }
}

/**
 * Examples of each class that each client holds.
 *
 * @returns [clients][classes]
 * @throws InputError where the examples have no classes
 * @example
 * const { data, seed } = parseConfig({ data: { split: "shards", trainExamples: 400 } });
 * const dataset = createDataset(data, seed);
 * labelTable(dataset, partition(dataset, data.split, 10, seed)).length; // → 10
 */
export function labelTable(dataset: Dataset, shards: readonly Int32Array[]): Int32Array[] {
  checkExamples(dataset);
  listOf(numberArray)("shards", shards);
  shards.forEach((shard, client) => {
    const at = shard.findIndex((example) => !(dataset.train.targets[example] !== undefined));
    if (at < 0) return;
    const allowed = `(allowed: 0 to ${dataset.train.count - 1})`;
    throw new InputError(`shards[${client}][${at}]`, `${shard[at]} is no training example ${allowed}`);
  });
  if (dataset.task !== "classification") {
    throw new InputError("data.name", `"${dataset.name}" has no classes to count`);
  }
  return shards.map((shard) => {
    const counts = new Int32Array(dataset.outputs);
    for (const example of shard) counts[dataset.train.targets[example]!]!++;
    return counts;
  });
}

function checkExamples(dataset: Dataset): void {
  record({ train: record({ count: whole(1), targets: numberArray }) }, "data set")("dataset", dataset);
}

function dirichletShards(classes: readonly Int32Array[], clients: number, alpha: number, seed: number): Int32Array[] {
  const pools = classes.map((members, label) => stream(seed, "partition", use.order, label).shuffle(members.slice()));
  const used = new Int32Array(pools.length); // taken from the front of each pool
  let left = pools.reduce((sum, pool) => sum + pool.length, 0);
  const size = Math.floor(left / clients);
  return Array.from({ length: clients }, (_, client) => {
    const proportions = dirichlet(stream(seed, "partition", use.proportions, client), pools.length, alpha);
    const wanted = apportion(proportions, size);
    const shard = new Int32Array(size);
    let filled = 0;
    for (const [label, pool] of pools.entries()) {
      const taken = Math.min(wanted[label]!, pool.length - used[label]!);
      shard.set(pool.subarray(used[label]!, used[label]! + taken), filled);
      used[label]! += taken;
      filled += taken;
    }
    left -= filled;
    // Every pass takes one example, and clients · size never exceeds their number: it ends, whatever α is.
    const refill = stream(seed, "partition", use.refill, client);
    while (filled < size) {
      let place = refill.integer(left);
      let label = 0;
      while (place >= pools[label]!.length - used[label]!) {
        place -= pools[label]!.length - used[label]!;
        label++;
      }
      shard[filled++] = pools[label]![used[label]!++]!;
      left--;
    }
    return shard;
  });
}

function classShards(classes: readonly Int32Array[], clients: number, perClient: number, seed: number): Int32Array[] {
  if (!Number.isInteger(perClient) || perClient < 1 || perClient > classes.length) {
    throw new InputError(
      "data.split.classesPerClient",
      `${perClient}: expected a whole number from 1 to ${classes.length}, the number of classes`,
    );
  }
  const holders = new Int32Array(classes.length);
  const chosen = Array.from({ length: clients }, (_, client) => {
    // The least used classes, equals in random order: usage never differs by more than one.
    const order = stream(seed, "partition", use.classes, client).shuffle(ascending(classes.length));
    const labels = Array.from(order)
      .sort((a, b) => holders[a]! - holders[b]!)
      .slice(0, perClient)
      .sort((a, b) => a - b);
    for (const label of labels) holders[label]!++;
    return labels;
  });
  let each = Number.POSITIVE_INFINITY;
  classes.forEach((members, label) => {
    if (holders[label]! > 0) each = Math.min(each, Math.floor(members.length / holders[label]!));
  });
  if (each === 0) {
    throw new InputError(
      "data.split.classesPerClient",
      `${clients} clients with ${perClient} classes each leave some without an example of a class: too few examples`,
    );
  }
  const pools = classes.map((members, label) => stream(seed, "partition", use.order, label).shuffle(members.slice()));
  const used = new Int32Array(classes.length);
  return chosen.map((labels) => {
    const shard = new Int32Array(each * labels.length);
    labels.forEach((label, i) => {
      shard.set(pools[label]!.subarray(used[label]!, used[label]! + each), i * each);
      used[label]! += each;
    });
    return shard;
  });
}

function unequal(order: Int32Array, clients: number, alpha: number, seed: number): Int32Array[] {
  const proportions = dirichlet(stream(seed, "partition", use.proportions), clients, alpha);
  const sizes = apportion(proportions, order.length - clients).map((size) => size + 1);
  let start = 0;
  return Array.from(sizes, (size) => {
    start += size;
    return order.slice(start - size, start);
  });
}

function groupShards(dataset: Dataset, clients: number, seed: number): Int32Array[] {
  const groups = dataset.groups;
  if (groups === undefined) {
    throw new InputError("data.split.kind", `"groups" needs data with owners (speakers); "${dataset.name}" has none`);
  }
  const members = new Map<number, number[]>();
  groups.forEach((group, example) => {
    const list = members.get(group);
    if (list === undefined) members.set(group, [example]);
    else list.push(example);
  });
  if (members.size < clients) {
    throw new InputError(
      "network.clients",
      `${clients} clients, but "${dataset.name}" has only ${members.size} groups with training examples`,
    );
  }
  const names = Int32Array.from(members.keys()).sort();
  const order = stream(seed, "partition", use.groups).shuffle(names);
  const shards: number[][] = Array.from({ length: clients }, () => []);
  order.forEach((group, i) => {
    for (const example of members.get(group)!) shards[i % clients]!.push(example);
  });
  return shards.map((shard) => Int32Array.from(shard));
}

function givenShards(dataset: Dataset, clients: number): Int32Array[] {
  const shards = dataset.shards;
  if (shards === undefined) {
    throw new InputError("data.split.file", 'the split "file" needs the shards that a file gave (Dataset.shards)');
  }
  if (shards.length !== clients) {
    throw new InputError("data.split.file", `${shards.length} shards for ${clients} clients (network.clients)`);
  }
  const count = dataset.train.count;
  const owner = new Int32Array(count).fill(-1);
  shards.forEach((shard, client) => {
    if (shard.length === 0) throw new InputError("data.split.file", `client ${client} has no examples`);
    for (const example of shard) {
      if (example < 0 || example >= count) {
        throw new InputError("data.split.file", `client ${client}: no example ${example}, allowed: 0 … ${count - 1}`);
      }
      if (owner[example] !== -1) {
        throw new InputError(
          "data.split.file",
          `example ${example} is given to client ${owner[example]} and to ${client}`,
        );
      }
      owner[example] = client;
    }
  });
  return shards.map((shard) => shard.slice());
}

/** @returns the training examples of each class, ascending */
function classesOf(dataset: Dataset, split: SplitConfig): Int32Array[] {
  if (dataset.task !== "classification") {
    throw new InputError(
      "data.split.kind",
      `"${split.kind}" deals by class, and "${dataset.name}" is a ${dataset.task} task ` +
        `(allowed: ${dataset.groups === undefined ? "" : "groups, "}iid, quantity, contiguous, file)`,
    );
  }
  const lists: number[][] = Array.from({ length: dataset.outputs }, () => []);
  for (let i = 0; i < dataset.train.count; i++) lists[dataset.train.targets[i]!]!.push(i);
  return lists.map((list) => Int32Array.from(list));
}

function concentration(split: SplitConfig): number {
  // Beyond these the logarithms of the draws leave the range of a number; the limits are reached long before.
  if (!(split.alpha >= 1e-6 && split.alpha <= 1e9)) {
    throw new InputError("data.split.alpha", `${split.alpha}: expected a number from 1e-6 to 1e9`);
  }
  return split.alpha;
}

function equal(order: Int32Array, clients: number): Int32Array[] {
  const size = Math.floor(order.length / clients);
  return Array.from({ length: clients }, (_, client) => order.slice(client * size, (client + 1) * size));
}

function shuffled(count: number, seed: number): Int32Array {
  return stream(seed, "partition", use.order).shuffle(ascending(count));
}

function ascending(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
