import { defaults } from "./defaults.js";
import { fieldsJsonSchema, type SchemaNode } from "./jsonSchema.js";

/** One field of the config, as the reference tables list it. */
export interface ConfigField {
  path: string;
  /** JSON of the default; undefined where there is none */
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
      defaultValue: value === undefined ? undefined : JSON.stringify(value),
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
