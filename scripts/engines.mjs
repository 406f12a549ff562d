// One fingerprint in every engine: npm run engines -- [random configs, 20] [seed, 1]
//
// The preset quick at a small size and random configs (those of scripts/soak.mjs) with the library of dist/, in this
// Node, in one Node of each line from 20 to 26 and in Chromium. The Nodes are the registry's node-PLATFORM-ARCH
// packages, installed into a folder that goes again; what cannot be had here is left out, with the reason.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runnerImport } from "vite";
import { probe } from "./engineProbe.mjs";
import { installNode, nodeVersions } from "./nodes.mjs";

const root = new URL("../", import.meta.url);
const [count, seed] = [process.argv[2] ?? "20", process.argv[3] ?? "1"].map(Number);
const { simulate } = await import("../dist/index.js");
const load = async (path) =>
  (await runnerImport(new URL(path, root).pathname, { configFile: false, logLevel: "error" })).module;

const small = { rounds: 3, data: { trainExamples: 300, testExamples: 100 }, network: { clients: 6 } };
const configs = [{ preset: "quick", ...small }, ...(await randomConfigs())];
const begun = performance.now();
const expected = await probe(simulate, configs);
const rows = [[`Node ${process.versions.node}, this one`, expected]];
const folder = mkdtempSync(join(tmpdir(), "cellfed-engines-"));
try {
  for (const version of nodeVersions) rows.push([`Node ${version}`, await inNode(version)]);
} finally {
  rmSync(folder, { recursive: true });
}
rows.push(["Chromium", await inChromium()]);

let failures = 0;
for (const [engine, said] of rows) {
  if (typeof said === "string") {
    console.log(`${engine}: left out: ${said}`);
    continue;
  }
  const differing = expected.flatMap((one, i) => (said[i] === one ? [] : [i]));
  failures += differing.length;
  console.log(`${engine}: ${expected.length - differing.length} of ${expected.length} as here`);
  for (const i of differing) console.log(`  ${expected[i]}\n  ${said[i]}\n  ${JSON.stringify(configs[i])}`);
}
console.log(
  `${configs.length} configs, random ones of seed ${seed}, in ${((performance.now() - begun) / 1000).toFixed(0)} s: ` +
    `${failures} failures`,
);
process.exitCode = failures === 0 ? 0 : 1;

/** Of those that are run at all: refusals are the same text everywhere. */
async function randomConfigs() {
  const { configGenerator, outcomeOf, withoutRefused } = await load("test/soak/index.ts");
  const configOf = configGenerator();
  const found = [];
  for (let number = 0; found.length < count; number++) {
    let config = configOf(seed, number);
    for (let tries = 0; tries < 10 && config !== undefined; tries++) {
      const { kind, why, rounds } = await outcomeOf(config);
      if (kind === "ended" && rounds > 0) found.push(config);
      if (kind === "ended") break;
      config = withoutRefused(config, why);
    }
  }
  return found;
}

/** @returns what was said, or why nobody could be asked */
async function inNode(version) {
  const { binary, why } = installNode(version, folder);
  if (binary === undefined) return why;
  const child = spawn(binary, [new URL("engineProbe.mjs", import.meta.url).pathname, "--stdin"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(configs));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  rmSync(join(folder, "node_modules"), { recursive: true });
  return status === 0 ? JSON.parse(text) : configs.map(() => `status ${status}`);
}

async function inChromium() {
  const { chromiumPath, launch, whyNot } = await load("test/browser/chromium.ts");
  if (chromiumPath === undefined) return whyNot.trim();
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    // Nothing listens there: the browser gets the files from here
    await tab.route("http://engines.test/**", (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") return route.fulfill({ body: "<title>engines</title>", contentType: "text/html" });
      return route.fulfill({ body: readFileSync(new URL(`.${pathname}`, root)), contentType: "text/javascript" });
    });
    await tab.goto("http://engines.test/");
    return await tab.evaluate(async (given) => {
      const { simulate: inPage } = await import("/dist/index.js");
      const { probe: probeInPage } = await import("/scripts/engineProbe.mjs");
      return probeInPage(inPage, given);
    }, configs);
  } finally {
    await browser.close();
  }
}
