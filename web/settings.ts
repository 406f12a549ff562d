/** What the page runs: config paths and values as texts, over the quick preset, and how a link carries them. */

export const preset = "quick";

/** Of one run: what differs from the preset, in the order given. */
export type Settings = ReadonlyMap<string, string>;

/** One to four runs: what they share, and what each has of its own. */
export interface PageSettings {
  shared: Settings;
  lanes: readonly Settings[];
}

export interface LinkProblem {
  path: string;
  message: string;
}

export const mostLanes = 4;

/** Longer than any link that somebody made by hand or by this page. */
const longestLink = 65_536;

/** Sections that a name alone stands for, as on the command line: `quantizer=laq` is `quantizer.name=laq`. */
export const nameFields: Readonly<Record<string, string>> = {
  data: "name",
  "data.split": "kind",
  model: "preset",
  aggregation: "by",
  plan: "kind",
  "training.optimizer": "name",
  "training.schedule": "kind",
  server: "rule",
  selection: "rule",
  loss: "kind",
  waiting: "kind",
  quantizer: "name",
  "downlink.quantizer": "name",
  power: "method",
};

/** What belongs to the method and may differ between the runs; everything else is a condition of all. */
const methodSections = ["quantizer.", "power.", "network.combining", "training.optimizer."];
const prefixes = ["", "second.", "third.", "fourth."];

export function isOfMethod(path: string): boolean {
  return methodSections.some((section) => path.startsWith(section));
}

/** "path=value" of one run, shared settings first. */
export function assignments({ shared, lanes }: PageSettings, lane: number): string[] {
  const own = lanes[lane] ?? new Map<string, string>();
  const both = [...shared].filter(([path]) => !own.has(path));
  return [...both, ...own].map(([path, value]) => `${path}=${value}`);
}

/** The address's part behind "#": every setting that differs from the preset, so that a link shows the same page. */
export function toHash({ shared, lanes }: PageSettings): string {
  const parameters = new URLSearchParams([...shared]);
  if (lanes.length > 1) parameters.append("compare", String(lanes.length - 1));
  for (const [i, settings] of lanes.entries()) {
    for (const [path, value] of settings) parameters.append(prefixes[i] + path, value);
  }
  return parameters.toString();
}

/**
 * The reverse. Any path of the config may stand in it, not only those of the form; what is wrong with one is said where
 * the config is resolved, but for what this page alone would take the wrong way.
 */
export function fromHash(hash: string): PageSettings & { problems: LinkProblem[] } {
  const shared = new Map<string, string>();
  const lanes = prefixes.map(() => new Map<string, string>());
  const problems: LinkProblem[] = [];
  let count = 1;
  const given = hash.length > longestLink ? [] : [...new URLSearchParams(hash.replace(/^#/, ""))];
  if (hash.length > longestLink) {
    problems.push({ path: "link", message: `longer than ${longestLink} characters; nothing of it was taken` });
  }
  for (const [name, value] of given) {
    if (name === "compare") {
      const more = Number(value);
      if (Number.isInteger(more) && more >= 0 && more < mostLanes) count = Math.max(count, 1 + more);
      else
        problems.push({ path: name, message: `"${value}" is not allowed (allowed: 0 to ${mostLanes - 1} more runs)` });
      continue;
    }
    const lane = Math.max(
      0,
      prefixes.findIndex((prefix, i) => i > 0 && name.startsWith(prefix)),
    );
    const path = fullPath(name.slice(prefixes[lane]!.length), value);
    if (lane > 0) count = Math.max(count, lane + 1);
    const into = lane > 0 || isOfMethod(path) ? lanes[lane]! : shared;
    if (into.has(path) && into.get(path) !== value) {
      problems.push({ path, message: `given twice: "${into.get(path)}" and "${value}"` });
    } else into.set(path, value);
  }
  return { shared, lanes: lanes.slice(0, count), problems };
}

/** A section that is given by its name alone is the field that names it. */
function fullPath(path: string, value: string): string {
  const field = Object.hasOwn(nameFields, path) ? nameFields[path] : undefined;
  return field === undefined || value.trimStart().startsWith("{") ? path : `${path}.${field}`;
}

/**
 * With one setting changed. Naming another part drops the settings of the one before: they would be refused, or mean
 * something else.
 */
export function withSetting(settings: Settings, path: string, value: string | undefined): Settings {
  const names = Object.entries(nameFields).find(([section, field]) => path === `${section}.${field}`);
  const kept = [...settings].filter(([key]) => key !== path && !(names && key.startsWith(`${names[0]}.`)));
  return new Map(value === undefined ? kept : [...kept, [path, value]]);
}

/** What the page calls its runs: one by its quantizer and power method, several by what they differ in. */
export function laneNames(
  lanes: readonly Settings[],
  presetValue: (path: string) => string,
  label: (path: string, value: string) => string,
): string[] {
  const held = (settings: Settings, path: string) => settings.get(path) ?? presetValue(path);
  const describe = (settings: Settings, paths: readonly string[]) =>
    paths.map((path) => label(path, held(settings, path))).join(", ");
  if (lanes.length === 1) return [describe(lanes[0]!, ["quantizer.name", "power.method"])];
  const paths = [...new Set(lanes.flatMap((settings) => [...settings.keys()]))];
  const differing = paths.filter((path) => new Set(lanes.map((settings) => held(settings, path))).size > 1);
  const names = lanes.map((settings) => describe(settings, differing));
  return names.map((name, i) => (new Set(names).size === names.length ? name : `${name || "run"} (${i + 1})`));
}

/** The value at a path as a setting's text: a bare word, or JSON. */
export function textAt(config: object, path: string): string {
  const value = path
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
