// Builds what is asked for and everything it needs, each only where something that goes into it has changed:
//
//   node scripts/build.mjs [--force] [--release] TARGET…
//
// Targets: `kernels` and `kernels-debug` are the WebAssembly and its embedding, `kernels-relaxed` the products of a
// training once more, for engines with relaxed SIMD; `command` is dist/ but for the page and the types, `page` is
// dist/web, `declarations` is dist/types; `all` is the command and the page, on the kernels that CELLFED_KERNELS names
// (release or debug; --release overrules it), `tests` also the kernels that the suite loads itself, `one-test` the same
// without the page.
// A stamp in build/ holds the hash of what went into the last build of a target; --force builds the named ones anyway.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(import.meta.dirname, "..");
if (process.argv.includes("--release")) process.env.CELLFED_KERNELS = "release";
const choice = process.env.CELLFED_KERNELS || "release";
if (choice !== "release" && choice !== "debug") {
  console.error(`CELLFED_KERNELS: "${choice}" is not allowed (allowed: release, debug)`);
  process.exit(2);
}
const chosenKernels = choice === "debug" ? "kernels-debug" : "kernels";
/** What is installed; by another package manager than npm, what should be. */
const lock = "node_modules/.package-lock.json";
const installed = ["package.json", existsSync(join(root, lock)) ? lock : "package-lock.json"];
const embeddings = [chosenKernels, "kernels-relaxed"].map((name) => `bindings/generated/${name}.ts`);

/**
 * @typedef Target
 * @property {string[]} needs targets that are built before
 * @property {string[]} inputs files and folders whose contents go into it
 * @property {string[]} [settings] what else goes into it
 * @property {string[]} outputs files that are there when it has been built
 * @property {() => Promise<void>} build
 */

/** @type {Record<string, Target>} */
const targets = {
  kernels: kernels("kernels", "release"),
  "kernels-debug": kernels("kernels-debug", "debug"),
  "kernels-relaxed": kernels("kernels-relaxed", "relaxed", { folder: "assembly/train", entry: "products.ts" }),
  command: {
    needs: [chosenKernels, "kernels-relaxed"],
    inputs: [
      ...["src", "bench", ...bindings(), ...embeddings, "vite.config.ts", "scripts/kernelChoice.ts"],
      ...installed,
    ],
    settings: [choice],
    outputs: ["dist/cli.js", "dist/index.js", "dist/node.js", "dist/worker.js", "dist/kernels.wasm"],
    async build() {
      const started = Date.now();
      await vite("vite.config.ts");
      // A build that fails leaves the last one; of one that does not, only what it wrote stays
      removeOlder("dist", started, ["web", "types"]);
    },
  },
  page: {
    needs: ["command"],
    inputs: [
      ...["web", "src", ...bindings(), ...embeddings, "vite.page.config.ts", "scripts/kernelChoice.ts"],
      ...["docs", "scripts/docsPages.ts", "scripts/offline.ts"],
      ...installed,
    ],
    settings: [choice],
    outputs: ["dist/web/index.html", "dist/web/THIRD-PARTY.md"],
    async build() {
      await vite("vite.page.config.ts");
      // All packages of the page are also the command's
      copyFileSync(join(root, "dist/THIRD-PARTY.md"), join(root, "dist/web/THIRD-PARTY.md"));
    },
  },
  declarations: {
    needs: ["kernels", "kernels-relaxed"],
    inputs: [
      ...["src", ...bindings(), "bindings/generated/kernels.ts", "bindings/generated/kernels-relaxed.ts"],
      ...["tsconfig.json", "tsconfig.declarations.json"],
      ...installed,
    ],
    outputs: ["dist/types/src/index.d.ts", "dist/types/src/node.d.ts"],
    async build() {
      rmSync(join(root, "dist/types"), { recursive: true, force: true });
      await node("node_modules/typescript/bin/tsc", "-p", "tsconfig.declarations.json");
    },
  },
};

/** Several targets under one name. */
const groups = {
  all: ["command", "page"],
  tests: [chosenKernels, "kernels-debug", "command", "page"],
  "one-test": [chosenKernels, "kernels-debug", "command"],
};

/** @returns {Target} */
function kernels(name, target, { folder, entry } = { folder: "assembly", entry: "index.ts" }) {
  return {
    needs: [],
    inputs: [folder, "asconfig.json", "scripts/embed-kernels.mjs"],
    settings: ["assemblyscript", "binaryen"].map((compiler) => `${compiler} ${versionOf(compiler)}`),
    outputs: [`build/${name}.wasm`, `bindings/generated/${name}.ts`],
    async build() {
      await node("node_modules/assemblyscript/bin/asc.js", `${folder}/${entry}`, "--target", target);
      await node("scripts/embed-kernels.mjs", name);
    },
  };
}

/** What stands in bindings/, but for the kernels that are embedded there. */
function bindings() {
  return readdirSync(join(root, "bindings"))
    .filter((name) => name !== "generated")
    .map((name) => `bindings/${name}`);
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}

function node(...args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("exit", (status) => (status === 0 ? resolve() : process.exit(status ?? 1)));
  });
}

function vite(config) {
  return node("node_modules/vite/bin/vite.js", "build", "--config", config, "--logLevel", "warn");
}

function removeOlder(folder, time, kept) {
  for (const path of filesOf(folder)) {
    if (!kept.includes(path.split(/[\\/]/)[1]) && statSync(join(root, path)).mtimeMs < time) rmSync(join(root, path));
  }
}

/** Hash of the names and contents of everything that goes into a target. */
function stampOf({ inputs, settings = [] }) {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const path of inputs.flatMap(filesOf)) {
    const bytes = readFileSync(join(root, path));
    hash.update(`\n${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

export function stampFile(name) {
  return join(root, "build", `${name}.stamp`);
}

/** Builds targets, by their names or their groups', and what they need; those that do not need one another at once. */
export async function build(names, { force = false } = {}) {
  const begun = new Map();
  const named = names.flatMap((one) => groups[one] ?? [one]);
  const visit = (name) => {
    if (!begun.has(name)) begun.set(name, make(name));
    return begun.get(name);
  };
  const make = async (name) => {
    const target = targets[name];
    await Promise.all(target.needs.map(visit));
    const stamp = stampOf(target);
    const file = stampFile(name);
    const fresh =
      target.outputs.every((path) => existsSync(join(root, path))) &&
      existsSync(file) &&
      readFileSync(file, "utf8") === stamp;
    if (fresh && !(force && named.includes(name))) return;
    const started = performance.now();
    // Broken off in between, the next build must not believe it
    rmSync(file, { force: true });
    await target.build();
    mkdirSync(join(root, "build"), { recursive: true });
    writeFileSync(file, stamp);
    console.error(`built ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  };
  await Promise.all(named.map(visit));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
  const unknown = names.filter((name) => !(name in targets) && !(name in groups));
  if (unknown.length > 0 || names.length === 0) {
    console.error(
      `build: ${unknown.join(", ") || "nothing"} is not one of ${Object.keys({ ...targets, ...groups }).join(", ")}`,
    );
    process.exit(2);
  }
  await build(names, { force: process.argv.includes("--force") });
}
