// Packs what would be published (dist as it stands, with its declarations), installs it into an empty project as a
// user does and uses it from there: the entries, their types under Node's own resolution, and every command on small
// inputs, with one and with two worker threads where a command has any. The installation must hold nothing native and
// no database. With --nodes the installed command also runs on one Node of each line from 20 to 26 (scripts/nodes.mjs), which
// must give one fingerprint. Needs `npm run build && npm run declarations` before.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { installNode, nodeVersions } from "./nodes.mjs";
import { differences, filesBelow } from "./results.mjs";

const root = resolve(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "cellfed-package-"));
const modules = join(work, "node_modules");
const installed = join(modules, "cellfed");
const command = join(installed, "dist/cli.js");

/** What an installation may take on disk: the bundles, the page and the documentation, and room to grow. */
const largestInstallation = 8e6;

function run(program, args, options = {}) {
  const shown = [program, ...args].join(" ").replaceAll(work, "…").replaceAll(root, ".");
  console.log(`> ${shown}`);
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: work, encoding: "utf8", ...options });
  expect(status === 0, `${shown} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

function expect(holds, message) {
  if (!holds) throw new Error(message);
}

function install() {
  const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", work], { cwd: root }).trim();
  const tarball = join(work, packed.split("\n").at(-1));
  run("npx", ["publint", "run", tarball, "--strict"], { cwd: root });
  run("npx", ["attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", "./kernels.wasm"], { cwd: root });
  writeFileSync(join(work, "package.json"), '{ "private": true, "type": "module" }\n');
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", tarball]);
}

function checkInstallation() {
  const files = filesBelow(modules);
  const native = files.filter((path) => /\.(node|so|dll|dylib)$/.test(path));
  expect(native.length === 0, `the installation holds native code: ${native.join(", ")}`);
  const database = files.filter((path) => /(^|\/)node_modules\/@?duckdb\//.test(`node_modules/${path}`));
  expect(database.length === 0, `the installation holds DuckDB: ${database.slice(0, 3).join(", ")}`);
  const bytes = files.reduce((sum, path) => sum + statSync(join(modules, path)).size, 0);
  expect(bytes < largestInstallation, `the installation takes ${bytes} bytes, more than ${largestInstallation}`);
  const packages = readdirSync(modules).filter((name) => !name.startsWith("."));
  console.log(`installed: ${packages.join(", ")}, ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
  checkLicenses(readFileSync(join(installed, "dist/THIRD-PARTY.md"), "utf8"));
}

/** Each bundled package comes with its license's text, or under a license whose text stands with another one. */
function checkLicenses(text) {
  const entries = text.split(/^## (?=\S+ - \d)/m).slice(1);
  expect(entries.length > 10, "THIRD-PARTY.md names too few packages");
  const parts = entries.map((entry) => {
    const [, name, license] = /^(\S+) - \S+(?: \((.*)\))?\n/.exec(entry) ?? [];
    return { name, license, hasText: entry.split("\n").slice(1).join("").trim().length > 100 };
  });
  const withText = new Set(parts.filter(({ hasText }) => hasText).map(({ license }) => license));
  const without = parts.filter(({ hasText, license }) => !hasText && !withText.has(license));
  expect(without.length === 0, `no license text of ${without.map(({ name }) => name).join(", ")}`);
}

function checkLibrary() {
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
  writeFileSync(
    join(work, "forms.ts"),
    `import { parseConfig, simulate } from "cellfed";

declare module "cellfed" {
  interface OwnNames {
    quantizer: "ternary";
  }
}

export const right = [
  () => simulate("quick", { signal: { aborted: false, throwIfAborted() {}, addEventListener() {}, removeEventListener() {} } }),
  () => simulate({ preset: "quick", quantizer: "laq", power: { method: "joint", alpha: 0.2 } }),
  () => simulate({ quantizer: { name: "ternary", levels: 3 } }),
  () => simulate(parseConfig({ quantizer: { name: "unknown here" } })),
];
export const wrong = [
  // @ts-expect-error
  () => simulate({ preset: "quik" }),
  // @ts-expect-error
  () => simulate({ quantizer: { name: "emk" } }),
  // @ts-expect-error
  () => simulate({ quantizer: { name: "emq", digit: 2 } }),
];
`,
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  // An engine that is neither Node nor a browser
  const bare = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--lib", "es2023"];
  run(process.execPath, [tsc, ...bare, "--exactOptionalPropertyTypes", "--typeRoots", work, "forms.ts"]);
  const strict = ["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom", "--types", "node"];
  const types = ["--typeRoots", join(root, "node_modules/@types")];
  run(process.execPath, [tsc, ...strict, ...types, "example.ts"]);
  run(process.execPath, ["example.js"]);
}

const small = ["--set", "data.trainExamples=400", "--set", "data.testExamples=100", "--rounds", "2"];
const problem = {
  ...{ signal: [2, 3], selfInterference: [3, 2], noise: [1, 1], bandwidth: 1, transmitPower: 0.1 },
  interference: [
    [0, 1],
    [2, 0],
  ],
  ...{ bits: [10, 12], computeLatency: 1, budgets: { energy: 100, latency: 1000 } },
};
const runFiles = ["config.json", "report.html", "rounds.csv", "summary.json", "figures/accuracy-over-rounds.svg"];

/**
 * Every command on a small input, with files that must be there afterwards: below `out`, or else below the folder.
 * One that has `--workers` runs with one and with two, and leaves the same files.
 */
const cases = [
  { words: ["run", "quick", ...small], out: true, files: runFiles },
  { words: ["run", "quick", ...small, "--seeds", "1..2"], out: true, files: runFiles },
  {
    words: [
      ...["compare", "quick", ...small, "--quantizers", "emq,laq", "--power", "most-rounds,full"],
      ...["--seeds", "1..2", "--drops", "2"],
    ],
    out: true,
    files: ["report.html", "runs.csv", "rounds.csv", "table.csv", "figures/accuracy-over-energy.svg"],
  },
  {
    words: [
      "compare",
      "quick",
      ...small,
      "--quantizers",
      "emq,laq",
      "--seeds",
      "1",
      "--drops",
      "1",
      "--export",
      "parquet",
    ],
    out: true,
    files: ["runs.parquet", "rounds.parquet"],
  },
  {
    words: ["reproduce", "rounds", "--drops", "2"],
    out: true,
    files: ["report.html", "claims.md", "figures/rounds-gain-k20.svg"],
  },
  {
    words: ["rates", "quick", "--drops", "2", "--realizations", "50"],
    out: true,
    files: ["rates.csv", "figures/spectral-efficiency.svg", "figures/drop.svg"],
  },
  { words: ["study", "study.json"], out: true, files: ["plan.json"] },
  { words: ["price", "--trace", "trace.csv", "--drops", "2", "--rounds-to", "priced.csv"], files: ["priced.csv"] },
  { words: ["power", "--problem", "problem.json", "--figure", "front.svg"], files: ["front.svg"] },
  {
    words: [..."quantize --method emq --set digits=1 --input vector.f32 --packet packet.bin --output a.f32".split(" ")],
    files: ["packet.bin", "a.f32"],
  },
  { words: ["dequantize", "--packet", "packet.bin", "--output", "b.f32"], files: ["b.f32"] },
  {
    words: [
      ...["quantizers", "--quantizers", "emq,laq", "--parts", "goldens,bias,accuracy"],
      ...["--rounds", "2", "--encodings", "20"],
    ],
    out: true,
    files: ["result.json", "table.csv", "goldens.csv", "figures/accuracy-bits.svg"],
  },
  { words: ["quantizers", "--list"], files: [] },
  {
    words: ["data", "partition", "quick", "--figure", "partition.svg", "--save", "partition.json"],
    files: ["partition.svg", "partition.json"],
  },
  { words: ["data", "list"], files: [] },
  { words: ["data", "fetch", "--help"], files: [] },
  { words: ["schema"], files: [] },
  { words: ["cite", "paper-mnist"], files: [] },
  { words: ["figures", "--help"], files: [] },
  { words: ["lab", "--help"], files: [] },
  { words: ["doctor"], files: [] },
  { words: ["completion", "zsh"], files: [] },
];

function cellfed(words) {
  return run(process.execPath, [command, ...words.map(String)]);
}

function checkCommands() {
  writeFileSync(join(work, "problem.json"), JSON.stringify(problem));
  const plan = { set: { rounds: 2, "data.trainExamples": 400 }, axes: { power: ["most-rounds", "full"] }, drops: 2 };
  writeFileSync(join(work, "study.json"), JSON.stringify(plan));
  writeFileSync(join(work, "trace.csv"), "round,client,bits,accuracy\n1,0,1e5,0.3\n1,1,1e5,0.3\n");
  const vector = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) ** 5);
  writeFileSync(join(work, "vector.f32"), new Uint8Array(vector.buffer));
  const listed = cellfed(["--help"])
    .split(/^Commands:$/m)[1]
    .matchAll(/^ {2}(\w+)/gm);
  const untried = [...listed].map(([, name]) => name).filter((name) => !cases.some(({ words }) => words[0] === name));
  expect(untried.join() === "help", `commands that are not tried: ${untried.join(", ")}`);

  cases.forEach(({ words, out, files }, i) => {
    const threaded = !words.includes("--help") && /^ +--workers /m.test(cellfed([words[0], "--help"]));
    const folders = (threaded ? [1, 2] : [0]).map((workers) => {
      const folder = out ? `out-${i}-${workers}` : ".";
      const said = cellfed([...words, ...(out ? ["--out", folder] : []), ...(threaded ? ["--workers", workers] : [])]);
      if (files.length === 0) expect(said.trim() !== "", `${words[0]} says nothing`);
      for (const file of files) expect(existsSync(join(work, folder, file)), `${words.join(" ")}: no ${file}`);
      return join(work, folder);
    });
    if (!threaded) return;
    const found = differences(folders[0], folders[1]);
    expect(found.length === 0, `${words.join(" ")}, with one and two workers: ${found.join("; ")}`);
  });
  const json = JSON.parse(cellfed(["run", "quick", ...small, "--no-out", "--json"]));
  expect(json.rounds?.length === 2, "the command's JSON has no two rounds");
}

/** The installed command on every line of Node. A Node that cannot be had here is left out, with the reason. */
function checkNodes() {
  const fingerprints = new Map();
  const folder = mkdtempSync(join(tmpdir(), "cellfed-nodes-"));
  try {
    for (const version of nodeVersions) {
      const { binary, why } = installNode(version, folder);
      if (binary === undefined) {
        console.log(`Node ${version}: left out: ${why}`);
        continue;
      }
      const said = run(binary, [command, "run", "quick", ...small, "--no-out", "--quiet", "--json"]);
      fingerprints.set(version, JSON.parse(said).fingerprint.results);
      run(binary, [command, "doctor", "--json"]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const different = new Set(fingerprints.values());
  expect(different.size <= 1, `Nodes differ: ${JSON.stringify([...fingerprints])}`);
  console.log(`one fingerprint on Node ${[...fingerprints.keys()].join(", ")}`);
}

/** The page, from the server that the command starts. */
async function checkLab() {
  const child = spawn(process.execPath, [command, "lab", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise((resolve, reject) => {
      child.stdout.once("data", (text) => resolve(String(text).trim()));
      child.once("exit", (status) => reject(new Error(`cellfed lab ended with ${status}`)));
    });
    const page = await (await fetch(address)).text();
    expect(page.includes("<title>cellfed lab</title>"), "the lab does not serve its page");
  } finally {
    child.kill();
  }
}

try {
  install();
  checkInstallation();
  checkLibrary();
  checkCommands();
  await checkLab();
  if (process.argv.includes("--nodes")) checkNodes();
  console.log("the package works as installed");
} finally {
  rmSync(work, { recursive: true, force: true });
}
