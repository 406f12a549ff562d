import type { PartialConfig } from "../../src/config/presets.js";

type Tree = { [key: string]: unknown };

/** The same config less a section, or less a field: larger pieces first. */
export function smallerConfigs(config: PartialConfig): PartialConfig[] {
  const paths = pathsIn(config as Tree).sort((a, b) => a.length - b.length);
  return paths.map((path) => without(config as Tree, path) as PartialConfig);
}

function pathsIn(tree: Tree, before: readonly string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const path = [...before, key];
    const isSection = typeof value === "object" && value !== null && !Array.isArray(value);
    return isSection ? [path, ...pathsIn(value as Tree, path)] : [path];
  });
}

function without(tree: Tree, [key, ...rest]: readonly string[]): Tree {
  const { [key!]: value, ...others } = tree;
  return rest.length === 0 ? others : { ...others, [key!]: without(value as Tree, rest) };
}
