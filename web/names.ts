import { methodFields, type PageSettings, presetValue, type Settings } from "./settings.js";

/** What the page calls its runs: one by its quantizer and power method, two by what they differ in. */
export function laneNames({ first, second }: PageSettings): string[] {
  if (second === undefined) return [describe(first, ["quantizer.name", "power.method"])];
  const paths = [...new Set([...first.keys(), ...second.keys()])];
  const differing = paths.filter((path) => held(first, path) !== held(second, path));
  if (differing.length === 0) return ["first run", "second run"];
  return [describe(first, differing), describe(second, differing)];
}

function describe(settings: Settings, paths: readonly string[]): string {
  return paths.map((path) => label(path, held(settings, path))).join(", ");
}

function held(settings: Settings, path: string): string {
  return settings.get(path) ?? presetValue(path);
}

function label(path: string, value: string): string {
  const field = methodFields.find((one) => one.path === path);
  if (field === undefined) return `${path} ${value}`;
  return field.options?.find(([name]) => name === value)?.[1] ?? value;
}
