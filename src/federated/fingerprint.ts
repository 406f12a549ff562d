import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Config } from "../config/config.js";
import { kindAt, nameOf } from "../parts/catalog.js";
import { defaults } from "../parts/defaults.js";
import { valueAt, withValue } from "../parts/paths.js";
import { partsOf } from "../parts/plugins.js";
import type { OwnPart, OwnParts, RoundRecord } from "./result.js";

/** The registered parts that a config names. */
export function registeredParts(config: Config): OwnParts {
  return Object.fromEntries(
    partsOf(config).map(({ kind, section, name, source }) => [
      section === "downlink.quantizer" ? "downlinkQuantizer" : kind,
      { name, source },
    ]),
  );
}

/**
 * A short hash of plain data. Numbers are written by the language's shortest-round-trip rule, which every engine
 * shares, so equal results have equal hashes wherever they were computed.
 */
export function fingerprint(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value, sorted)))).slice(0, 16);
}

/**
 * Of a config without what cannot change a result (where the files lie) and without fields at their defaults, so that a
 * field added later leaves it as it is. A part of one's own stands in for its section of the config.
 */
export function configFingerprint(config: Config, parts: OwnParts = {}): string {
  const own = Object.keys(parts).length > 0 ? { parts } : {};
  return fingerprint({ ...withoutDefaults(config), ...own });
}

/** The fields of each round that a fingerprint covers. A field added to the records does not change it. */
const coveredFields = {
  round: ["round", "accuracy", "testLoss", "loss", "nominalBits", "wireBits", "latency", "energy", "localEpochs"],
  totals: ["nominalBits", "wireBits", "latency", "energy"],
  perClient: ["power", "latency", "energy", "nominalBits", "wireBits", "skipped"],
  power: ["status", "iterations"],
} as const satisfies {
  round: readonly (keyof RoundRecord)[];
  totals: readonly (keyof RoundRecord["totals"])[];
  perClient: readonly (keyof RoundRecord["perClient"])[];
  power: readonly (keyof RoundRecord["power"])[];
};

/** @param config whose downlink, where it is compressed, is covered too: what it sends is then a result of its own */
export function resultsFingerprint(rounds: readonly RoundRecord[], config?: Pick<Config, "downlink">): string {
  const sends = config !== undefined && config.downlink.quantizer.name !== "identity";
  return fingerprint(
    rounds.map((record) => ({
      ...(sends && { downlink: record.downlink }),
      ...picked(record, coveredFields.round),
      totals: picked(record.totals, coveredFields.totals),
      perClient: picked(record.perClient, coveredFields.perClient),
      power: picked(record.power, coveredFields.power),
    })),
  );
}

/** What an object handed in is known by. Without a `source` of its own that is the text of its functions. */
export function ownPart(part: { readonly name: string; readonly source?: string }): OwnPart {
  return { name: part.name, source: fingerprint(part.source ?? functionsOf(part)) };
}

/**
 * The fields of a config that differ from their defaults, those of a section being its name's own; and with a
 * registered part of one's own, the hash of its source.
 */
export function withoutDefaults(config: Config): Tree {
  const { directory: _directory, ...data } = config.data;
  const left = differing({ ...config, data } as unknown as Tree, defaults as unknown as Tree, "");
  return partsOf(config).reduce((tree, { section: path, source }) => {
    const section = (valueAt(tree, path) ?? {}) as Tree;
    return withValue(tree, path, { ...section, partSource: source });
  }, left);
}

type Tree = { [key: string]: unknown };

function differing(given: Tree, usual: Tree, path: string): Tree {
  const named = nameOf[path];
  const own = named === undefined ? usual : (sectionDefaults(path, given[named]) ?? usual);
  const left = Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return [];
    const inside = path === "" ? key : `${path}.${key}`;
    // A section's name is left out only where it is the usual one, not its own.
    const before = (key === named ? usual : own)[key];
    if (value === before) return []; // most of them
    if (isTree(value) && isTree(before)) {
      const rest = differing(value, before, inside);
      return Object.keys(rest).length === 0 ? [] : [[key, rest]];
    }
    return JSON.stringify(value, sorted) === JSON.stringify(before, sorted) ? [] : [[key, value]];
  });
  return Object.fromEntries(left);
}

/** Settings of a part have their defaults where the part is. */
function sectionDefaults(path: string, name: unknown): Tree | undefined {
  const kind = kindAt(path);
  if (kind?.registry.find(name) === undefined) return undefined;
  return (kind.usual?.(name as string) ?? kind.complete!({ [kind.nameField]: name as string })) as Tree;
}

function functionsOf(part: object): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at: object | null = part; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const value = Object.getOwnPropertyDescriptor(at, key)?.value as unknown;
      if (typeof value === "function" && key !== "constructor") found[key] ??= Function.prototype.toString.call(value);
    }
  }
  return found;
}

function picked<T extends object>(value: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Partial<T>;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
