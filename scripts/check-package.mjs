// Packs what would be published (dist as it stands, with its declarations), puts it into an empty project and uses it
// as a user does: the entries, their types under Node's own resolution, the command, from a folder of its own.
// Needs `npm run build && npm run declarations` before.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "cellfed-package-"));
const modules = join(work, "node_modules");
const installed = join(modules, "cellfed");

function run(command, args, options = {}) {
  console.log(`> ${[command, ...args].join(" ").replaceAll(work, "…")}`);
  return execFileSync(command, args, { cwd: work, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options });
}

try {
  const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", work], { cwd: root }).trim();
  const tarball = join(work, packed.split("\n").at(-1));
  run("npx", ["publint", "run", tarball, "--strict"], { cwd: root });
  run("npx", ["attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", "./kernels.wasm"], { cwd: root });

  // As an installation would leave it; the dependencies are those of this clone
  mkdirSync(installed, { recursive: true });
  run("tar", ["xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "cellfed" && !name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  }

  writeFileSync(join(work, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(work, "example.ts"),
    `import { quantizer, type RunResult, simulate } from "cellfed";
import { loadDataset, threadedExecutor } from "cellfed/node";
import { readFileSync } from "node:fs";

const input = { preset: "quick", rounds: 2, data: { trainExamples: 400, testExamples: 100 } } as const;
const one: RunResult = await simulate(input);
const two: RunResult = await simulate(input, { executor: threadedExecutor(2) });
if (one.rounds.length !== 2) throw new Error(\`\${one.rounds.length} rounds\`);
if (one.fingerprint.results !== two.fingerprint.results) throw new Error("threads change the result");
if (typeof loadDataset !== "function" || quantizer("emq").name !== "emq") throw new Error("an export is missing");
const raw = new URL(import.meta.resolve("cellfed/kernels.wasm"));
if (!WebAssembly.validate(readFileSync(raw))) throw new Error("kernels.wasm is none");
`,
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const strict = ["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom", "--types", "node"];
  run(process.execPath, [tsc, ...strict, "example.ts"]);
  run(process.execPath, ["example.js"]);
  const command = join(installed, "dist/cli.js");
  const result = JSON.parse(
    run(process.execPath, [command, "run", "quick", "--rounds", "2", "--no-out", "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  if (result.rounds?.length !== 2) throw new Error("the command's JSON has no two rounds");
  console.log("the package works as installed");
} finally {
  rmSync(work, { recursive: true, force: true });
}
