import { InputError } from "../../src/config/errors.js";
import type { PartialConfig } from "../../src/config/presets.js";
import { createDataset, datasets } from "../../src/data/index.js";
import { catalog, declaredDefaults } from "../../src/parts/catalog.js";
import { fieldsJsonSchema } from "../../src/parts/jsonSchema.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { randomLayers } from "./layers.js";
import { type Random, randomOf } from "./random.js";
import { drawnValue, settingOf, type ValueNode } from "./values.js";

type Tree = { [key: string]: unknown };

/** Sizes that a run's cost grows with: always drawn, from what costs little. */
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  rounds: [1, 3],
  "data.trainExamples": [12, 120],
  "data.testExamples": [1, 40],
  "data.sequenceLength": [1, 24],
  "data.speakers": [1, 20],
  "training.localEpochs": [1, 3],
  "training.batchSize": [1, 40],
  "network.clients": [1, 12],
  "network.accessPoints": [1, 9],
  "network.antennas": [1, 4],
  "network.realizations": [1, 24],
};

/** Without limits runs go on to their last round, which is what most of them are for. */
const unlimited = ["budgets.energy", "budgets.latency"];

/** The largest of other whole numbers that cost memory or time. */
const caps: Readonly<Record<string, number>> = {
  "training.adaptiveEpochs.increment": 2,
  "training.adaptiveEpochs.maximum": 5,
};

/** Names that need a file, which there is none of. */
const needFiles: Readonly<Record<string, readonly unknown[]>> = {
  "data.name": datasets.parts.flatMap((set) => ("files" in set ? [set.name] : [])),
  "data.split.kind": ["file"],
};
const files = ["data.directory", "data.file", "data.split.file", "network.channel"];

/** Arrays that are as long as another field says. */
const lengths: Readonly<Record<string, string>> = {
  "network.pilotIndex": "network.clients",
  "network.deployment.clientPositions": "network.clients",
  "network.deployment.accessPointPositions": "network.accessPoints",
};

/** What a seed's configs are drawn from; made once, as the schema of all parts takes its time. */
export function configGenerator(): (seed: number, number: number) => PartialConfig {
  const schema = fieldsJsonSchema() as ValueNode;
  const usual = declaredDefaults();
  return (seed, number) => {
    const random = randomOf(seed * 1_000_003 + number);
    for (let tries = 0; tries < 1000; tries++) {
      const config = draw(schema, usual, random);
      try {
        parseConfig(config);
        return config;
      } catch (error) {
        if (!(error instanceof InputError)) throw new FoundWhileDrawing(config, error);
      }
    }
    throw new Error(`config ${number} of seed ${seed}: nothing allowed was found in 1000 tries`);
  };
}

/**
 * A config without the field that a refusal names: fields that are allowed each by itself may not go together, which
 * only the run knows.
 */
export function withoutRefused(config: PartialConfig, refusal: string): PartialConfig | undefined {
  const changed = structuredClone(config) as Tree;
  const keys = refusal.split(":")[0]!.split(/[.[\]]+/);
  if (keys[0] === "model") return { ...config, model: { preset: "mlp" } }; // which takes anything
  let section: Tree = changed;
  for (const key of keys) {
    const value = Object.hasOwn(section, key) ? section[key] : undefined;
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value) && key !== keys.at(-1)) {
      section = value as Tree;
      continue;
    }
    delete section[key];
    return changed as PartialConfig;
  }
  return undefined;
}

/** A config that is refused by something else than an InputError: a finding of its own. */
export class FoundWhileDrawing extends Error {
  constructor(
    readonly config: PartialConfig,
    cause: unknown,
  ) {
    super(`drawing a config: ${(cause as Error).message}`, { cause });
  }
}

function draw(schema: ValueNode, usual: Tree, random: Random): PartialConfig {
  // Some configs differ from the usual in little, others in most of what there is.
  const [share, extremes] = [random.pick([0.03, 0.15, 0.6]), random.pick([0, 0, 0.02, 0.15])];
  const config = drawSection(schema, usual, "", { random, share, extremes }) as Tree;
  for (const kind of catalog) drawSettings(config, kind, random, { share, extremes });
  fitArrays(config, random);
  const model = config.model as Tree;
  if (model?.preset === "custom") model.layers = randomLayers(taskOf(config), random);
  else if (model !== undefined) delete model.layers;
  return config as PartialConfig;
}

interface Drawing {
  random: Random;
  share: number;
  extremes: number;
}

function drawSection(node: ValueNode, usual: Tree, path: string, drawing: Drawing): Tree {
  const { random, share, extremes } = drawing;
  const settings = new Set(catalog.filter((kind) => kind.path === path && kind.complete).map((kind) => kind.nameField));
  const declared = new Set([...Object.keys(usual), "pilotIndex", "clientPositions", "accessPointPositions", "layers"]);
  const chosen: Tree = {};
  for (const [name, field] of Object.entries(node.properties ?? {}) as [string, ValueNode][]) {
    const at = path === "" ? name : `${path}.${name}`;
    // Settings of parts are drawn once it is known which part
    if (settings.size > 0 && !declared.has(name)) continue;
    if (files.includes(at)) continue;
    if (field.properties !== undefined) {
      const inner = drawSection(field, (usual[name] ?? {}) as Tree, at, drawing);
      if (Object.keys(inner).length > 0) chosen[name] = inner;
      continue;
    }
    const size = sizes[at];
    if (size !== undefined) {
      chosen[name] = random.chance(0.1) ? random.pick([...size]) : size[0] + random.below(size[1] - size[0] + 1);
    } else if (unlimited.includes(at) && random.chance(0.7)) {
      chosen[name] = null;
    } else if (field.enum !== undefined) {
      const names = field.enum.filter((one) => !needFiles[at]?.includes(one));
      if (needFiles[at] !== undefined || random.chance(Math.max(share, 0.4))) chosen[name] = random.pick(names);
    } else if (at in lengths || random.chance(share)) {
      const cap = caps[at];
      chosen[name] = drawnValue(field, { random, extremes, usual: usual[name], ...(cap !== undefined && { cap }) });
    }
  }
  return chosen;
}

/** The settings of the part that a section names. */
function drawSettings(config: Tree, kind: (typeof catalog)[number], random: Random, how: Omit<Drawing, "random">) {
  if (kind.complete === undefined) return;
  const section = kind.path.split(".").reduce<Tree>((at, key) => {
    at[key] ??= {};
    return at[key] as Tree;
  }, config);
  const part = kind.registry.find(section[kind.nameField]) ?? kind.registry.parts[0]!;
  section[kind.nameField] ??= part.name;
  for (const [setting, spec] of Object.entries(kind.settingsOf(part))) {
    if (random.chance(Math.max(how.share, 0.3)))
      section[setting] = settingOf(spec, { random, extremes: how.extremes, cap: 4096 });
  }
}

/** Arrays of what is counted elsewhere: of that length where they are wanted, none where not. */
function fitArrays(config: Tree, random: Random): void {
  const network = config.network as Tree;
  const count = (name: string) => network[name] as number;
  const deployment = (network.deployment ?? {}) as Tree;
  const area = (network.area as number) ?? 1000;
  const place = () => random.pick([0, 0.5, 1, random(), random()]) * area;
  const positions = (of: number) => Array.from({ length: of }, () => [place(), place()]);
  fill(deployment, "clientPositions", deployment.clients === "given", () => positions(count("clients")));
  const given = deployment.accessPoints === "given";
  fill(deployment, "accessPointPositions", given, () => positions(count("accessPoints")));
  const pilots = (network.pilots as number) || Math.min(count("clients"), 10);
  fill(network, "pilotIndex", network.pilotAssignment === "given", () =>
    Array.from({ length: count("clients") }, () => random.below(pilots)),
  );
}

function fill(section: Tree, name: string, wanted: boolean, values: () => unknown): void {
  if (wanted) section[name] = values();
  else delete section[name];
}

function taskOf(config: Tree) {
  const { data, seed } = parseConfig({
    data: config.data as PartialConfig["data"] & object,
    network: { clients: 1 },
  });
  return createDataset({ ...data, trainExamples: 12, testExamples: 1 }, seed);
}
