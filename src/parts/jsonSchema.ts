import * as z from "zod";
import { presetNames } from "../config/presets.js";
import { type SettingSpec, settingSchema } from "../config/settings.js";
import { catalog, kindSettings, nameOf } from "./catalog.js";
import { schemaOfNames } from "./resolve.js";

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

/** The schema of the fields alone, the settings of all parts among them. */
export function fieldsJsonSchema(): SchemaNode {
  const schema = plainSchema(schemaOfNames());
  for (const kind of catalog) {
    if (kind.complete === undefined) continue;
    const section = kind.path.split(".").reduce((node, key) => node.properties![key]!, schema);
    const { [kind.nameField]: name, ...rest } = section.properties!;
    const settings = Object.keys(kindSettings(kind)).map((setting) => [setting, settingNode(kind, setting)]);
    section.properties = { [kind.nameField]: name!, ...Object.fromEntries(settings), ...rest };
  }
  return schema;
}

/** A setting of one or several parts: what all of them allow, where they agree. */
function settingNode(kind: (typeof catalog)[number], setting: string): SchemaNode {
  const having = kind.registry.parts.filter((part) => Object.hasOwn(kind.settingsOf(part), setting));
  const specs = having.map((part) => kind.settingsOf(part)[setting]!);
  const nodes = specs.map((spec) => plainSchema(settingSchema(spec)));
  const distinct = nodes.filter((node, i) => nodes.findIndex((other) => same(other, node)) === i);
  const all = having.length === kind.registry.parts.length;
  const meanings = [...new Set(specs.map(meaningOf))];
  const meaning = meanings.length === 1 ? meanings[0]! : meanings.join("; ");
  const description = all ? meaning : `${meaning} (of ${having.map(({ name }) => name).join(", ")})`;
  return { description, ...(distinct.length === 1 ? distinct[0]! : { anyOf: distinct }) };
}

function meaningOf({ summary, unit }: SettingSpec): string {
  return unit === undefined ? summary : `${summary}, ${unit}`;
}

function same(a: SchemaNode, b: SchemaNode): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function plainSchema(schema: z.ZodType): SchemaNode {
  const { $schema: _, ...node } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
    },
  });
  return node as SchemaNode;
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
