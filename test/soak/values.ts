import type { Setting, SettingSpec } from "../../src/config/settings.js";
import type { SchemaNode } from "../../src/parts/jsonSchema.js";
import type { Random } from "./random.js";

/** What a JSON Schema of the config says of a value. */
export interface ValueNode extends SchemaNode {
  items?: ValueNode;
  prefixItems?: ValueNode[];
}

/** How a value is drawn. */
export interface Draw {
  random: Random;
  /** How often the ends of what is allowed are taken, and what lies far from anything usual */
  extremes: number;
  /** The usual value, near which most are */
  usual?: unknown;
  /** The largest integer that costs little */
  cap?: number;
}

/** A value that a schema allows: near the usual one, anywhere, or at an end of what is allowed. */
export function drawnValue(node: ValueNode, draw: Draw): unknown {
  const { random } = draw;
  if (node.anyOf !== undefined) return drawnValue(random.pick(node.anyOf) as ValueNode, draw);
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return random.pick(node.enum);
  switch (node.type) {
    case "boolean":
      return random.chance(0.5);
    case "integer":
      return integerIn(node, draw);
    case "number":
      return realIn(node, draw);
    case "null":
      return null;
    case "array": {
      if (node.prefixItems !== undefined) return node.prefixItems.map((item) => drawnValue(item, draw));
      return Array.from({ length: random.below(4) }, () => drawnValue(node.items ?? {}, draw));
    }
    default:
      return "something";
  }
}

/** A value of a part's setting. */
export function settingOf(spec: SettingSpec, draw: Draw): Setting {
  const { random } = draw;
  if (typeof spec.default === "boolean") return random.chance(0.5);
  if (typeof spec.default === "string") return spec.choices === undefined ? spec.default : random.pick(spec.choices);
  const node: ValueNode = {
    ...(spec.minimum !== undefined && { minimum: spec.minimum }),
    ...(spec.maximum !== undefined && { maximum: spec.maximum }),
    ...(spec.above !== undefined && { exclusiveMinimum: spec.above }),
    ...(spec.below !== undefined && { exclusiveMaximum: spec.below }),
  };
  return (spec.integer === true ? integerIn : realIn)(node, { ...draw, usual: spec.default });
}

function integerIn(node: ValueNode, { random, extremes, usual, cap = 1e6 }: Draw): number {
  const least = Math.max(node.minimum ?? -1e9, Math.floor(node.exclusiveMinimum ?? -1e9) + 1);
  const allowed = Math.min(node.maximum ?? 1e9, Math.ceil(node.exclusiveMaximum ?? 1e9) - 1);
  const most = Math.max(least, Math.min(allowed, cap));
  const within = (value: number) => Math.min(most, Math.max(least, Math.round(value)));
  if (random.chance(extremes)) return random.pick([least, within(least + 1), most, within(most - 1)]);
  if (random.chance(0.5)) return within((Number(usual ?? 1) || 1) * 4 ** (2 * random() - 1));
  return within(least + random.below(Math.min(most - least, 12) + 1));
}

function realIn(node: ValueNode, { random, extremes, usual }: Draw): number {
  const { minimum, exclusiveMinimum: above, maximum, exclusiveMaximum: below } = node;
  const allowed = (value: number) =>
    Number.isFinite(value) &&
    value >= (minimum ?? -Infinity) &&
    value > (above ?? -Infinity) &&
    value <= (maximum ?? Infinity) &&
    value < (below ?? Infinity);
  const fallback = typeof usual === "number" && allowed(usual) ? usual : (minimum ?? maximum ?? 1);
  for (let tries = 0; tries < 20; tries++) {
    const value = realNear(node, { random, extremes, usual });
    if (allowed(value)) return value;
  }
  return fallback;
}

function realNear({ minimum, exclusiveMinimum: above, maximum, exclusiveMaximum: below }: ValueNode, draw: Draw) {
  const { random, extremes, usual } = draw;
  const [low, high] = [minimum ?? above, maximum ?? below];
  if (random.chance(extremes)) {
    const ends = [low, high, 0].filter((end) => end !== undefined);
    const near = ends.flatMap((end) => [end, end + 1e-12, end - 1e-12, end * (1 - 1e-15), end + 5e-324]);
    return random.pick([...near, 5e-324, 1e-300, 1e-30, 1e-9, 1e9, 1e30, 1e300, -1e9]);
  }
  if (low !== undefined && high !== undefined && random.chance(0.5)) return low + (high - low) * random();
  const base = typeof usual === "number" && usual !== 0 ? usual : random();
  return base * 10 ** (2 * random() - 1) * (low === undefined && random.chance(0.2) ? -1 : 1);
}
