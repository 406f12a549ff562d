import { type Config, resolveConfig } from "../src/index.js";
import { receivers } from "../src/network/index.js";
import { powerMethods } from "../src/power/index.js";
import { quantizers } from "../src/quantizers/index.js";
import { optimizers } from "../src/training/optimizers.js";

/** What the form holds: config paths and values as texts, over the quick preset. */

export const preset = "quick";

export interface Field {
  /** Path in the config */
  path: string;
  label: string;
  kind: "number" | "choice";
  /** Of a choice: value and what it is called */
  options?: readonly (readonly [value: string, label: string])[];
  minimum?: number;
  maximum?: number;
  step?: number | "any";
  help?: string;
}

/** Parts and what people call them. */
function labeled(parts: readonly { name: string; title?: string }[]): [string, string][] {
  return parts.map(({ name, title }) => [name, title ?? name]);
}

/** Asked once for both runs: what makes a comparison fair. */
export const sharedFields: readonly Field[] = [
  { path: "seed", label: "Seed", kind: "number", minimum: 0, maximum: 4294967295, step: 1 },
  { path: "rounds", label: "Rounds at most", kind: "number", minimum: 1, maximum: 1000, step: 1 },
  { path: "network.clients", label: "Clients", kind: "number", minimum: 1, maximum: 100, step: 1 },
  {
    path: "data.split.kind",
    label: "Data split",
    kind: "choice",
    options: [
      ["iid", "same mix for all"],
      ["dirichlet", "Dirichlet, α = 0.4"],
      ["shards", "two classes a client"],
    ],
  },
  { path: "budgets.energy", label: "Energy budget (J)", kind: "number", minimum: 0, step: "any" },
  { path: "budgets.latency", label: "Latency budget (s)", kind: "number", minimum: 0, step: "any" },
];

/** Asked for each run. */
export const methodFields: readonly Field[] = [
  {
    path: "quantizer.name",
    label: "Quantizer",
    kind: "choice",
    options: labeled(quantizers.parts),
    help: "How a client's update becomes bits.",
  },
  {
    path: "power.method",
    label: "Power allocation",
    kind: "choice",
    options: labeled(powerMethods.parts),
    help: "How loudly each client sends.",
  },
  {
    path: "network.combining",
    label: "Combining",
    kind: "choice",
    options: labeled(receivers.parts),
    help: "How the access points separate the clients.",
  },
  {
    path: "training.optimizer.name",
    label: "Local optimizer",
    kind: "choice",
    options: labeled(optimizers.parts),
  },
];

/** Of one run: what differs from the preset, in the order given. */
export type Settings = ReadonlyMap<string, string>;

/** Both runs of the page; `second` is there when two are compared. */
export interface PageSettings {
  shared: Settings;
  first: Settings;
  second: Settings | undefined;
}

/** "path=value" of one run, shared fields first. An empty field means no limit. */
export function assignments(shared: Settings, method: Settings): string[] {
  return [...shared, ...method].map(([path, value]) => `${path}=${value === "" ? "null" : value}`);
}

/** What a field holds in the preset, as the form's text. */
export function presetValue(path: string): string {
  presetConfig ??= resolveConfig({ preset });
  return valueAt(presetConfig, path);
}

let presetConfig: Config | undefined;

export function valueAt(config: Config, path: string): string {
  const value = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
  return value === undefined || value === null ? "" : String(value);
}

/** What belongs to the method and may differ between the runs; everything else is a condition of both. */
const methodSections = ["quantizer.", "power.", "network.combining", "training.optimizer."];
const secondPrefix = "second.";

/** The address's part behind "#": every setting that differs from the preset, so that a link shows the same page. */
export function toHash({ shared, first, second }: PageSettings): string {
  const parameters = new URLSearchParams();
  const add = (settings: Settings, prefix: string) => {
    for (const [path, value] of settings) {
      if (value !== presetValue(path)) parameters.append(prefix + path, value);
    }
  };
  add(shared, "");
  add(first, "");
  if (second !== undefined) {
    parameters.append("compare", "1");
    add(second, secondPrefix);
  }
  return parameters.toString();
}

/**
 * The reverse. Any path of the config may stand in it, not only those of the form; what is wrong with one is said
 * where the config is resolved.
 */
export function fromHash(hash: string): PageSettings {
  const shared = new Map<string, string>();
  const first = new Map<string, string>();
  const second = new Map<string, string>();
  let compared = false;
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (name === "compare") compared = value === "1";
    else if (name.startsWith(secondPrefix)) second.set(name.slice(secondPrefix.length), value);
    else if (methodSections.some((section) => name.startsWith(section))) first.set(name, value);
    else shared.set(name, value);
  }
  return { shared, first, second: compared || second.size > 0 ? second : undefined };
}
