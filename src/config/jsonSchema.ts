import * as z from "zod";
import { presetNames } from "./presets.js";
import { configSchema } from "./schema.js";
import { nameOf } from "./sections.js";

/** The part of JSON Schema that the config's schema is made of. */
export interface SchemaNode {
  title?: string;
  description?: string;
  type?: string;
  properties?: Record<string, SchemaNode>;
  anyOf?: SchemaNode[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

/**
 * The JSON Schema (2020-12) of a config file: any field may be left out, a preset may be named, and a section that is
 * chosen by a name may be that name alone.
 */
export function configJsonSchema(): SchemaNode {
  const schema = fieldsJsonSchema();
  for (const [path, name] of Object.entries(nameOf)) allowName(schema, path.split("."), name);
  schema.properties = {
    $schema: { type: "string", description: "this schema, for editors" },
    preset: { type: "string", enum: presetNames, description: "what the config starts from instead of the defaults" },
    ...schema.properties,
  };
  return { ...schema, title: "cellfed config" };
}

/** The schema of the fields alone. */
export function fieldsJsonSchema(): SchemaNode {
  return z.toJSONSchema(configSchema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
    },
  }) as SchemaNode;
}

function allowName(schema: SchemaNode, path: readonly string[], name: string): void {
  const parent = path.slice(0, -1).reduce((node, key) => objectOf(node).properties![key]!, schema);
  const properties = objectOf(parent).properties!;
  const section = properties[path.at(-1)!]!;
  const { description, ...named } = objectOf(section).properties![name]!;
  properties[path.at(-1)!] = {
    ...(section.description !== undefined && { description: section.description }),
    anyOf: [section, { ...named, ...(description !== undefined && { description: `${name}: ${description}` }) }],
  };
}

/** The object itself of a section that was already allowed to be a name. */
function objectOf(node: SchemaNode): SchemaNode {
  return node.anyOf?.[0] ?? node;
}
