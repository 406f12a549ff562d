import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomOf } from "../soak/random.js";
import { fileKinds, InputError } from "./kinds.js";
import { spoiled } from "./spoil.js";

export { fileKinds } from "./kinds.js";

/** Errors from below, which tell a user nothing. */
const fromBelow =
  /cannot read prop|is not a function|is not iterable|undefined|call stack|array length|out of bounds|TypeError|RangeError/i;

/** Ten mistakes of a config, each with the names that are allowed */
const longestMessage = 3000;
const longestSeconds = 20;

export interface HostileResult {
  /** Of each kind: files refused, and files that were of use all the same */
  counts: Record<string, { refused: number; used: number }>;
  faults: string[];
}

/**
 * Files of every kind with something wrong in them, and things that are no files. Each must be refused by its name or
 * its field's, shortly, or be of use; nothing may take long.
 * @param cases of each kind
 */
export async function tryHostile(cases: number, seed: number, onCase?: (done: number) => void): Promise<HostileResult> {
  const folder = mkdtempSync(join(tmpdir(), "cellfed-hostile-"));
  const counts: HostileResult["counts"] = {};
  const faults: string[] = [];
  let done = 0;
  try {
    for (const [number, [kind, { sound, use }]] of Object.entries(fileKinds).entries()) {
      const count = { refused: 0, used: 0 };
      counts[kind] = count;
      const tried = async (how: string, path: string, text: () => string) => {
        const begun = performance.now();
        const outcome = await use(path).then(
          (wrong) => (wrong === undefined ? "used" : wrong),
          (error: unknown) => refusal(error, path),
        );
        const seconds = (performance.now() - begun) / 1000;
        const slow = seconds > longestSeconds ? `${seconds.toFixed(0)} s` : undefined;
        if (outcome === "used" || outcome === "refused") count[outcome]++;
        if (slow !== undefined || !(outcome in count)) faults.push(`${kind}, ${how}: ${slow ?? outcome}\n  ${text()}`);
        onCase?.(++done);
      };
      for (const [name, path] of noFiles(folder)) await tried(name, path, () => path);
      for (let i = 0; i < cases; i++) {
        const random = randomOf((seed * 10 + number) * 1_000_003 + i);
        const { how, bytes } = spoiled(JSON.stringify(sound(random)), random);
        const path = join(folder, "file.json");
        writeFileSync(path, bytes);
        await tried(`${how}, case ${i} of seed ${seed}`, path, () => Buffer.from(bytes).toString("utf8").slice(0, 600));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { counts, faults };
}

function refusal(error: unknown, path: string): string {
  if (!(error instanceof InputError)) return `threw ${(error as Error)?.stack ?? error}`;
  // What a file says may be quoted
  const message = error.message.replaceAll(path, "…").replaceAll('"undefined"', "…");
  if (fromBelow.test(message)) return `refused with "${message}"`;
  if (message.length > longestMessage) return `refused with ${message.length} signs: ${message.slice(0, 200)}`;
  return error.path === "" ? `refused without a name: ${message}` : "refused";
}

/** A folder, a link to itself, one to nothing, nothing, a device without an end and one without a beginning. */
function noFiles(folder: string): [name: string, path: string][] {
  const made = (name: string, make: (path: string) => void): [string, string] => {
    const path = join(folder, name.replaceAll(" ", "-"));
    rmSync(path, { recursive: true, force: true });
    make(path);
    return [name, path];
  };
  return [
    made("a folder", (path) => mkdirSync(path)),
    made("a link to itself", (path) => symlinkSync(path, path)),
    made("a link to nothing", (path) => symlinkSync("/nowhere/at/all", path)),
    made("nothing", () => {}),
    made("nothing in a file", (path) => rmSync(path, { force: true })),
    made("a device without an end", (path) => symlinkSync("/dev/zero", path)),
    made("a device without a beginning", (path) => symlinkSync("/dev/null", path)),
  ];
}
