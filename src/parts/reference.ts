import { settingDefaults } from "../config/settings.js";
import { kindAt } from "./catalog.js";
import { defaults } from "./defaults.js";
import { fieldsJsonSchema, type SchemaNode } from "./jsonSchema.js";

/** One field of the config, as the reference tables list it. */
export interface ConfigField {
  path: string;
  /** JSON of the default, of a setting whose parts differ each part's; undefined where there is none */
  defaultValue: string | undefined;
  allowed: string;
  meaning: string;
}

/** Every field of the config in the schema's order, with its default, what is allowed and what it means. */
export function configReference(): ConfigField[] {
  return [...walk(fieldsJsonSchema(), "", defaults)];
}

function* walk(node: SchemaNode, path: string, value: unknown): Generator<ConfigField> {
  if (node.properties === undefined) {
    yield {
      path,
      defaultValue: partDefaults(path) ?? (value === undefined ? undefined : JSON.stringify(value)),
      allowed: allowed(node),
      meaning: node.description ?? "",
    };
    return;
  }
  for (const [key, child] of Object.entries(node.properties)) {
    const inside = (value as Record<string, unknown> | undefined)?.[key];
    yield* walk(child, path === "" ? key : `${path}.${key}`, inside);
  }
}

/** Defaults of a setting of parts: "1 (adadelta), 0.01 (sgd, momentum)". */
function partDefaults(path: string): string | undefined {
  const dot = path.lastIndexOf(".");
  const kind = kindAt(path.slice(0, dot));
  const having = new Map<string, string[]>();
  for (const part of kind?.registry.parts ?? []) {
    const value = settingDefaults(kind!.settingsOf(part))[path.slice(dot + 1)];
    if (value === undefined) continue;
    const json = JSON.stringify(value);
    having.set(json, [...(having.get(json) ?? []), part.name]);
  }
  if (having.size < 2) return [...having.keys()][0];
  return [...having].map(([value, names]) => `${value} (${names.join(", ")})`).join(", ");
}

function allowed(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(allowed).join(", ");
  if (node.enum !== undefined) return node.enum.join(", ");
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.type === "boolean") return "true, false";
  if (node.type === "integer") return range(node, "whole number");
  if (node.type === "number") return range(node, "number");
  return node.type === "string" ? "text" : (node.type ?? "any");
}

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode, kind: string): string {
  const bounds = [
    minimum === undefined ? [] : `≥ ${minimum}`,
    exclusiveMinimum === undefined ? [] : `> ${exclusiveMinimum}`,
    maximum === undefined ? [] : `≤ ${maximum}`,
    exclusiveMaximum === undefined ? [] : `< ${exclusiveMaximum}`,
  ].flat();
  return bounds.length === 0 ? kind : `${kind} ${bounds.join(", ")}`;
}
