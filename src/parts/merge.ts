import { declaration } from "../config/declaration.js";
import { InputError, show } from "../config/errors.js";
import type { Section, Shape } from "../config/fields.js";
import { catalog, declaredDefaults, kindSettings, nameOf } from "./catalog.js";
import { unknownPath, valueAt } from "./paths.js";

export type Tree = { [key: string]: unknown };

/** A value that a file or a setting gave, as opposed to one that was filled in. */
export interface Given {
  path: string;
  value: unknown;
  from: "file" | "set";
}

/**
 * A layer over those below it.
 * @param onRename told of a section that names another one than before, and which of its settings stay
 */
export function mergeLayer(
  base: Tree,
  layer: Tree,
  onRename: (section: string, keeps: (setting: string) => boolean) => void,
  path = "",
): Tree {
  const merged = { ...base };
  for (const [key, given] of Object.entries(layer)) {
    if (given === undefined) continue;
    const inside = path === "" ? key : `${path}.${key}`;
    if (key === "__proto__") throw new InputError(inside, unknownPath(inside));
    const value = spelledOut(inside, given);
    let before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (isTree(value) && isTree(before)) {
      before = afterNaming(inside, before, value, onRename);
      merged[key] = mergeLayer(before as Tree, value, onRename, inside);
    } else {
      merged[key] = structuredClone(value);
    }
  }
  return merged;
}

/** What stays of a section when another part is named in it. */
function afterNaming(
  path: string,
  before: Tree,
  value: Tree,
  onRename: (section: string, keeps: (setting: string) => boolean) => void,
): Tree {
  const nameField = nameOf[path];
  const name = nameField === undefined ? undefined : value[nameField];
  if (nameField === undefined || name === undefined || name === before[nameField]) return before;
  if (path === "model") {
    onRename(path, () => false);
    return {};
  }
  const kind = catalog.find((one) => one.path === path && one.complete !== undefined);
  const part = kind?.registry.find(name);
  // A name that nobody knows is refused later
  if (kind === undefined || part === undefined) return before;
  if (kind.resets) {
    onRename(path, () => false);
    return declaredDefaults(valueAt(declaration, `shape.${path.split(".").join(".shape.")}`) as Section<Shape>);
  }
  const own = kind.settingsOf(part);
  const all = kindSettings(kind);
  // What no part of the kind has is refused later
  const keeps = (setting: string) => Object.hasOwn(own, setting) || !Object.hasOwn(all, setting);
  onRename(path, keeps);
  return Object.fromEntries(Object.entries(before).filter(([key]) => key === nameField || keeps(key)));
}

/** What a layer gives, field by field. */
export function givenIn(layer: Tree, from: Given["from"], path = ""): Given[] {
  return Object.entries(layer).flatMap(([key, given]): Given[] => {
    if (given === undefined) return [];
    const inside = path === "" ? key : `${path}.${key}`;
    const value = spelledOut(inside, given);
    return isTree(value) ? givenIn(value, from, inside) : [{ path: inside, value, from }];
  });
}

/**
 * Sets the field at a dotted path, making the objects on the way.
 * @throws InputError where the path leads through something that is no object
 */
export function setPath(target: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  let at = target as Tree;
  for (const [depth, key] of [...keys, last].entries()) {
    if (key === "" || key === "__proto__") throw new InputError(path, unknownPath(path));
    if (depth === keys.length) break;
    at[key] ??= {};
    // `--set quantizer=emq --set quantizer.digits=1`
    const parent = keys.slice(0, depth + 1).join(".");
    at[key] = spelledOut(parent, at[key]);
    if (!isTree(at[key])) throw new InputError(path, `${parent} is ${show(at[key])}, which has no fields`);
    at = at[key];
  }
  setField(at, last, value, path);
}

/** Objects merge field by field, and so does a section that is given by its name alone, whichever of them comes first. */
function setField(target: Tree, key: string, value: unknown, path: string): void {
  const [before, given] = [target[key], value].map((one) => spelledOut(path, one));
  if (isTree(before) && isTree(given)) {
    for (const [name, field] of Object.entries(given)) {
      if (name === "__proto__") throw new InputError(`${path}.${name}`, unknownPath(`${path}.${name}`));
      setField(before, name, field, `${path}.${name}`);
    }
    target[key] = before;
  } else target[key] = value;
}

/** A section that is given by its name alone, as an object; anything else as it is. */
function spelledOut(path: string, value: unknown): unknown {
  const nameField = nameOf[path];
  return typeof value === "string" && nameField !== undefined ? { [nameField]: value } : value;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
