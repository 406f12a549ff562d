import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Config } from "../config/config.js";

/**
 * A short hash of plain data. Numbers are written by the language's shortest-round-trip rule, which every engine
 * shares, so equal results have equal hashes wherever they were computed.
 */
export function fingerprint(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value, sorted)))).slice(0, 16);
}

/** Of a config without what cannot change a result: where the files lie. */
export function configFingerprint(config: Config): string {
  const { directory: _directory, ...data } = config.data;
  return fingerprint({ ...config, data });
}

function sorted(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
